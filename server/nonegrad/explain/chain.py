"""The story of a tensor as lines of code, from what it is down to what made it so."""

from __future__ import annotations

from nonegrad.analysis.domain.provenance import Why, cuts, walk
from nonegrad.explain.base import code, line
from nonegrad.text import Source

MOST = 6

CUTS = {
    "detached": "takes it out of the graph",
    "poured": "takes the numbers, and leaves their graph behind",
    "no_grad": "is computed with grad mode off",
    "not_differentiable": "has no derivative: its result never requires grad",
    "left_torch": "leaves torch: what comes out is a plain number or array",
    "retensored": "copies the values into a new tensor, outside the graph",
    "frozen": "switches `requires_grad` off",
    "checkpoint": "gets no input that requires grad, so the checkpoint records nothing",
}

UNTRACKED = {
    "created": "makes it without `requires_grad=True`",
    "loaded": "gives plain tensors",
    "grad": "makes it: a gradient is plain values",
    "inplace": "writes to it; nothing that goes in requires grad",
}

MADE = "makes the leaf"
TRACKED = {
    "inplace": "writes to it, and the write is recorded",
    "checkpoint": "is computed again in backward",
}


def cause(why: Why | None) -> Why | None:
    """The step that a tensor's missing graph comes from: the newest cut, else its creation."""
    return next(iter(cuts(why)), None) or origin(why)


def origin(why: Why | None) -> Why | None:
    """Where the first tensor of the story was made."""
    return next((step for step in walk(why) if not step.parents), None)


def way(why: Why | None, goal: Why | None) -> list[Why]:
    """The shortest way from a step down to one of those it rests on, both included."""
    if why is None or goal is None:
        return []
    came: dict[int, Why | None] = {id(why): None}
    queue = [why]
    for step in queue:
        if step is goal:
            found: list[Why] = []
            current: Why | None = step
            while current is not None:
                found.append(current)
                current = came[id(current)]
            return found[::-1]
        for parent in step.parents:
            if id(parent) not in came:
                came[id(parent)] = step
                queue.append(parent)
    return []


def untracked(source: Source, why: Why | None) -> str:
    """Why a tensor does not require grad, line by line, the cause last."""
    return told(source, [(step, did(step)) for step in way(why, cause(why))])


def tracked(source: Source, why: Why | None, leaves: set[int]) -> str:
    """How a tensor comes from a leaf, line by line, the leaf last where one is known."""
    leaf = next((step for step in walk(why) if id(step) in leaves), None)
    steps = way(why, leaf) or ([why] if why is not None else [])
    texts = [MADE if step is leaf else TRACKED.get(step.kind, "") for step in steps]
    if texts and not texts[0]:
        texts[0] = "computes it, so it is not a leaf"
    return told(source, list(zip(steps, texts, strict=True)))


def did(step: Why) -> str:
    """What a step did that leaves its result without a graph."""
    if step.cut and step.kind in CUTS:
        mode = f" (line {step.mode.row})" if step.mode is not None else ""
        return CUTS[step.kind] + mode
    return UNTRACKED.get(step.kind, "nothing that goes in requires grad")


def told(source: Source, steps: list[tuple[Why, str]]) -> str:
    """A list of lines; of a long story the two ends."""
    shown = [(shows(source, step), text) for step, text in steps]
    places = [where for where, _ in shown]
    lines = [
        f"- {where}: {text}" if text else f"- {where}"
        for (where, text), after in zip(shown, [*places[1:], ""], strict=True)
        if where != after  # of several steps on one line the last one tells more
    ]
    if len(lines) > MOST:
        left = len(lines) - MOST + 1
        lines[MOST - 2 : -1] = [f"- … {left} more steps …"]
    return "\n".join(lines)


def shows(source: Source, step: Why) -> str:
    """A step's line with its code."""
    own = step.site.filename == source.filename
    text = source.line(step.site.row).strip() if own else ""
    return f"{line(step.site, source)} {code(text or step.text)}"
