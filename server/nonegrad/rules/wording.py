"""Words, places and cures that several rules share: the chain of causes, and where it began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nonegrad.analysis.domain.provenance import DRAWN, MASKS, Why, cuts, walk
from nonegrad.rules.beginnings import begun, gradients
from nonegrad.text import Related, Rewrite, Site

CUT_BY = {
    "detached": "`{text}` takes it out of the graph",
    "poured": "`{text}` takes the numbers and leaves their graph behind",
    "no_grad": "`{text}` is computed while grad mode is off, so nothing is recorded",
    "not_differentiable": "`{text}` has no derivative, so its result never requires grad",
    "left_torch": "`{text}` leaves torch and gives plain numbers, which have no graph",
    "retensored": "`{text}` copies the values into a new tensor, outside the graph",
    "frozen": "`{text}` switches requires_grad off",
    "no_gradient": "`{text}` gives no gradient for it",
    "told": "`{text}` gives no gradient for it",
    "checkpoint": "`{text}` is reentrant and gets no tensor that requires grad",
}

PRETRAINED = re.compile(r"\bEmbedding(Bag)?\.from_pretrained\(")
"""A layer that is frozen unless it is asked not to be."""

ALIAS = re.compile(r"\.(data|detach\(\))$")
"""The same data outside the graph, written to in the place of the tensor."""

COMPARED = re.compile(r" (<|>)=? ")
"""A comparison by size."""

CAST = re.compile(r"\.(?:int|long|short|byte)\(\)$")
"""A cast to integers, at the end of an expression."""

COPIED = re.compile(r"torch\.tensor\(")
"""A call that copies tensors, and makes tensors of numbers."""

MOST = 4
"""As many cuts beside the first are shown."""

PARAMETER = re.compile(r"^(\w+\.)*Parameter\(")
"""A new parameter, which is the beginning of a graph of its own."""


def cause(why: Why | None) -> Why | None:
    """The step to blame: the first of the cuts, or else the place where the tensor was made."""
    found = fresh(why)
    if found:
        return found[0]
    made = gradients(why) or begun(why) or [step for step in walk(why) if step.kind == "loaded"]
    return made[0] if made else None


def fresh(why: Why | None) -> list[Why]:
    """The cuts behind which there is no other one: each of them alone kept a graph from the end
    of the story. A mask comes last, for what it masks is meant to bring the gradient."""
    found: dict[int, Why] = {}
    seen: set[int] = set()
    queue = [why] if why is not None else []
    for step in queue:
        if id(step) in seen:
            continue
        seen.add(id(step))
        if step.cut:
            found[id(step)] = step
        if not step.cut or step.kind == "frozen":
            queue.extend(step.parents)
    return sorted(found.values(), key=lambda step: (step.kind == "frozen", step.held in MASKS))


def said(step: Why) -> str:
    """One step of the story, as a clause."""
    if step.kind in CUT_BY and step.cut:
        return CUT_BY[step.kind].format(text=shown(step))
    if step.kind == "loaded":
        return f"`{step.text}` gives plain tensors"
    if step.kind == "grad":
        return f"`{step.text}` gives gradients without a graph: it has no `create_graph=True`"
    if step.kind == "created":
        return f"`{step.text}` makes it without `requires_grad=True`"
    return f"`{step.text}` makes it"


def told(step: Why, at: Site | None = None) -> str:
    """The step as a sentence of its own, with its line, and its file where that is another one."""
    elsewhere = at is not None and at.filename != step.site.filename
    file = f" of {Path(step.site.filename).name}" if elsewhere else ""
    return f" On line {step.site.row}{file} {said(step)}."


def shown(step: Why) -> str:
    """The text of a step; a method without its tensor gets its dot."""
    bare = step.kind in ("detached", "left_torch") and re.fullmatch(r"\w+(\(\))?", step.text)
    inside = step.text in ("float()", "int()", "bool()", "complex()")
    return f".{step.text}" if bare and not inside else step.text


def cut_at(step: Why) -> list[Related]:
    """Where a step cuts the graph, and where grad mode was switched off for it."""
    mode = [] if step.mode is None else [Related(step.mode, "grad mode is switched off here")]
    return [Related(step.site, said(step)), *mode]


def related(why: Why | None, at: Site) -> tuple[Related, ...]:
    """The places of the story, from the cause to the symptom."""
    step = cause(why)
    if step is None or step.site == at:
        return ()
    places = cut_at(step)
    if step.via is not None:
        places.append(Related(step.via, "under it, this call leads there"))
    others = [one for one in fresh(why) if one is not step and one.site != at]
    others += [one for one in cuts(why) if one.kind == "frozen" and one is not step][:1]
    places += [Related(one.site, said(one)) for one in others[:MOST]]
    return tuple(dict.fromkeys(places))


def cures(why: Why | None, *, certain: bool = False) -> tuple[Rewrite, ...]:
    """What puts the tensor of the story back into its graph, or makes it require grad.

    `certain` says that the program fails on every run as it is: then the flag at the one place
    that lacks it changes nothing that worked.
    """
    steps = cuts(why)
    if steps:
        # A cut that has no cure is the end of it: what was cut before may well be meant.
        # Nor is one of use that lies behind the first, and freezing is mostly meant.
        first = rejoined(steps[0], why)
        apart = [step for step in steps[1:2] if step not in walk(steps[0])]
        apart = apart if steps[0].kind != "not_differentiable" else []
        apart = [step for step in apart if step.kind != "frozen" or steps[0].kind == "frozen"]
        others = (one for step in apart for one in rejoined(step, why))
        return tuple(dict.fromkeys((*first, *others))) if first else ()
    made = begun(why)
    given = tuple(_differentiable(step) for step in gradients(why)[:2])
    frozen = [step for step in made if PRETRAINED.search(step.text)]
    if frozen:
        return (unfrozen(frozen),)
    return given + tuple(
        Rewrite(
            "add-requires-grad",
            step.site,
            f"Add `requires_grad=True` to `{step.text}`",
            safe=certain and len(made) == 1 and not given,
        )
        for step in made[:3]
    )


def _differentiable(step: Why) -> Rewrite:
    """Gradients that have a graph."""
    title = f"Compute the gradients with a graph: `create_graph=True` for `{step.text}`"
    arguments = (("keyword", "create_graph"), ("value", "True"))
    return Rewrite("add-keyword", step.site, title, arguments=arguments)


def unfrozen(made: list[Why]) -> Rewrite:
    """Embeddings over a given weight, which learn only where they are told to."""
    title = f"Let it learn: `freeze=False` for `{made[0].text}`"
    if len(made) > 1:
        title = "Let the embeddings learn: `freeze=False`"
    arguments = (("keyword", "freeze"), ("value", "False"))
    first, *more = (Rewrite("add-keyword", step.site, title, arguments=arguments) for step in made)
    return replace(first, parts=tuple(more))


def rejoined(step: Why, story: Why | None = None) -> tuple[Rewrite, ...]:
    """The edits that undo a cut; they change what a gradient is, so none of them is safe. None
    helps where the story has its numbers leave torch afterwards."""
    text = shown(step)
    left = [later for later in walk(story) if later.kind == "left_torch" and step in walk(later)]
    if left and step.kind != "left_torch":
        at_once = left[-1].text == "item()" and left[-1].site[:3] == step.site[:3]
        return (_number(step, left[-1]),) if at_once else ()
    if step.kind == "no_grad" and step.mode is not None:
        return tuple(recorded(step, step.mode, story))
    if step.kind == "poured" and re.search(r"\.data\s*=", text):
        title = "Keep the graph: a plain tensor, without `.data`"
        return (Rewrite("plain-data", step.site, title),)
    if step.kind == "detached" and step.text == "detach_()":
        return (Rewrite("delete-statement", step.site, f"Remove the call of `{text}`"),)
    if step.kind == "poured" and ".load_state_dict(" in text:
        title = "Call the model with these tensors: `torch.func.functional_call`"
        return (Rewrite("call-with-state", step.site, title),)
    alias = ALIAS.search(text) if step.kind == "poured" else None
    if alias is not None:
        title = f"Write within the graph: remove `{alias.group()}`"
        return (Rewrite("drop-call", step.site, title),)
    if step.kind == "detached" and text.endswith("state_dict()"):
        title = "Take the parameters themselves: `named_parameters()`"
        return (Rewrite("state-to-parameters", step.site, title),)
    if step.kind == "detached":
        return (Rewrite("drop-call", step.site, f"Stay in the graph: remove `{text}`"),)
    if step.held == DRAWN:
        return (Rewrite("sample-to-rsample", step.site, "Sample with a gradient: `rsample`"),)
    if step.kind == "retensored" and step.held.startswith("["):
        title = "Join the tensors within the graph: `torch.stack`"
        return (Rewrite("stack-elements", step.site, title, arguments=(("held", step.held),)),)
    if step.kind == "retensored" and PARAMETER.search(text):
        title = f"Keep the tensor and its graph: no `{text}`"
        call = "Call the layer with the computed tensor: `torch.func.functional_call`"
        return (
            Rewrite("functional-call", step.site, call),
            Rewrite("plain-attribute", step.site, title),
        )
    if step.kind == "left_torch" and step.text.startswith("math."):
        function = f"torch.{step.text.removeprefix('math.').removesuffix('()')}"
        title = f"Compute it within the graph: `{function}`"
        return (Rewrite("call-instead", step.site, title, arguments=(("function", function),)),)
    if step.kind in ("retensored", "left_torch"):
        if COPIED.match(text):
            title = f"Take tensors as they are: `torch.as_tensor` instead of `{text}`"
            taken = Rewrite("copy-to-as-tensor", step.site, title)
            return (taken, Rewrite("drop-call", step.site, f"Keep the tensor: no `{text}`"))
        return (Rewrite("drop-call", step.site, f"Keep the tensor and its graph: no `{text}`"),)
    if step.kind == "not_differentiable" and CAST.search(text):
        cast = CAST.findall(text)[-1]
        title = f"Stay with floating point numbers: no `{cast}`"
        return (Rewrite("drop-call", step.site, title),)
    if step.kind == "not_differentiable":
        title = "Keep the numbers, and pass the gradient straight through"
        return (Rewrite("straight-through", step.site, title),) if COMPARED.search(text) else ()
    if step.kind == "frozen":
        return (Rewrite("unfreeze", step.site, f"Remove `{text}`"),)
    if step.kind == "grad":
        return (_differentiable(step),)
    if step.kind == "no_gradient" and step.held.isidentifier():
        text = f"return {step.held}"
        return (
            Rewrite("insert-after", step.site, f"Insert `{text}`", arguments=(("text", text),)),
        )
    if step.kind == "checkpoint":
        arguments = (("keyword", "use_reentrant"), ("value", "False"))
        title = "Checkpoint without reentrance: `use_reentrant=False`"
        return (Rewrite("add-keyword", step.site, title, arguments=arguments),)
    return ()


def _number(step: Why, later: Why) -> Rewrite:
    """What was detached to be a number at once: kept as it was."""
    title = f"Keep the tensor and its graph: no `{shown(step)}.item()`"
    return Rewrite("drop-call", later.site, title, arguments=(("chain", "yes"),))


def recorded(step: Why, mode: Site, story: Why | None) -> Iterator[Rewrite]:
    """The edits that have a step recorded: an inner one only where it holds all that is computed
    of the step under the same switch, for else the next step cuts it off."""
    if ".grad" in step.text:
        title = f"Update in place: `{shown(step)}` makes no leaf"
        yield Rewrite("update-in-place", step.site, title)
    under = [each for each in walk(story) if each.mode == mode and step in walk(each)[1:]]
    if step.via is not None and all(_starts(each) == _starts(step) for each in under):
        title = "Call it with grad mode on: `with torch.enable_grad():`"
        yield Rewrite("wrap-no-grad", step.via, title, arguments=(("mode", "enable_grad"),))
    yield Rewrite("keep-grad-mode", mode, "Compute it with grad mode on")
    if all(each.site.filename == step.site.filename for each in under):
        outside = str(mode.row) if mode.filename == step.site.filename else ""
        inside = ",".join(str(each.site.row) for each in under)
        arguments = (("inside", inside), ("outside", outside))
        yield Rewrite("enable-grad", step.site, "Compute it with grad mode on", arguments=arguments)


def _starts(step: Why) -> tuple[str, int]:
    """The line, directly under the switch, that leads to a step."""
    place = step.via or step.site
    return place.filename, place.row


def moved(site: Site, to: Site, where: str, title: str) -> tuple[Rewrite, ...]:
    """A statement moved before or after another one of its block."""
    if site.filename != to.filename:
        return ()
    arguments = (("to", f"{to.row}:{to.column}"), ("where", where), ("block", "same"))
    return (Rewrite("move-statement", site, title, arguments=arguments),)
