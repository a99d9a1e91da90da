"""Rewrites that reach further than one expression: loops, optimizers, lists, copies."""

from __future__ import annotations

from textwrap import dedent

import pytest
from marked import fixed, rewritten
from nonegrad.analyze import analyze
from nonegrad.text import Source


@pytest.mark.parametrize(
    ("before", "held", "after"),
    [
        ("x = ‹torch.tensor([a, b])›", "[ss]", "x = torch.stack([a, b])"),
        (
            "x = ‹torch.tensor([[c, -s], [s, c]])›",
            "[[ss][ss]]",
            "x = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])",
        ),
        (
            "x = ‹torch.tensor([c, 0, 2.5], device=here)›",
            "[snn]",
            "x = torch.stack([c, torch.zeros_like(c), torch.full_like(c, 2.5)]).to(device=here)",
        ),
        (
            "x = ‹torch.tensor(rows, requires_grad=True)›.T",
            "[[s*]*]",
            "x = torch.stack([torch.stack(row) for row in rows]).T",
        ),
        ("x = ‹torch.tensor((*xs, b))›", "[ss]", "x = torch.stack((*xs, b))"),
    ],
)
def test_lists_of_tensors_are_stacked(before: str, held: str, after: str) -> None:
    assert rewritten("stack-elements", before, held=held) == after


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("x = ‹torch.tensor([a, b], dtype=torch.long)›", "[ss]"),  # integers have no gradient
        ("x = ‹torch.tensor([a, b], pin_memory=True)›", "[ss]"),
        ("x = ‹torch.tensor(values)›", "[sn]"),  # which of them are numbers?
        ("x = ‹torch.tensor([f(a), 1])›", "[sn]"),  # a number like which tensor?
        ("x = ‹np.array([a, b])›", "[ss]"),
        ("x = ‹torch.tensor([a, b])›", ""),
    ],
)
def test_no_faithful_stack(text: str, held: str) -> None:
    assert rewritten("stack-elements", text, held=held) is None


def loop(body: str) -> str:
    return "for x in xs:\n" + "".join(f"    {line}\n" for line in body.splitlines())


def test_what_a_loop_hands_on_is_detached_after_backward() -> None:
    before = loop("out, h = rnn(x, h)\nout.sum().‹backward()›  # one step\nstep()")
    after = loop("out, h = rnn(x, h)\nout.sum().backward()  # one step\nh = h.detach()\nstep()")
    assert rewritten("detach-carried", before, states="h:tensor") == after


def test_a_name_that_every_turn_binds_first_hands_nothing_on() -> None:
    before = loop("h = f(x)\nloss = g(h, net.state)\nloss.‹backward()›")
    after = loop(
        "h = f(x)\nloss = g(h, net.state)\nloss.backward()\n"
        "net.state = tuple(state.detach() for state in net.state)"
    )
    assert rewritten("detach-carried", before, states="h:tensor,net.state:tuple") == after
    assert rewritten("detach-carried", before, states="h:tensor") is None


def test_the_loss_is_computed_inside_the_loop() -> None:
    before = "y = f(w)  # scores\nloss = y.sum()\nfor _ in n:\n    ‹loss.backward()›\n"
    after = "for _ in n:\n    y = f(w)  # scores\n    loss = y.sum()\n    loss.backward()\n"
    assert rewritten("move-into-loop", before, loss="loss", computed="y,loss") == after


