"""Which texts are worth a look by the pattern rules; free of libcst, for every file is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

TRIGGERS: tuple[str, ...] = ("req", "backward", "step", "zero_grad")
"""Words without one of which no pattern rule can speak; `candidates` says where exactly."""

_FLAG = re.compile(r"(?<![^\W_])(?=[rR]\w*[qQ])\w*[gG]\w*[rRaA]\w*")
_UNCALLED = re.compile(
    r"\.[ \t]*(backward|step|zero_grad)(?=[ \t]*(?:;|#|[\r\n]|\Z))(?![ \t]*[\r\n]+[ \t]*\()"
)
_COMPARED = re.compile(r"\.requires_grad(?=[ \t]*==)")
_RIGHT = frozenset({"requires_grad"})


def candidates(text: str) -> Iterator[tuple[int, str]]:
    """Where a trigger stands, as (index into the text, word), and nothing that is clearly right."""
    for found in _FLAG.finditer(text):
        word = found.group()
        called = word == "requires_grad_" and text[found.end() :].lstrip()[:1] == "("
        if word not in _RIGHT and not called:
            yield found.start(), word
    for found in _COMPARED.finditer(text):
        yield found.start() + 1, "requires_grad"
    for found in _UNCALLED.finditer(text):
        yield found.start(1), found.group(1)


def triggered(text: str) -> bool:
    """Whether `patterns.matches` could find anything here."""
    return any(word in text for word in TRIGGERS) and next(candidates(text), None) is not None
