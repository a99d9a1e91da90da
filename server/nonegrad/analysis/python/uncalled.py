"""The functions of a file that its own code never enters: in which order to look at them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

from nonegrad.analysis.domain.objects import Function
from nonegrad.analysis.syntax import walking

KEPT_NAMES = "_nonegrad_mentions"
KEPT_BACKWARD = "_nonegrad_runs_backward"
"""Attributes under which a function keeps what was found: trees are analysed more than once."""
IMPLICIT = frozenset({"forward", "backward", "setup_context"})
"""Methods that are called without being named."""

Found = tuple[ast.AST, Function]


def in_order(functions: Sequence[Found]) -> list[tuple[Found, int]]:
    """The functions, those first that no other function of the file mentions: what they call is
    seen with the arguments it really gets. With each, how many others it may lead to."""
    mentions = {id(node): mentioned(node) for node, _ in functions}
    counts = Counter(name for names in mentions.values() for name in names)
    owners: dict[str, list[Found]] = {}
    for found in functions:
        for name in names_of(found[1]):
            owners.setdefault(name, []).append(found)

    def leads_to(node: ast.AST) -> int:
        seen, pending = {id(node)}, [node]
        while pending:
            for name in mentions[id(pending.pop())] & owners.keys():
                for other, _ in owners[name]:
                    if id(other) not in seen:
                        seen.add(id(other))
                        pending.append(other)
        return len(seen) - 1

    first: list[tuple[Found, int]] = []
    later: list[tuple[Found, int]] = []
    for node, function in functions:
        name = function.name
        implicit = name in IMPLICIT or name.startswith("__") or name == "<lambda>"
        if implicit or function.kind == "property" or counts[name] > (name in mentions[id(node)]):
            later.append(((node, function), 0))
        elif reach := leads_to(node):
            first.append(((node, function), reach))
        else:
            later.append(((node, function), 0))
    return first + later


def names_of(function: Function) -> tuple[str, ...]:
    """By which names code may lead to a function: its own, for a method that of its class too."""
    return (function.name, function.owner) if function.owner else (function.name,)


def mentioned(node: ast.AST) -> frozenset[str]:
    """The names and attributes that a function uses, in functions inside it as well."""
    known: frozenset[str] | None = getattr(node, KEPT_NAMES, None)
    if known is None:
        known = frozenset(
            part.id if isinstance(part, ast.Name) else part.attr
            for part in walking.walk(node)
            if isinstance(part, (ast.Name, ast.Attribute))
        )
        setattr(node, KEPT_NAMES, known)
    return known


def runs_backward(node: ast.AST) -> bool:
    """Whether a function runs a backward itself: then grad mode is on where it is called."""
    known: bool | None = getattr(node, KEPT_BACKWARD, None)
    if known is None:
        known = any(
            isinstance(part, ast.Attribute) and part.attr in ("backward", "manual_backward")
            for part in walking.walk(node)
        )
        setattr(node, KEPT_BACKWARD, known)
    return known
