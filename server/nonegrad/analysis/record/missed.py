"""What was seen of leaves that do not train for want of an optimizer or a flag."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class Missed:
    """Parameters that have gradients at the steps, and that no optimizer holds.

    `reason`: `replaced` (they came in the place of others that the optimizer was given), `added`
    (they came to its model later), `unfrozen` (they were frozen when it was made), `apart` (the
    program made them to train), `twice` (two optimizers were given the same others), `doubled` (one
    optimizer was given the same others twice), `grouped` (they are in a group that none was given).
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


@dataclass(frozen=True, slots=True)
class Frozen:
    """Tensors that an optimizer holds, and that require grad at none of its steps.

    `reason`: `listed` (the program gives them to the optimizer one by one), `all` (the optimizer
    holds nothing else).
    """

    names: tuple[str, ...]
    reason: str
    step: Site
    cause: Site | None
    """Where they are frozen, or made without the flag."""
    text: str
    frozen: bool
    """Whether `cause` switches the flag off; else the tensors never had it."""
    optimizer: Site | None


@dataclass(frozen=True, slots=True)
class LateSwitch:
    """requires_grad switched on after a loss was computed from the leaf.

    `how` it shows: `raises` (the loss has no graph), `read` (`.grad` is None), `used` (it is None,
    and used at once, which raises), `idle` (no step changes the leaf).
    """

    site: Site
    text: str
    shown: Site
    how: str
    owner: str = ""
    first: Site | None = None
    """The first operation on the leaf that was not recorded."""


@dataclass(frozen=True, slots=True)
class Unstepped:
    """An optimizer whose parameters have gradients when another one steps, and that never does."""

    names: tuple[str, ...]
    optimizer: Site
    step: Site
    """A step of another optimizer; the second of it after one backward, if there is one."""
    second: bool
    call: str = ""
    """The call that would step it, where it is within reach there."""


@dataclass(frozen=True, slots=True)
class LostUpdate:
    """A tensor computed from a leaf, bound to the leaf's name, and never read."""

    site: Site
    name: str
    text: str
    by_gradient: bool
    """Whether the gradient of the leaf goes into it."""
    made: Site | None


@dataclass(frozen=True, slots=True)
class Flattened:
    """Leaves that get zeros from every backward: each way to them goes through a step whose
    derivative is zero everywhere."""

    names: tuple[str, ...]
    site: Site
    operator: str
    backward: Site


@dataclass(frozen=True, slots=True)
class ModuleFlag:
    """`requires_grad` set on a module, whose parameters are as before when a backward comes."""

    site: Site
    owner: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Leaves in an attribute of a module that a backward fills and no optimizer holds, for the
    module does not register them.

    `reason`: `modules` (in a plain list or dict), `parameters` (in one), `nested` (in containers
    in containers), `tensor` (a plain tensor), `computed` (a tensor computed from them),
    `forgotten` (in a layer that a method, `owner`, makes anew at each call).
    """

    names: tuple[str, ...]
    reason: str
    made: Site
    step: Site
    optimizer: Site | None
    owner: str = ""
    text: str = ""
    torch: str = "torch.nn."
    inner: tuple[tuple[Site, str], ...] = ()
    """For `nested`: where the containers in it are made, and what registers each of them, if all
    of them hold modules only. For `forgotten`: the end of `__init__`, and a free attribute."""
