"""A pasted error: its message and the lines it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FRAME = re.compile(r'^\s*File "(?P<file>[^"\n]+)", line (?P<row>\d+)', re.M)
_JUPYTER = re.compile(r"^\s*File (?P<file>[^\s:\"]+):(?P<row>\d+)", re.M)
_ARROW = re.compile(r"^-+> *(?P<row>\d+)\b", re.M)
_MESSAGE = re.compile(r"^(?:\[\w+\]: *)?(?:[\w.]+\.)?\w*(?:Error|Exception|Warning): *.*", re.M)
_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python|^<")
_OPERATOR = re.compile(r"output \d+ of (\w+)", re.I)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a user pasted: a message, or a whole traceback."""

    text: str

    @property
    def message(self) -> str:
        """The last line that says what was raised; without one the text on one line."""
        lines = _MESSAGE.findall(self.text)
        return lines[-1].strip() if lines else " ".join(self.text.split())

    @property
    def frames(self) -> tuple[tuple[str, int], ...]:
        """The files and rows it names, the one that raised last."""
        found = [(m.start(), m["file"], int(m["row"])) for m in _FRAME.finditer(self.text)]
        found += [(m.start(), m["file"], int(m["row"])) for m in _JUPYTER.finditer(self.text)]
        return tuple((file, row) for _, file, row in sorted(found))

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the user's own that it names."""
        named = dict.fromkeys(file for file, _ in self.frames)
        return tuple(file for file in named if not _INSTALLED.search(file))

    @property
    def operator(self) -> str:
        """The operation that PyTorch names as the one that needs a value, in small letters."""
        found = _OPERATOR.search(self.text)
        name = found[1] if found else ""
        return re.sub(r"Backward\d*$", "", name).lower()

    def rows(self, filename: str) -> tuple[int, ...]:
        """The rows it names in a file; where it names no file at all, those it points to."""
        frames = self.frames
        if not frames:
            return tuple(int(m["row"]) for m in _ARROW.finditer(self.text))
        return tuple(row for file, row in frames if same(file, filename))


def same(named: str, filename: str) -> bool:
    """Whether a traceback's name of a file is that file, which may have run on another machine."""
    if str(Path(named).absolute()) == filename:
        return True
    one = re.split(r"[/\\]", named)
    other = re.split(r"[/\\]", filename)
    return one[-1] == other[-1] and not Path(named).exists()
