"""What goes wrong in another file of the program is told where the file asked for leads to it."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.analyze import analyze
from nonegrad.names.protocol import Definition
from nonegrad.rules.base import Finding
from nonegrad.text import Source

NORMALIZE = """\
class Normalize:
    def __call__(self, images):
        for image in images:
            image.sub_(0.5)
        return images
"""
INTEGRATOR = """\
def advance(position, velocity):
    position += velocity
    return position
"""
MERGED = """\
from torch import nn

class Merged(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = []
        for layer in layers:
            self.layers.append(layer)

    def forward(self, x):
        return sum(layer(x) for layer in self.layers)
"""
DENOISER = """\
import torch
from torch import nn

class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(3, 3)

    def forward(self, x):
        with torch.no_grad():
            noise = self.net(x)
            return x - noise
"""


@dataclass
class Beside:
    """One module beside the file that is asked for."""

    text: str

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        return Definition("module", module, f"{module}.py", 1) if name is None else None

    def read(self, path: str) -> str | None:
        return self.text


def findings(text: str, beside: str, severity: str = "error") -> list[Finding]:
    report = analyze(Source("main.py", text), names=Beside(beside))
    return [one for one in report.findings if one.severity == severity]


def test_a_write_that_raises_there_is_told_at_the_call() -> None:
    text = (
        "import torch\nfrom other import Normalize\n\n"
        "x = torch.rand(2, 3, requires_grad=True) * 2\ny = Normalize()(x)\n"
    )
    (found,) = findings(text, NORMALIZE)
    assert (found.rule, found.site.row) == ("inplace-on-view", 5)
    assert found.message.startswith("In other.py, line 4: `image.sub_(0.5)` raises")
    assert (found.related[0].site.filename, found.related[0].site.row) == ("other.py", 4)


def test_the_same_call_with_plain_numbers_is_silent() -> None:
    text = "import torch\nfrom other import Normalize\n\ny = Normalize()(torch.rand(2, 3))\n"
    assert findings(text, NORMALIZE) == []


def test_a_write_there_is_told_at_the_backward_that_raises_here() -> None:
    text = (
        "import torch\nfrom other import advance\n\n"
        "w = torch.ones(3, requires_grad=True)\nposition = torch.zeros(3) + w\n"
        "cost = position.pow(2).sum()\nposition = advance(position, w)\ncost.backward()\n"
    )
    (found,) = findings(text, INTEGRATOR)
    assert (found.rule, found.site.row) == ("inplace-on-saved", 8)
    assert "In other.py, line 2: `position += velocity` overwrites" in found.message
    assert "line 8 of main.py" in found.message


MERGES = """\
import torch
from torch import nn
from other import Merged

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.merged = Merged([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        return self.head(self.merged(x))

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.rand(4, 3)).sum().backward()
optimizer.step()
"""


def test_layers_that_a_module_there_does_not_register_are_told_at_the_optimizer() -> None:
    (found,) = findings(MERGES, MERGED, "warning")
    assert (found.rule, found.site.row) == ("unregistered-module", 15)
    assert (found.related[0].site.filename, found.related[0].site.row) == ("other.py", 6)


def test_layers_that_a_module_there_registers_are_silent() -> None:
    assert findings(MERGES, MERGED.replace("[]", "nn.ModuleList()"), "warning") == []


def test_a_switch_there_is_shown_at_the_gradient_that_is_missing_here() -> None:
    text = (
        "import torch\nfrom torch import nn\nfrom other import Denoiser\n\n"
        "x = torch.rand(3, requires_grad=True)\nhead = nn.Linear(3, 1)\n"
        "head(Denoiser()(x)).sum().backward()\nprint(x.grad.norm())\n"
    )
    (found,) = findings(text, DENOISER)
    assert (found.rule, found.site.row) == ("grad-not-reached", 8)
    assert "line 11 of other.py" in found.message
    assert ("other.py", 10) in [(one.site.filename, one.site.row) for one in found.related]
