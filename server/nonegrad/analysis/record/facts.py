"""What was seen from settled states, for the rules to read: frozen, and nothing of messages."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.record.exits import LeftOff
from nonegrad.analysis.record.missed import (
    Flattened,
    Frozen,
    LateSwitch,
    LostUpdate,
    Missed,
    ModuleFlag,
    Unlisted,
    Unstepped,
)
from nonegrad.analysis.record.parts import Held, Kept, Method, Wanted
from nonegrad.analysis.record.terms import IdleTerm
from nonegrad.analysis.record.writes import (
    Creation,
    HiddenWrite,
    Overwritten,
    RefusedWrite,
    SafeWrite,
)
from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class GradRead:
    """A read of `.grad` that gives None on every visit.

    `reason` is `untracked`, `non-leaf`, `rebound`, `before-backward`, `zeroed`, `not-reached`,
    `retained-too-late` or `unknown`.
    """

    site: Site
    owner: str
    tensor: Tensor
    reason: str
    why: Why | None
    definition: Site | None = None
    """The statement that bound the tensor the read is about."""
    name: str = ""
    backward: Site | None = None
    """The backward that came before the read, if one did."""
    retain_after: Site | None = None
    raises: bool = False
    """The None is used at once: Python raises a TypeError or AttributeError there."""
    filled_later: Site | None = None
    """The backward after the read that fills it, if one does."""
    cut: Why | None = None
    """For `not-reached`: the step that took what was computed from the leaf out of the graph."""
    always: bool = True
    """Every visit reads None; else only those of a later turn of a loop."""
    leaf: Creation | None = None
    """For `rebound`: where the leaf was made that the name held before."""
    plain: Site | None = None
    """Where the tensor is set as an attribute that its module does not register."""
    torch: str = ""
    """How the program spells `torch.nn`, with its dot."""


@dataclass(frozen=True, slots=True)
class NoGraph:
    """A backward (or autograd.grad) on a tensor that has no graph, or on no tensor: it raises."""

    site: Site
    owner: str
    call: str
    why: Why | None
    what: str = ""
    """What it is, where it is no tensor: `a Python float`, `a list`."""
    perhaps: tuple[Why, ...] = ()
    """Where values left torch before, for a number whose own story is not known; for a tensor that
    was never in a graph, where the thread of the parameters that are to train ended."""
    others_train: bool = False
    """Whether an optimizer holds parameters, and the tensor was never in a graph."""
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class MovedLeaf:
    """A leaf that was moved to a device, so that it is none where that is another one, and its use
    as a leaf. `how`: `grad` (its gradient is read), `optimizer` (it is given to one), `attribute`
    (it is a parameter, set in a module)."""

    move: Site
    text: str
    use: Site
    name: str
    how: str
    made: Site | None


@dataclass(frozen=True, slots=True)
class IntegerLeaf:
    """requires_grad on integers: raises."""

    site: Site
    text: str
    dtype: str | None


@dataclass(frozen=True, slots=True)
class UntrackedCall:
    """retain_grad, register_hook or numpy where torch refuses them. `call` is the method."""

    site: Site
    owner: str
    call: str
    why: Why | None
    receiver: Site | None = None


@dataclass(frozen=True, slots=True)
class SecondBackward:
    """A backward through a graph that an earlier one has freed: it raises."""

    site: Site
    call: str
    operator: str
    kept_by: Site | None
    first: Site | None
    crossing: Site | None = None
    """The step of the new graph that leads into the old one, where there is a new one."""
    carried: tuple[Held, ...] = ()
    """What hands the old graph on to the next turn."""
    loss: str = ""
    """The name that backward() is called on, and (`computed`) all names of computed tensors."""
    computed: tuple[str, ...] = ()
    older: tuple[Kept, ...] = ()
    """Variables that hold tensors of the freed graph."""
    whole: bool = False
    """Whether all that the backward gets to lies behind the freed graph."""
    stepped: bool = False
    """Whether an optimizer has stepped since the first backward: a kept graph may not do."""


@dataclass(frozen=True, slots=True)
class NonScalarBackward:
    """A backward() without a gradient on a tensor of more than one number: it raises."""

    site: Site
    owner: str
    why: Why | None
    receiver: Site | None = None


@dataclass(frozen=True, slots=True)
class OptimizerRefusal:
    """An optimizer that torch refuses to make. `reason`: `non-leaf` or `empty`; or, which torch
    takes, with a group whose generator was used up: `empty-group`."""

    site: Site
    reason: str
    why: Why | None = None
    generator: Site | None = None
    """Where the generator was made that it is given used up."""
    used_up: Site | None = None
    unmade: Method | None = None
    """A method of the model's class that was meant to be its `__init__`."""
    frozen: Why | None = None
    """What froze all the parameters of the program's models."""
    unlisted: Unlisted | None = None
    """What holds the layers of the model, and registers none of them."""


