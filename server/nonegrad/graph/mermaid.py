"""Graphs as a mermaid flowchart: for Markdown on GitHub and GitLab, and for mermaid.live."""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.graph.picture import Box, Line, Picture

SHAPES = {"root": ("[[", "]]"), "cut": ("{{", "}}"), "op": ("[", "]"), "untracked": ("[", "]")}
"""What stands around a label; leaves are round."""
ARROWS = {"gradient": "-->", "perhaps": "-->|perhaps|", "values": "-.->"}
COLOURS = {
    "root": "fill:#d0ebff,stroke:#1971c2,color:#000",
    "op": "fill:#f1f3f5,stroke:#868e96,color:#000",
    "untracked": "fill:#f8f9fa,stroke:#adb5bd,color:#495057,stroke-dasharray:4 3",
    "cut": "fill:#fff3bf,stroke:#e67700,color:#000",
    "yes": "fill:#d3f9d8,stroke:#2b8a3e,color:#000",
    "no": "fill:#ffe3e3,stroke:#c92a2a,color:#000",
    "perhaps": "fill:#f3f0ff,stroke:#6741d9,color:#000",
    "unknown": "fill:#f8f9fa,stroke:#adb5bd,color:#495057,stroke-dasharray:4 3",
}
ESCAPED = str.maketrans(
    {mark: f"#{ord(mark)};" for mark in '"#&<>`;\\|'} | {"\n": " ", "\r": " ", "\t": " "}
)
"""Mermaid has no backslashes: a character that means something is written by its number."""


def draw(pictures: list[Picture]) -> str:
    """One flowchart, a subgraph for each graph."""
    return "\n".join(lines(pictures)) + "\n"


def lines(pictures: list[Picture]) -> Iterator[str]:
    yield "flowchart TB"
    for picture in pictures:
        title = f"{picture.title} ({picture.note})" if picture.note else picture.title
        yield f'  subgraph {picture.id}["{title.translate(ESCAPED)}"]'
        yield from (f"    {vertex(box)}" for box in picture.boxes)
        yield from (f"    {edge(line)}" for line in picture.lines)
        yield "  end"
    used = {box.tone for picture in pictures for box in picture.boxes}
    yield from (f"  classDef {tone} {style}" for tone, style in COLOURS.items() if tone in used)


def vertex(box: Box) -> str:
    """One box with its label and its colour."""
    left, right = SHAPES.get(box.tone, ("([", "])"))
    label = "<br/>".join(line.translate(ESCAPED) for line in box.lines)
    return f'{box.id}{left}"{label}"{right}:::{box.tone}'


def edge(line: Line) -> str:
    return f"{line.source} {ARROWS[line.style]} {line.target}"
