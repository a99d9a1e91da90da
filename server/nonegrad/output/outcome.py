"""What every way of telling starts from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from nonegrad.options import SEVERITIES, Severity
from nonegrad.reading import STDIN, Document
from nonegrad.rules.base import Finding
from nonegrad.text import Fix


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with the fixes that apply to the text, the preferred one first."""

    finding: Finding
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file and everything found in it, with the severity its settings ask for."""

    document: Document
    told: tuple[Told, ...]
    severity: Severity

    def loud(self) -> Iterator[Told]:
        """What is severe enough to be told in text and to count for the exit status."""
        return (each for each in self.told if loud(each.finding, self.severity))


def loud(finding: Finding, severity: Severity) -> bool:
    """Whether a finding is at least that severe."""
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)


def near(filename: str) -> str:
    """A file as seen from the working directory, where it lies below it."""
    try:
        relative = os.path.relpath(filename)
    except ValueError:  # another drive of Windows
        return filename
    return filename if relative.startswith("..") else relative


def full(document: Document, filename: str) -> str:
    """The absolute name of a file; standard input is `-`."""
    same = filename == document.source.filename
    return STDIN if same and document.name == STDIN else filename


def shown(document: Document, filename: str) -> str:
    """A file as the user named it, others as seen from the working directory."""
    return document.name if filename == document.source.filename else near(filename)
