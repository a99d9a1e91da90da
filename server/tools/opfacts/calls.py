"""Calls that no list of samples in torch has: syntax, dunders, and what is written in Python.

Each line is an expression over the tensors of `bench`; its first name or operator tells what is
measured. Several lines with one callable are several samples of it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import torch

from opfacts.observe import Call


def bench(seed: int = 0) -> dict[str, torch.Tensor]:
    """Tensors to call things with."""
    torch.manual_seed(seed)
    rand = torch.rand
    double = torch.float64
    return {
        "a": rand(3, 3, dtype=double) + 0.5,
        "b": rand(3, 3, dtype=double) + 0.5,
        "c": rand(3, 3, dtype=double) + 0.5,
        "row": rand(3, dtype=double) + 0.5,
        "one": torch.tensor(0.7, dtype=double),
        "cube": rand(2, 3, 3, dtype=double) + 0.5,
        "mask": rand(3, 3) > 0.5,
        "other_mask": rand(3, 3) > 0.5,
        "at3": torch.tensor([0, 2, 1]),
        "unit": rand(3, 3, dtype=double) * 0.8 + 0.1,
        "sign": (rand(3, dtype=double) > 0.5).to(double) * 2 - 1,
        "volume": rand(1, 2, 8, 8, 8, dtype=double),
        "square": rand(4, 4, dtype=double),
        "single": rand(3, 3) + 0.5,
        "half": (rand(3, 3) + 0.5).half(),
        "count": torch.randint(1, 5, (3, 3)),
        "other_count": torch.randint(1, 5, (3, 3)),
        "at": torch.tensor([0, 2]),
        "image": rand(1, 4, 8, 8, dtype=double),
        "signal": rand(2, 4, 8, dtype=double),
    }


BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]
MATRIX = ["matmul"]
BITS = ["and_", "or_", "xor", "lshift", "rshift"]
COMPARE = ["eq", "ne", "lt", "le", "gt", "ge"]
UNARY = ["neg", "pos", "abs"]


def syntax() -> Iterator[Call]:
    """Operators as Python applies them, the number first too."""
    for seed in range(2):
        t = bench(seed)
        yield from _binary(t)
        yield from _bits(t)
        for name in UNARY:
            yield _call(name, t["a"])
            yield _call(name, t["row"])
        yield _call("invert", t["mask"])
        yield _call("invert", t["count"])
        for left, right in (("a", "b"), ("cube", "a"), ("a", "row"), ("row", "row")):
            yield _call("matmul", t[left], t[right])
            if left != "row" and right != "row":
                yield _call("imatmul", t[left], t[right])


def _binary(t: dict[str, torch.Tensor]) -> Iterator[Call]:
    tensors = [("a", "b"), ("a", "row"), ("a", "one"), ("one", "a"), ("cube", "a"), ("row", "row")]
    numbers: list[Any] = [2, 2.5, 3, True]
    for name in BINARY + COMPARE:
        for left, right in tensors:
            yield _call(name, t[left], t[right].clone())
        for number in numbers:
            yield _call(name, t["a"], number)
            if name not in COMPARE:
                yield _call(name, number, t["a"])
    for name in BINARY:
        for left, right in (("a", "b"), ("a", "row"), ("a", "one"), ("cube", "a")):
            yield _call(f"i{name}", t[left], t[right].clone())
        for number in numbers:
            yield _call(f"i{name}", t["a"], number)


def _bits(t: dict[str, torch.Tensor]) -> Iterator[Call]:
    for name in BITS:
        for prefix in ("", "i"):
            word = f"{prefix}{name.rstrip('_') if prefix else name}"
            yield _call(word, t["count"], t["other_count"])
            yield _call(word, t["count"], 1)
            if "shift" not in name:
                yield _call(word, t["mask"], t["other_mask"])
                yield _call(word, t["mask"], True)


def _call(name: str, *args: Any) -> Call:
    return Call(f"operator.{name}", getattr(operator, name), args)
