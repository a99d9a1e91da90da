"""An error in another file of the program is told where the file asked for leads to it."""

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


@dataclass
class Beside:
    """One module beside the file that is asked for."""

    text: str

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        return Definition("module", module, f"{module}.py", 1) if name is None else None

    def read(self, path: str) -> str | None:
        return self.text


def findings(text: str, beside: str) -> list[Finding]:
    report = analyze(Source("main.py", text), names=Beside(beside))
    return [one for one in report.findings if one.severity == "error"]


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
