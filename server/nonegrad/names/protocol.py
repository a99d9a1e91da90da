"""What the analysis may ask about names of other files; jedi answers, or nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name of another file is defined, as jedi infers it.

    `full_name` is dotted (`losses.contrastive`, `torch.Tensor`); `path` is the file to read, or
    None where there is none to read (compiled, built in).
    """

    kind: Literal["module", "class", "function", "instance"]
    full_name: str
    path: str | None
    row: int


class Names(Protocol):
    """Answers at once: in the editor from what is known so far, on the command line after a wait."""

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        """What `from MODULE import NAME` (or `import MODULE` where `name` is None) binds.

        `importer` is the file that holds the import; `module` is dotted as written, with its
        leading dots for a relative import. None: not known, or not known yet.
        """
        ...

    def read(self, path: str) -> str | None:
        """The text of a file that a Definition names; an open buffer wins over the disk."""
        ...
