"""What was seen of parameters that train without an optimizer, for the rules to read."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class Missed:
    """Parameters that have gradients at the steps, and that no optimizer holds.

    `reason`: `replaced` (they came in the place of others that the optimizer was given), `added`
    (they came to its model later), `unfrozen` (they were frozen when it was made), `apart` (the
    program made them to train), `twice` (two optimizers were given the same others).
    """

    names: tuple[str, ...]
    reason: str
    step: Site
    made: Site | None
    """Where they, or the module they are in, are made; where they are unfrozen."""
    optimizer: Site
    given: str = ""
    """How the optimizer can be given them where it is made."""
    later: Site | None = None
    call: str = ""
    """The statement after which the optimizer can be given them, and the call that does."""
