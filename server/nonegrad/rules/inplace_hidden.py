"""A write through `.data` to a tensor whose value backward still needs.

## What it does
Finds in-place writes through `.data` (`y.data += 1`, `w.data.mul_(0.5)`, `w.data[0] = 0`) to what
an operation saved for its backward, where a backward() through that operation comes after them.

## Why it matters
Autograd counts the writes to a tensor, so that backward() can refuse to compute with values that
are gone. `.data` shares the memory and not the counter: backward() takes the new values for the old
ones, and the gradients are wrong, without an error or a warning.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
loss = (x * w).sum()
w.data.mul_(0.5)
loss.backward()
assert torch.equal(x.grad, torch.ones(3))
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
loss = (x * w).sum()
loss.backward()
w.data.mul_(0.5)
assert torch.equal(x.grad, torch.ones(3))
```

With `torch.no_grad()` in place of `.data` autograd counts the write, and backward() says that the
value is gone.

## Limits
A warning only where the write certainly changes the numbers of a tensor that requires grad, and a
backward() in sight certainly uses them; information where it may (`clamp_`, `w.data = ...`). Silent
where the memory is written twice before the backward, for then it may well be as it was. Writes
through numpy are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.writes import HiddenWrite
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related


def check(fact: HiddenWrite) -> Iterator[Finding]:
    """One finding for each write."""
    kept = "its result" if fact.role == "result" else "what it got"
    are = "are" if fact.definite else "may be"
    related = [Related(fact.backward, "backward() computes with the new values here")]
    saved = ""
    if fact.kept_by is not None:
        saved = f" `{fact.operator}` on line {fact.kept_by.row} saved {kept}."
        related.insert(0, Related(fact.kept_by, f"`{fact.operator}` saves {kept} here"))
    title = f"Write after the backward() on line {fact.backward.row}"
    yield Finding(
        RULE.name,
        "warning" if fact.definite else "information",
        "definite" if fact.definite else "possible",
        fact.write,
        f"`{fact.text}` changes what backward() needs, unseen, so gradients {are} wrong.{saved}"
        f" The backward() on line {fact.backward.row} takes the new values for the old ones, for"
        " autograd does not see writes through `.data`.",
        tuple(related),
        wording.moved(fact.write, fact.backward, "after", title),
    )


RULE = Rule(
    "inplace-hidden",
    "a write through `.data` to what backward needs",
    "warning",
    HiddenWrite,
    check,
    __doc__ or "",
)
