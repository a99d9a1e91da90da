"""An optimizer that is given no parameter at all.

## What it does
Finds an optimizer over an iterable that is certainly empty, and a group of an optimizer over a
generator that was used up.

## Why it matters
PyTorch raises: "optimizer got an empty parameter list"; an empty group it takes in silence.
`model.parameters()`, `filter(...)` and every generator can be gone through once; who counts the
parameters first hands the optimizer an empty rest. Other causes are a filter that finds all of them
frozen, and a module that has registered nothing: its layers stand in a plain list, or its
`__init__` is not called so.

## Example
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
params = model.parameters()
print(sum(p.numel() for p in params))
optimizer = torch.optim.SGD(params, lr=0.1)
```

## Use instead
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
params = list(model.parameters())
print(sum(p.numel() for p in params))
optimizer = torch.optim.SGD(params, lr=0.1)
```

## Limits
Silent where the iterable may hold something.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import OptimizerRefusal
from nonegrad.rules import unregistered_module
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(refusal: OptimizerRefusal) -> Iterator[Finding]:
    """One finding for each optimizer that gets nothing."""
    if refusal.reason not in ("empty", "empty-group"):
        return
    related: tuple[Related, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    said = "the iterable it is given is empty."
    if refusal.used_up is not None:
        said = (
            "its generator was used up before. One can be gone through only once: keep the"
            " parameters in a list."
        )
        related = (Related(refusal.used_up, "this goes through the generator"),)
    if refusal.unmade is not None:
        method = refusal.unmade
        said = (
            f"its model has no layers, for Python never calls `{method.owner}.{method.name}`."
            " The constructor is spelled `__init__`."
        )
        related = (Related(method.site, "this was meant to be the constructor"),)
        title = f"Rename `{method.name}` to `__init__`"
        rewrites = (
            Rewrite("rename-function", method.site, title, arguments=(("to", "__init__"),)),
        )
    if refusal.frozen is not None:
        said = f"`{refusal.frozen.text}` on line {refusal.frozen.site.row} froze all of them."
        related = (Related(refusal.frozen.site, "everything is frozen here"),)
        title = f"Remove `{refusal.frozen.text}`"
        rewrites = (Rewrite("unfreeze", refusal.frozen.site, title),)
    if refusal.unlisted is not None:
        fact = refusal.unlisted
        what = "layers" if fact.reason == "modules" else "parameters"
        container = unregistered_module.container_of(fact)
        said = (
            f"the {what} in `{fact.owner}` on line {fact.made.row} are not registered."
            f" A plain container keeps them from `parameters()`; `{container}` hands them out."
        )
        related = (Related(fact.made, f"this registers none of the {what}"),)
        title = f"Register the {what}: `{container}(...)`"
        rewrites = (Rewrite("wrap-call", fact.made, title, arguments=(("function", container),)),)
    if refusal.generator is not None:
        related = (Related(refusal.generator, "the generator is made here"), *related)
        rewrites = (
            Rewrite(
                "wrap-call",
                refusal.generator,
                "Keep the parameters in a list",
                safe=True,
                arguments=(("function", "list"),),
            ),
        )
    raises = refusal.reason == "empty"
    result = "The optimizer raises, it gets" if raises else "A group of this optimizer gets"
    yield Finding(
        RULE.name,
        "error" if raises else "warning",
        "definite",
        refusal.site,
        f"{result} no parameters: {said}",
        related,
        rewrites,
    )


RULE = Rule(
    "optimizer-without-parameters",
    "an optimizer that gets no parameters",
    "error",
    OptimizerRefusal,
    check,
    __doc__ or "",
)
