"""An in-place write to a tensor whose value backward still needs.

## What it does
Finds in-place writes (`y += 1`, `y.add_(1)`, `y[0] = 1`, an `inplace=True` layer, and
`optimizer.step()`, which writes to every parameter) to a tensor whose value an operation saved for
its backward.

## Why it matters
`backward()` raises: "one of the variables needed for gradient computation has been modified by an
inplace operation". It names neither the write nor, mostly, the operation that saved the value.
`exp`, `sigmoid`, `tanh`, `softmax`, `sqrt` and `relu` save their result; a product, `sin`, `pow`
and a matrix product save their inputs; a sum, and a product with a number, save nothing.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y = y + 1
y.sum().backward()
```

Ruff's PLR6104 and pylint's R6104 ask for the first form; on tensors that autograd saved it is
wrong.

## Limits
An error only where a backward that certainly raises is in sight; information where the value is
saved, and whether a backward follows is not known. After the rewrite, other names of the tensor
keep the old value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from nonegrad.analysis.record.facts import Overwritten, SafeWrite
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site

MOST = 2
"""How many layers behind one call are offered."""


def check(fact: Overwritten) -> Iterator[Finding]:
    """One finding for each write that a backward in sight then meets."""
    operator = f"`{fact.operator}`" if fact.operator else "an operation"
    kept = "its result" if fact.role == "result" else "what it got"
    if fact.role != "result" and names_what_it_writes(fact.text, fact.target):
        kept = f"`{fact.target.partition('[')[0]}`"
    saved = f" {operator} on line {fact.kept_by.row} saved {kept}" if fact.kept_by else ""
    raises = "raises" if fact.definite else "raises on some runs"
    if fact.backward is not None and turned(fact, fact.backward):
        yield carried(fact, fact.backward, f"{operator} saves {kept} for backward here", raises)
        return
    related: list[Related] = []
    if fact.kept_by is not None:
        related.append(Related(fact.kept_by, f"{operator} saves {kept} for backward here"))
    told = ""
    if fact.backward is not None:
        related.append(Related(fact.backward, f"backward() {raises} here"))
        where = f"line {fact.backward.row}"
        if fact.backward.filename != fact.write.filename:
            where = f"{where} of {Path(fact.backward.filename).name}"
        finds = f"the backward() on {where} finds it modified"
        told = f"{saved}, and {finds}." if saved else f" T{finds[1:]}."
    yield Finding(
        RULE.name,
        "error" if fact.definite else "information",
        "definite" if fact.definite else "possible",
        fact.write,
        f"`{fact.text}` overwrites what backward() needs, so it {raises}.{told}",
        tuple(related),
        tuple(_cures(fact)),
    )


def turned(fact: Overwritten, backward: Site) -> bool:
    """Whether a step is met by the backward of a later turn: it stands after it as it should."""
    after = backward.filename == fact.write.filename and backward < fact.write
    return after and fact.text.endswith(".step()")


def carried(fact: Overwritten, backward: Site, saves: str, raises: str) -> Finding:
    """The step is right: what is kept from one turn to the next brings its graph along."""
    related = [Related(fact.write, f"`{fact.text}` changes what that graph has saved")]
    if fact.kept_by is not None:
        related.insert(0, Related(fact.kept_by, saves))
    return Finding(
        RULE.name,
        "error" if fact.definite else "information",
        "definite" if fact.definite else "possible",
        backward,
        f"This backward() {raises}: it goes into a graph that is older than `{fact.text}` on line"
        f" {fact.write.row}, which has changed what that graph saved. Compute it anew in each turn,"
        " or detach what is carried on from one turn to the next.",
        tuple(related),
    )


def _cures(fact: Overwritten) -> Iterator[Rewrite]:
    if fact.text.endswith(".step()"):
        if fact.backward is not None:
            title = f"Step after the backward() on line {fact.backward.row}"
            yield from wording.moved(fact.write, fact.backward, "after", title)
        return
    for layer in fact.layers[:MOST]:
        yield Rewrite("write-no-input", layer, "Let the layer make a new tensor: not `inplace`")
    yield rebinding(fact.write, fact, "quickfix")
    name = fact.target
    if name.replace(".", "").isidentifier() and names_what_it_writes(fact.text, name):
        title = f"Write to a clone: insert `{name} = {name}.clone()`"
        yield Rewrite("clone-first", fact.write, title, arguments=(("name", name),))


def names_what_it_writes(text: str, target: str) -> bool:
    """Whether the statement writes to the target itself, not a layer or function called on it."""
    return re.match(re.escape(target) + r"\s*(\[|\W{0,3}=|\.\w+_\()", text) is not None


def rebinding(
    site: Site, fact: Overwritten | SafeWrite, kind: Literal["quickfix", "refactor.rewrite"]
) -> Rewrite:
    """The write as a new tensor; a `retain_grad()` before it moves along, or its gradient is lost.

    Where something else reaches the tensor it no longer changes with it: unsafe, and said.
    """
    caution = " (other names keep the old value)" if fact.shared else ""
    retain = fact.retain
    arguments = (("retain", f"{retain.row}:{retain.column}"),) if retain else ()
    if fact.base:
        arguments = (*arguments, ("base", fact.base))
    return Rewrite(
        "rebind",
        site,
        f"Make a new tensor instead of `{fact.text}`{caution}",
        safe=not fact.shared,
        kind=kind,
        arguments=arguments,
    )


def waiting(fact: SafeWrite) -> Iterator[Finding]:
    """Information for a write to what is saved, where no backward is in sight."""
    if fact.saved_by is None:
        return
    yield Finding(
        RULE.name,
        "information",
        "possible",
        fact.site,
        f"`{fact.text}` overwrites what a backward() needs. Line {fact.saved_by.row} saved"
        f" `{fact.target}` for its backward: a backward() through it raises.",
        (Related(fact.saved_by, f"`{fact.target}` is saved for backward here"),),
        (rebinding(fact.site, fact, "quickfix"),),
    )


RULE = Rule(
    "inplace-on-saved",
    "an in-place write to what backward needs",
    "error",
    Overwritten,
    check,
    __doc__ or "",
)
