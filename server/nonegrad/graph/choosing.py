"""Which graphs of a program are asked for, and what is known to go wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from nonegrad.analysis.record.drawing import Drawing
from nonegrad.analysis.record.graphs import Graph
from nonegrad.rules.base import Finding
from nonegrad.text import Site

MOST_NAMES = 8


class NoFunctionError(Exception):
    """A function that is asked for is not there; its text is the one line a user reads."""


def chosen(drawing: Drawing, function: str | None) -> list[Graph]:
    """The graphs at each backward() of a program, or that run in a function of it; where there is
    none, of what the function returns, and of what the modules of the program do."""
    graphs = drawing.finished()
    scope = None if function is None else scope_of(drawing, function)
    runs = [one for one in graphs if one.kind != "return" and scope in (None, *one.within)]
    if runs:
        return runs
    returns = [one for one in graphs if one.kind == "return"]
    if scope is not None:
        return [one for one in returns if one.scope == scope]
    return [one for one in returns if one.scope.endswith(".forward")]


def scope_of(drawing: Drawing, function: str) -> str:
    """The function as the analysis names it; of a module alone its forward is meant."""
    known = scopes(drawing)
    for name in (function, f"{function}.forward"):
        if name in known:
            return name
    near = difflib.get_close_matches(function, known, n=3, cutoff=0.5)
    near += [one for one in known if one.endswith(f".{function}") and one not in near]
    if near:
        raise NoFunctionError(f"there is no function {function!r}: did you mean {listed(near)}?")
    told = f"; there are {listed(known)}" if known else ""
    raise NoFunctionError(f"there is no function {function!r}{told}")


def scopes(drawing: Drawing) -> list[str]:
    """The functions and methods of the file, in the order of the text."""
    found = [function for _, function in drawing.functions.values()]
    return list(
        dict.fromkeys(f"{one.owner}.{one.name}" if one.owner else one.name for one in found)
    )


def listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def raising(graphs: Iterable[Graph], findings: Iterable[Finding]) -> dict[Site, str]:
    """What a backward() certainly raises, by its place."""
    errors = [one for one in findings if one.severity == "error" and one.rule != "syntax-error"]
    found: dict[Site, str] = {}
    for graph in graphs:
        for error in errors:
            sites = (error.site, *(related.site for related in error.related))
            at = (error.site.row, error.site.column)
            same = error.site.filename == graph.site.filename and graph.site.contains(*at)
            if graph.kind != "return" and (same or graph.site in sites):
                found.setdefault(graph.site, error.message)
    return found