@dataclass(frozen=True, slots=True)
class ParameterReplaced:
    """A plain tensor assigned over a registered parameter: raises a TypeError."""

    site: Site
    name: str
    why: Why | None
    target: str = ""
    value: str = ""
    value_site: Site | None = None


@dataclass(frozen=True, slots=True)
class Untrained:
    """Leaves that an optimizer holds and that no step ever finds a gradient on.

    `reason`: `cut` (they flow into the loss, but leave the graph at `cause` on the way), `dropped`
    (what is computed from them goes into no loss), `unused` (nothing is computed from them),
    `zeroed` (zero_grad, `cause`, comes between every backward and its step), `stale` (nothing is
    computed from any parameter of the optimizer, while others that none holds get gradients),
    `replaced` (these took the place of some of the optimizer's, and get the gradients),
    `copied` and `again` (these get the gradients at a step that finds none on what its optimizer
    holds, of which they are copies, or which a module of the same class held before), `swapped`
    (they come, at `made`, in the place of some that the optimizer holds), `adapted` (losses are
    computed from copies of them, made at `made`, for which the program asks gradients itself),
    `loaded` (they are what a file held, set at `made`, and nothing is computed from them),
    `no-backward` (the program has none; `backward` is the end of the step's closure, if any).
    """

    names: tuple[str, ...]
    reason: str
    step: Site
    made: Site | None
    cause: Why | None
    backward: Site | None
    loss: Why | None = None
    """What the last backward before the step started from."""
    optimizer: Site | None = None
    instead: Site | None = None
    """For `stale` and `replaced`: where the parameters are made that get the gradients."""
    closure_returns: str = ""
    """For `no-backward`: the name that the closure returns, its loss."""
    stepping: str = ""
    """The text of the call that steps."""
    elsewhere: bool = False
    """Whether another optimizer trains them."""
    parts: tuple[str, ...] = ()
    """For `unused`: the largest modules that hold nothing but these, where that is all of them."""


@dataclass(frozen=True, slots=True)
class Undifferentiated:
    """An input of autograd.grad that gets no gradient. `reason`: `untracked` (it does not require
    grad: raises), `unused` (no output depends on it: raises), `none` (the same, and allowed)."""

    site: Site
    owner: str
    reason: str
    why: Why | None
    output: Why | None = None
    returned: Site | None = None
    """The return of a function that the input came through."""
    entry: Site | None = None
    """The first statement of the function that it is an argument of."""
    leaf: bool = False
    """Whether the outputs are leaves themselves: nothing that led to them was recorded."""
    partly: bool = False
    """Whether it is one of several inputs, to some of which a way leads."""
    bound: Site | None = None
    """For `untracked`: the assignment that gave it its name."""


@dataclass(frozen=True, slots=True)
class WrongGradients:
    """backward of a custom Function returns another number of gradients than forward has inputs:
    it raises when a backward gets there. `returned` is 0 where it has no return, and `text` is
    the last one, if any."""

    site: Site
    name: str
    wanted: int
    returned: int
    forward: Site
    text: str = ""
    backward: Site | None = None


@dataclass(frozen=True, slots=True)
class UnsetContext:
    """backward of a custom Function reads an attribute of its context that nothing has set."""

    site: Site
    name: str
    text: str
    forward: Site
    first: Site | None = None
    """The first statement of forward, where a parameter of that name is to be had there."""
    backward: Site | None = None


Fact = (
    GradRead
    | NoGraph
    | Overwritten
    | HiddenWrite
    | RefusedWrite
    | SafeWrite
    | MovedLeaf
    | IntegerLeaf
    | LeftOff
    | UntrackedCall
    | SecondBackward
    | NonScalarBackward
    | OptimizerRefusal
    | ParameterReplaced
    | Untrained
    | Unlisted
    | Missed
    | Frozen
    | IdleTerm
    | Unstepped
    | LateSwitch
    | LostUpdate
    | Flattened
    | ModuleFlag
    | Undifferentiated
    | WrongGradients
    | UnsetContext
)
