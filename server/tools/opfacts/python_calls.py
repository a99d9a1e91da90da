"""Calls of what torch has no samples of, written as Python; `x.f()` is a sample of `Tensor.f`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch

from opfacts import surface
from opfacts.calls import bench
from opfacts.observe import Call

LINES = Path(__file__).with_name("python_calls.txt")


def all_calls() -> Iterator[Call]:
    """Every line of the file, over two draws of the tensors."""
    for seed in range(2):
        for line in LINES.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield read(line, seed)


def read(line: str, seed: int = 0) -> Call:
    """One line as a call."""
    names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional, **bench(seed)}
    node = ast.parse(line, mode="eval").body
    assert isinstance(node, ast.Call), line
    evaluate = partial(_evaluate, names=names)
    args = [evaluate(a) for a in node.args]
    kwargs = {k.arg: evaluate(k.value) for k in node.keywords if k.arg is not None}
    spelling = ast.unparse(node.func)
    owner, _, name = spelling.partition(".")
    if owner == "F":
        spelling = f"torch.nn.functional.{name}"
    elif owner != "torch":
        args.insert(0, names[owner])
        spelling = f"Tensor.{name}"
    return Call(spelling, surface.function(spelling), tuple(args), kwargs)


def _evaluate(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), names)
