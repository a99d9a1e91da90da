"""From a recorded graph to boxes and lines: modules folded, words found, numbers given.

A picture is for people: parameters of one module that fare alike are one box, and of very many
operations those of one place are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nonegrad.analysis.record.graphs import Graph, Key, Vertex, numbered
from nonegrad.graph import words
from nonegrad.graph.words import Place
from nonegrad.text import Site

MANY_LEAVES = 14
"""More boxes of leaves than that, and larger modules are folded."""
MANY_OPERATIONS = 60

Tone = Literal["root", "op", "untracked", "cut", "yes", "no", "perhaps", "unknown"]


@dataclass(frozen=True, slots=True)
class Box:
    """One vertex as it is drawn: lines of text, and all there is to say when one points at it."""

    id: str
    tone: Tone
    lines: tuple[str, ...]
    tip: str
    site: Site | None


@dataclass(frozen=True, slots=True)
class Line:
    """One edge, in the direction of the values."""

    source: str
    target: str
    style: Literal["gradient", "perhaps", "values"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One graph."""

    id: str
    title: str
    note: str
    """What is to be said of all of it: that it raises, that a part is not known."""
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def pictures(graphs: Iterable[Graph], raises: dict[Site, str], place: Place) -> list[Picture]:
    """All graphs of a program; `raises` says of a backward() what it certainly raises."""
    return [
        picture(graph, f"g{number}", raises.get(graph.site, ""), place)
        for number, graph in enumerate(graphs, 1)
    ]


def picture(graph: Graph, prefix: str, raises: str, place: Place) -> Picture:
    """One graph as boxes and lines."""
    ids = numbered(graph)
    groups = {**leaf_groups(graph, ids), **operation_groups(graph, ids)}
    members: dict[str, list[Key]] = {}
    for key, number in ids.items():
        members.setdefault(groups.get(key, number), []).append(key)
    boxes = tuple(
        box(graph, f"{prefix}{number}", [graph.vertices[key] for key in keys], place)
        for number, keys in members.items()
    )
    lines: dict[tuple[str, str], Line] = {}
    for (source, target), edge in graph.edges.items():
        style = edge.kind if edge.kind == "values" or edge.certain else "perhaps"
        ends = (prefix + groups.get(source, ids[source]), prefix + groups.get(target, ids[target]))
        before = lines.get(ends)
        if ends[0] != ends[1] and (before is None or STRONGEST[style] < STRONGEST[before.style]):
            lines[ends] = Line(*ends, style)
    ordered = sorted(lines.values(), key=lambda line: (rank(line.target), rank(line.source)))
    notes = [f"raises: {raises}"] if raises else []
    notes += [] if graph.whole else ["a part of the graph is not known (?)"]
    title = words.title(graph, place)
    return Picture(prefix, title, "; ".join(notes), boxes, tuple(ordered))


STRONGEST = {"gradient": 0, "perhaps": 1, "values": 2}


def rank(number: str) -> int:
    """The place of a box among the others."""
    return int(number.rpartition("n")[2])


def leaf_groups(graph: Graph, ids: dict[Key, str]) -> dict[Key, str]:
    """Which leaves share a box: those of one module that fare alike and lead to the same places;
    where that leaves too many boxes, all of a module that fare alike."""
    targets: dict[Key, set[Key]] = {}
    for source, target in graph.edges:
        targets.setdefault(source, set()).add(target)
    held = {
        key: vertex
        for key in ids
        if (vertex := graph.vertices[key]).kind == "leaf" and vertex.modules
    }
    deepest = max((len(vertex.modules) for vertex in held.values()), default=0)
    groups: dict[Key, str] = {}
    for depth in range(deepest + 1, 0, -1):
        found: dict[object, str] = {}
        for key, vertex in held.items():
            fate: tuple[object, ...] = (vertex.gradient, vertex.reason, vertex.by)
            if depth > deepest:
                fate = (*fate, vertex.modules[0], frozenset(targets.get(key, ())))
            else:
                fate = (*fate, vertex.modules[:depth])
            groups[key] = found.setdefault(fate, ids[key])
        if len(found) <= MANY_LEAVES:
            break
    return groups


def operation_groups(graph: Graph, ids: dict[Key, str]) -> dict[Key, str]:
    """Of very many operations those of one place share a box, whichever call they ran in."""
    operations = [key for key in ids if graph.vertices[key].kind == "op"]
    if len(operations) <= MANY_OPERATIONS:
        return {}
    found: dict[object, str] = {}
    groups: dict[Key, str] = {}
    for key in operations:
        vertex = graph.vertices[key]
        groups[key] = found.setdefault((vertex.site, vertex.grad_fn, vertex.operator), ids[key])
    return groups


def box(graph: Graph, number: str, members: list[Vertex], place: Place) -> Box:
    """The box of some vertices that are told alike."""
    first = members[0]
    tip: list[str] = []
    name = words.name(first)
    if first.kind == "leaf" and len(members) > 1:
        modules = [vertex.modules for vertex in members]
        shared = [path for path in modules[0] if all(path in other for other in modules)]
        name = f"{shared[-1] if shared else name} ({len(members)} parameters)"
        tip = [vertex.text for vertex in members]
    second = below(graph, members, place)
    where = place(first.site) if first.site is not None else ""
    code = first.text if first.kind in ("op", "cut") else ""
    told = ": ".join(part for part in (where, code) if part)
    if first.kind == "op" and first.by is not None:
        told += f", called on {place(first.by)}"
    tips = (name, *second, told, *tip)
    return Box(number, tone(first), (name, *second), "\n".join(dict.fromkeys(tips)), first.site)


def below(graph: Graph, members: list[Vertex], place: Place) -> list[str]:
    """The lines under the name."""
    first = members[0]
    where = place(first.site) if first.site is not None else ""
    match first.kind:
        case "leaf":
            return [words.outcome(graph, first, place)]
        case "op" if first.requires_grad is False:
            return [f"{where}: not recorded"]
        case "op":
            count = words.times(first) if len(members) == 1 else f"{len(members)} calls"
            maybe = "" if first.certain else "perhaps"
            call = f"from {place(first.by)}" if first.by is not None else ""
            notes = ", ".join(part for part in (call, count, maybe) if part)
            return [f"{where}: {first.text}", *([notes] if notes else [])]
        case "cut":
            return [f"{where}: cut", words.cut(first, place)]
        case "root" if first.reason:
            return [f"{first.reason}, no tensor"]
        case "root" if first.requires_grad is False:
            return ["does not require grad"]
        case _:
            return []


def tone(vertex: Vertex) -> Tone:
    """How a box is coloured."""
    match vertex.kind:
        case "leaf":
            return vertex.gradient or "unknown"
        case "op":
            return "untracked" if vertex.requires_grad is False else "op"
        case "root" | "cut":
            return vertex.kind
        case "input" | "unknown":
            return "unknown"
