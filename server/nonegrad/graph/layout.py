"""Where the boxes of a picture stand: in layers by the longest way to the loss, which is at the
bottom, within a layer so that lines cross little. The same on every run.

No library does it here: those for Python need Graphviz itself, or are no longer kept up.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

Edge = tuple[str, str]
GAP, RISE = 22.0, 34.0
"""Between boxes of a layer, and between layers."""
SWEEPS = 12
THIN = 8.0
"""How wide a line is that only passes a layer."""


@dataclass(slots=True)
class Spot:
    """One box, or the point at which a line passes a layer."""

    width: float
    height: float
    layer: int = 0
    x: float = 0.0
    """Its middle."""
    y: float = 0.0
    """Its upper edge."""
    above: list[Spot] = field(default_factory=list["Spot"], repr=False)
    below: list[Spot] = field(default_factory=list["Spot"], repr=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """All boxes by their names, for each line the spots it runs through, and the size of it all."""

    spots: dict[str, Spot]
    ways: dict[Edge, list[Spot]]
    width: float
    height: float


def arrange(sizes: dict[str, tuple[float, float]], edges: Sequence[Edge]) -> Layout:
    """Place boxes of these sizes; an edge leads from a box to one further down."""
    spots = {name: Spot(*size) for name, size in sizes.items()}
    backward = turned(list(spots), edges)
    down = [(b, a) if (a, b) in backward else (a, b) for a, b in edges]
    assign_layers(spots, down)
    ways = {edge: chain(spots[a], spots[b]) for edge, (a, b) in zip(edges, down, strict=True)}
    every = [*spots.values(), *(one for way in ways.values() for one in way[1:-1])]
    layers: list[list[Spot]] = [[] for _ in range(1 + max((one.layer for one in every), default=0))]
    for one in every:
        layers[one.layer].append(one)
    untangle(layers)
    straighten(layers)
    left = min((one.x - one.width / 2 for one in every), default=0.0)
    for one in every:
        one.x -= left
    y = 0.0
    for layer in reversed(layers):
        height = max((one.height for one in layer), default=0.0)
        for one in layer:
            one.y = y + (height - one.height) / 2
        y += height + RISE
    width = max((one.x + one.width / 2 for one in every), default=0.0)
    turned_back = {edge: way[::-1] if edge in backward else way for edge, way in ways.items()}
    return Layout(spots, turned_back, width, max(y - RISE, 0.0))


def turned(names: list[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges that close a circle, seen from the boxes in their order."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for a, b in edges:
        after[a].append(b)
    state: dict[str, int] = {}
    found: set[Edge] = set()
    for start in names:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[name] = 2
                stack.pop()
            elif following not in state:
                state[following] = 1
                stack.append((following, iter(after[following])))
            elif state[following] == 1:
                found.add((name, following))
    return found


def assign_layers(spots: dict[str, Spot], down: Sequence[Edge]) -> None:
    """A box stands one layer above the highest it leads to; what leads nowhere is at the bottom."""
    waiting = dict.fromkeys(spots, 0)
    before: dict[str, list[str]] = {name: [] for name in spots}
    for a, b in down:
        waiting[a] += 1
        before[b].append(a)
    queue = [name for name, count in waiting.items() if not count]
    for name in queue:
        for one in before[name]:
            spots[one].layer = max(spots[one].layer, spots[name].layer + 1)
            waiting[one] -= 1
            if not waiting[one]:
                queue.append(one)


def chain(upper: Spot, lower: Spot) -> list[Spot]:
    """A line with a spot of its own in each layer that it passes."""
    way = [upper]
    for layer in range(upper.layer - 1, lower.layer, -1):
        way.append(Spot(THIN, 0.0, layer))
    way.append(lower)
    for a, b in itertools.pairwise(way):
        a.below.append(b)
        b.above.append(a)
    return way


def untangle(layers: list[list[Spot]]) -> None:
    """Order each layer by the middle of its neighbours, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        upwards = sweep % 2 == 0
        for layer in layers if upwards else reversed(layers):
            place = {id(one): at for row in layers for at, one in enumerate(row)}

            def middle(one: Spot, place: dict[int, int] = place, upwards: bool = upwards) -> float:
                near = one.below if upwards else one.above
                return sum(place[id(n)] for n in near) / len(near) if near else place[id(one)]

            layer.sort(key=middle)


def straighten(layers: list[list[Spot]]) -> None:
    """Bring each box over the middle of its neighbours, as far as its own neighbours leave room."""
    for layer in layers:
        pack(layer, [0.0] * len(layer))
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted: list[float] = []
            for one in layer:
                near = (one.below if sweep % 2 == 0 else one.above) or [one]
                wanted.append(sum(n.x for n in near) / len(near))
            pack(layer, wanted)


def pack(layer: list[Spot], wanted: list[float]) -> None:
    """Place a layer without overlaps, as near as can be to where its spots want to be: groups
    that would overlap move together."""
    groups: list[tuple[float, float, list[Spot]]] = []
    for one, x in zip(layer, wanted, strict=True):
        group = (x - one.width / 2, one.width, [one])
        while groups and groups[-1][0] + groups[-1][1] + GAP > group[0]:
            left, width, members = groups.pop()
            count, more = len(members), len(group[2])
            shifted = group[0] - width - GAP
            start = (left * count + shifted * more) / (count + more)
            group = (start, width + GAP + group[1], [*members, *group[2]])
        groups.append(group)
    for left, _, members in groups:
        at = left
        for one in members:
            one.x = at + one.width / 2
            at += one.width + GAP
