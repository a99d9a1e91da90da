"""What the rules about `.grad` reads share."""

from __future__ import annotations

from nonegrad.analysis.record.facts import GradRead
from nonegrad.options import Severity
from nonegrad.text import Rewrite


def loudness(read: GradRead) -> Severity:
    """A None that is read is a warning; one that is used at once ends the program there."""
    return "error" if read.raises else "warning"


def guarded(read: GradRead) -> tuple[Rewrite, ...]:
    """A statement that the None ends, run only where there is a gradient."""
    if not read.raises:
        return ()
    title = f"Skip it while there is no gradient: `if {read.owner}.grad is not None:`"
    return (Rewrite("guard-grad", read.site, title),)


def used(read: GradRead) -> str:
    """What comes of the None, where that is certain."""
    return " It is used here at once, which raises." if read.raises else ""
