"""What carries a graph over the end of a loop's turn: names and attributes the next turn reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.analysis.autograd.reaching import Reach, reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import NO
from nonegrad.analysis.domain.values import Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.parts import Held

DEEPEST = 2
"""How far attributes of attributes are followed."""


def states(m: Machine, crossing: Addr) -> tuple[Held, ...]:
    """What holds a tensor computed from the step that leads into the graph of the turn before."""
    found = [each for each in held(m) if depends(m, each[1], crossing)]
    record = m.node(crossing)
    text = peeking.text_at(m, record.site) if record is not None and record.site else ""
    named = [each for each in found if each[0].name.rpartition(".")[2] in text]
    return tuple(each for each, _ in named or found)


def rests_on_it(m: Machine, found: Reach) -> bool:
    """Whether a backward gets to its leaves only through what an earlier one has freed."""
    for addr in found.nodes:
        record = m.node(addr)
        if record is None or record.freed_at is not None:
            continue
        if any(target in found.leaves for edge in record.edges for target in edge):
            return False
    return not found.anywhere


def computed(m: Machine) -> tuple[str, ...]:
    """The variables in reach whose tensors were computed within a graph."""
    return tuple(
        each.name
        for each, tensors in held(m)
        if "." not in each.name
        and any(one.is_leaf is NO and one.requires_grad is not NO for one in tensors)
    )


def held(m: Machine) -> Iterator[tuple[Held, list[Tensor]]]:
    """Everything by name that holds tensors and nothing else."""
    seen: set[str] = set()
    frame: Frame | None = m.frame
    while frame is not None:
        for name in sorted(frame.names.bound - seen):
            value = m.lookup(name)
            if value is not None:
                yield from inside(m, name, value, 0)
        seen |= frame.names.bound
        frame = frame.parent


def inside(m: Machine, path: str, value: Value, depth: int) -> Iterator[tuple[Held, list[Tensor]]]:
    atom = values.only(value)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    match thing:
        case Tensor():
            yield Held(path, "tensor"), [thing]
        case Sequence(kind="tuple" | "list" as kind, items=items, rest=rest, fields=()):
            parts = [*items, *(() if rest is None else (rest,))]
            found = [m.tensors(part) for part in parts]
            if all(len(one) == len(part) for one, part in zip(found, parts, strict=True)):
                yield Held(path, kind), [tensor for each in found for _, tensor in each]
        case Instance() if depth < DEEPEST:
            for name, inner in thing.attributes:
                if name.isidentifier() and thing.role(name) in ("plain", "module", "buffer"):
                    yield from inside(m, f"{path}.{name}", inner, depth + 1)
        case _:
            pass


def depends(m: Machine, tensors: list[Tensor], crossing: Addr) -> bool:
    """Whether the graph of one of them holds the step."""
    return any(crossing in reach(m, tensor.fn).nodes for tensor in tensors)


def receiver(node: ast.AST) -> str:
    """The name that backward() is called on, where it is one."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="backward")):
            return name
        case _:
            return ""
