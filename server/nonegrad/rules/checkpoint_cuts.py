"""Reentrant checkpoints that are given nothing that requires grad.

## What it does
Finds `torch.utils.checkpoint.checkpoint(f, ...)` without `use_reentrant=False`, where no tensor
among the arguments requires grad, and an optimizer holds parameters that `f` uses and that never
get a gradient.

## Why it matters
The reentrant form runs `f` with grad mode off, and hangs its backward on the arguments. Where none
of them requires grad (a batch, token ids), there is nothing to hang it on: the output has no graph,
and the parameters inside stay as they were made. PyTorch only warns: "None of the inputs have
requires_grad=True. Gradients will be None". Tensors in a list or dict do not count as arguments.

## Example
```python
import torch
from torch.utils.checkpoint import checkpoint

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
features = checkpoint(lambda x: (x * w).exp(), torch.ones(3), use_reentrant=True)
loss = (features * v).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch
from torch.utils.checkpoint import checkpoint

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
features = checkpoint(lambda x: (x * w).exp(), torch.ones(3), use_reentrant=False)
loss = (features * v).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where an argument may require grad, where a part of the graph is not known, and where the
optimizer may hold other parameters. `checkpoint_sequential` is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule

TALE = (
    "`{text}` is reentrant. It gets no tensor that requires grad, so its output has no graph, and"
    " backward() ends here."
)


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such call."""
    yield from untrained.cut(fact, RULE.name, ("checkpoint",), TALE)


RULE = Rule(
    "checkpoint-cuts",
    "a reentrant checkpoint without an input that requires grad",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
