"""What backward of a custom Function gives for each input: its body is run as autograd will, in a
state that is dropped, for nothing of it has happened yet."""

from __future__ import annotations

import ast
from contextlib import contextmanager, nullcontext

from nonegrad.analysis.autograd import factories
from nonegrad.analysis.autograd.inputs import Operand
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Function, GradSwitch
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import calls, classes, functions, uncalled
from nonegrad.analysis.record import counted
from nonegrad.analysis.record.facts import Undifferentiated
from nonegrad.text import Site

NO_GRADIENT = "no_gradient"
ASKING = ("create_graph", "gradgradcheck", "functorch", "torch.func")
"""Words of programs that may run a backward with grad mode on."""


def none_for(
    m: Machine, addr: Addr, ctx: Value, result: Value, operands: list[Operand], node: ast.AST
) -> dict[int, Why]:
    """The inputs that backward certainly gives None for, each with what tells of it."""
    backward = classes.find_in_class(m, Ref(addr), "backward") or ANY
    atom = values.only(backward)
    function = m.at(atom.addr, Function) if isinstance(atom, Ref) else None
    if function is None or isinstance(function.node, ast.Lambda):
        return {}
    returns = counted.returns(function.node)
    forgotten = not returns and counted.falls_through(function.node)
    if not (returns or forgotten) or uncalled.runs_backward(function.node):
        return {}
    given = gradients(m, ctx, function, result, node)
    found: dict[int, Why] = {}
    for place, (operand, gradient) in enumerate(zip(operands, given, strict=False)):
        if gradient == values.NONE and operand.tensors:
            end = returns[-1] if returns else function.node.body[-1]
            frame, m.frame = m.frame, function.frame
            site, text = m.site(end), function.node.name if forgotten else m.text(end)
            kind = "told" if gave_none(m, m.site(function.node)) else NO_GRADIENT
            m.frame = frame
            held = counted.result(end) if forgotten else ""
            why = step(kind, site, text, (operand.tensors[0][1].why,), cut=True, held=held)
            m.recorder.cut_off(m, why, list(operand.tensors))
            found[place] = why
    return found


def fills_itself(m: Machine, addr: Addr) -> bool:
    """Whether backward of a Function runs a backward of its own, which fills what it gets to."""
    backward = classes.find_in_class(m, Ref(addr), "backward") or ANY
    found = [m.at(one, Function) for one in values.references(backward)]
    return any(one is not None and uncalled.runs_backward(one.node) for one in found)


def gradients(
    m: Machine, ctx: Value, backward: Function, result: Value, node: ast.AST
) -> tuple[Value, ...]:
    """What backward returns, one value an input; empty where that is not known."""
    atom = values.only(result)
    several = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if several is not None and several.rest is not None:
        return ()
    outputs = several.items if several is not None else (result,)
    before = m.s
    m.s = before.fork()
    once = not (m.assumed or m.uncalled) and not twice(m)
    backward = switched(m, backward, NO if once else MAYBE)
    loosen(m, ctx, {addr for output in outputs for addr in values.references(output)})
    try:
        with ahead(m, told=once):
            incoming = [
                factories.fresh(m, node, label=f"gradient{place}", dtype=None)
                for place in range(len(outputs))
            ]
            arguments = calls.Arguments([ctx, *incoming])
            return listed(m, functions.enter(m, backward, arguments, node))
    except Raised:
        return ()
    finally:
        m.s = before


def loosen(m: Machine, ctx: Value, outputs: set[Addr]) -> None:
    """Until backward runs, tensors that were put on ctx may be given gradients, or be told to keep
    theirs, and leaves may be switched; the outputs come back as they are in the graph."""
    pending = [ctx]
    while pending:
        for addr in values.references(pending.pop()):
            match m.s.get(addr):
                case Mapping(entries=entries):
                    pending += [value for _, value in entries]
                case Sequence(items=items):
                    pending += items
                case Tensor(is_leaf=Truth.NO) as tensor:
                    retains = join_truth(tensor.retains_grad, YES)
                    m.s.set(addr, replace(tensor, retains_grad=retains, grad=ANY))
                case Tensor() as tensor:
                    loose = replace(tensor, requires_grad=MAYBE, grad=ANY)
                    if addr in outputs:
                        loose = replace(loose, is_leaf=MAYBE, fn=frozenset({ANYWHERE, NOWHERE}))
                    m.s.set(addr, loose)
                case _:
                    pass


def gave_none(m: Machine, within: Site) -> bool:
    """Whether an autograd.grad in a function was found to give None."""
    nones = (
        fact.site
        for fact in m.recorder.raised.values()
        if isinstance(fact, Undifferentiated) and fact.reason == "none"
    )
    return any(within.around(site) for site in nones)


def listed(m: Machine, returned: Value) -> tuple[Value, ...]:
    """The gradients in what backward returned."""
    atom = values.only(returned)
    several = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if several is None:
        return (returned,)
    return several.items if several.rest is None else ()


def switched(m: Machine, backward: Function, mode: Truth) -> Function:
    """The function with the grad mode in which autograd calls it: off, unless somebody asks for a
    graph of the gradients."""
    frame, m.frame = m.frame, backward.frame
    switch = GradSwitch(mode, site=m.site(backward.node), text="backward")
    m.frame = frame
    key = ("backward", id(backward.node), mode)
    addr = m.addresses.setdefault(key, Addr(key, summary=False))
    m.s.set(addr, switch)
    return replace(backward, modes=(values.ref(addr), *backward.modes))


@contextmanager
def ahead(m: Machine, *, told: bool):
    """Run something that happens later, if ever: the order of events stays as it is."""
    seen = m.recorder
    order = (seen.last_backward, seen.backward_count, seen.stepping, list(seen.losses))
    entered = set(seen.entered)
    seen.within_function += 1
    try:
        with nullcontext() if told else m.silent():
            yield
    finally:
        seen.within_function -= 1
        seen.last_backward, seen.backward_count, seen.stepping, seen.losses = order
        if not told:
            seen.entered = entered


def twice(m: Machine) -> bool:
    """Whether the program may ask for the graph of a gradient."""
    sources = [frame.module.source for frame in m.loader.frames.values()]
    frame: Frame | None = m.frame
    while frame is not None:
        sources.append(frame.module.source)
        frame = frame.caller
    return any(word in source.text for source in dict.fromkeys(sources) for word in ASKING)
