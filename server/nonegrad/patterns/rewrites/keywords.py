"""Keyword arguments of a call: added, replaced, taken out, in the layout the call has."""

from __future__ import annotations

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.rewrites.expressions import put, spot_of
from nonegrad.patterns.syntax import read, show


def keyword_of(call: cst.Call, name: str) -> cst.Arg | None:
    """The argument a call passes by this name."""
    found = (arg for arg in call.args if arg.keyword is not None and arg.keyword.value == name)
    return next(found, None)


def with_keyword(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call:
    """The call with the keyword set: replaced where it stands, else as the last argument."""
    present = keyword_of(call, name)
    if present is not None:
        return call.with_deep_changes(present, value=value)
    arg = cst.Arg(
        value,
        keyword=cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not call.args:
        return call.with_changes(args=[arg])
    last = call.args[-1]
    arg = arg.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    last = last.with_changes(comma=_separator(call), whitespace_after_arg=cst.SimpleWhitespace(""))
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        last = last.with_changes(
            value=last.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        )
    return call.with_changes(args=[*call.args[:-1], last, arg])


def without_keyword(call: cst.Call, name: str) -> cst.Call:
    """The call without a keyword."""
    present = keyword_of(call, name)
    return call if present is None else without(call, present)


def without(call: cst.Call, gone: cst.Arg) -> cst.Call:
    """The call without one of its arguments; the last one left ends as the last one did."""
    args = [arg for arg in call.args if arg is not gone]
    if args and call.args[-1] is gone:
        ending = gone.comma, gone.whitespace_after_arg
        args[-1] = args[-1].with_changes(comma=ending[0], whitespace_after_arg=ending[1])
    return call.with_changes(args=args)


def _separator(call: cst.Call) -> cst.Comma:
    """The comma between two arguments, with the line break the call's others have."""
    between = [arg.comma for arg in call.args[:-1] if isinstance(arg.comma, cst.Comma)]
    space = between[-1].whitespace_after if between else call.whitespace_before_args
    if isinstance(space, cst.ParenthesizedWhitespace):
        plain = cst.ParenthesizedWhitespace(indent=space.indent, last_line=space.last_line)
        return cst.Comma(whitespace_after=plain)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def add_keyword(task: Task) -> Draft | None:
    """`add-keyword`: `keyword`=`value` in the call; a value that stands there is replaced."""
    spot = spot_of(task)
    name, value = task.request.argument("keyword"), read(task.request.argument("value"))
    call = None if spot is None else read(spot.text)
    if spot is None or not isinstance(call, cst.Call) or value is None or not name.isidentifier():
        return None
    return put(spot, show(with_keyword(call, name, value)))


def remove_keyword(task: Task) -> Draft | None:
    """`remove-keyword`: the call no longer passes `keyword`."""
    spot = spot_of(task)
    call = None if spot is None else read(spot.text)
    if spot is None or not isinstance(call, cst.Call):
        return None
    return put(spot, show(without_keyword(call, task.request.argument("keyword"))))


def rename_keyword(task: Task) -> Draft | None:
    """`rename-keyword`: the call passes `keyword` under the name `to`, unless it has one."""
    spot = spot_of(task)
    call = None if spot is None else read(spot.text)
    name, to = task.request.argument("keyword"), task.request.argument("to")
    if spot is None or not isinstance(call, cst.Call) or not to.isidentifier():
        return None
    present = keyword_of(call, name)
    if present is None or keyword_of(call, to) is not None:
        return None
    return put(spot, show(call.with_deep_changes(present, keyword=cst.Name(to))))


FORMS = (
    Form("add-keyword", add_keyword),
    Form("remove-keyword", remove_keyword),
    Form("rename-keyword", rename_keyword),
)
