"""Statements put in, taken out, moved, wrapped and unwrapped, with everything around them kept."""

from __future__ import annotations

import pytest
from marked import rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹y = x * 2›\nz\n", "y = x * 2\ny.retain_grad()\nz\n"),
        ("‹y = x * 2›  # two\nz\n", "y = x * 2  # two\ny.retain_grad()\nz\n"),
        ("‹y = x * 2›", "y = x * 2\ny.retain_grad()"),
        ("‹y = f(\n    x,\n)›\n", "y = f(\n    x,\n)\ny.retain_grad()\n"),
        ("def f(x):\n\t‹y = x›\n", "def f(x):\n\ty = x\n\ty.retain_grad()\n"),
        ("if c: ‹y = x›\nz\n", "if c: y = x; y.retain_grad()\nz\n"),
        ("if c: ‹y = x›;\n", "if c: y = x; y.retain_grad();\n"),
        ("‹y = x›;  # end\n", "y = x;  # end\ny.retain_grad()\n"),
        ("‹y = x›; z = y\n", "y = x; y.retain_grad(); z = y\n"),
        ("a; ‹y = x›  # last\n", "a; y = x; y.retain_grad()  # last\n"),
        ("if c: \\\n  ‹y = x›\n", "if c: \\\n  y = x; y.retain_grad()\n"),
        (
            "if c:\n    ‹with a as y:\n        b›\nz\n",
            "if c:\n    with a as y:\n        b\n    y.retain_grad()\nz\n",
        ),
        ("x = '''\n'''; ‹y = x›\n", "x = '''\n'''; y = x; y.retain_grad()\n"),
        ("if c:\r\n  ‹y = x›\r\nz\r\n", "if c:\r\n  y = x\r\n  y.retain_grad()\r\nz\r\n"),
        ("if c:\r  ‹y = x›\rz\r", "if c:\r  y = x\r  y.retain_grad()\rz\r"),
    ],
)
def test_retain_grad_follows_the_definition(before: str, after: str) -> None:
    assert rewritten("insert-retain-grad", before, name="y") == after


def test_a_dotted_name_retains_too_and_nonsense_does_not() -> None:
    assert rewritten("insert-retain-grad", "‹self.y = x›\n", name="self.y") == (
        "self.y = x\nself.y.retain_grad()\n"
    )
    assert rewritten("insert-retain-grad", "‹y = x›\n", name="y +") is None
    assert rewritten("insert-retain-grad", "‹y = x›\n") is None


def test_a_name_that_a_header_binds_retains_inside() -> None:
    before = "‹for y in ys:\n    # go\n    y.sum()›\n"
    assert rewritten("insert-retain-grad", before, name="y", where="body") == (
        "for y in ys:\n    # go\n    y.retain_grad()\n    y.sum()\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹y[0] = 1›\n", "y = y.clone()\ny[0] = 1\n"),
        ("for i in n:\n  y[‹i›] = 1\n", "for i in n:\n  y = y.clone()\n  y[i] = 1\n"),
        ("if c: ‹y[0] = 1›\n", "if c: y = y.clone(); y[0] = 1\n"),
        ("if a: b\nelse: ‹y[0] = 1›\n", "if a: b\nelse: y = y.clone(); y[0] = 1\n"),
    ],
)
def test_a_clone_goes_first(before: str, after: str) -> None:
    assert rewritten("clone-first", before, name="y") == after


def test_statements_before_and_after() -> None:
    text = "a = '''\nb'''\nfor i in a:\n    c"
    assert rewritten("insert-before", "if x:\n  ‹y›\n", text=text) == (
        "if x:\n  a = '''\nb'''\n  for i in a:\n      c\n  y\n"
    )
    assert rewritten("insert-after", "if x:\n  ‹y›\n", text="a\nb") == "if x:\n  y\n  a\n  b\n"
    assert rewritten("insert-after", "@d\ndef f(): ‹y›\n", text="if a: b") is None
    assert rewritten("insert-before", "‹@d\ndef f(): y›\n", text="a") == "a\n@d\ndef f(): y\n"
    assert rewritten("insert-before", "if a: b\n‹elif c: d›\n", text="e") is None
    assert rewritten("insert-before", "‹y›\n", text="a +") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n‹b›  # gone\nc\n", "a\nc\n"),
        ("if a:\n    ‹b›  # kept\nc\n", "if a:\n    pass  # kept\nc\n"),
        ("if a: ‹b›\n", "if a: pass\n"),
        ("‹a›; b; c\n", "b; c\n"),
        ("a; ‹b›; c\n", "a; c\n"),
        ("a; b; ‹c›  # d\n", "a; b  # d\n"),
        ("a\n‹b›", "a\n"),
        ("‹b›\n", ""),
        ("if a:\n  ‹for i in j:\n    k›\n  l\n", "if a:\n  l\n"),
        ("a\r\n‹b›\r\nc\r\n", "a\r\nc\r\n"),
    ],
)
def test_a_statement_goes(before: str, after: str) -> None:
    expected = after or None
    assert (rewritten("delete-statement", before) or None) == expected


