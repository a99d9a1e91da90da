"""Operators by the names users write."""

from __future__ import annotations


def spoken(spelling: str) -> str:
    """The operator as users write it: `exp`, `relu`, `+`."""
    name = spelling.rpartition(".")[2]
    if spelling.startswith("operator."):
        return SYMBOLS.get(name, name)
    return name


SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@", "neg": "-", "iadd": "+=", "isub": "-=", "imul": "*=", "itruediv": "/=",
    "ipow": "**=", "imod": "%=", "ifloordiv": "//=", "imatmul": "@=", "getitem": "indexing",
    "setitem": "index assignment", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==",
    "ne": "!=", "and_": "&", "or_": "|", "xor": "^", "invert": "~",
}  # fmt: skip
