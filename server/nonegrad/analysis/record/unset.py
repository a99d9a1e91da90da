"""What backward of a custom Function reads of its context that nothing has put there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.analysis.domain.objects import Class
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record.counted import Definition, method
from nonegrad.analysis.record.facts import UnsetContext
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site

OF_TORCH = frozenset(
    """apply apply_boxed apply_jvp dirty_tensors mark_dirty mark_non_differentiable
    mark_shared_storage materialize_grads maybe_clear_saved_tensors metadata name needs_input_grad
    next_functions non_differentiable register_hook register_prehook requires_grad
    save_for_backward save_for_forward saved_for_forward saved_tensors saved_variables
    set_materialize_grads to_save sequence_nr input_metadata""".split()
)
"""What every context has."""


def note(m: Machine, thing: Class, made: Site, *, apart: bool) -> None:
    """Note a Function whose backward reads what is not there, for a backward that gets to it;
    `apart`: a method other than forward fills the context."""
    forward, backward = method(thing, "forward"), method(thing, "backward")
    setup = method(thing, "setup_context")
    if forward is None or backward is None or (setup is None and apart):
        return
    found = first_unset(setup or forward, backward)
    if found is None:
        return
    frame, m.frame = m.frame, thing.frame
    puts = setup or forward
    context, *given = [one.arg for one in (*puts.args.posonlyargs, *puts.args.args)]
    kept = found.attr in given and ast.unparse(found) == f"{context}.{found.attr}"
    first = m.site(puts.body[0]) if kept else None
    header = m.site(puts)
    if puts.body[0].lineno > header.row:
        header = header._replace(end_row=puts.body[0].lineno, end_column=1)
    fact = UnsetContext(m.site(found), thing.name, ast.unparse(found), header, first)
    m.frame = frame
    m.recorder.wrong_gradients[made] = fact


def first_unset(puts: Definition, backward: Definition) -> ast.Attribute | None:
    """The first read of backward on every run that finds nothing; None where somebody else may
    have put it there."""
    here, there = uses(puts), uses(backward)
    if here is None or there is None:
        return None
    put = {one.attr for one in (*here, *there) if not isinstance(one.ctx, ast.Load)}
    known = put | OF_TORCH
    reads = (one for one in surely(backward) if one in there)
    return next((one for one in reads if one.attr not in known and one.attr[0] != "_"), None)


def uses(function: Definition) -> list[ast.Attribute] | None:
    """The attributes of the context that a method names; None where the context itself goes
    elsewhere."""
    given = [*function.args.posonlyargs, *function.args.args]
    if not given:
        return None
    name = given[0].arg
    nodes = [node for one in function.body for node in walking.walk(one)]
    named = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ]
    bare = sum(isinstance(node, ast.Name) and node.id == name for node in nodes)
    return named if bare == len(named) else None


def surely(function: Definition) -> Iterator[ast.Attribute]:
    """The attributes that a method reads whatever happens, up to the first branch."""
    for statement in function.body:
        if not isinstance(
            statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return
        ):
            return
        waiting: list[ast.AST] = [statement]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                yield node
            if not isinstance(node, PERHAPS):
                waiting[:0] = ast.iter_child_nodes(node)
        if isinstance(statement, ast.Return):
            return


PERHAPS = (
    *(ast.IfExp, ast.BoolOp, ast.Compare, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""What may leave a part of itself out."""
