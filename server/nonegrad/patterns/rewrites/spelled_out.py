"""`y += a` as `y = y + a`."""

from __future__ import annotations

import libcst as cst

from nonegrad.patterns.syntax import same, show


def spelled_out(statement: cst.AugAssign) -> str:
    """`y = y op (value)`, in parentheses only where the value would read differently without.

    In the spacing of the augmented assignment; a line break stays before the value.
    """
    value, target = statement.value, show(statement.target)
    closed = value.with_changes(
        lpar=[cst.LeftParen(), *value.lpar], rpar=[*value.rpar, cst.RightParen()]
    )
    operator = show(statement.operator)
    token = operator.strip(" \t\f\\\n")
    before, _, after = operator.partition(token)
    space = " " if before or after else ""
    head = f"{target}{before}={space}{target}{space}{token[:-1]}{after}"
    plain, wrapped = head + show(value), head + show(closed)
    return plain if same(plain, wrapped) else wrapped
