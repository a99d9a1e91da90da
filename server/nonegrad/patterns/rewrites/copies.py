"""A tensor itself, where the program goes on with a copy of it."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import insert_before
from nonegrad.patterns.place import Run, cut, single
from nonegrad.patterns.rewrites.expressions import put, spot_of
from nonegrad.patterns.rewrites.statements import drafted, without
from nonegrad.patterns.syntax import exchange
from nonegrad.text import LINE_END, Edit

_COPYING = frozenset({"clone", "detach", "requires_grad_", "data", "contiguous"})
_WRAPPING = frozenset({"Variable", "tensor", "clone", "Parameter"})


def drop_copy(task: Task) -> Draft | None:
    """`drop-copy`: the statement `x = x.clone().detach().requires_grad_()` goes."""
    run = single(task.source, task.tree, task.site)
    match run.statement if run is not None else None:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case _:
            return None
    if run is None or not _copies(value, name) or isinstance(value, ast.Name):
        return None
    return drafted(without(task, run))


def _copies(node: ast.expr, name: str) -> bool:
    """Whether an expression is a copy of what the name holds, with the same numbers."""
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Call(func=ast.Attribute(attr="detach" | "clone", value=ast.Name(id="torch"))):
            return bool(node.args) and _copies(node.args[0], name)
        case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in _COPYING:
            return _copies(value, name)
        case ast.Attribute(attr="data", value=value):
            return _copies(value, name)
        case ast.Call(func=ast.Attribute(attr=attr) | ast.Name(id=attr)) if attr in _WRAPPING:
            return bool(node.args) and _copies(node.args[0], name)
        case _:
            return False


def plain_attribute(task: Task) -> Draft | None:
    """`plain-attribute`: `layer.weight = nn.Parameter(EXPR)` keeps the graph of EXPR.

    A module takes no plain tensor over a registered parameter, so the parameter is deleted
    before: `del layer.weight`. Under a plain name `nn.Parameter(EXPR)` just becomes EXPR.
    """
    spot = spot_of(task)
    if spot is None or not isinstance(spot.node, ast.Call) or not spot.node.args:
        return None
    text = LINE_END.sub("\n", cut(task.source, spot.node.args[0]))
    match spot.run.statement:
        case ast.Assign(targets=[ast.Attribute() as target], value=value) if value is spot.node:
            pass
        case ast.Assign(targets=[ast.Name()], value=value) if value is spot.node:
            return put(spot, text)
        case _:
            return None
    if not _is_there(task, target, spot.run):
        return None
    name = cut(task.source, target)
    kept, gone = put(spot, text), insert_before(spot.run, f"del {name}")
    if kept is None or gone is None:
        return None
    title = f"Keep the graph: a plain tensor as `{name}`, after `del {name}`"
    return Draft((*gone, *kept.edits), title, "no parameter any more")


def functional_call(task: Task) -> Draft | None:
    """`functional-call`: after `layer.weight = nn.Parameter(EXPR)` the one call `layer(x)` in the
    next statement becomes `torch.func.functional_call(layer, {"weight": weight}, (x,))`, with
    `weight = EXPR` before it."""
    spot = spot_of(task)
    if spot is None or not isinstance(spot.node, ast.Call) or not spot.node.args:
        return None
    run = spot.run
    match run.statement:
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name) as target], value=value) if (
            value is spot.node
        ):
            pass
        case _:
            return None
    after = run.statements[run.last + 1 : run.last + 2]
    if ast.unparse(owner) == "self" or not after or not _imports_torch(task.tree):
        return None
    found = [node for node in ast.walk(after[0]) if _calls(node, owner)]
    if not isinstance(after[0], ast.Return | ast.Assign | ast.Expr) or len(found) != 1:
        return None
    call = found[0]
    if not isinstance(call, ast.Call) or call.keywords or not call.args:
        return None
    taken = {node.id for node in ast.walk(run.function or task.tree) if isinstance(node, ast.Name)}
    given = {node.arg for node in ast.walk(run.function or task.tree) if isinstance(node, ast.arg)}
    free = (one for one in (name, f"new_{name}") if one not in taken | given)
    bound = next(free, f"computed_{name}")
    text = _functional(task, call, owner, f'{{"{name}": {bound}}}')
    parts = (
        exchange(task.source, target, bound),
        put(spot, LINE_END.sub("\n", cut(task.source, spot.node.args[0]))),
        exchange(task.source, call, text),
    )
    edits: list[Edit] = []
    for part in parts:
        if part is None:
            return None
        edits += part.edits if isinstance(part, Draft) else part
    return Draft(tuple(edits))


def call_with_state(task: Task) -> Draft | None:
    """`call-with-state`: `model.load_state_dict(state)` goes, and the one call `model(x)` in the
    next statement becomes `torch.func.functional_call(model, state, (x,))`."""
    run = single(task.source, task.tree, task.site)
    if run is None or not _imports_torch(task.tree):
        return None
    after = run.statements[run.last + 1 : run.last + 2]
    match run.statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="load_state_dict", value=owner), args=[state], keywords=[]
            )
        ):
            found = [node for one in after for node in ast.walk(one) if _calls(node, owner)]
        case _:
            return None
    call = found[0] if len(found) == 1 else None
    if not isinstance(call, ast.Call) or call.keywords or not call.args:
        return None
    tensors = LINE_END.sub("\n", cut(task.source, state))
    called = exchange(task.source, call, _functional(task, call, owner, tensors))
    gone = without(task, run)
    return None if called is None or gone is None else Draft((*gone, *called))


def _functional(task: Task, call: ast.Call, owner: ast.expr, tensors: str) -> str:
    """A call of a model as one with other tensors in the place of its own."""
    model, *args = (LINE_END.sub("\n", cut(task.source, one)) for one in (owner, *call.args))
    comma = "," if len(args) == 1 else ""
    return f"torch.func.functional_call({model}, {tensors}, ({', '.join(args)}{comma}))"


def _calls(node: ast.AST, owner: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == ast.unparse(owner)


def _imports_torch(tree: ast.AST) -> bool:
    """Whether the name `torch` is there."""
    return any(
        isinstance(node, ast.Import)
        and any(one.asname is None and one.name.partition(".")[0] == "torch" for one in node.names)
        for node in ast.walk(tree)
    )


def _is_there(task: Task, target: ast.Attribute, run: Run) -> bool:
    """Whether the attribute certainly is bound before the statement runs for the first time."""
    if run.function is not None and run.function.name == "__init__":
        return False
    if target.attr in ("weight", "bias") and ast.unparse(target.value) != "self":
        return True
    spelled = ast.unparse(target)
    return any(
        isinstance(node, ast.Assign)
        and node is not run.statement
        and any(ast.unparse(each) == spelled for each in node.targets)
        for node in ast.walk(task.tree)
    )


FORMS = (
    Form("drop-copy", drop_copy),
    Form("plain-attribute", plain_attribute),
    Form("functional-call", functional_call),
    Form("call-with-state", call_with_state),
)
