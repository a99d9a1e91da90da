"""Hover on what happens: backward(), an in-place write, a rebinding."""

from __future__ import annotations

import re

from nonegrad.analysis.domain.provenance import walk
from nonegrad.analysis.record.facts import NoGraph, Overwritten, RefusedWrite, SafeWrite
from nonegrad.analysis.record.sightings import Named, Passing
from nonegrad.explain import chain
from nonegrad.explain.base import code, line, listed, paragraphs
from nonegrad.text import Site, Source

LINTERS = "ruff's `PLR6104` and pylint's `R6104`"

AUGMENTED = re.compile(r"(?:\*\*|//|<<|>>|[-+*/%@&|^])= ?")

REFUSED = {
    "leaf": "`{0}` is a leaf that requires grad, and grad mode is on",
    "view-of-leaf": "`{0}` is (a view of) a leaf that requires grad, and grad mode is on",
    "multi-view": "`{0}` is one of several views that one operation gave",
    "hook-view": "`{0}` comes through a full backward hook, which made it a view",
    "nograd-view": "`{0}` is a view that was made with grad mode off",
    "inference": "`{0}` was made in inference mode",
    "detach-view": "`{0}` is a view, and views cannot be detached in place",
}


def passing(source: Source, event: Passing) -> str:
    """backward() that goes through: who gets a gradient, who does not, and why."""
    filled = listed(one.name for one in event.named if one.outcome == "filled")
    perhaps = listed(one.name for one in event.named if one.outcome == "perhaps")
    parts = [f"**Sets `.grad` of** {filled}." if filled else ""]
    if perhaps:
        parts.append(
            f"**On some runs also of** {perhaps}."
            if filled
            else f"**Sets `.grad` on some runs of** {perhaps}."
        )
    if event.unnamed:
        few = "one leaf" if event.unnamed == 1 else f"{event.unnamed} leaves"
        parts.append(f"It reaches {few} that no name here leads to.")
    if not event.whole:
        parts.append("A part of the graph is not known; it may set more.")
    if not any(parts):
        parts.append("No leaf that is known here gets a gradient.")
    parts.append(left_out(source, event))
    return paragraphs(parts)


def left_out(source: Source, event: Passing) -> str:
    """Those that stay without a gradient: the ones the result was computed from, and leaves that
    require grad, for somebody waits for theirs."""
    steps = {id(step) for step in walk(event.why)}
    owners = {owner(one) for one in event.named if one.outcome == "filled"}
    lines: list[str] = []
    for one in event.named:
        involved = one.tensor.why is not None and id(one.tensor.why) in steps
        if one.tensor.why is event.why:
            continue
        if one.outcome == "elsewhere" and not involved and owner(one) not in owners:
            continue
        reason = reason_of(source, event, one, involved=involved)
        if reason:
            lines.append(f"- {code(one.name)}: {reason}")
    if len(lines) > chain.MOST:
        lines[chain.MOST - 1 :] = [f"- and {len(lines) - chain.MOST + 1} more"]
    return "**Stay without:**\n" + "\n".join(lines) if lines else ""


def owner(one: Named) -> str:
    """The variable that leads to a tensor by a path; a name of its own has none."""
    before, dot, _ = one.name.partition(".")
    return before if dot else one.name


def reason_of(source: Source, event: Passing, one: Named, *, involved: bool) -> str:
    """Why a tensor gets none, in few words; empty where nobody expects one."""
    if one.outcome == "non-leaf":
        return f"not a leaf; {code(f'{one.name}.retain_grad()')} before this line would keep it"
    if one.outcome == "untracked" and involved and one.tensor.why is not None:
        blamed = chain.cause(one.tensor.why)
        where = f" ({line(blamed.site, source)} {chain.did(blamed)})" if blamed else ""
        return f"does not require grad{where}"
    if one.outcome == "elsewhere":
        cut = chain.cause(event.why) if involved else None
        if cut is not None and cut.cut:
            return f"cut off: {line(cut.site, source)} {chain.did(cut)}"
        return "a leaf, but not of this graph"
    return ""


