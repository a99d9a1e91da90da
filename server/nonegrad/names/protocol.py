"""What the analysis may ask about names of other files; jedi answers, or nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name of another file is defined, as jedi finds it.

    For a module, class or function, `full_name` is its dotted name (`losses.contrastive`), `path`
    the file to read, or None where there is none to read (a namespace package, compiled, built
    in), and `row` its first row, that of the `def` or `class` line, below any decorators.

    For an instance, `full_name` is the dotted name of its class as jedi guesses it, else empty;
    `path` and `row` are the place that binds the name, so that the right side can be read there.

    What another file imports from torch or numpy keeps the dotted name it was imported by
    (`torch.nn`), without a path; its kind is then a guess by its spelling.
    """

    kind: Literal["module", "class", "function", "instance"]
    full_name: str
    path: str | None
    row: int


class Names(Protocol):
    """Answers from what is known so far in the editor, after a wait on the command line."""

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        """What `from MODULE import NAME` binds; the module itself where `name` is None.

        `importer` is the file that holds the import; `module` is dotted as written, with its
        leading dots for a relative import. None: not known, not known yet, or not the same on
        every run (two definitions of one name).
        """
        ...

    def read(self, path: str) -> str | None:
        """The text of a file that a Definition names; an open buffer wins over the disk."""
        ...
