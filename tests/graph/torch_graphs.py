"""The autograd graphs of a program as torch really has them: at each backward() and autograd.grad()
everything that `grad_fn.next_functions` leads to, with the row that made it."""

from __future__ import annotations

import contextlib
import io
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch

FILENAME = "<program>"
PLACE = re.compile(rf'File "{FILENAME}", line (\d+)')
LEAF = "torch::autograd::AccumulateGrad"


@dataclass(eq=False)
class Node:
    """One node of torch; of a leaf the tensor itself."""

    name: str
    row: int | None
    """The innermost row of the program that made it, where torch kept one."""
    leaf: torch.Tensor | None = None
    below: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Passing:
    """One call that went through, or raised: what it started from, and the names around it."""

    row: int
    roots: list[Node]
    untracked: int
    """How many of its roots have no graph."""
    frames: list[dict[str, Any]]
    asked: list[torch.Tensor] | None = None
    filled: list[torch.Tensor] = field(default_factory=list)
    """The leaves that have a gradient when it is over."""
    raised: bool = False
    frozen: set[int] = field(default_factory=set)
    """The leaves, by identity, that did not require grad when it was called."""

    def nodes(self) -> list[Node]:
        """All of the graph, each node once."""
        found: dict[Node, None] = {}
        queue = list(self.roots)
        for node in queue:
            if node not in found:
                found[node] = None
                queue += node.below
        return list(found)

    def tensor(self, path: str) -> torch.Tensor | None:
        """What a path like `model.layers.0.weight` leads to where the call stands."""
        first, *steps = [part for part in re.split(r"\.|(\[[^]]*\])", path) if part]
        for names in self.frames:
            if first in names:
                with contextlib.suppress(Exception):
                    thing = names[first]
                    for step in steps:
                        thing = (
                            eval(f"it{step}", {"it": thing})
                            if "[" in step
                            else getattr(thing, step)
                        )
                    return thing if isinstance(thing, torch.Tensor) else None
        return None


def passings(text: str, seed: int = 0) -> list[Passing]:
    """Run a program, and note each of its calls into autograd."""
    found: list[Passing] = []
    random.seed(seed)
    torch.manual_seed(seed)
    space: dict[str, Any] = {"__name__": "__main__", "__file__": FILENAME}
    torch.set_num_threads(1)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        # What a program prints or raises is its own affair; the graphs before that are there.
        with watched(found), contextlib.suppress(Exception, SystemExit):
            exec(compile(text, FILENAME, "exec", dont_inherit=True), space)
    return found


@contextlib.contextmanager
def watched(found: list[Passing]) -> Iterator[None]:
    """Let torch keep the place of each node, and tell of each call."""
    method, function, grad = torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad
    argv, path = sys.argv, list(sys.path)
    sys.argv = ["program.py"]
    inside = False

    def tell(call: Callable[..., Any], roots: Any, asked: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        frame = sys._getframe(2)
        if inside or frame.f_code.co_filename != FILENAME:
            return call(*args, **kwargs)
        passing = observe(frame, several(roots), None if asked is None else several(asked))
        found.append(passing)
        inside, passing.raised = True, True
        try:
            result = call(*args, **kwargs)
            passing.raised = False
            return result
        finally:
            inside = False
            leaves = [node.leaf for node in passing.nodes() if node.leaf is not None]
            passing.filled = [leaf for leaf in leaves if leaf.grad is not None]

    def backward(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        return tell(method, self, kwargs.get("inputs"), self, *args, **kwargs)

    def backward_of(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        return tell(function, tensors, kwargs.get("inputs"), tensors, *args, **kwargs)

    def gradient(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return tell(grad, outputs, inputs, outputs, inputs, *args, **kwargs)

    torch.Tensor.backward, torch.autograd.backward = backward, backward_of  # type: ignore[assignment]
    torch.autograd.grad = gradient  # type: ignore[assignment]
    try:
        with torch.autograd.detect_anomaly(check_nan=False):
            yield
    finally:
        torch.Tensor.backward, torch.autograd.backward = method, function
        torch.autograd.grad = grad
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        sys.argv, sys.path[:] = argv, path


def several(given: Any) -> list[torch.Tensor]:
    return [given] if isinstance(given, torch.Tensor) else list(given)


def observe(
    frame: FrameType, roots: list[torch.Tensor], asked: list[torch.Tensor] | None
) -> Passing:
    known: dict[Any, Node] = {}
    names: list[dict[str, Any]] = []
    outer: FrameType | None = frame
    while outer is not None:
        if outer.f_code.co_filename == FILENAME:
            names.append(dict(outer.f_locals))
        outer = outer.f_back
    starts = [walked(root.grad_fn, known) for root in roots if root.grad_fn is not None]
    starts += [Node(LEAF, None, root) for root in roots if root.is_leaf and root.requires_grad]
    untracked = sum(1 for root in roots if not root.requires_grad)
    passing = Passing(frame.f_lineno, starts, untracked, [*names, frame.f_globals], asked)
    leaves = [node.leaf for node in passing.nodes() if node.leaf is not None]
    passing.frozen = {id(leaf) for leaf in leaves if not leaf.requires_grad}
    return passing


def walked(start: Any, known: dict[Any, Node]) -> Node:
    """A node with everything below it."""
    queue = [start]
    for fn in queue:
        if fn not in known:
            known[fn] = Node(fn.name(), row_of(fn), getattr(fn, "variable", None))
            queue += [below for below, _ in fn.next_functions if below is not None]
    for fn, node in known.items():
        if not node.below:
            node.below = [known[below] for below, _ in fn.next_functions if below is not None]
    return known[start]


def row_of(fn: Any) -> int | None:
    """The row of the program that made a node: the innermost that anomaly mode has written down."""
    lines = fn.metadata.get("traceback_")
    rows = PLACE.findall("".join(lines)) if lines else []
    return int(rows[-1]) if rows else None
