"""`autograd.grad` by a tensor that the outputs do not depend on.

## What it does
Finds `torch.autograd.grad(outputs, x)` where no way leads from the outputs to `x`.

## Why it matters
PyTorch raises: "One of the differentiated Tensors appears to not have been used in the graph", or,
with `allow_unused=True`, gives None. The usual cause is a tensor made anew between: a clone, a
detached copy or a `requires_grad_()` after the outputs were computed is another tensor than the one
they were computed from. Or the outputs were computed from it by a way that is cut: through numpy,
through `detach()`, while grad mode is off.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = (x * 2).sum()
x = x.clone().detach().requires_grad_()
print(torch.autograd.grad(y, x))
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = (x * 2).sum()
print(torch.autograd.grad(y, x))
```

Where a copy is meant, make it before the outputs are computed.

## Limits
Silent where some way may lead there, and where a part of the graph is not known. A fix is on offer
only where the name was bound to a copy of itself; what else was meant only the author knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonegrad.analysis.domain.provenance import Why, cuts, walk
from nonegrad.analysis.record.facts import Undifferentiated
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

COPY = re.compile(r"(\.(clone|detach|cpu)\(\)|\.data)+$")
"""A copy of a tensor, made on the spot."""


def check(call: Undifferentiated) -> Iterator[Finding]:
    """One finding for each such call; an error where torch raises."""
    if call.reason not in ("unused", "none"):
        return
    raises = call.reason == "unused"
    unrecorded = call.leaf and any(step.kind == "no_grad" for step in cuts(call.output))
    tale = "not computed from this tensor, perhaps from another one that had its name"
    tale = "computed while grad mode is off" if unrecorded else tale
    lost = [] if unrecorded else _lost(call)
    tale, end = f"{tale}.", ", without it"
    if lost:
        tale, end = f"computed from it, but the way is cut.{wording.told(lost[0], call.site)}", ""
    related: list[Related] = []
    if call.why is not None and call.why.site != call.site:
        related.append(Related(call.why.site, f"`{call.owner}` is made here"))
    if call.output is not None and call.output.site != call.site:
        related.append(Related(call.output.site, f"the output is computed here{end}"))
    for step in lost[:MOST]:
        related += wording.cut_at(step)
    if unrecorded:
        story = wording.related(call.output, call.site)
        related += [place for place in story if place not in related]
    yield Finding(
        RULE.name,
        "error" if raises else "warning",
        "definite",
        call.site,
        f"autograd.grad {'raises' if raises else 'gives None'}: nothing leads from the outputs to"
        f" `{call.owner}`. They were {tale}",
        tuple(dict.fromkeys(related)),
        tuple(_cures(call)),
    )


MOST = 4
"""As many of the cuts are shown."""


def _lost(call: Undifferentiated) -> list[Why]:
    """The cuts on the ways by which the outputs were computed from the input."""
    return [cut for cut in wording.fresh(call.output) if call.why in walk(cut)[1:]]


def _cures(call: Undifferentiated) -> Iterator[Rewrite]:
    """A copy under the same name: without it the name is the tensor that the outputs came from.
    Or outputs that were computed from it while grad mode was off."""
    unrecorded = [step for step in cuts(call.output) if step.kind == "no_grad"]
    yield from wording.rejoined(unrecorded[0]) if call.leaf and unrecorded else ()
    lost = [] if call.leaf and unrecorded else _lost(call)
    for cut in lost[:2]:
        yield from wording.rejoined(cut, call.output)
    if call.partly and call.reason == "unused":
        arguments = (("keyword", "materialize_grads"), ("value", "True"))
        title = "Take zeros for what is not used: `materialize_grads=True`"
        yield Rewrite("add-keyword", call.site, title, arguments=arguments)
    copied = call.why
    if lost or copied is None:
        return
    led = {id(step) for step in walk(call.output)}
    if not any(id(step) in led for step in walk(copied)[1:]):
        return
    copy = COPY.search(copied.text)
    if copy and call.site.contains(copied.site.row, copied.site.column):
        title = f"Differentiate by the tensor itself: no `{copy[0]}`"
        yield Rewrite("drop-call", copied.site, title, arguments=(("chain", "yes"),))
        return
    name = call.owner.strip("[](), ")
    if not name.isidentifier():
        return
    if copied.kind == "op" and copied.site.end_row + 1 == call.site.row:
        title = f"Differentiate before `{name}` is another tensor"
        yield from wording.moved(call.site, copied.site, "before", title)
    title = f"Keep the `{name}` that the outputs were computed from: no copy before this"
    yield Rewrite("drop-copy", copied.site, title)


RULE = Rule(
    "autograd-grad-unused",
    "autograd.grad by a tensor that the outputs do not depend on",
    "error",
    Undifferentiated,
    check,
    __doc__ or "",
)
