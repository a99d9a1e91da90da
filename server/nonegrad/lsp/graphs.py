"""`nonegrad/graph`, a request of our own: the autograd graph of the function under the cursor."""

from __future__ import annotations

import ast
from pathlib import PurePath
from typing import Any

from lsprotocol import types

from nonegrad.analyze import Report, analyze
from nonegrad.lsp import to_proto
from nonegrad.lsp.positions import from_position, to_range
from nonegrad.lsp.session import Snapshot
from nonegrad.lsp.state import Server
from nonegrad.names.protocol import Names
from nonegrad.options import Options
from nonegrad.text import Site

METHOD = "nonegrad/graph"
Definition = (ast.FunctionDef, ast.AsyncFunctionDef)


async def graph(ls: Server, params: Any) -> dict[str, Any] | None:
    """`{textDocument, position}` -> `{title, svg, places}`: for each box its document and range.

    None where the document is not open, or there is no graph in it.
    """
    document = ls.documents.get(params.textDocument.uri)
    if document is None or ls.documents.notebook(document.uri) is not None:
        return None
    snapshot = document.snapshot()
    position = types.Position(params.position.line, params.position.character)
    row, _ = from_position(snapshot.source, position, ls.client.encoding)
    options = ls.scopes.options(document.filename)
    drawn = await ls.session.run(lambda: draw(snapshot, options, ls.session.names, row))
    if drawn is None:
        return None
    title, svg, sites = drawn
    places, encoding = ls.places(snapshot), ls.client.encoding
    return {"title": title, "svg": svg, "places": located(sites, places, encoding)}


def draw(
    snapshot: Snapshot, options: Options, names: Names | None, row: int
) -> tuple[str, str, dict[str, Site]] | None:
    """The drawing of the function at a row, or of the whole program where that has none."""
    from nonegrad.analysis.record.drawing import Drawing
    from nonegrad.graph import choosing, svg
    from nonegrad.graph.picture import pictures

    source, drawing = snapshot.source, Drawing()
    report: Report = analyze(source, options, names, recorder=drawing)
    around = [
        (node.lineno, f"{function.owner}.{function.name}" if function.owner else function.name)
        for node, function in drawing.functions.values()
        if isinstance(node, Definition) and node.lineno <= row <= (node.end_lineno or row)
    ]
    scope = max(around)[1] if around else None
    graphs = (choosing.chosen(drawing, scope) if scope else []) or choosing.chosen(drawing, None)
    if not graphs:
        return None

    def place(site: Site) -> str:
        other = "" if site.filename == source.filename else f"{PurePath(site.filename).name} "
        return f"{other}line {site.row}"

    drawn = pictures(graphs, choosing.raising(graphs, report.findings), place)
    sites = {box.id: box.site for one in drawn for box in one.boxes if box.site is not None}
    return scope or PurePath(source.filename).name, svg.draw(drawn), sites


def located(
    sites: dict[str, Site], places: to_proto.Places, encoding: str
) -> dict[str, types.Location]:
    """Where the client finds each of them."""
    known = {filename: places(filename) for filename in {one.filename for one in sites.values()}}
    return {
        name: types.Location((at := known[site.filename]).uri, to_range(at.source, site, encoding))
        for name, site in sites.items()
    }
