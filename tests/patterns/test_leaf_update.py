"""`update-in-place` and `fresh-leaf`: a rebound leaf stays one, and the update means the same."""

from __future__ import annotations

import pytest
from marked import fixed, rewritten

NO_GRAD = "with torch.no_grad():\n    "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("w = w - lr * w.grad", "w -= lr * w.grad"),
        ("w = w + a * b", "w += a * b"),
        ("w = a * b + w", "w += a * b"),
        ("w = w * 0.5", "w *= 0.5"),
        ("w = 0.5 * w", "w *= 0.5"),
        ("w = w / w.norm()", "w /= w.norm()"),
        ("w = w.data - lr * w.grad.data", "w -= lr * w.grad.data"),
        ("w = w.detach() - lr * w.grad", "w -= lr * w.grad"),
        ("w = (w - lr * w.grad).detach()", "w -= lr * w.grad"),
        ("w = (w - lr * w.grad).requires_grad_()", "w -= lr * w.grad"),
        ("self.w = self.w - lr * self.w.grad", "self.w -= lr * self.w.grad"),
        ("d['w'] = d['w'] - lr * d['w'].grad", "d['w'] -= lr * d['w'].grad"),
        ("w: Tensor = w - g", "w -= g"),
        ("w = w - (\n    lr * w.grad  # step\n)", "w -= (\n    lr * w.grad  # step\n)"),
    ],
)
def test_arithmetic_is_augmented(before: str, after: str) -> None:
    assert rewritten("update-in-place", f"‹{before}›  # go\n") == f"{NO_GRAD}{after}  # go\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("w = w.clamp(0, 1)", "w.clamp_(0, 1)"),
        ("w = torch.clamp(w, 0, 1)", "w.clamp_(0, 1)"),
        ("w = w.sub(w.grad, alpha=0.1)", "w.sub_(w.grad, alpha=0.1)"),
        ("w = torch.where(m, w, v)", "w.copy_(torch.where(m, w, v))"),
        (
            "x = torch.clamp(x + e * x.grad.sign(), 0, 1)",
            "x.copy_(torch.clamp(x + e * x.grad.sign(), 0, 1))",
        ),
        ("w = w - a - b", "w.copy_(w - a - b)"),
        ("w = 1 - w", "w.copy_(1 - w)"),
        ("w = -w", "w.copy_(-w)"),
    ],
)
def test_anything_else_is_written_by_a_method(before: str, after: str) -> None:
    assert rewritten("update-in-place", f"‹{before}›\n") == f"{NO_GRAD}{after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "for _ in r:\n    ‹w = w - w.grad›\n",
            "for _ in r:\n    with torch.no_grad():\n        w -= w.grad\n",
        ),
        (
            "def f():\r\n\t‹w = w - w.grad›\r\n",
            "def f():\r\n\twith torch.no_grad():\r\n\t\tw -= w.grad\r\n",
        ),
        (
            "with torch.no_grad():\n    ‹w = w - w.grad›\n",
            "with torch.no_grad():\n    w -= w.grad\n",
        ),
        (
            "@torch.no_grad()\ndef f(w):\n    ‹w = w - w.grad›\n",
            "@torch.no_grad()\ndef f(w):\n    w -= w.grad\n",
        ),
        (
            "with no_grad():\n    with enable_grad():\n        ‹w = w - w.grad›\n",
            "with no_grad():\n    with enable_grad():\n"
            "        with torch.no_grad():\n            w -= w.grad\n",
        ),
        ("if c: a; ‹w = w - w.grad›\n", None),
        ("with no_grad(): a; ‹w = w - w.grad›\n", "with no_grad(): a; w -= w.grad\n"),
        (
            "‹w, b = w - lr * w.grad, b - lr * b.grad›\n",
            "with torch.no_grad():\n    w -= lr * w.grad\n    b -= lr * b.grad\n",
        ),
    ],
)
def test_where_the_statement_stands(before: str, after: str | None) -> None:
    assert rewritten("update-in-place", before) == after


@pytest.mark.parametrize(
    "statement",
    [
        "w = v - lr * v.grad",
        "w = w",
        "w = w.detach()",
        "w = w[1:]",
        "w = w.view(-1)",
        "w = w.double()",
        "w = torch.cat([w, v])",
        "w = w.sum()",
        "v = w = w - w.grad",
        "w, b = w - b, b - w",
        "w -= w.grad",
        "f().w = f().w - g",
    ],
)
def test_no_faithful_form(statement: str) -> None:
    assert rewritten("update-in-place", f"‹{statement}›\n") is None


def test_the_title_says_whether_a_block_is_put_around_it() -> None:
    _, alone = fixed("update-in-place", "‹w = w - g›\n", torch="th")
    _, inside = fixed("update-in-place", "with th.no_grad():\n    ‹w = w - g›\n", torch="th")
    assert alone is not None and alone.title == "Update `w` in place under `th.no_grad()`"
    assert inside is not None and inside.title == "Update `w` in place"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = torch.clamp(x, 0, 1)", "x = torch.clamp(x, 0, 1).detach().requires_grad_()"),
        ("x = x + g", "x = (x + g).detach().requires_grad_()"),
        ("x = (x + g).detach()", "x = (x + g).detach().requires_grad_()"),
        ("x: T = -x", "x: T = (-x).detach().requires_grad_()"),
        ("x = (\n    a + b\n)", "x = (\n    a + b\n).detach().requires_grad_()"),
    ],
)
def test_a_computed_tensor_is_made_a_leaf(before: str, after: str) -> None:
    assert rewritten("fresh-leaf", f"‹{before}›\n") == f"{after}\n"


@pytest.mark.parametrize("statement", ["x += 1", "a, b = c, d", "x = y.detach().requires_grad_()"])
def test_what_is_no_plain_assignment_is_left_alone(statement: str) -> None:
    assert rewritten("fresh-leaf", f"‹{statement}›\n") is None
