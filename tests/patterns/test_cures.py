"""`make-float` and `keep-grad-mode`."""

from __future__ import annotations

import pytest
from marked import fixed, rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "x = ‹torch.tensor([1, 2], requires_grad=True)›",
            "x = torch.tensor([1.0, 2.0], requires_grad=True)",
        ),
        (
            "x = ‹torch.arange(3, requires_grad=True)›",
            "x = torch.arange(3, requires_grad=True, dtype=torch.float32)",
        ),
        (
            "x = ‹torch.zeros(3, dtype=torch.long, requires_grad=True)›",
            "x = torch.zeros(3, dtype=torch.float32, requires_grad=True)",
        ),
        (
            "x = ‹torch.tensor(numbers, requires_grad=True)›",
            "x = torch.tensor(numbers, requires_grad=True, dtype=torch.float32)",
        ),
        ("w = ‹nn.Parameter(x)›", "w = nn.Parameter(x.float())"),
        ("w = ‹nn.Parameter(a + b)›", "w = nn.Parameter((a + b).float())"),
        ("w = ‹nn.Parameter(torch.tensor([1]))›", "w = nn.Parameter(torch.tensor([1.0]))"),
        ("w = ‹nn.Parameter(x.long())›", "w = nn.Parameter(x.float())"),
        ("y = ‹x.requires_grad_()›", "y = x.float().requires_grad_()"),
        ("‹x.requires_grad_()›", "x = x.float().requires_grad_()"),
        ("‹x.requires_grad = True›", "x = x.float().requires_grad_()"),
        ("‹self.x.requires_grad = True›", "self.x = self.x.float().requires_grad_()"),
    ],
)
def test_integers_become_floats(before: str, after: str) -> None:
    assert rewritten("make-float", before + "\n") == after + "\n"


@pytest.mark.parametrize("text", ["‹f(x)›", "‹x.y().requires_grad = True›", "‹nn.Parameter(*x)›"])
def test_no_faithful_form(text: str) -> None:
    assert rewritten("make-float", text + "\n") is None


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("with ‹torch.no_grad()›:\n    y = x\n", "y = x\n", "block"),
        (
            "with ‹torch.no_grad()›, f as g:\n    y = x\n",
            "with f as g:\n    y = x\n",
            "block",
        ),
        (
            "@a\n@‹torch.no_grad()›\ndef f():\n    pass\n",
            "@a\ndef f():\n    pass\n",
            "decorator",
        ),
        ("@‹torch.inference_mode›\ndef f(): pass\n", "def f(): pass\n", "decorator"),
        ("a\n‹torch.set_grad_enabled(False)›\nb\n", "a\nb\n", "call"),
    ],
)
def test_grad_mode_stays_on(before: str, after: str, what: str) -> None:
    assert rewritten("keep-grad-mode", before) == after
    _, fix = fixed("keep-grad-mode", before)
    assert fix is not None and what in fix.title


@pytest.mark.parametrize(
    "text",
    ["with ‹open(f)›:\n    pass\n", "@‹cached›\ndef f(): pass\n", "was = ‹torch.no_grad()›\n"],
)
def test_other_things_stay(text: str) -> None:
    assert rewritten("keep-grad-mode", text) is None


def test_a_moved_statement_stays_in_its_block_where_that_is_asked_for() -> None:
    inside = "if a:\n    b\n‹c›\n"
    assert rewritten("move-statement", inside, to="2:5", where="before", block="same") is None
    beside = "b\n‹c›\n"
    assert rewritten("move-statement", beside, to="1:1", where="before", block="same") == "c\nb\n"


def test_a_title_owns_up_to_a_change_of_dtype_and_is_unsafe_then() -> None:
    _, whole = fixed("add-requires-grad", "x = ‹torch.tensor([1, 2])›\n")
    _, floats = fixed("add-requires-grad", "x = ‹torch.ones(2)›\n")
    assert whole is not None and whole.title.endswith("(its integers become floats)")
    assert floats is not None and "(" not in floats.title


def test_torch_is_called_what_the_file_calls_it() -> None:
    before = "import torch as th\n‹w.add_(1)›\n"
    assert rewritten("wrap-no-grad", before) == (
        "import torch as th\nwith th.no_grad():\n    w.add_(1)\n"
    )


@pytest.mark.parametrize(
    ("write", "remark"),
    [
        ("y += 1", False),
        ("y *= -0.5", False),
        ("y.clamp_(0, max=1)", False),
        ("y += x", True),
        ("y.add_(x)", True),
        ("y += 1j", True),
    ],
)
def test_a_new_tensor_may_have_another_dtype_than_the_old(write: str, remark: bool) -> None:
    _, fix = fixed("rebind", f"‹{write}›\n")
    assert fix is not None
    assert fix.title.endswith("(its dtype may change)") == remark


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "w = ‹torch.randn(3, requires_grad=True) * 0.1›",
            "w = (torch.randn(3) * 0.1).requires_grad_()",
        ),
        (
            "w = ‹0.1 * torch.randn(3).requires_grad_()›",
            "w = (0.1 * torch.randn(3)).requires_grad_()",
        ),
        ("w = ‹nn.Parameter(torch.ones(3)) * 0.1›", "w = nn.Parameter(torch.ones(3) * 0.1)"),
        ("w = ‹2 * nn.Parameter(a + b)›", "w = nn.Parameter(2 * (a + b))"),
    ],
)
def test_arithmetic_on_a_new_leaf_comes_before_the_leaf(before: str, after: str) -> None:
    assert rewritten("move-requires-grad-last", before + "\n") == after + "\n"


def test_a_function_computes_with_grad_mode_on() -> None:
    before = "def f():\n    def g():\n        return ‹x * 2›\n"
    assert rewritten("enable-grad", before) == (
        "def f():\n    @torch.enable_grad()\n    def g():\n        return x * 2\n"
    )
    assert rewritten("enable-grad", "y = ‹x * 2›\n") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "for w in ws:\n    ‹w.grad›.zero_()  # clear\n",
            "for w in ws:\n    if w.grad is not None:\n        w.grad.zero_()  # clear\n",
        ),
        ("w -= lr * ‹w.grad›\n", "if w.grad is not None:\n    w -= lr * w.grad\n"),
        ("g = ‹w.grad› * 2\n", None),
        ("if c: ‹w.grad›.zero_()\n", None),
    ],
)
def test_a_statement_waits_for_its_gradient(before: str, after: str | None) -> None:
    assert rewritten("guard-grad", before) == after


def test_two_remarks_share_their_parentheses() -> None:
    from nonegrad.patterns import rewrite
    from nonegrad.text import Rewrite, Site, Source

    request = Rewrite("rebind", Site("a.py", 1, 1, 1, 7), "Rewrite (others keep it)")
    fix = rewrite(Source("a.py", "y += x\n"), request)
    assert fix is not None and fix.title == "Rewrite (others keep it; its dtype may change)"
