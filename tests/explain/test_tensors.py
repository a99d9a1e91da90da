"""Hover on a tensor: what it is, what becomes of its `.grad`, why, and what to do."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from nonegrad.analyze import analyze
from nonegrad.text import Source

from .conftest import hovered, said


def test_a_leaf_and_the_backward_that_fills_it() -> None:
    assert said(
        """
        ¦x = torch.ones(3, requires_grad=True)
        (x * 2).sum().backward()
        """
    ) == (
        "**`x`**: a leaf, `requires_grad=True`, `float32`\n\n"
        "`x.grad` is `None` here; `(x * 2).sum().backward()` (line 4) sets it."
    )


def test_after_the_backward_it_is_there() -> None:
    text = said(
        """
        x = torch.ones(3, requires_grad=True)
        (x * 2).sum().backward()
        print(¦x)
        """
    )
    assert "`x.grad` is a tensor here, set by `(x * 2).sum().backward()` (line 4)" in text


def test_a_leaf_that_no_backward_reaches() -> None:
    text = said("¦x = torch.ones(3, requires_grad=True)\n")
    assert "No backward() that is known here gives it one." in text


def test_the_middle_of_a_graph_line_by_line_down_to_the_leaf_and_the_fix() -> None:
    assert said(
        """
        x = torch.ones(3, requires_grad=True)
        y = x[:2]
        ¦y.sum().backward()
        print(y.grad)
        """
    ) == (
        "**`y`**: not a leaf, `requires_grad=True`, `grad_fn=<SliceBackward0>`, a view, `float32`"
        "\n\n`y.grad` stays `None`: `y` is not a leaf. `y.sum().backward()` (line 5) lets gradients"
        " flow through it, but keeps them on leaves only, unless `y.retain_grad()` was called"
        " before.\n\n"
        "- line 4 `y = x[:2]`: computes it, so it is not a leaf\n"
        "- line 3 `x = torch.ones(3, requires_grad=True)`: makes the leaf\n\n"
        "**Fix:** Insert `y.retain_grad()` after line 4"
    )


def test_without_requires_grad_line_by_line_down_to_the_creation_and_the_fix() -> None:
    text = said(
        """
        x = torch.ones(3)
        y = x * 2
        ¦z = y.sum()
        z.backward()
        """
    )
    assert text.startswith(
        "**`z`**: a leaf, `requires_grad=False`, `float32`\n\n`z.grad` is `None`"
    )
    chain = [row for row in text.splitlines() if row.startswith("- ")]
    assert [re.match(r"- line (\d+)", row)[1] for row in chain] == ["5", "4", "3"]  # type: ignore[index]
    assert chain[-1].endswith("makes it without `requires_grad=True`")
    assert "**Fix:** Add `requires_grad=True`" in text


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ("w.detach()", "takes it out of the graph"),
        ("w.data", "takes it out of the graph"),
        ("torch.tensor(w)", "copies the values into a new tensor"),
        ("(w > 0)", "has no derivative"),
    ],
)
def test_the_chain_ends_where_the_graph_is_cut(cut: str, words: str) -> None:
    text = said(f"w = torch.ones(3, requires_grad=True)\nv = {cut} * 2\n¦u = v.sum()\n")
    assert text.rstrip().splitlines()[-1].startswith("- line 4")
    assert words in text


def test_the_line_that_switched_grad_mode_off_is_named() -> None:
    text = said(
        """
        w = torch.ones(3, requires_grad=True)
        with torch.no_grad():
            v = w * 2
        ¦v.sum()
        """
    )
    assert "- line 5 `v = w * 2`: is computed with grad mode off (line 4)" in text


def test_integers_cannot_require_grad() -> None:
    assert "a tensor of int64 cannot" in said("¦t = torch.tensor([1, 2])\n")


def test_a_retained_gradient() -> None:
    text = said(
        """
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        y.retain_grad()
        ¦y.sum().backward()
        """
    )
    assert "retains its gradient" in text
    assert "`None` until `y.sum().backward()` (line 6): `retain_grad()` (line 5) asks" in text


def test_a_gradient_retained_too_late() -> None:
    text = said(
        """
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        y.sum().backward()
        y.retain_grad()
        print(¦y.grad)
        """
    )
    assert "`retain_grad()` (line 6) asks for its gradient too late" in text


def test_a_grad_that_is_none_says_why_first() -> None:
    found = hovered(
        """
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        y.sum().backward()
        print(y.¦grad)
        """
    )
    assert found is not None
    assert found.markdown.startswith("`y.grad` stays `None`: `y` is not a leaf.")
    assert (found.site.row, found.site.column, found.site.end_column) == (6, 7, 13)


def test_a_grad_that_zero_grad_took_away() -> None:
    text = said(
        """
        w = torch.ones(3, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        w.sum().backward()
        optimizer.zero_grad()
        print(w.¦grad)
        """
    )
    assert "`optimizer.zero_grad()` (line 6) took it away" in text


def test_parameters_by_their_path() -> None:
    text = said(
        """
        model = torch.nn.Linear(3, 1)
        model(torch.ones(3)).sum().backward()
        print(model.¦weight.grad)
        """
    )
    assert text.startswith("**`model.weight`**: `nn.Parameter`, a leaf, `requires_grad=True`")
    assert "set by" in text


def test_an_attribute_where_it_is_assigned() -> None:
    text = said(
        """
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.¦scale = torch.ones(2)
        """
    )
    assert "**`self.scale`**: a leaf, `requires_grad=False`" in text


@pytest.mark.parametrize(
    "nothing",
    [
        "¦n = 3\n",
        "def f(¦t):\n    return t\n",
        "x = torch.ones(3)\n¦\n",
        "¦",
        "def f(t):\n    u = t * 2\n    return ¦u\n",
        "# ¦x\nx = torch.ones(3)\n",
    ],
)
def test_what_is_not_known_is_not_spoken_of(nothing: str) -> None:
    assert hovered(nothing) is None


def test_what_differs_between_visits_is_not_claimed() -> None:
    text = said(
        """
        def f(t):
            return ¦t * 2
        f(torch.ones(3))
        f(torch.ones(3, requires_grad=True))
        """
    )
    assert "`requires_grad` not known" in text
    assert "stays" not in text and "no backward() changes" not in text


STORY = """\
import torch
a = torch.ones(3, requires_grad=True)
b = a.exp()
c = b[1:]
d = c.detach()
e = d * 2
f = a.argmax()
g = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
with torch.no_grad():
    h = g + 1
b += 1
i = b.clone()
i.retain_grad()
j = i.half()
"""


def test_torch_says_the_same() -> None:
    """Run statement by statement: what is said of a name is what torch has there, just then."""
    report = analyze(Source("story.py", STORY))
    names: dict[str, Any] = {}
    spoken = 0
    for statement in ast.parse(STORY).body:
        exec(ast.unparse(statement), names)
        bound = statement.body[0] if isinstance(statement, ast.With) else statement
        target = re.match(r"(\w) \+?= ", ast.unparse(bound))
        if target is None:
            continue
        found = report.hover(bound.lineno, bound.col_offset + 1)
        assert found is not None
        said, tensor = found.markdown.rpartition("---")[2], names[target[1]]
        assert f"`requires_grad={tensor.requires_grad}`" in said
        assert ("not a leaf" in said) is not tensor.is_leaf
        assert f"`{tensor.dtype}`".replace("torch.", "") in said
        for name in re.findall(r"grad_fn=<(\w+)>", said):
            assert name == type(tensor.grad_fn).__name__
            spoken += 1
    assert spoken >= 4


def test_hovering_anywhere_is_safe() -> None:
    report = analyze(Source("story.py", STORY))
    for row, line in enumerate(STORY.splitlines(), 1):
        for column in range(1, len(line) + 2):
            report.hover(row, column)
