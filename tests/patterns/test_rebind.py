"""`rebind`: in-place writes become new tensors under the old name, and compute the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import fixed, rewritten
from nonegrad.text import Source, apply

NOQA = "  # noqa: PLR6104  # in place, autograd would lose the value it saved"
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"]


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator(operator: str) -> None:
    assert rewritten("rebind", f"‹y {operator}= a›\n") == f"y = y {operator} a\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y += 1", "y = y + 1"),
        ("y+=1", "y=y+1"),
        ("y  +=  1", "y  = y +  1"),
        ("y -= a - b", "y = y - (a - b)"),
        ("y -= a * b", "y = y - a * b"),
        ("y *= a + b", "y = y * (a + b)"),
        ("y *= a ** b", "y = y * a ** b"),
        ("y **= -a", "y = y ** -a"),
        ("y **= a ** b", "y = y ** a ** b"),
        ("y **= a * b", "y = y ** (a * b)"),
        ("y *= -a", "y = y * -a"),
        ("y &= a == b", "y = y & (a == b)"),
        ("y |= a | b", "y = y | (a | b)"),
        ("y |= a & b", "y = y | a & b"),
        ("y += not a", "y = y + (not a)"),
        ("y += a and b", "y = y + (a and b)"),
        ("y += a if c else b", "y = y + (a if c else b)"),
        ("y += lambda: a", "y = y + (lambda: a)"),
        ("y += (a := 1)", "y = y + (a := 1)"),
        ("y += (a + b)", "y = y + (a + b)"),
        ("y += a, b", "y = y + (a, b)"),
        ("y += *a, b", "y = y + (*a, b)"),
        ("y += yield", "y = y + (yield)"),
        ("y += yield a", "y = y + (yield a)"),
        ("y += await a", "y = y + await a"),
        ("y **= await a", "y = y ** await a"),
        ("y += [i for i in a]", "y = y + [i for i in a]"),
        ("y += f'{a!r:>{b}}'", "y = y + f'{a!r:>{b}}'"),
        ("y += (  # why\n    a\n)", "y = y + (  # why\n    a\n)"),
        ("y += \\\n    a", "y = y + \\\n    a"),
        ("größe += ä", "größe = größe + ä"),
        ("self.h += x", "self.h = self.h + x"),
        ("a.b.c -= x", "a.b.c = a.b.c - x"),
        ("d['k'] += 1", "d['k'] = d['k'] + 1"),
        ("self.d['k'] += 1", "self.d['k'] = self.d['k'] + 1"),
        ("(y) += 1", "(y) = (y) + 1"),
    ],
)
def test_augmented_assignments(before: str, after: str) -> None:
    assert rewritten("rebind", f"‹{before}›\n") == f"{after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y.add_(1)", "y = y.add(1)"),
        ("y.add_(x, alpha=2)  # twice", "y = y.add(x, alpha=2)  # twice"),
        ("self.h.mul_(0.5)", "self.h = self.h.mul(0.5)"),
        ("y.add_(1).mul_(2)", "y = y.add(1).mul(2)"),
        ("y.masked_fill_(m, 0)", "y = y.masked_fill(m, 0)"),
        ("y.clamp_(min=0)", "y = y.clamp(min=0)"),
        ("y.zero_()", "y = torch.zeros_like(y)"),
        ("y.fill_(v)", "y = torch.full_like(y, v)"),
        ("y.fill_(value=v)", "y = torch.full_like(y, fill_value=v)"),
        ("y.zero_().add_(1)", "y = torch.zeros_like(y).add(1)"),
        ("torch.relu_(y)", "y = torch.relu(y)"),
        ("F.elu_(y, 2.0)", "y = F.elu(y, 2.0)"),
        ("F.relu(y, inplace=True)", "y = F.relu(y)"),
        ("torch.add(a, b, out=y)", "y = torch.add(a, b)"),
        ("y.add_(\n    a,  # this\n    alpha=2,\n)", "y = y.add(\n    a,  # this\n    alpha=2,\n)"),
    ],
)
def test_statements_that_call_a_method(before: str, after: str) -> None:
    call, mark, comment = before.partition("  # twice")
    assert rewritten("rebind", f"‹{call}›{mark}{comment}\n") == f"{after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z = ‹y.add_(1)›", "z = y.add(1)"),
        ("‹z = y.add_(1)›", "z = y.add(1)"),
        ("‹return y.relu_()›", "return y.relu()"),
        ("f(‹y.exp_().mul_(2)›, 1)", "f(y.exp().mul(2), 1)"),
        ("z = ‹F.relu(x, inplace=True)›", "z = F.relu(x)"),
        ("z = ‹F.dropout(x, 0.5, inplace=True, training=t)›", "z = F.dropout(x, 0.5, training=t)"),
        ("a = ‹nn.ReLU(inplace=True)›", "a = nn.ReLU()"),
        ("a = ‹nn.ReLU(True)›", "a = nn.ReLU()"),
        ("a = ‹nn.LeakyReLU(0.1, inplace=True)›", "a = nn.LeakyReLU(0.1)"),
        ("if ‹y.add_(1)›.any(): pass", "if y.add(1).any(): pass"),
    ],
)
def test_calls_inside_a_statement(before: str, after: str) -> None:
    assert rewritten("rebind", before + "\n") == after + "\n"


@pytest.mark.parametrize(
    ("write", "clone"),
    [
        ("y[1:] += 1", "y = y.clone()"),
        ("y[y > 0] = 0", "y = y.clone()"),
        ("y[0, 1] = v", "y = y.clone()"),
        ("y[~m] *= 2", "y = y.clone()"),
        ("self.h[..., 0] = v", "self.h = self.h.clone()"),
        ("y[1:].mul_(2)", "y = y.clone()"),
        ("y[:, 0].add_(1).mul_(2)", "y = y.clone()"),
        ("y.view(-1).copy_(v)", "y = y.clone()"),
        ("y.T.zero_()", "y = y.clone()"),
    ],
)
def test_writes_through_a_slice_go_to_a_copy(write: str, clone: str) -> None:
    source, fix = fixed("rebind", f"if c:\n    ‹{write}›  # here\n")
    assert fix is not None
    assert fix.title == f"Insert `{clone}` before the write into it"
    assert apply(source, fix.edits) == f"if c:\n    {clone}\n    {write}  # here\n"


@pytest.mark.parametrize(
    "write",
    [
        "f().x += 1",
        "d[f()] += 1",
        "d[i] += 1",
        "y.T += 1",
        "y.data += 1",
        "y.data.add_(1)",
        "y.copy_(x)",
        "y.normal_()",
        "y.bernoulli_(0.5)",
        "y.requires_grad_()",
        "y.eq_(x)",
        "f().add_(1)",
        "y.add(1)",
        "nn.init.zeros_(y)",
        "y = x + 1",
        "del y",
        "f(*a).add_(1)",
        "print(y)",
    ],
)
def test_no_faithful_form(write: str) -> None:
    assert rewritten("rebind", f"‹{write}›\n") is None


def test_a_subscripted_target_is_what_the_caller_knows_it_to_be() -> None:
    assert rewritten("rebind", "‹d[i] += 1›\n", base="container") == "d[i] = d[i] + 1\n"
    assert rewritten("rebind", "‹y[i] += 1›\n", base="tensor") == "y = y.clone()\ny[i] += 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if c: ‹y += 1›\n", "if c: y = y + 1\n"),
        ("a; ‹y += 1›; b\n", "a; y = y + 1; b\n"),
        ("if c: ‹y[1:] += 1›\n", "if c: y = y.clone(); y[1:] += 1\n"),
        ("class A:\n\tdef f(s):\n\t\t‹s.h += 1›\n", "class A:\n\tdef f(s):\n\t\ts.h = s.h + 1\n"),
        ("ä = 'ü'; ‹y += ä›", "ä = 'ü'; y = y + ä"),
        ("if c:\r\n    ‹y[1:] += 1›\r\n", "if c:\r\n    y = y.clone()\r\n    y[1:] += 1\r\n"),
        (
            "with a:\n  try:\n    ‹y += 1›\n  finally:\n    z\n",
            "with a:\n  try:\n    y = y + 1\n  finally:\n    z\n",
        ),
        ("match a:\n  case 1:\n    ‹y += 1›\n", "match a:\n  case 1:\n    y = y + 1\n"),
    ],
)
def test_every_place_a_statement_can_stand(before: str, after: str) -> None:
    assert rewritten("rebind", before) == after


def test_a_broken_file_is_still_served() -> None:
    before = "def f(:\n    pass\n\ndef g(y):\n    ‹y += 1›\n    return y\n\nx = (\n"
    assert rewritten("rebind", before) == (
        "def f(:\n    pass\n\ndef g(y):\n    y = y + 1\n    return y\n\nx = (\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "‹y += 1›\n",
            f"y = y + 1{NOQA}\n",
        ),
        (
            "‹y += 1›  # one\n",
            f"y = y + 1  # one{NOQA}\n",
        ),
        ("‹y += 1›  # noqa: E501\n", "y = y + 1  # noqa: E501, PLR6104\n"),
        ("‹y += 1›  # noqa\n", "y = y + 1  # noqa\n"),
    ],
)
def test_a_reasoned_noqa_on_request(before: str, after: str) -> None:
    assert rewritten("rebind", before, noqa="1") == after


def test_the_retain_grad_that_would_be_lost_moves_along() -> None:
    before = "y = x * 2\ny.retain_grad()  # keep\n‹y += 1›\ny.sum().backward()\n"
    assert rewritten("rebind", before, retain="2:1") == (
        "y = x * 2\ny = y + 1\ny.retain_grad()  # keep\ny.sum().backward()\n"
    )
    joined = "y = x * 2; y.retain_grad(); ‹y += 1›\n"
    assert rewritten("rebind", joined, retain="1:12") == ("y = x * 2; y = y + 1; y.retain_grad()\n")
    noted = "y.retain_grad()\n‹y += 1›\n"
    assert rewritten("rebind", noted, retain="1:1", noqa="1") == (
        f"y = y + 1{NOQA}\ny.retain_grad()\n"
    )


def test_the_edits_are_as_small_as_they_can_be() -> None:
    _, fix = fixed("rebind", "‹y += 1›\n")
    assert fix is not None
    (edit,) = fix.edits
    assert (edit.site.column, edit.site.end_column, edit.content) == (3, 5, "= y +")


operands = st.recursive(
    st.sampled_from(["a", "b", "3", "-2", "(1)", "True"]),
    lambda inner: (
        st.builds(
            "{0} {2} {1}".format, inner, inner, st.sampled_from(["+", "-", "*", "&", "|", "^"])
        )
        | st.builds("{0} if {1} else 2".format, inner, inner)
        | st.builds("{0} == {1}".format, inner, inner)
        | st.builds("({0})".format, inner)
        | st.builds("not {0}".format, inner)
    ),
    max_leaves=5,
)


@given(st.sampled_from(["+", "-", "*", "&", "|", "^"]), operands, st.integers(-9, 9))
@settings(max_examples=150, deadline=None)
def test_the_rewrite_computes_the_same(operator: str, operand: str, start: int) -> None:
    statement = f"y {operator}= {operand}"
    try:
        compile(statement, "", "exec")
    except SyntaxError:
        return
    after = rewritten("rebind", f"‹{statement}›")
    assert after is not None
    there = {"y": start, "a": 7, "b": -4}
    here = dict(there)
    exec(statement, there)
    exec(after, here)
    assert here["y"] == there["y"]


@given(
    st.text(alphabet="y+=1()[]:.,_ad \n\t;#'\"‹›\\ä\r", max_size=40),
    st.integers(1, 4),
    st.integers(1, 20),
)
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_raise(text: str, row: int, column: int) -> None:
    from nonegrad.patterns import rewrite
    from nonegrad.patterns.rewrites import HOMES
    from nonegrad.text import Rewrite, Site

    source = Source("program.py", text)
    site = Site("program.py", row, column, row, column + 4)
    arguments = (("name", "y"), ("text", "z = 1"), ("to", "1:1"), ("keyword", "k"), ("value", "1"))
    for name in (name for names in HOMES.values() for name in names):
        fix = rewrite(source, Rewrite(name, site, name, arguments=arguments))
        if fix is not None:
            apply(source, fix.edits)
