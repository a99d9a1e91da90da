"""Which texts are worth a look by the pattern rules; free of libcst, for every file is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

TRIGGERS: tuple[str, ...] = ("req", "Req", "backward", "step", "zero_grad")
"""Words without one of which no pattern rule can speak; `candidates` says where exactly."""

_WORD = re.compile(r"\b[rR]\w{0,8}[qQ]\w*[gG]\w*[rRaA]\w*")
_CALLED = re.compile(r"\s*\(")
_UNCALLED = re.compile(r"\.[ \t]*(backward|step|zero_grad)(?=[ \t]*(?:[;#\r\n]|\Z))")
_COMPARED = re.compile(r"\.requires_grad(?=[ \t]*==)")
_KIN = re.compile(r"requires?grad(?:s|ient|ients|ed)?\Z")
_CLOSE = 0.88


def misspells(word: str) -> bool:
    """Whether a name is not `requires_grad`, but was certainly meant to be."""
    if word == "requires_grad" or word.startswith("requires_grad_"):
        return False
    plain = word.lower().replace("_", "")
    if _KIN.match(plain):
        return True
    from difflib import SequenceMatcher

    return SequenceMatcher(None, plain, "requiresgrad").ratio() >= _CLOSE


def candidates(text: str) -> Iterator[tuple[int, str]]:
    """Where a trigger stands, as (index into the text, word), and nothing that is clearly right."""
    known: dict[str, bool] = {"requires_grad": False}
    for found in _WORD.finditer(text):
        word = found.group()
        if word == "requires_grad_":
            wrong = _CALLED.match(text, found.end()) is None
        else:
            if word not in known:
                known[word] = misspells(word)
            wrong = known[word]
        if wrong:
            yield found.start(), word
    for found in _COMPARED.finditer(text):
        yield found.start() + 1, "requires_grad"
    for found in _UNCALLED.finditer(text):
        yield found.start(1), found.group(1)


def triggered(text: str) -> bool:
    """Whether `patterns.matches` could find anything here."""
    return any(word in text for word in TRIGGERS) and next(candidates(text), None) is not None
