"""Words and places that several rules share: the chain of causes, and where a tensor was made."""

from __future__ import annotations

from nonegrad.analysis.provenance import Why, cuts, walk
from nonegrad.text import Related, Rewrite, Site

CUT_BY = {
    "detached": "`{text}` takes it out of the graph",
    "no_grad": "`{text}` is computed while grad mode is off, so nothing is recorded",
    "not_differentiable": "`{text}` has no derivative: its result never requires grad",
    "left_torch": "`{text}` leaves torch: what comes out is a plain number or array",
    "retensored": "`{text}` copies the values into a new tensor, outside the graph",
    "frozen": "`{text}` switches requires_grad off",
    "checkpoint": "the reentrant checkpoint gets no input that requires grad",
}


def cause(why: Why | None) -> Why | None:
    """The step to blame: the newest cut, or else the place where the tensor was made."""
    found = cuts(why)
    if found:
        return found[0]
    made = [step for step in walk(why) if step.kind == "created"]
    return made[0] if made else None


def said(step: Why) -> str:
    """One step of the story, as a clause."""
    if step.kind in CUT_BY and step.cut:
        return CUT_BY[step.kind].format(text=step.text)
    if step.kind == "created":
        return f"`{step.text}` makes it, without requires_grad"
    return f"`{step.text}` makes it"


def related(why: Why | None, at: Site) -> tuple[Related, ...]:
    """The places of the story, from the cause to the symptom."""
    step = cause(why)
    if step is None or step.site == at:
        return ()
    places = [Related(step.site, said(step))]
    if step.mode is not None:
        places.append(Related(step.mode, "grad mode is switched off here"))
    return tuple(places)


def cures(why: Why | None) -> tuple[Rewrite, ...]:
    """What makes the tensor of the story require grad, or puts it back into its graph."""
    found: list[Rewrite] = []
    for step in cuts(why)[:2]:
        if step.kind == "detached":
            found.append(Rewrite("drop-call", step.site, f"Remove `{shown(step.text)}`"))
        elif step.kind in ("retensored", "left_torch"):
            found.append(Rewrite("drop-call", step.site, f"Keep the tensor: remove `{step.text}`"))
        elif step.kind == "no_grad" and step.mode is not None:
            found.append(
                Rewrite("unwrap-with", step.mode, "Compute it with grad mode on: remove the block")
            )
    if found:
        return tuple(found)
    made = [step for step in walk(why) if step.kind == "created"]
    return tuple(
        Rewrite("add-requires-grad", step.site, f"Add `requires_grad=True` to `{step.text}`")
        for step in made[:3]
    )


def shown(text: str) -> str:
    """`.detach()` for the word a step carries."""
    return text if text.startswith(".") else f".{text}"
