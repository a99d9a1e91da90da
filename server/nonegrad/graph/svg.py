"""Graphs as one SVG: readable on light and on dark ground, with a tooltip for each box."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from xml.sax.saxutils import escape

from nonegrad.graph.layout import Layout, Spot, arrange
from nonegrad.graph.picture import Box, Line, Picture

LETTER, ROW, PAD = 7.3, 16.0, 10.0
"""The width of a letter, the height of a row, the room around the text of a box."""
WIDEST = 46
MARGIN, HEAD = 16.0, 26.0

STYLE = """
svg { color-scheme: light dark; }
text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1a1a1a; }
.title { font-weight: bold; fill: #495057; } .note { fill: #c92a2a; }
.name { font-weight: bold; } path.line { fill: none; stroke: #868e96; stroke-width: 1.4; }
.perhaps-line { stroke-dasharray: 6 4; }
path.values-line { stroke: #e67700; stroke-dasharray: 2 4; }
marker path { fill: #868e96; }
.box rect { stroke-width: 1.4; rx: 6; } .untracked rect, .unknown rect { stroke-dasharray: 4 3; }
.root rect { fill: #d0ebff; stroke: #1971c2; } .op rect { fill: #f1f3f5; stroke: #868e96; }
.untracked rect, .unknown rect { fill: #f8f9fa; stroke: #adb5bd; }
.cut rect { fill: #fff3bf; stroke: #e67700; } .yes rect { fill: #d3f9d8; stroke: #2b8a3e; }
.no rect { fill: #ffe3e3; stroke: #c92a2a; } .perhaps rect { fill: #f3f0ff; stroke: #6741d9; }
@media (prefers-color-scheme: dark) {
text { fill: #e9ecef; } .title { fill: #ced4da; } .note { fill: #ff8787; }
.root rect { fill: #0b3a5e; stroke: #4dabf7; } .op rect { fill: #2b3035; stroke: #868e96; }
.untracked rect, .unknown rect { fill: #212529; stroke: #868e96; }
.cut rect { fill: #4d3800; stroke: #ffd43b; } .yes rect { fill: #0f3d1a; stroke: #51cf66; }
.no rect { fill: #4a1414; stroke: #ff8787; } .perhaps rect { fill: #2a1f52; stroke: #9775fa; }
}
""".strip()


def draw(pictures: list[Picture]) -> str:
    """One drawing, the graphs below one another."""
    parts: list[str] = []
    width, y = 0.0, MARGIN
    for picture in pictures:
        sizes = {box.id: size(box) for box in picture.boxes}
        layout = arrange(sizes, [(line.source, line.target) for line in picture.lines])
        head = [picture.title, *([picture.note] if picture.note else [])]
        top = y + HEAD * len(head)
        wide = max(layout.width, *(len(text) * LETTER for text in head))
        parts += one(picture, layout, head, y, top)
        width, y = max(width, wide), top + layout.height + 2 * MARGIN
    return "\n".join(whole(parts, width + 2 * MARGIN, y)) + "\n"


def whole(parts: list[str], width: float, height: float) -> Iterator[str]:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    yield "<title>autograd graph</title>"
    yield f"<style>{STYLE}</style>"
    yield '<defs><marker id="ng-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
    yield 'markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
    yield from parts
    yield "</svg>"


def one(picture: Picture, layout: Layout, head: list[str], y: float, top: float) -> Iterator[str]:
    """One graph under its title."""
    for at, text in enumerate(head):
        look = "note" if at else "title"
        place = f'x="{MARGIN:.0f}" y="{y + 14 + at * HEAD:.0f}"'
        yield f'<text class="{look}" {place}>{plain(text)}</text>'
    yield f'<g id="{picture.id}" transform="translate({MARGIN:.0f} {top:.0f})">'
    for line in picture.lines:
        yield path(line, layout.ways[line.source, line.target])
    for box in picture.boxes:
        yield from node(box, layout.spots[box.id])
    yield "</g>"


def size(box: Box) -> tuple[float, float]:
    """How much room a box takes."""
    longest = max(len(short(line)) for line in box.lines)
    return longest * LETTER + 2 * PAD, len(box.lines) * ROW + PAD


def node(box: Box, spot: Spot) -> Iterator[str]:
    """A box with its text and its tooltip."""
    left = spot.x - spot.width / 2
    yield f'<g id="{box.id}" class="box {box.tone}"><title>{plain(box.tip)}</title>'
    yield (
        f'<rect x="{left:.1f}" y="{spot.y:.1f}" width="{spot.width:.1f}"'
        f' height="{spot.height:.1f}" rx="6"/>'
    )
    for at, line in enumerate(box.lines):
        look = ' class="name"' if not at else ""
        y = spot.y + PAD / 2 + 12 + at * ROW
        yield (
            f'<text{look} x="{spot.x:.1f}" y="{y:.1f}" text-anchor="middle">'
            f"{plain(short(line))}</text>"
        )
    yield "</g>"


def path(line: Line, way: list[Spot]) -> str:
    """A line from the lower edge of one box to the upper edge of the next, bent at each layer."""
    upwards = way[0].y > way[-1].y
    spots = way[::-1] if upwards else way
    points = [(spots[0].x, spots[0].y + spots[0].height)]
    points += [(spot.x, spot.y) for spot in spots[1:]]
    steps = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        middle = (y + to_y) / 2
        steps.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
    end = "marker-start" if upwards else "marker-end"
    style = "" if line.style == "gradient" else f" {line.style}-line"
    return f'<path class="line{style}" d="{"".join(steps)}" {end}="url(#ng-arrow)"/>'


def short(text: str) -> str:
    """A line that fits into a box."""
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def plain(text: str) -> str:
    """Text as XML takes it: characters that it has no way to write are left out."""
    kept = "".join(mark for mark in text if mark in "\n" or mark >= " ")
    return escape("".join(mark for mark in kept if not "\ud800" <= mark <= "\udfff"))
