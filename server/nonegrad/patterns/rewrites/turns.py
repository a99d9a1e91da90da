"""What one turn of a loop leaves to the next: values without their graph, and a loss anew."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import delete, insert_after, insert_before
from nonegrad.patterns.names import may_bind
from nonegrad.patterns.place import Run, blocks, single, start_of
from nonegrad.patterns.rewrites.statements import carried, drafted
from nonegrad.text import Edit

Loop = ast.For | ast.AsyncFor | ast.While
_DETACHED = {
    "tensor": "{name} = {name}.detach()",
    "tuple": "{name} = tuple(state.detach() for state in {name})",
    "list": "{name} = [state.detach() for state in {name}]",
}


def detach_carried(task: Task) -> Draft | None:
    """`detach-carried`: after the backward() at the site, `states` keep their values only.

    `states` is `NAME:KIND,...` with the kinds `tensor`, `tuple` and `list`; of plain names those
    count that the loop reads before it binds them.
    """
    run = single(task.source, task.tree, task.site)
    loop = None if run is None else _loop_around(task, run)
    if run is None or loop is None:
        return None
    lines: list[str] = []
    for state in task.request.argument("states").split(","):
        name, _, kind = state.partition(":")
        if kind not in _DETACHED or not ("." in name or _handed_on(loop, name)):
            continue
        if not may_bind(run, name):
            return None
        lines.append(_DETACHED[kind].format(name=name))
    return drafted(insert_after(run, "\n".join(lines))) if lines else None


def _loop_around(task: Task, run: Run) -> Loop | None:
    """The innermost loop around a statement, in its own function."""
    inside = run.function if run.function is not None else task.tree
    return next(
        (
            node
            for node in sorted(
                (n for n in ast.walk(inside) if isinstance(n, ast.For | ast.AsyncFor | ast.While)),
                key=lambda each: start_of(task.source, each),
                reverse=True,
            )
            if node.lineno <= run.statement.lineno <= (node.body[-1].end_lineno or 0)
        ),
        None,
    )


def _handed_on(loop: Loop, name: str) -> bool:
    """Whether a turn binds the name, and the next one reads it before it binds it again."""
    reads, writes = _uses(loop.body, name)
    return bool(reads and writes) and min(reads) <= min(writes)


def _uses(body: Iterable[ast.stmt], name: str) -> tuple[list[int], list[int]]:
    """When a name is read and when it is bound, counted in the order of simple statements."""
    reads: list[int] = []
    writes: list[int] = []
    for moment, node in enumerate(_in_order(body)):
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id == name:
                stores = isinstance(part.ctx, ast.Store)
                (writes if stores else reads).append(moment)
                if stores and isinstance(node, ast.AugAssign) and part is node.target:
                    reads.append(moment)
    return reads, writes


def _in_order(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        inner = list(blocks(statement))
        if not inner:
            yield statement
            continue
        yield from (child for child in ast.iter_child_nodes(statement) if _is_header(child))
        for _, block in inner:
            yield from _in_order(block)


def _is_header(node: ast.AST) -> bool:
    return isinstance(node, ast.expr | ast.withitem)


def move_into_loop(task: Task) -> Draft | None:
    """`move-into-loop`: the statements before the loop that compute `loss` go into its body.

    Those move that bind one of the names `computed` (commas between) on the way to `loss`.
    """
    run = single(task.source, task.tree, task.site)
    loop = None if run is None else _loop_around(task, run)
    place = None if loop is None else _run_of(task, loop)
    if loop is None or place is None:
        return None
    computed = frozenset(task.request.argument("computed").split(","))
    chosen = _slice(place, task.request.argument("loss"), computed)
    if chosen is None or _in_the_way(place, loop, chosen):
        return None
    first = Run(task.source, loop, loop.body, 0, 0, place.function)
    edits: list[Edit] = []
    for index in chosen:
        one = Run(task.source, place.owner, place.statements, index, index, place.function)
        gone, put = delete(one), carried(one, lambda text: insert_before(first, text))
        if gone is None or put is None:
            return None
        edits += [*gone, *put]
    return Draft(tuple(edits))


def _run_of(task: Task, loop: Loop) -> Run | None:
    """The loop as a statement of its block."""
    waiting: list[tuple[ast.AST, list[ast.stmt]]] = [(task.tree, task.tree.body)]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    holder: dict[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    while waiting:
        owner, body = waiting.pop()
        for index, statement in enumerate(body):
            function = owner if isinstance(owner, functions) else holder.get(owner)
            if statement is loop:
                return Run(task.source, owner, body, index, index, function)
            for inner, block in blocks(statement):
                if function is not None:
                    holder.setdefault(inner, function)
                waiting.append((inner, block))
    return None


def _slice(place: Run, loss: str, computed: frozenset[str]) -> list[int] | None:
    """The statements before the loop that compute the loss from what is no computed tensor."""
    needed, chosen = {loss}, list[int]()
    for index in range(place.first - 1, -1, -1):
        statement = place.statements[index]
        bound = frozenset(_names(statement, ast.Store)) & needed & computed
        if not bound:
            continue
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            return None
        chosen.append(index)
        if not isinstance(statement, ast.AugAssign):
            needed -= bound
        needed |= frozenset(_names(statement, ast.Load))
    return chosen[::-1] if chosen and loss not in needed else None


def _in_the_way(place: Run, loop: Loop, chosen: list[int]) -> bool:
    """Whether what stays before the loop, or the loop itself, needs or changes what moves."""
    moved = {name for i in chosen for name in _names(place.statements[i], ast.Store)}
    read: set[str] = set()
    for index in range(chosen[0], place.first):
        statement = place.statements[index]
        if index in chosen:
            read |= {*_names(statement, ast.Load)} - moved
        elif (moved & {*_names(statement, ast.Load, ast.Store)}) or (
            read & {*_names(statement, ast.Store)}
        ):
            return True
    return bool(moved & {name for part in loop.body for name in _names(part, ast.Store)})


def _names(node: ast.AST, *kinds: type[ast.expr_context]) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, kinds):
            yield part.id


FORMS = (Form("detach-carried", detach_carried), Form("move-into-loop", move_into_loop))
