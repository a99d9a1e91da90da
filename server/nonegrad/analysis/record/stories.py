"""Where values went on without a graph: the cuts on the way to a loss, and what is behind them."""

from __future__ import annotations

from nonegrad.analysis.domain import provenance, values
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.record.graphs import Key, Vertex
from nonegrad.analysis.record.walking import Walk

MOST_STEPS = 60
"""How much is drawn of the story of a loss that has no graph."""


def add(walk: Walk) -> None:
    """Draw the cuts in the stories of all roots; of a root without a graph every step."""
    leaves = {
        tensor.why: addr
        for addr in walk.places
        if (tensor := walk.m.tensor(addr)) is not None and tensor.is_leaf is YES and tensor.why
    }
    for root, why, whole in walk.stories:
        if why is not None:
            tell(walk, root, why, leaves, whole=whole and walk.graph.kind != "return")


def tell(walk: Walk, root: Key, why: Why, leaves: dict[Why, Addr], *, whole: bool) -> None:
    """One story: its vertices, and edges between those that no other vertex lies between."""
    steps = provenance.walk(why)
    steps = steps[:MOST_STEPS] if whole else steps
    above: dict[Why, list[Why]] = {}
    for step in steps:
        for parent in step.parents:
            above.setdefault(parent, []).append(step)
    shown = {step: key for step in steps if (key := vertex_of(walk, step, leaves, whole))}
    if why in shown and shown[why] not in walk.tracked:
        walk.graph.lead(shown[why], root, "values", False)
    shown.setdefault(why, root)
    known: set[Key] = set()
    for step, key in shown.items():
        tracked = key in walk.tracked
        for target in targets_of(step, above, shown):
            # What is recorded has its edges; from there a way without a graph begins at a cut.
            if target != key and (not tracked or target[0] == "cut"):
                walk.graph.lead(key, target, "values", False)
                known |= {target} if tracked and key[0] == "op" else set()
    for step, key in shown.items():
        for addr in sorted(walk.kept.behind.get(step, ()), key=values.age):
            # The way to a leaf that is reached goes on from the recorded step before the cut.
            if key[0] == "cut" and not (key in known and addr in walk.reached):
                source = walk.leaf(addr, ("no", "cut")) if walk.near(addr) else walk.caller()
                walk.graph.lead(source, key, "values", False)


def vertex_of(walk: Walk, step: Why, leaves: dict[Why, Addr], whole: bool) -> Key | None:
    """The vertex of a step, where it has one."""
    for fn in sorted(walk.kept.makers.get(step, ()), key=values.age):
        if (key := walk.turns.key(fn)) in walk.graph.vertices:
            return key
    if step in leaves:
        return walk.places[leaves[step]]
    if step.cut and step.kind != "frozen":
        own = walk.graph.kind != "return" or walk.turns.within(walk.kept.calls.get(step, []))
        key = ("cut", step.site, step.kind) if own else None
        made = Vertex("cut", walk.code(step.site), step.site, reason=step.kind, by=step.mode)
    else:
        key = ("step", step.site, step.kind, step.text) if whole else None
        text = walk.code(step.site) or step.text
        made = Vertex("op", text, step.site, requires_grad=False)
        if not step.parents:
            made = Vertex("leaf", text, step.site, None, False, "no", "untracked")
    if key is not None and key not in walk.graph.vertices:
        walk.graph.add(key, made)
    return key


def targets_of(step: Why, above: dict[Why, list[Why]], shown: dict[Why, Key]) -> list[Key]:
    """The nearest vertices that what a step gave went on to."""
    found: dict[Key, None] = {}
    queue, seen = list(above.get(step, ())), {step}
    for one in queue:
        if one in seen:
            continue
        seen.add(one)
        if one in shown:
            found[shown[one]] = None
        else:
            queue += above.get(one, ())
    return list(found)
