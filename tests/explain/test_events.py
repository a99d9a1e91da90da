"""Hover on what happens: backward(), in-place writes, and the form that linters would undo."""

from __future__ import annotations

import pytest

from .conftest import hovered, said

ADVISED = "`PLR6104`"


def test_backward_tells_who_gets_a_gradient_and_who_does_not() -> None:
    text = said(
        """
        x = torch.ones(3, requires_grad=True)
        t = torch.ones(3)
        y = x * t
        z = y.sum()
        z.¦backward()
        """
    )
    assert text == (
        "**Sets `.grad` of** `x`.\n\n"
        "**Stay without:**\n"
        "- `t`: does not require grad (line 4 makes it without `requires_grad=True`)\n"
        "- `y`: not a leaf; `y.retain_grad()` before this line would keep it"
    )


def test_backward_tells_which_parameters_it_does_not_reach() -> None:
    text = said(
        """
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = torch.nn.Linear(3, 3)
                self.b = torch.nn.Linear(3, 3)

            def forward(self, x):
                return self.a(x)

        net = Net()
        net(torch.ones(3)).sum().¦backward()
        """
    )
    assert "**Sets `.grad` of** `net.a.weight`, `net.a.bias`" in text
    assert "- `net.b.weight`: a leaf, but not of this graph" in text


def test_backward_tells_where_a_leaf_was_cut_off() -> None:
    text = said(
        """
        a = torch.ones(3, requires_grad=True)
        b = torch.ones(3, requires_grad=True)
        loss = (a.detach() * b).sum()
        loss.¦backward()
        """
    )
    assert "**Sets `.grad` of** `b`." in text
    assert "- `a`: cut off: line 5 takes it out of the graph" in text


COPIED = """
w = torch.ones(3, requires_grad=True)
first = w[0]
loss = torch.tensor([{}, 1.0]).sum()
loss.¦backward()
"""


def test_only_a_fix_that_applies_is_told() -> None:
    assert "**Fix:** Join the tensors" in said(COPIED.format("first"))
    assert "**Fix:**" not in said(COPIED.format("w.sum()"))  # a number like which tensor?


def test_backward_speaks_on_its_own_word_only() -> None:
    before = hovered("x = torch.ones(3, requires_grad=True)\n(¦x * 2).sum().backward()\n")
    after = hovered("x = torch.ones(3, requires_grad=True)\n(x * 2).sum().¦backward()\n")
    assert before is not None and before.markdown.startswith("**`x`**")
    assert after is not None and after.site.column == 15


def test_a_backward_that_raises_for_want_of_a_graph() -> None:
    text = said("x = torch.ones(3)\nz = x.sum()\nz.¦backward()\n")
    assert text.startswith("**Raises** `element 0 of tensors does not require grad")
    assert "- line 3 `x = torch.ones(3)`: makes it without `requires_grad=True`" in text
    assert "**Fix:** " in text


SAVED = """
x = torch.ones(3, requires_grad=True)
y = x.exp()
{}
y.sum().backward()
"""


def test_in_place_that_raises_names_the_lines_and_the_linters() -> None:
    text = said(SAVED.format("y ¦+= 1"))
    assert text.startswith("**In place: backward() raises.**")
    assert "- line 4 `y = x.exp()`: `exp` keeps its result for backward" in text
    assert "- line 6 `y.sum().backward()`: needs the old value" in text
    assert ADVISED in text and "R6104" in text
    assert "**Fix:** " in text


def test_the_backward_of_it_names_them_too() -> None:
    text = said(SAVED.format("y += 1").replace(".backward", ".¦backward"))
    assert "has been modified by an inplace operation" in text
    assert "- line 5 `y += 1`: overwrites it" in text


def test_on_the_written_name_both_speak() -> None:
    text = said(SAVED.format("¦y += 1"))
    assert text.startswith("**In place: backward() raises.**")
    assert "\n\n---\n\n**`y`**: not a leaf" in text


def test_a_method_is_not_what_the_linters_ask_for() -> None:
    text = said(SAVED.format("y.¦add_(1)"))
    assert text.startswith("**In place: backward() raises.**")
    assert ADVISED not in text


def test_the_form_that_is_right_is_to_be_kept() -> None:
    text = said(SAVED.format("y ¦= y + 1"))
    assert text.startswith("**Keep this form.**") and ADVISED in text
    assert "line 4 `y = x.exp()` keeps the old value" in text


def test_in_place_that_is_safe_says_why() -> None:
    text = said(SAVED.format("y ¦+= 1").replace("x.exp()", "x * 2"))
    assert text.startswith("**In place: safe here.**")
    assert "`*` does not keep it" in text and ADVISED not in text


def test_in_place_on_a_leaf() -> None:
    text = said("w = torch.ones(3, requires_grad=True)\nw ¦-= 1\n")
    assert text.startswith("**In place: raises here**, because `w` is a leaf")
    assert ADVISED in text


def test_the_update_with_grad_mode_off_is_right() -> None:
    text = said(
        """
        w = torch.ones(3, requires_grad=True)
        w.sum().backward()
        with torch.no_grad():
            w ¦-= 0.1 * w.grad
        """
    )
    assert text.startswith("**In place: right here.**")
    assert "would be the bug" in text


@pytest.mark.parametrize("harmless", ["n = 1\nn ¦+= 1\n", "t = torch.ones(3)\nt ¦+= 1\n"])
def test_a_write_outside_any_graph_is_no_event(harmless: str) -> None:
    assert hovered(harmless) is None