def no_graph(source: Source, fact: NoGraph) -> str:
    """backward() on what has no graph."""
    if fact.what:
        said = f"**Raises** `AttributeError`: {code(fact.owner)} is {fact.what}, without a graph."
        return paragraphs([said, chain.untracked(source, fact.why)])
    said = (
        f"**Raises** `element 0 of tensors does not require grad and does not have a grad_fn`:"
        f" {code(fact.owner)} does not require grad."
    )
    return paragraphs([said, chain.untracked(source, fact.why)])


def needs_overwritten(source: Source, fact: Overwritten) -> str:
    """backward() that needs what was overwritten."""
    verb = "**Raises**" if fact.definite else "**Raises on some runs:**"
    lines = [f"- {line(fact.write, source)} {code(fact.text)}: overwrites it"]
    if fact.kept_by is not None:
        kept = "its result" if fact.role == "result" else "its input"
        lines.insert(0, f"- {shown(source, fact.kept_by)}: `{fact.operator}` keeps {kept}")
    said = (
        f"{verb} `one of the variables needed for gradient computation has been modified by an"
        " inplace operation`."
    )
    return paragraphs([said, "\n".join(lines)])


def overwritten(source: Source, fact: Overwritten) -> str:
    """An in-place write to what a backward() needs."""
    verdict = "backward() raises" if fact.definite else "backward() raises on some runs"
    lines: list[str] = []
    if fact.kept_by is not None:
        kept = "its result" if fact.role == "result" else f"{code(fact.target)}"
        lines.append(
            f"- {shown(source, fact.kept_by)}: `{fact.operator}` keeps {kept} for backward"
        )
    lines.append(f"- {line(fact.write, source)} {code(fact.text)}: overwrites it")
    if fact.backward is not None:
        lines.append(f"- {shown(source, fact.backward)}: needs the old value")
    return paragraphs([f"**In place: {verdict}.**", "\n".join(lines), advice(fact.text)])


def refused(source: Source, fact: RefusedWrite) -> str:
    """An in-place write that torch refuses."""
    reason = REFUSED[fact.reason].format(fact.target)
    made = f"- {shown(source, fact.created.site)}: makes the leaf" if fact.created else ""
    note = advice(fact.text) if fact.reason in ("leaf", "view-of-leaf") else ""
    return paragraphs([f"**In place: raises here**, because {reason}.", made, note])


def safe(source: Source, fact: SafeWrite) -> str:
    """An in-place write that does no harm."""
    if fact.saved_by is not None:
        said = f"- {shown(source, fact.saved_by)}: keeps the value that is overwritten here"
        return paragraphs(
            ["**In place: a backward() through it raises.**", said, advice(fact.text)]
        )
    made = f": `{fact.made_by}` does not keep it" if fact.made_by else ""
    old = code(fact.target)
    note = ""
    if fact.retain is not None:
        note = (
            f"A new tensor would lose the `retain_grad()` of {line(fact.retain, source)};"
            " the rewrite on offer moves it along."
        )
    return paragraphs(
        [
            f"**In place: safe here.** No backward() needs the old value of {old}{made}."
            " The write is recorded, and gradients flow through it.",
            note,
        ]
    )


def update() -> str:
    """A leaf written with grad mode off."""
    return paragraphs(
        [
            "**In place: right here.** Grad mode is off, so nothing is recorded, and the leaf stays"
            " the same tensor, with its `.grad` and its place in the optimizer.",
            "A new tensor (`w = w - …`) would be the bug: it does not require grad.",
        ]
    )


def kept(source: Source, keeper: Site | None) -> str:
    """`y = y + 1` where `y += 1` would raise."""
    reason = "this is a leaf that requires grad"
    if keeper is not None:
        reason = f"{shown(source, keeper)} keeps the old value for backward"
    return f"**Keep this form.** {LINTERS} advise the augmented one, which would raise: {reason}."


def advice(text: str) -> str:
    """The linters that ask for `y += 1`, where that is what goes wrong."""
    return f"{LINTERS} ask for this form; here it is the bug." if AUGMENTED.search(text) else ""


def shown(source: Source, site: Site) -> str:
    """A line with its code."""
    own = source.line(site.row).strip() if site.filename == source.filename else ""
    return f"{line(site, source)} {code(own)}" if own else line(site, source)
