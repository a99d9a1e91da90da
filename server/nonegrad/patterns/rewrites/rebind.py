"""An in-place write as a new tensor under the old name."""

from __future__ import annotations

import ast
import re

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import delete, edit, insert_after, insert_before, line_end
from nonegrad.patterns.names import may_bind
from nonegrad.patterns.place import Run, compound, cut, path_to, single
from nonegrad.patterns.rewrites.expressions import Spot, put
from nonegrad.patterns.rewrites.spelled_out import spelled_out
from nonegrad.patterns.rewrites.statements import carried, drafted, statement_at
from nonegrad.patterns.rewrites.twins import as_statement, as_value, is_target, written_through
from nonegrad.patterns.syntax import exchange, read, read_statement
from nonegrad.text import Edit

_NOQA = re.compile(r"#[ \t]*noqa\b(?P<codes>[ \t]*:[ \t]*[A-Z]+\d+(?:[, \t]+[A-Z]+\d+)*)?", re.I)
_CODE = "PLR6104"
_REASON = "in place, autograd would lose the value it saved"


def rebind(task: Task) -> Draft | None:
    """`rebind`: what the site writes in place becomes a new tensor under the same name.

    The site is an augmented assignment, a statement that calls `y.op_()`, or such a call inside
    one. A write through a slice keeps its form and gets `y = y.clone()` before it; the title
    says so. `noqa`=`1` adds a reasoned `# noqa: PLR6104`. `retain`=`row:col` is a
    `y.retain_grad()` before it, which moves behind it. `torch`: the module's name here.
    `base`=`container` or `tensor` says what a subscripted target subscripts.
    """
    run = single(task.source, task.tree, task.site)
    if run is None or compound(run.statement):
        return None if run is None else _in_expression(task, run)
    name = _cloned(task, run)
    if name is not None:
        if not may_bind(run, name):
            return None
        clone = f"{name} = {name}.clone()"
        first = drafted(insert_before(run, clone))
        return (
            None
            if first is None
            else _retained(task, run, first, f"Insert `{clone}` before the write into it")
        )
    text = _statement_form(task, run)
    if text is None:
        return _in_expression(task, run)
    draft = drafted(exchange(task.source, run.statement, text))
    if draft is None:
        return None
    if task.request.argument("noqa"):
        draft = Draft((*draft.edits, *_suppressed(run)))
    retained = _retained(task, run, draft, None)
    if retained is None or _keeps_dtype(run.statement):
        return retained
    return Draft(retained.edits, retained.title, "its dtype may change")


def _keeps_dtype(statement: ast.stmt) -> bool:
    """Whether the operands are plain numbers, so that a new tensor has the dtype of the old one."""
    match statement:
        case ast.AugAssign(value=value):
            operands = [value]
        case ast.Expr(value=ast.Call(args=args, keywords=keywords)):
            operands = [*args, *(keyword.value for keyword in keywords)]
        case _:
            return False
    return all(_number(operand) for operand in operands)


def _number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes | complex)


def _statement_form(task: Task, run: Run) -> str | None:
    statement = read_statement(cut(task.source, run.statement))
    if isinstance(statement, cst.AugAssign):
        container = task.request.argument("base") == "container"
        fits = is_target(statement.target, container=container)
        return spelled_out(statement) if fits else None
    if not isinstance(statement, cst.Expr):
        return None
    text = as_statement(statement.value, task.torch)
    return text if text is not None and may_bind(run, text.partition(" =")[0]) else None


def _cloned(task: Task, run: Run) -> str | None:
    """The tensor that a write through a slice, a mask or a view of it changes."""
    base = task.request.argument("base")
    written: ast.expr | None = None
    match run.statement:
        case ast.AugAssign(target=ast.Subscript() as target):
            written = target
        case ast.Assign(targets=[ast.Subscript() as target]):
            written = target
        case ast.Expr(value=ast.Call() as call):
            written = call
        case _:
            pass
    node = None if written is None else read(cut(task.source, written))
    if node is None or base == "container":
        return None
    return written_through(node, certain=base == "tensor")


def _in_expression(task: Task, run: Run) -> Draft | None:
    """`z = y.add_(1)`: the call alone becomes `y.add(1)`."""
    path: tuple[ast.AST, ...] | None = path_to(task.source, run, task.site)
    if path is None:
        match run.statement:
            case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
                path = (run.statement, value)
            case _:
                return None
    end = path[-1]
    if not isinstance(end, ast.expr) or (isinstance(run.statement, ast.Expr) and len(path) == 2):
        return None
    spot = Spot(run, path, end)
    node = read(spot.text)
    text = None if node is None else as_value(node, task.torch)
    return None if text is None else put(spot, text)


def _retained(task: Task, run: Run, draft: Draft, title: str | None) -> Draft | None:
    """The draft, and with it the `retain_grad()` that it would lose, moved behind the write."""
    where = task.request.argument("retain")
    if not where:
        return Draft(draft.edits, title)
    retained = statement_at(task, where)
    if retained is None or retained.end > run.start or compound(retained.statement):
        return None
    put = carried(retained, lambda text: insert_after(run, text))
    moved = drafted(draft.edits, delete(retained), put)
    return None if moved is None else Draft(moved.edits, title)


def _suppressed(run: Run) -> tuple[Edit, ...]:
    """The comment that keeps ruff from asking for the in-place form again."""
    source = run.source
    row = source.position(run.start)[0]
    opened = source.line(row).rstrip().endswith(("(", "[", "{", ","))
    end = line_end(source, run.start if opened else run.end)
    comment = source.text[run.end : end].find("#") if not opened else -1
    present = _NOQA.search(source.text, run.end + comment, end) if comment >= 0 else None
    if present is None:
        return (edit(source, end, end, f"  # noqa: {_CODE}  # {_REASON}"),)
    codes = present.group("codes")
    if codes is None or _CODE in codes:
        return ()
    return (edit(source, present.end(), present.end(), f", {_CODE}"),)


FORMS = (Form("rebind", rebind),)
