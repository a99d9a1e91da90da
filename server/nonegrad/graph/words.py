"""What is said of a vertex: whether a leaf gets its gradient and why not, what a cut does."""

from __future__ import annotations

from collections.abc import Callable

from nonegrad.analysis.record.graphs import Graph, Vertex
from nonegrad.explain.chain import CUTS
from nonegrad.text import Site

Place = Callable[[Site], str]
"""How a place is called: `line 4`, with its file where that is another one."""

MISSED = {
    "off": "does not require grad",
    "cut": "every way from it is cut",
    "unused": "nothing leads from it to here",
    "unasked": "it is not among the inputs asked for",
    "dropped": "it was frozen after it was computed with",
    "untracked": "made without requires_grad=True",
    "unknown": "a part of the graph is not known",
}


def title(graph: Graph, place: Place) -> str:
    """`line 12: loss.backward()`, with the function it stands in."""
    scope = "" if graph.scope == "module" else f" in {graph.scope}"
    text = f"return {graph.text}" if graph.kind == "return" else graph.text
    return f"{place(graph.site)}{scope}: {text}"


def outcome(graph: Graph, vertex: Vertex, place: Place) -> str:
    """Whether a leaf gets its gradient, and why not."""
    if vertex.gradient is None:
        return ""
    if vertex.gradient == "yes":
        return "would get a gradient" if graph.kind == "return" else "gets a gradient"
    why = reason(vertex, place)
    if vertex.gradient == "no":
        return f"no gradient: {why}" if why else "no gradient"
    return f"perhaps a gradient: {why or 'on some runs'}"


def reason(vertex: Vertex, place: Place) -> str:
    """Why a leaf has no gradient; empty for one that has."""
    if vertex.reason == "frozen":
        return f"frozen on {place(vertex.by)}" if vertex.by is not None else "frozen"
    return MISSED.get(vertex.reason, "")


def cut(vertex: Vertex, place: Place) -> str:
    """What a cut does."""
    if vertex.reason == "overwritten":
        return "overwrites what backward needs"
    mode = f" ({place(vertex.by)})" if vertex.by is not None else ""
    return CUTS.get(vertex.reason, "takes it out of the graph").replace("`", "") + mode


def name(vertex: Vertex) -> str:
    """The first line of a vertex: its grad_fn as torch names it, or what it is."""
    match vertex.kind:
        case "op" if vertex.requires_grad is False:
            return vertex.text
        case "op":
            return vertex.grad_fn or f"{vertex.operator or 'an operation'} (name not known)"
        case "input":
            return "what the caller gives"
        case "unknown":
            return "?"
        case _:
            return vertex.text


def times(vertex: Vertex) -> str:
    """How often an operation was recorded, where that is not once."""
    if vertex.kind != "op" or vertex.count == 1:
        return ""
    return "repeated" if vertex.count is None else f"{vertex.count} times"
