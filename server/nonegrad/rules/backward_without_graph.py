"""`backward()` on a tensor that has no graph.

## What it does
Finds `loss.backward()` and `torch.autograd.grad(loss, ...)` where nothing that `loss` was computed
from requires grad, or where the graph was cut on the way. A number that `item()` gave, an array and
a list of losses have no `backward()` at all.

## Why it matters
PyTorch raises: "element 0 of tensors does not require grad and does not have a grad_fn". The line
it names is the backward; the cause is where the graph was never begun, or where it was cut.

## Example
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0])
y = x * 2
z = y.sum()
z.backward()
```

## Use instead
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
z = y.sum()
z.backward()
```

## Limits
Silent where something unknown went into the loss. Where several tensors could have begun the
graph, the fix offers the three likeliest.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import NoGraph
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site


def check(call: NoGraph) -> Iterator[Finding]:
    """One finding for each call that raises."""
    if call.what:
        yield of_no_tensor(call)
        return
    step = wording.cause(call.why)
    began = " Nothing it was computed from asks for a gradient."
    if step is not None:
        told = wording.told(step, call.site)
        began = told if step.cut else f"{began}{told}"
    places = wording.related(call.why, call.site)
    cures = wording.cures(call.why, certain=not call.others_train)
    if call.perhaps:
        rows = " and ".join(str(row) for row in dict.fromkeys(one.site.row for one in call.perhaps))
        began = (
            f" What the parameters give ends on line {rows}: to count, or to decide, leaves no"
            " graph. A loss is computed from the outputs themselves."
        )
        places = (*(Related(one.site, wording.said(one)) for one in call.perhaps), *places)
        cures = ()
    if call.wanted is not None:
        name, flag = call.wanted.name, f"{call.wanted.name}.requires_grad_()"
        began = (
            f" `{name}`, which the optimizer on line {call.wanted.optimizer.row} is to change, does"
            " not require grad, and nothing else it was computed from does."
        )
        places = (
            Related(call.wanted.bound, f"`{name}` is made here, without the flag"),
            Related(call.wanted.optimizer, "given to the optimizer here"),
            *places,
        )
        title = f"Ask for its gradient where it is made: `{flag}`"
        asked = Rewrite("insert-after", call.wanted.bound, title, arguments=(("text", flag),))
        at_once = [one for one in cures if inside(one.site, call.wanted.bound)]
        cures = (*at_once, *cures) if at_once else (asked, *cures)
        cures = tuple(dict.fromkeys(cures))
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.call}` raises: `{call.owner}` does not require grad.{began}",
        places,
        cures,
    )


def inside(site: Site, statement: Site) -> bool:
    """Whether an expression stands in a statement."""
    start, end = (statement.row, statement.column), (statement.end_row, statement.end_column)
    same = site.filename == statement.filename
    return same and start <= (site.row, site.column) and (site.end_row, site.end_column) <= end


def of_no_tensor(call: NoGraph) -> Finding:
    """A number, an array or a container: none of them has a backward()."""
    step = wording.cause(call.why)
    left = wording.told(step, call.site) if step is not None and step.cut else ""
    related = wording.related(call.why, call.site) if left else ()
    if call.perhaps:
        rows = " and ".join(str(row) for row in dict.fromkeys(one.site.row for one in call.perhaps))
        left = f" Values left torch on line {rows}: numbers made with them have no graph."
        related = tuple(Related(one.site, wording.said(one)) for one in call.perhaps)
    return Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.call}` raises: `{call.owner}` is {call.what}, which has no graph.{left}",
        related,
        wording.cures(call.why, certain=True) if left and not call.perhaps else (),
    )


RULE = Rule(
    "backward-without-graph",
    "backward() on a tensor that has no graph",
    "error",
    NoGraph,
    check,
    __doc__ or "",
)
