"""Graphs as json: one row for each backward(), autograd.grad() or return, whole and unfolded."""

from __future__ import annotations

from typing import Any

from nonegrad.analysis.record.graphs import Graph, Vertex, numbered
from nonegrad.graph import words
from nonegrad.output import rows
from nonegrad.reading import Document
from nonegrad.text import Site


def graph_row(
    document: Document, graph: Graph, raises: dict[Site, str], place: words.Place
) -> dict[str, Any]:
    """One graph; what is not known is null."""
    ids = numbered(graph)
    edges = sorted(graph.edges, key=lambda pair: (number(ids[pair[1]]), number(ids[pair[0]])))
    return {
        **rows.placed(document, graph.site),
        "kind": graph.kind,
        "text": graph.text,
        "scope": graph.scope,
        "whole": graph.whole,
        "raises": raises.get(graph.site),
        "nodes": [
            node(document, graph, name, graph.vertices[key], place) for key, name in ids.items()
        ],
        "edges": [
            {
                "from": ids[pair[0]],
                "to": ids[pair[1]],
                "kind": graph.edges[pair].kind,
                "certain": graph.edges[pair].certain,
            }
            for pair in edges
        ],
    }


def number(name: str) -> int:
    return int(name[1:])


def node(
    document: Document, graph: Graph, name: str, vertex: Vertex, place: words.Place
) -> dict[str, Any]:
    """One vertex with its place, and the call it ran in."""
    told = {"leaf": words.outcome(graph, vertex, place), "cut": words.cut(vertex, place)}
    where = rows.placed(document, vertex.site) if vertex.site is not None else NOWHERE
    return {
        "id": name,
        **where,
        "kind": vertex.kind,
        "label": vertex.text or words.name(vertex),
        "grad_fn": vertex.grad_fn,
        "operator": vertex.operator or None,
        "requires_grad": vertex.requires_grad,
        "gradient": vertex.gradient,
        "reason": vertex.reason or None,
        "message": told.get(vertex.kind) or None,
        "module": vertex.modules[-1] if vertex.modules else None,
        "certain": vertex.certain,
        "count": vertex.count,
        "by": rows.placed(document, vertex.by) if vertex.by is not None else None,
    }


NOWHERE: dict[str, Any] = {"filename": None, "location": None, "end_location": None}
