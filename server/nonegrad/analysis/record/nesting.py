"""How a value nests: the layout of lists of tensors and numbers, as rewrites need to know it."""

from __future__ import annotations

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.values import Atom, Const, Ref, Scalar, Value
from nonegrad.analysis.machine import Machine

DEEPEST = 4
LONGEST = 200
NUMBERS = frozenset({"int", "float", "bool", values.NUMPY_FLOAT})


def layout(m: Machine, value: Value, depth: int = 0) -> str:
    """`s` for a tensor without a dimension, `t` for any other, `n` for a number; `[sn]` for a
    list or tuple of such, `[s*]` for one of unknown length. Empty where something is not known.
    """
    found = {_layout(m, atom, depth) for atom in value}
    if found == {"s", "t"}:
        return "t"
    return next(iter(found)) if len(found) == 1 else ""


def _layout(m: Machine, atom: Atom, depth: int) -> str:
    match atom:
        case Const(kind=kind) | Scalar(kind=kind) if kind in NUMBERS:
            return "n"
        case Ref(addr=addr):
            thing = m.s.get(addr)
        case _:
            return ""
    if isinstance(thing, Tensor):
        return "s" if thing.shape == () else "t"
    if not isinstance(thing, Sequence) or thing.kind not in ("list", "tuple") or depth >= DEEPEST:
        return ""
    parts = [layout(m, item, depth + 1) for item in thing.items]
    if thing.rest is not None:
        rest = layout(m, thing.rest, depth + 1)
        return f"[{rest}*]" if rest and all(part == rest for part in parts) else ""
    whole = f"[{''.join(parts)}]"
    return whole if parts and all(parts) and len(whole) <= LONGEST else ""
