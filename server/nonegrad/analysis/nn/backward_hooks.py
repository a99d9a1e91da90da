"""Full backward hooks: what a module with one gets and gives passes through a Function of torch's
own, which makes views of it that refuse writes in place."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import inputs, outputs
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import names_of
from nonegrad.analysis.domain.heap import Node, Sequence
from nonegrad.analysis.domain.objects import Function, Instance, Opaque
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, NONE, Addr, Atom, Bound, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls
from nonegrad.analysis.syntax import walking

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

HOOKED = "(backward hooks)"
"""The attribute of a module that says whether it has such hooks; no name is written so."""
HANDLE = "hook handle"
NODE = "BackwardHookFunctionBackward"


def register(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """register_full_backward_hook and register_full_backward_pre_hook."""
    hook = given.get(0, "hook")
    kept = None if hook is None else kept_by(m, hook)
    if kept is None:
        calls.unknown(m, given, node)
    for value in kept or ():
        escapes.escape(m, value)
    now = m.at(addr, Instance)
    if now is not None:
        m.put(addr, now.with_attribute(HOOKED, values.TRUE))
    return m.make(node, "handle", Opaque(HANDLE, (values.ref(addr),)))


PLAIN = frozenset(
    """detach clone cpu mean sum abs norm item numpy append size dim print len str float isinstance
    type""".split()
)
"""What a hook may call that does nothing to the program but put something into a container."""
QUIET = (ast.Assign, ast.Expr, ast.Return, ast.Pass, ast.If)


def kept_by(m: Machine, hook: Value) -> list[Value] | None:
    """What a hook that only puts gradients away may change: its containers, and, made unknown right
    here, the attributes that it sets. None where it does more, or is not known."""
    atom = values.only(hook)
    owner = atom.receiver if isinstance(atom, Bound) else None
    target = atom.function if isinstance(atom, Bound) else atom
    function = m.at(target.addr, Function) if isinstance(target, Ref) else None
    if function is None or function.opaque:
        return None
    if isinstance(function.node, ast.Lambda):
        return [] if isinstance(function.node.body, ast.Constant) else None
    own = function.node.args.args[0].arg if owner is not None and function.node.args.args else ""
    instance = m.at(owner.addr, Instance) if isinstance(owner, Ref) else None
    if owner is not None and (instance is None or (instance.is_module and not own)):
        return None
    for part in walking.walk(*function.node.body):
        if isinstance(part, ast.stmt) and not isinstance(part, QUIET):
            return None
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            if (part.func.id if isinstance(part.func, ast.Name) else name) not in PLAIN:
                return None
    return changed(m, function, own, owner)


def changed(m: Machine, function: Function, own: str, owner: Atom | None) -> list[Value] | None:
    """The containers that a hook's statements write to."""
    found: list[Value] = []
    for part in walking.walk(*function.node.body if isinstance(function.node.body, list) else ()):
        match part:
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()):
                thing = m.at(owner.addr, Instance) if isinstance(owner, Ref) else None
                if name != own or thing is None or not isinstance(owner, Ref):
                    return None
                m.put(owner.addr, thing.with_attribute(attr, ANY))
            case (
                ast.Subscript(value=held, ctx=ast.Store())
                | ast.Call(func=ast.Attribute(value=held, attr="append"))
            ):
                value = container(m, function, held, own, owner)
                if value is None:
                    return None
                found.append(value)
            case ast.Attribute(ctx=ast.Store()):
                return None
            case _:
                pass
    return found


def container(
    m: Machine, function: Function, held: ast.expr, own: str, owner: Atom | None
) -> Value | None:
    """The list or dict that an expression of a hook names."""
    match held:
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == own:
            thing = m.at(owner.addr, Instance) if isinstance(owner, Ref) else None
            return None if thing is None else thing.get(attr)
        case ast.Name(id=name) if name not in names_of(function.node).bound:
            frame = function.frame.holder(name)
            value = None if frame is None else m.s.get((id(frame), name))
            return value if values.is_value(value) else None
        case _:
            return None


def remove(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """HANDLE.remove(): whether the module has other hooks is not counted."""
    loosen(m, thing)
    return values.NONE


def loosen(m: Machine, handle: Opaque) -> None:
    """The hook of a handle may be gone."""
    for part in handle.parts:
        for addr in values.references(part):
            module = m.at(addr, Instance)
            if module is not None and module.get(HOOKED) is not None:
                m.s.set(addr, module.with_attribute(HOOKED, values.BOOL))


def around(m: Machine, thing: Instance) -> bool:
    """Whether calls of a module certainly pass through its hooks."""
    return thing.get(HOOKED) == values.TRUE and not thing.open and m.grad_mode is YES


def entering(m: Machine, thing: Instance, given: Arguments, node: ast.AST) -> Arguments:
    """The arguments as forward gets them."""
    if not around(m, thing):
        return given
    args = [passed(m, value, node, f"in{place}") for place, value in enumerate(given.args)]
    return calls.replace_args(given, args)


def leaving(m: Machine, thing: Instance, result: Value, node: ast.AST) -> Value:
    """The result as the caller gets it: a tensor, or those right inside a tuple."""
    if not around(m, thing):
        return result
    atom = values.only(result)
    several = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if several is None:
        return passed(m, result, node, "out")
    if several.kind != "tuple" or several.rest is not None:
        return result
    items = [passed(m, item, node, f"out{place}") for place, item in enumerate(several.items)]
    return m.make(node, "hooked", replace(several, items=tuple(items)))


def passed(m: Machine, value: Value, node: ast.AST, label: str) -> Value:
    """A tensor behind the hook: a view of it, with a node of its own."""
    atom = values.only(value)
    tensor = m.tensor(atom.addr) if isinstance(atom, Ref) else None
    if tensor is None or not isinstance(atom, Ref) or tensor.requires_grad is not YES:
        return value
    edge = frozenset(inputs.tensor_targets(atom.addr, tensor))
    step = m.new(node, f"hook:{label}:fn", Node(NODE, (edge,), site=m.site(node)))
    bases = tensor.base or frozenset({atom.addr})
    made = replace(
        tensor,
        is_leaf=NO,
        retains_grad=NO,
        fn=frozenset({step}),
        base=bases,
        view="multi",
        grad=NONE,
        grad_why=None,
        is_parameter=NO,
        views=frozenset[Addr](),
    )
    view = m.new(node, f"hook:{label}", made)
    outputs.note_view(m, view, bases, tensor.counter)
    return values.ref(view)
