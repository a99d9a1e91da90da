"""Run a program under torch and write down what its names really were.

The program's own text is compiled with notes inserted: after each statement that binds a name
(plain or dotted), around each read of `.grad`, and before each statement. Rows and columns are
those of the text as it was.
"""

from __future__ import annotations

import ast
import contextlib
import io
import random
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

import torch

from .notes import Key, Notes

if TYPE_CHECKING:
    from _typeshed import TraceFunction


@dataclass(frozen=True)
class Seen:
    """One visit of a binding; the fields of a tensor are None for anything else."""

    kind: str
    requires_grad: bool | None = None
    is_leaf: bool | None = None
    grad_fn: str | None = None
    retains_grad: bool | None = None
    dtype: str | None = None
    grad: str | None = None


@dataclass
class Run:
    """One execution: what each binding was, what each `.grad` read gave, and how it ended."""

    seen: dict[Key, set[Seen]] = field(default_factory=dict)
    reads: dict[tuple[int, int], set[bool]] = field(default_factory=dict)
    """Per read of `.grad` of a tensor, by the place of the expression: whether it was None."""
    tests: set[tuple[int, int]] = field(default_factory=set)
    """The reads that are only compared."""
    lines: dict[int, list[int]] = field(default_factory=dict)
    """Per row the steps at which it began."""
    error: BaseException | None = None
    rows: tuple[int, ...] = ()
    """The rows of the program on the way to the exception, the innermost last."""
    seed: int = 0

    @property
    def autograd_error(self) -> bool:
        """Whether it was torch that raised, and about gradients."""
        if not isinstance(self.error, RuntimeError):
            return False
        text = str(self.error)
        return any(mark in text for mark in AUTOGRAD_WORDS)


class TooLongError(BaseException):
    """More statements than a program is given; no `except Exception` of the program stops it."""


MOST_STATEMENTS = 200_000

AUTOGRAD_WORDS = (
    "grad",
    "backward",
    "inplace",
    "in-place",
    "Inference tensor",
    "leaf",
    "saved tensor",
)


def observe(value: object) -> Seen:
    """What one value is, in the words of `nonegrad states`."""
    if not isinstance(value, torch.Tensor):
        return Seen("none" if value is None else kind_of(value))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grad = value.grad
    made_by = value.grad_fn
    return Seen(
        "tensor",
        value.requires_grad,
        value.is_leaf,
        "none" if made_by is None else made_by.name(),
        value.retains_grad,
        str(value.dtype).removeprefix("torch."),
        "none" if grad is None else "set",
    )


def kind_of(value: object) -> str:
    """One word for a value that is no tensor; empty where it does not matter."""
    match value:
        case bool() | int() | float() | complex():
            return "number"
        case str():
            return "string"
        case torch.nn.Module():
            return "module"
        case torch.optim.Optimizer():
            return "optimizer"
        case dict():
            return "dict"
        case _:
            return ""


def run(text: str, filename: str = "<program>", seed: int = 0) -> Run:
    """Execute a program once; what it prints is dropped and torch's switches are put back."""
    notes = Notes()
    tree = notes.visit(ast.parse(text, filename))
    result = Run(tests=notes.tests, seed=seed)
    left = MOST_STATEMENTS

    def hit(row: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLongError
        result.lines.setdefault(row, []).append(-left)

    def note(number: int, value: object) -> None:
        result.seen.setdefault(notes.bindings[number], set()).add(observe(value))

    def read(number: int, owner: object) -> object:
        value = owner.grad  # type: ignore[attr-defined]
        if isinstance(owner, torch.Tensor):
            result.reads.setdefault(notes.reads[number], set()).add(value is None)
        return value

    space = {
        "__name__": "__main__",
        "__file__": filename,
        "__note__": note,
        "__read__": read,
        "__hit__": hit,
    }
    random.seed(seed)
    torch.manual_seed(seed)
    assert isinstance(tree, ast.Module)
    code = compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)
    with switches(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            exec(code, space)
        except (SystemExit, TooLongError):
            pass
        except Exception as error:
            result.error = error
            result.rows = tuple(
                frame.lineno or 0
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename == filename
            )
            error.__traceback__ = None
    return result


def raised(text: str, filename: str = "<program>", seed: int = 0) -> set[int]:
    """The rows at which something raised in a run, also where the program caught it."""
    rows: set[int] = set()

    def follow(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        if frame.f_code.co_filename != filename:
            return None
        frame.f_trace_lines = False
        if event == "exception":
            rows.add(frame.f_lineno)
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        run(text, filename, seed)
    finally:
        sys.settrace(before)
    return rows


@contextlib.contextmanager
def switches() -> Iterator[None]:
    """Put back what a program may switch for the whole process."""
    argv, path = sys.argv, list(sys.path)
    sys.argv = ["program.py"]
    usual()
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, path
        usual()


def usual() -> None:
    """Torch's switches as they are in a process that just began."""
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.autograd.set_detect_anomaly(False)


def run_all(text: str, filename: str = "<program>", seeds: int = 3) -> list[Run]:
    """Several executions; a program that draws from `random` takes other branches in each."""
    many = seeds if "random" in text.replace("torch.rand", "") else 1
    return [run(text, filename, seed) for seed in range(many)]
