"""A second `backward()` through a graph that the first one has freed.

## What it does
Finds a `backward()` that certainly goes through a step whose saved tensors an earlier `backward()`
gave back.

## Why it matters
`backward()` frees what the graph saved as it goes. PyTorch raises: "Trying to backward through the
graph a second time". There are three ways to get there: two losses that share a part of their
graph, a loss computed before the loop that calls `backward()`, and a state (a hidden state, a
running mean) that carries the graph of one step into the next.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
shared = w.exp()
shared.sum().backward()
shared.mean().backward()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
shared = w.exp()
shared.sum().backward(retain_graph=True)
shared.mean().backward()
```

A loss that is to be computed anew in each step belongs into the loop, and a state that only hands
its numbers on is detached: there `retain_graph=True` would make every step slower than the last.

## Limits
Silent where the graph was freed on some runs only, or where nothing on the way saved anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nonegrad.analysis.record.facts import SecondBackward
from nonegrad.analysis.record.parts import Kept
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site


def check(call: SecondBackward) -> Iterator[Finding]:
    """One finding for each backward that raises."""
    again = call.first == call.site
    related: list[Related] = []
    rewrites: tuple[Rewrite, ...] = ()
    if again and call.crossing is not None:
        tale = (
            f"the step on line {call.crossing.row} carries the graph of the turn before into this"
            " one, and that turn's backward() has freed it. Detach the state that is carried on."
        )
        where = "the graph of the turn before"
        names = " and ".join(f"`{kept.name}`" for kept in call.older)
        if call.older and not call.whole:
            where = "a graph of which an earlier turn's backward() has freed a part"
            tale = (
                f"the step on line {call.crossing.row} leads into a graph that was there before"
                f" the turn, the one of {names}, and an earlier turn's backward() has freed it."
                f" Detach {names}, or compute anew in each turn."
            )
        related.append(Related(call.crossing, f"this leads into {where}"))
        rewrites = (*_detached(call), *_cut(call))
        if call.whole and call.older:
            tale = (
                f"all of it rests on {names}, which was computed before, and an earlier turn's"
                " backward() has freed its graph. Compute it in each turn, add the losses up for"
                " one backward(), or keep the graph."
            )
            rewrites = (_keeping(call.site), *_moved(call))
    elif again:
        tale = (
            "its graph was made before the loop, and the first turn's backward() has freed it."
            " Compute the loss inside the loop."
        )
        if call.loss:
            rewrites = tuple(_into_loop(call, call.loss))
    else:
        line = f" on line {call.first.row}" if call.first else ""
        tale = f"a part of its graph was freed by the backward(){line}."
        if call.first is not None:
            related.append(Related(call.first, "this backward() frees the graph"))
            title = "Keep the graph: `retain_graph=True` in the first backward()"
            rewrites = (replace(_keeping(call.first, title), safe=not call.stepped),)
            if call.stepped and call.older and not call.whole:
                tale += (
                    f" `{call.older[0].name}` leads there: detach it for this loss, if only its"
                    " numbers are wanted."
                )
                rewrites = (*_shared(call, call.first), *rewrites)
    if call.kept_by is not None and call.kept_by != call.crossing:
        what = f"`{call.operator}`" if call.operator else "this step"
        related.append(Related(call.kept_by, f"what {what} saved here is gone"))
    related += [_bound(kept) for kept in call.older if kept.site != call.site]
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.call}` raises: {tale}",
        tuple(related),
        rewrites,
    )


def _bound(kept: Kept) -> Related:
    return Related(kept.site, f"`{kept.name}`, bound here, belongs to the freed graph")


def _moved(call: SecondBackward) -> Iterator[Rewrite]:
    for kept in call.older:
        if kept.kind == "tensor" and kept.name.isidentifier():
            yield from _into_loop(call, kept.name)


def _into_loop(call: SecondBackward, name: str) -> Iterator[Rewrite]:
    arguments = (("loss", name), ("computed", ",".join(call.computed)))
    title = f"Compute `{name}` inside the loop"
    yield Rewrite("move-into-loop", call.site, title, arguments=arguments)


def _detached(call: SecondBackward) -> tuple[Rewrite, ...]:
    if not call.carried:
        return ()
    names = " and ".join(f"`{state.name}`" for state in call.carried)
    states = ",".join(f"{state.name}:{state.kind}" for state in call.carried)
    title = f"Carry on the values only: detach {names} after backward()"
    return (Rewrite("detach-carried", call.site, title, arguments=(("states", states),)),)


def _shared(call: SecondBackward, first: Site) -> Iterator[Rewrite]:
    """What both losses were computed from, as plain numbers for the second: a graph that is kept
    does not help where a step has changed the parameters in it."""
    for kept in call.older:
        form = _NUMBERS.get(kept.kind)
        if form is not None:
            text = form.format(name=kept.name)
            title = f"Use the numbers of `{kept.name}` only from here on: `{text}`"
            arguments = (("text", f"{kept.name} = {text}"),)
            yield Rewrite("insert-after", first, title, arguments=arguments)


def _keeping(backward: Site, title: str = "Keep the graph: `retain_graph=True`") -> Rewrite:
    """A backward that leaves the graph for the next one."""
    arguments = (("keyword", "retain_graph"), ("value", "True"))
    return Rewrite("add-keyword", backward, title, arguments=arguments)


def _cut(call: SecondBackward) -> Iterator[Rewrite]:
    """What was computed before the turn, and is used in each, as plain numbers."""
    for kept in call.older:
        form = _NUMBERS.get(kept.kind)
        if form is None:
            continue
        text = form.format(name=kept.name)
        title = f"Use the numbers of `{kept.name}` only: `{text}`"
        arguments = (("text", f"{kept.name} = {text}"),)
        yield Rewrite("insert-after", kept.site, title, arguments=arguments)


_NUMBERS = {
    "tensor": "{name}.detach()",
    "list": "[one.detach() for one in {name}]",
    "tuple": "tuple(one.detach() for one in {name})",
}

RULE = Rule(
    "backward-twice",
    "a second backward() through a freed graph",
    "error",
    SecondBackward,
    check,
    __doc__ or "",
)
