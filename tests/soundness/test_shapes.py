"""Shapes that the analysis knows of are those that torch gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from nonegrad.analysis.domain.heap import Shape
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.program import interpret
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.text import Source

PROGRAM = Path(__file__).with_name("shapes.txt").read_text()
"""Statements of one line; each name that begins with `r` is compared."""


def test_what_is_known_of_shapes_is_so(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, list[Shape | None]] = {}

    def named(_: Recorder, m: Machine, name: str, value: Value, statement: ast.AST) -> None:
        found = m.tensors(value)
        if found and len(found) == len(value):
            known[name] = [tensor.shape for _, tensor in found]

    monkeypatch.setattr(Recorder, "named_later", named)
    interpret(Source("shapes.py", PROGRAM), ast.parse(PROGRAM).body)
    names: dict[str, object] = {}
    exec(PROGRAM, names)
    compared = [name for name in names if name[0] == "r" and name[1:].isdigit()]
    exact = 0
    for name in compared:
        real = tuple(getattr(names[name], "shape"))  # noqa: B009
        shapes = known.get(name, [None])
        assert any(shape is None or covers(shape, real) for shape in shapes), (name, real, shapes)
        exact += shapes == [real]
    assert exact > 0.7 * len(compared), "most of them are known"


def covers(shape: Shape, real: tuple[int, ...]) -> bool:
    """Whether a shape may be the one there is."""
    if len(shape) != len(real):
        return False
    return all(size in (None, own) for size, own in zip(shape, real, strict=True))
