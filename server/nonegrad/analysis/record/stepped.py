"""What is known of a parameter over all visits of the steps that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.record.facts import Untrained
from nonegrad.analysis.record.missed import Frozen, Missed
from nonegrad.text import Site


@dataclass(slots=True)
class Stepped:
    """One parameter over all visits of the steps that hold it."""

    tensor: Tensor
    step: Site
    never: bool
    frozen: bool
    off: bool
    """Whether it requires grad at no step."""
    hazy: bool = False
    """Whether a backward had run through a graph that is not known: only a cut then tells why."""
    used: bool = False
    stories: set[Site] = field(default_factory=set[Site])
    """The cuts in the stories of the losses whose backward came before the steps."""
    backward: Site | None = None
    loss: Why | None = None
    optimizer: Site | None = None
    text: str = ""
    """Of the call that steps."""
    again: bool = False
    """Whether a backward ran between the clearing and the step, and left it without one."""
    holder: Site | None = None
    """For what comes out of a file: where it was named, alone or in a container."""

    def as_frozen(self, reason: str, names: tuple[str, ...]) -> Frozen:
        """What there is to say of tensors that are frozen at one place, this one among them."""
        why = self.tensor.why
        return Frozen(
            names,
            reason,
            self.step,
            why.site if why is not None else None,
            why.text if why is not None else "",
            why is not None and why.kind == "frozen",
            self.optimizer,
        )


Stages = dict["Site | None", dict[Addr, Stepped]]
"""The same for the steps of each optimizer by itself."""


def unfed(stages: Stages, everywhere: dict[Addr, Stepped]) -> Iterator[tuple[Addr, Stepped]]:
    """What optimizers hold that never have anything to do, while others train the same: only a
    cut tells why."""
    for stage in stages.values():
        idle = all(one.never and one.again for one in stage.values())
        if idle and not any(everywhere[addr].never for addr in stage):
            yield from ((addr, replace(one, hazy=True)) for addr, one in stage.items())


def replacing(fact: Missed) -> Missed | Untrained:
    """Parameters that took the place of those of an optimizer make that one stale."""
    if fact.reason != "replaced":
        return fact
    return Untrained(
        fact.names, "replaced", fact.step, None, None, None, None, fact.optimizer, fact.made
    )
