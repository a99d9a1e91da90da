"""Programs run under real PyTorch, which is the judge of everything said about them."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

torch.set_num_threads(1)


@dataclass(frozen=True)
class Run:
    """What a program did: the error that ended it, what it printed, and its names at the end."""

    error: str | None
    """`TypeError: ...`, None where it ran to its end."""
    row: int | None
    """The line of the program that raised."""
    printed: str
    names: dict[str, Any]

    @property
    def raises(self) -> bool:
        return self.error is not None

    @property
    def shows_none(self) -> bool:
        """Whether it printed a None."""
        return "None" in self.printed

    @property
    def misses_a_gradient(self) -> bool:
        """Whether a leaf among its names has no gradient, after it asked for one."""
        return any(
            isinstance(value, torch.Tensor)
            and value.is_leaf
            and value.is_floating_point()
            and value.grad is None
            for name, value in self.names.items()
            if not name.startswith("_")
        )

    def value(self, expression: str) -> Any:
        """An expression over the names at the end."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(expression, self.names)


def run(code: str, **names: Callable[..., Any]) -> Run:
    """Run a program; more names may be given to it."""
    printed = io.StringIO()
    space: dict[str, Any] = {"__name__": "__main__", **names}
    torch.manual_seed(0)
    error, row = None, None
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        try:
            exec(compile(code, "<program>", "exec"), space)
        except Exception as raised:  # whatever it is, it is what the program does
            error = f"{type(raised).__name__}: {raised}"
            trace = raised.__traceback__
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == "<program>":
                    row = trace.tb_lineno
                trace = trace.tb_next
    torch.set_grad_enabled(True)
    return Run(error, row, printed.getvalue(), space)
