"""One expression for another, in parentheses only where its place needs them."""

from __future__ import annotations

import pytest
from marked import rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = ‹x.detach()›\n", "y = x\n"),
        ("y = ‹x.data› + 1\n", "y = x + 1\n"),
        ("y = ‹(a + b).detach()› * 2\n", "y = (a + b) * 2\n"),
        ("y = ‹(a + b).detach()› + 2\n", "y = a + b + 2\n"),
        ("y = ‹(a\n     + b).detach()›\n", "y = (a\n     + b)\n"),
        ("f(‹loss.item()›)\n", "f(loss)\n"),
        ("f(‹float(loss)›)\n", "f(loss)\n"),
        ("y = ‹torch.tensor(x)›\n", "y = x\n"),
        ("y = ‹torch.detach(x)›\n", "y = x\n"),
        ("y = ‹Variable(x, volatile=True)›\n", "y = x\n"),
        ("y = ‹torch.tensor(a if b else c)›.sum()\n", "y = (a if b else c).sum()\n"),
        ("if ‹float(loss)› > 1:\n    pass\n", "if loss > 1:\n    pass\n"),
        ("for a in ‹float(b)›: c\n", "for a in b: c\n"),
        ("return ‹x.detach()›.cpu()  # c\n", "return x.cpu()  # c\n"),
    ],
)
def test_a_call_is_dropped(before: str, after: str) -> None:
    assert rewritten("drop-call", before) == after


def test_where_the_expression_stands_can_be_said() -> None:
    assert rewritten("drop-call", "‹f.g(x)›\n", of="argument") == "x\n"
    assert rewritten("drop-call", "‹f.g(x)›\n", of="receiver") == "f\n"
    assert rewritten("drop-call", "‹f(*x)›\n") is None
    assert rewritten("drop-call", "‹f()›\n") is None
    assert rewritten("drop-call", "‹x›\n") is None


@pytest.mark.parametrize(
    "code",
    [
        "i = ‹x.long()›\ny = a.gather(1, i)\n",
        "i = ‹x.round().long()›\ny = a[i + 1]\n",
        "y = a[‹x.long()›]\n",
    ],
)
def test_an_index_stays_an_integer(code: str) -> None:
    assert rewritten("drop-call", code) is None


def test_a_cast_that_is_no_index_goes() -> None:
    assert rewritten("drop-call", "i = ‹x.long()›\ny = i * 2\n") == "i = x\ny = i * 2\n"


def test_nothing_inside_an_f_string() -> None:
    assert rewritten("drop-call", "print(f'{‹x.detach()›}')\n") is None


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("y = ‹a› * 2\n", "b + c", "y = (b + c) * 2\n"),
        ("y = ‹a› + 2\n", "b * c", "y = b * c + 2\n"),
        ("f(‹a›)\n", "b, c", "f((b, c))\n"),
        ("y = ‹a›.b\n", "1", "y = (1).b\n"),
        ("y = -‹a›\n", "lambda: b", "y = -(lambda: b)\n"),
        ("with ‹a› as b: c\n", "d if e else f", "with d if e else f as b: c\n"),
        ("x[‹a›]\n", "b := 1", "x[b := 1]\n"),
        ("y = ä + ‹a›\n", "ö", "y = ä + ö\n"),
    ],
)
def test_an_expression_is_replaced(before: str, text: str, after: str) -> None:
    assert rewritten("replace-expression", before, text=text) == after


@pytest.mark.parametrize("text", ["", "a b", "a; b", "a)+(b", "x = 1", "a  # c"])
def test_only_an_expression_replaces_one(text: str) -> None:
    after = rewritten("replace-expression", "f(‹a›, 1)\n", text=text)
    assert after is None


def test_names_and_attributes() -> None:
    assert rewritten("replace-name", "f(‹a›)\n", to="b") == "f(b)\n"
    assert rewritten("replace-name", "f(‹a›)\n", to="if") is None
    assert rewritten("rename-attribute", "x = ‹d.sample›()\n", to="draw") == "x = d.draw()\n"
    assert rewritten("rename-attribute", "‹x . a› = 1\n", to="b") == "x . b = 1\n"
    assert rewritten("sample-to-rsample", "x = ‹d.sample((3,))›\n") == "x = d.rsample((3,))\n"
    assert rewritten("call-it", "‹loss.backward›  # now\n") == "loss.backward()  # now\n"
    assert rewritten("call-it", "‹loss.backward›()\n") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("self.l = ‹[]›\n", "self.l = nn.ModuleList()\n"),
        (
            "self.l = ‹[\n    a,\n    b,\n]›\n",
            "self.l = nn.ModuleList(\n    [\n        a,\n        b,\n    ]\n)\n",
        ),
        ("x = ‹a, b›\n", "x = nn.ModuleList((a, b))\n"),
        ("x = ‹(a + b)› * 2\n", "x = (nn.ModuleList(a + b)) * 2\n"),
        ("x = (‹a + b›) * 2\n", "x = (nn.ModuleList(a + b)) * 2\n"),
        ("x = ‹(i for i in j)›\n", "x = nn.ModuleList((i for i in j))\n"),
    ],
)
def test_a_call_goes_around(before: str, after: str) -> None:
    assert rewritten("wrap-call", before, function="nn.ModuleList") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹loss.backward()›\n", "loss.backward(retain_graph=True)\n"),
        ("‹loss.backward(g)›\n", "loss.backward(g, retain_graph=True)\n"),
        ("‹loss.backward(retain_graph = False)›\n", "loss.backward(retain_graph = True)\n"),
        ("‹f(\n    a,\n    b  # c\n)›\n", "f(\n    a,\n    b,\n    retain_graph=True  # c\n)\n"),
        ("‹f(a, *b)›\n", "f(a, *b, retain_graph=True)\n"),
    ],
)
def test_a_keyword_is_added(before: str, after: str) -> None:
    assert rewritten("add-keyword", before, keyword="retain_graph", value="True") == after


def test_a_keyword_goes_and_changes_its_name() -> None:
    assert rewritten("remove-keyword", "‹f(a, b=1, c=2)›\n", keyword="b") == "f(a, c=2)\n"
    assert rewritten("remove-keyword", "‹f(a, c=2)›\n", keyword="c") == "f(a)\n"
    assert rewritten("remove-keyword", "‹f(a)›\n", keyword="c") is None
    assert rewritten("rename-keyword", "‹f(a=1)›\n", keyword="a", to="b") == "f(b=1)\n"
    assert rewritten("rename-keyword", "‹f(a=1, b=2)›\n", keyword="a", to="b") is None


def test_a_comparison_that_was_meant_to_assign() -> None:
    assert rewritten("comparison-to-assignment", "‹p.requires_grad == False›  # off\n") == (
        "p.requires_grad = False  # off\n"
    )
    assert rewritten("comparison-to-assignment", "‹p == a == b›\n") is None


def test_an_unknown_name_or_file_draws_nothing() -> None:
    assert rewritten("no-such-rewrite", "‹a›\n") is None
