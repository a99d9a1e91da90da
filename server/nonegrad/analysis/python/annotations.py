"""What an annotation says of a parameter that nobody passes."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.objects import Class
from nonegrad.analysis.domain.values import ANY, Ref, Sym, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import expressions

NUMBERS = frozenset({"int", "float", "bool", "str"})
TENSORS = frozenset({"torch.Tensor", "torch.FloatTensor", "torch.LongTensor", "Tensor"})


def value_of(m: Machine, arg: ast.arg, frame: Frame) -> Value:
    """The value of a parameter by its annotation alone."""
    if arg.annotation is None:
        return ANY
    annotation: ast.expr = arg.annotation
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError):
            return ANY
    if not isinstance(annotation, (ast.Name, ast.Attribute)):
        return ANY
    outer = m.frame
    m.frame = frame
    try:
        with m.silent():
            found = expressions.evaluate(m, annotation)
    finally:
        m.frame = outer
    atom = values.only(found)
    match atom:
        case Sym(path=path) if path in NUMBERS:
            return values.scalar(path)
        case Sym(path=path) if path in TENSORS:
            return escapes.unknown_tensor(m, arg, "argument")
        case Ref(addr=addr) if isinstance(m.s.get(addr), Class):
            return ANY
        case _:
            return ANY