@pytest.mark.parametrize(
    ("before", "to", "where", "after"),
    [
        ("‹a›\nb\nc\n", "2:1", "after", "b\na\nc\n"),
        ("a\nb\n‹c›\n", "1:1", "before", "c\na\nb\n"),
        ("‹a›\nif b:\n  c\n", "3:3", "after", "if b:\n  c\n  a\n"),
        ("if b:\n  ‹a›\n  c\n", "1:1", "before", "a\nif b:\n  c\n"),
        ("if b:\n  ‹f(\n    1)›\n  c\nd\n", "5:1", "after", "if b:\n  c\nd\nf(\n  1)\n"),
        ("if b:\n  ‹a›\nc\n", "3:1", "after", "if b:\n  pass\nc\na\n"),
        (
            "with n:\n    ‹x = '''\n    s'''›\n    y\nz\n",
            "5:1",
            "before",
            "with n:\n    y\nx = '''\n    s'''\nz\n",
        ),
    ],
)
def test_a_statement_moves(before: str, to: str, where: str, after: str) -> None:
    assert rewritten("move-statement", before, to=to, where=where) == after


def test_a_statement_does_not_move_into_itself() -> None:
    assert rewritten("move-statement", "‹if a:\n  b›\n", to="2:3") is None
    assert rewritten("move-statement", "‹a›\nb\n", to="nowhere") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹w -= lr * w.grad›  # step\n", "with torch.no_grad():\n    w -= lr * w.grad  # step\n"),
        (
            "for p in ps:\n  ‹p -= 1\n  # and\n\n  q -= 1›\n  r\n",
            "for p in ps:\n  with torch.no_grad():\n    p -= 1\n    # and\n\n    q -= 1\n  r\n",
        ),
        (
            "def f():\n\t‹w.sub_(\n\t\tg,\n\t)›\n",
            "def f():\n\twith torch.no_grad():\n\t\tw.sub_(\n\t\t\tg,\n\t\t)\n",
        ),
        (
            "if a:\n    ‹b = '''\n  c\n'''\n    d›\n",
            "if a:\n    with torch.no_grad():\n        b = '''\n  c\n'''\n        d\n",
        ),
        ("if c: ‹w -= 1›\n", "if c:\n    with torch.no_grad():\n        w -= 1\n"),
        (
            "if c: ‹w -= 1; v -= 1›  # d\n",
            "if c:\n    with torch.no_grad():\n        w -= 1; v -= 1  # d\n",
        ),
        ("a; ‹w -= 1›; b\n", "a\nwith torch.no_grad():\n    w -= 1\nb\n"),
        ("‹w -= 1›; b\n", "with torch.no_grad():\n    w -= 1\nb\n"),
        ("a; ‹w -= 1›  # c\n", "a\nwith torch.no_grad():\n    w -= 1  # c\n"),
        ("if c:\r\n  ‹w -= 1›\r\n", "if c:\r\n  with torch.no_grad():\r\n    w -= 1\r\n"),
        ("x = f(\n1)\n‹w.add_(\n1)›\n", "x = f(\n1)\nwith torch.no_grad():\n    w.add_(\n    1)\n"),
        (
            "try:\n  ‹for i in j:\n    w -= 1›\nfinally:\n  pass\n",
            "try:\n  with torch.no_grad():\n    for i in j:\n      w -= 1\nfinally:\n  pass\n",
        ),
    ],
)
def test_wrapped_in_no_grad(before: str, after: str) -> None:
    assert rewritten("wrap-no-grad", before) == after


def test_wrapping_says_torch_as_the_file_does_and_leaves_elif() -> None:
    assert rewritten("wrap-no-grad", "‹w -= 1›\n", torch="th") == "with th.no_grad():\n    w -= 1\n"
    assert rewritten("wrap-no-grad", "if a: b\n‹elif c: d›\n") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("‹with torch.no_grad():\n    a\n    b›\nc\n", "a\nb\nc\n"),
        (
            "if x:\n\t‹with torch.no_grad():  # freeze\n\t\t# why\n\t\ta = '''\n\t\ts'''›\n",
            "if x:\n\t# freeze\n\t# why\n\ta = '''\n\t\ts'''\n",
        ),
        ("‹with torch.no_grad(): a›\n", "a\n"),
        ("if x:\n  ‹with torch.no_grad(): a; b›\n", "if x:\n  a; b\n"),
        ("‹with a, torch.no_grad():\n    b›\n", "with a:\n    b\n"),
        ("‹with torch.no_grad(), a as c:\n    b›\n", "with a as c:\n    b\n"),
        ("‹with (torch.no_grad()):\n    b›\n", "b\n"),
        ("‹with (\n    torch.no_grad(),\n    a,\n):\n    b›\n", "with (\n    a,\n):\n    b\n"),
        ("‹with torch.inference_mode():\r\n    b›\r\n", "b\r\n"),
        ("‹with torch.set_grad_enabled(False):\n    f(\n1,\n        2)›\n", "f(\n1,\n    2)\n"),
    ],
)
def test_unwrapped(before: str, after: str) -> None:
    assert rewritten("unwrap-with", before) == after


def test_another_context_goes_only_by_name() -> None:
    before = "‹with torch.autocast('cuda'):\n    b›\n"
    assert rewritten("unwrap-with", before) is None
    assert rewritten("unwrap-with", before, item="autocast") == "b\n"
    assert rewritten("unwrap-with", "‹x = 1›\n") is None


def test_decorators() -> None:
    before = "class A:\n    @torch.no_grad()\n    # why\n    @other\n    ‹def f(): pass›\n"
    assert rewritten("remove-decorator", before, name="no_grad") == (
        "class A:\n    # why\n    @other\n    def f(): pass\n"
    )
    assert rewritten("swap-decorator", before, name="torch.no_grad", to="torch.enable_grad()") == (
        "class A:\n    @torch.enable_grad()\n    # why\n    @other\n    def f(): pass\n"
    )
    assert rewritten("remove-decorator", before, name="grad") is None
    assert rewritten("swap-decorator", before, name="other", to="a b") is None
