"""Graphs in the language of Graphviz: `nonegrad graph train.py --format dot | dot -Tpdf`."""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.graph.picture import Box, Line, Picture

SHAPES = {"root": "box", "op": "box", "untracked": "box", "cut": "hexagon"}
STYLES = {"untracked": "filled,rounded,dashed", "unknown": "filled,rounded,dashed"}
COLOURS = {
    "root": ("#d0ebff", "#1971c2"),
    "op": ("#f1f3f5", "#868e96"),
    "untracked": ("#f8f9fa", "#adb5bd"),
    "cut": ("#fff3bf", "#e67700"),
    "yes": ("#d3f9d8", "#2b8a3e"),
    "no": ("#ffe3e3", "#c92a2a"),
    "perhaps": ("#f3f0ff", "#6741d9"),
    "unknown": ("#f8f9fa", "#adb5bd"),
}
EDGES = {
    "gradient": "",
    "perhaps": ' [label="perhaps", fontcolor="#868e96"]',
    "values": ' [style="dashed", color="#e67700"]',
}
ESCAPED = str.maketrans({'"': '\\"', "\\": "\\\\", "\r": " ", "\t": " "})


def draw(pictures: list[Picture]) -> str:
    """One directed graph, a cluster for each."""
    return "\n".join(lines(pictures)) + "\n"


def lines(pictures: list[Picture]) -> Iterator[str]:
    yield "digraph autograd {"
    yield '  graph [rankdir="TB", bgcolor="transparent", fontname="sans-serif"];'
    yield '  node [fontname="monospace", fontsize="11", fontcolor="black"];'
    yield '  edge [color="#868e96", fontname="sans-serif", fontsize="10"];'
    for picture in pictures:
        title = f"{picture.title}\n{picture.note}" if picture.note else picture.title
        yield f"  subgraph cluster_{picture.id} {{"
        yield f'    label={quoted(title)}; fontcolor="#868e96"; color="#adb5bd";'
        yield from (f"    {vertex(box)}" for box in picture.boxes)
        yield from (f"    {edge(line)}" for line in picture.lines)
        yield "  }"
    yield "}"


def vertex(box: Box) -> str:
    """One box with its label, its colour, and its tooltip."""
    fill, border = COLOURS[box.tone]
    shape, style = SHAPES.get(box.tone, "box"), STYLES.get(box.tone, "filled,rounded")
    look = f'shape="{shape}", style="{style}", fillcolor="{fill}", color="{border}"'
    return f"{box.id} [label={quoted(chr(10).join(box.lines))}, tooltip={quoted(box.tip)}, {look}];"


def edge(line: Line) -> str:
    return f"{line.source} -> {line.target}{EDGES[line.style]};"


def quoted(text: str) -> str:
    """A string of the language; its lines are kept apart."""
    return '"' + text.translate(ESCAPED).replace("\n", "\\n") + '"'