@pytest.mark.parametrize(
    "before",
    [
        "y = f(w)\nprint(y)\nloss = y.sum()\nfor _ in n:\n    ‹loss.backward()›\n",
        "y = f(w)\nloss = y.sum()\nfor _ in n:\n    ‹loss.backward()›\n    y = g(y)\n",
        "with scope:\n    loss = f(w)\nfor _ in n:\n    ‹loss.backward()›\n",
        "def loss(): ...\nfor _ in n:\n    ‹loss.backward()›\n",
    ],
)
def test_a_loss_that_cannot_move(before: str) -> None:
    assert rewritten("move-into-loop", before, loss="loss", computed="y,loss") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "o = ‹SGD(m.parameters())›  # late\nm = load(m)\no.step()\n",
            "m = load(m)\no = SGD(m.parameters())  # late\no.step()\n",
        ),
        (
            "o = ‹SGD(m.parameters())›\nm.head = Linear(2, 3)\nm.eval()\n",
            "m.head = Linear(2, 3)\no = SGD(m.parameters())\nm.eval()\n",
        ),
        (
            "o = ‹SGD(m.parameters())›\nresize(m)\n",
            "resize(m)\no = SGD(m.parameters())\n",
        ),
        (
            "o = ‹SGD(m.parameters())›\ns = StepLR(o)\nm.head = Linear(2, 3)\n",
            "m.head = Linear(2, 3)\no = SGD(m.parameters())\ns = StepLR(o)\n",
        ),
        ("o = ‹SGD(m.parameters())›\ns = StepLR(o)\nk = 3\nm.head = Linear(2, k)\n", None),
        ("o = ‹SGD(m.parameters())›\nm.load_state_dict(kept)\n", None),
    ],
)
def test_the_optimizer_comes_last(before: str, after: str | None) -> None:
    assert rewritten("make-optimizer-last", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("act = ‹nn.ReLU(inplace=True)›", "act = nn.ReLU()"),
        ("act = ‹nn.Dropout(0.5, True)›", "act = nn.Dropout(0.5)"),
        ("act = ‹nn.ELU(\n    alpha=2,\n    inplace=True,\n)›", "act = nn.ELU(\n    alpha=2,\n)"),
        ("act = ‹nn.Dropout(True)›", None),
        ("act = ‹nn.ReLU(inplace=False)›", None),
    ],
)
def test_layers_out_of_place(before: str, after: str | None) -> None:
    assert rewritten("write-no-input", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "with torch.inference_mode():\n    y = ‹f(x)›\n",
            "with torch.no_grad():\n    y = f(x)\n",
        ),
        (
            "import torch as th\n@inference_mode(mode=True)\ndef f(x):\n    return ‹g(x)›\n",
            "import torch as th\n@th.no_grad()\ndef f(x):\n    return g(x)\n",
        ),
        ("with torch.inference_mode(flag):\n    y = ‹f(x)›\n", None),
        ("y = ‹f(x)›\n", None),
    ],
)
def test_ordinary_tensors_for_inference_ones(before: str, after: str | None) -> None:
    assert rewritten("inference-to-no-grad", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹x = x.clone().detach().requires_grad_()›\ny = 1\n", "y = 1\n"),
        ("‹x = Variable(x.data, requires_grad=True)›\ny = 1\n", "y = 1\n"),
        ("‹x = (x * 2).detach()›\n", None),
        ("‹x = other.detach()›\n", None),
    ],
)
def test_a_copy_under_the_same_name_goes(before: str, after: str | None) -> None:
    assert rewritten("drop-copy", before, name="x") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "layer.weight = ‹nn.Parameter(f(u))›  # bound\n",
            "del layer.weight\nlayer.weight = f(u)  # bound\n",
        ),
        ("w = ‹nn.Parameter(f(u))›\n", "w = f(u)\n"),
        ("self.kernel = ‹nn.Parameter(f(u))›\n", None),  # may be the first binding
    ],
)
def test_a_computed_weight_is_no_parameter(before: str, after: str | None) -> None:
    assert rewritten("plain-attribute", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import torch\nconv.weight = ‹nn.Parameter(f(u))›  # now\nz = conv(x, y)\n",
            "import torch\nweight = f(u)  # now\n"
            'z = torch.func.functional_call(conv, {"weight": weight}, (x, y))\n',
        ),
        (
            "import torch\nbias = 0\nlayer.bias = ‹Parameter(b * 2)›\ny = relu(layer(x))\n",
            "import torch\nbias = 0\nnew_bias = b * 2\n"
            'y = relu(torch.func.functional_call(layer, {"bias": new_bias}, (x,)))\n',
        ),
        ("import torch\nlayer.bias = ‹Parameter(b)›\ny = f(x)\nz = layer(y)\n", None),
        ("import torch\nlayer.bias = ‹Parameter(b)›\ny = layer(layer(x))\n", None),
        ("layer.bias = ‹Parameter(b)›\ny = layer(x)\n", None),  # torch has another name
        ("import torch\nself.bias = ‹Parameter(b)›\ny = self(x)\n", None),
    ],
)
def test_a_layer_is_called_with_a_computed_weight(before: str, after: str | None) -> None:
    assert rewritten("functional-call", before) == after


def test_a_constructor_is_renamed_unless_somebody_calls_it() -> None:
    before = "class A:\n    def ‹_init_›(self): ...\n"
    assert rewritten("rename-function", before, to="__init__") == before.replace(
        "‹_init_›", "__init__"
    )
    called = f"{before}A()._init_()\n"
    assert rewritten("rename-function", called, to="__init__") is None


def test_a_list_that_holds_numbers_on_another_visit_is_not_stacked() -> None:
    text = dedent("""
        import torch

        def colour(parts):
            return torch.tensor(parts)

        w = torch.rand(2, requires_grad=True)
        v = torch.zeros(2, requires_grad=True)
        optimizer = torch.optim.SGD([w, v], lr=0.1)
        loss = (colour([w[0], w[1]]) * v * colour([0.5, 0.5])).sum()
        loss.backward()
        optimizer.step()
    """)
    report = analyze(Source("case.py", text))
    found = [each for each in report.findings if each.rule == "retensored"]
    assert found
    assert not any("stack" in fix.title for fix in report.fixes(found[0]))


def test_a_remark_says_what_may_change() -> None:
    _, fix = fixed("stack-elements", "x = ‹torch.tensor([a, b])›", held="[ts]")
    assert fix is not None
    assert not fix.safe
    assert "dimensions" in fix.title


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import torch\n‹model.load_state_dict(fast)›\nloss = f(model(x), y)\n",
            "import torch\nloss = f(torch.func.functional_call(model, fast, (x,)), y)\n",
        ),
        (
            "import torch\ndef f(self, *xs):\n    ‹self.net.load_state_dict(state)›\n"
            "    return self.net(*xs)\n",
            "import torch\ndef f(self, *xs):\n"
            "    return torch.func.functional_call(self.net, state, (*xs,))\n",
        ),
    ],
)
def test_a_model_is_called_with_the_tensors_that_were_loaded(before: str, after: str) -> None:
    assert rewritten("call-with-state", before) == after


@pytest.mark.parametrize(
    "code",
    [
        "‹model.load_state_dict(fast)›\nloss = model(x)\n",
        "import torch\n‹model.load_state_dict(fast, strict=False)›\nloss = model(x)\n",
        "import torch\n‹model.load_state_dict(fast)›\nloss = model(x) + model(y)\n",
        "import torch\n‹model.load_state_dict(fast)›\nprint(model)\nloss = model(x)\n",
    ],
)
def test_nothing_where_the_model_is_not_called_once_at_once(code: str) -> None:
    assert rewritten("call-with-state", code) is None
