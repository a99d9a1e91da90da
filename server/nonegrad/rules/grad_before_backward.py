"""`.grad` read before any backward().

## What it does
Finds reads of `.grad` that give None: no backward() has run yet.

## Why it matters
The value is None on every run, without any warning.

## Limits
Silent where another path may have filled it.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import GradRead
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "before-backward":
        return
    related = (Related(read.backward, "the backward() before the read"),) if read.backward else ()
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        read.site,
        f"`{read.owner}.grad` is None here: no backward() has run yet",
        related,
    )


RULE = Rule("grad-before-backward", "`.grad` read before any backward()", "warning", GradRead, check, __doc__ or "")
