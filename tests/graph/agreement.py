"""Whether what a drawn graph claims holds of the graphs that torch had at that place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from .torch_graphs import Node, Passing

Row = dict[str, Any]
"""One graph, or a part of one, as `nonegrad graph --format json` has it."""


@dataclass
class Agreement:
    """What was compared, and what does not hold."""

    wrong: list[str] = field(default_factory=list)
    nodes: int = 0
    edges: int = 0
    leaves: int = 0
    whole: int = 0


def compare(graph: Row, passing: Passing, told: Agreement) -> None:
    """One drawn graph with one call of torch at its place."""
    one = Comparison(graph, passing, told)
    one.claims_of_vertices()
    one.claims_of_edges()
    if graph["whole"]:
        told.whole += 1
        one.nothing_left_out()


class Comparison:
    """Torch's nodes and those drawn, told apart by the row that made them and by their names."""

    def __init__(self, graph: Row, passing: Passing, told: Agreement) -> None:
        self.graph, self.passing, self.told = graph, passing, told
        self.rows = {each["id"]: each for each in graph["nodes"]}
        self.real = passing.nodes()
        self.ops = [
            each for each in graph["nodes"] if each["kind"] == "op" and each["requires_grad"]
        ]
        self.matched = {node: self.match(node) for node in self.real}

    def match(self, node: Node) -> set[str]:
        """The drawn operations that a node may belong to: of that name or of one that is not known,
        or of any where none has it, for an operation makes nodes of several."""
        here = [each for each in self.ops if node.row is not None and covers(each, node.row)]
        named = any(each["grad_fn"] == node.name for each in here)
        return {each["id"] for each in here if not named or each["grad_fn"] in (node.name, None)}

    def complain(self, text: str) -> None:
        self.told.wrong.append(f"line {self.passing.row}: {text}")

    def claims_of_vertices(self) -> None:
        for row in self.ops:
            if row["certain"] and row["grad_fn"] is not None:
                self.told.nodes += 1
                if not any(
                    node.name == row["grad_fn"] and node.row is not None and covers(row, node.row)
                    for node in self.real
                ):
                    self.complain(f"no {row['grad_fn']} from line {row['location']['row']}")
        reached = {id(node.leaf) for node in self.real if node.leaf is not None}
        filled = {id(leaf) for leaf in self.passing.filled}
        for row in self.graph["nodes"]:
            tensor = self.tensor(row)
            if tensor is None or row["gradient"] in (None, "perhaps"):
                continue
            self.told.leaves += 1
            asked = self.passing.asked
            gets = id(tensor) in reached - self.passing.frozen
            gets = gets and (asked is None or any(one is tensor for one in asked))
            if gets is not (row["gradient"] == "yes"):
                self.complain(f"{row['label']} gets a gradient: {gets}")
            backward = self.graph["kind"] == "backward" and not self.passing.raised
            if backward and row["gradient"] == "yes" and id(tensor) not in filled:
                self.complain(f"{row['label']}.grad is None")

    def tensor(self, row: Row) -> torch.Tensor | None:
        return self.passing.tensor(row["label"]) if row["kind"] == "leaf" else None

    def claims_of_edges(self) -> None:
        for edge in self.graph["edges"]:
            source, target = self.rows[edge["from"]], self.rows[edge["to"]]
            if edge["kind"] != "gradient" or not edge["certain"] or target["kind"] != "op":
                continue
            self.told.edges += 1
            starts = [node for node in self.real if target["id"] in self.matched[node]]
            if source["kind"] == "leaf":
                tensor = self.tensor(source)
                if tensor is None:
                    continue
                holds = any(self.leads(one, target["id"], leaf=tensor) for one in starts)
            else:
                holds = any(self.leads(one, target["id"], goal=source["id"]) for one in starts)
            if not holds:
                self.complain(f"no edge {said(source)} -> {said(target)}")

    def leads(
        self, start: Node, own: str, goal: str = "", leaf: torch.Tensor | None = None
    ) -> bool:
        """Whether a node leads to the next operation, or to a leaf, over nodes that its own or the
        next operation made inside."""
        queue, seen = list(start.below), set[Node]()
        for node in queue:
            if node in seen:
                continue
            seen.add(node)
            if (leaf is not None and node.leaf is leaf) or goal in self.matched[node]:
                return True
            if own in self.matched[node] or not self.matched[node]:
                queue += node.below
        return False

    def nothing_left_out(self) -> None:
        edges = {(edge["from"], edge["to"]) for edge in self.graph["edges"]}
        leaves = {
            id(t): row["id"] for row in self.rows.values() if (t := self.tensor(row)) is not None
        }
        nameless = {row["id"] for row in self.rows.values() if row["kind"] == "leaf"} - set(
            leaves.values()
        )
        for node in self.real:
            if node.leaf is not None:
                continue
            if node.row is not None and not self.matched[node]:
                self.complain(f"{node.name} of line {node.row} is not drawn")
            for below in node.below:
                upper, lower = self.matched[node], self.matched[below]
                if below.leaf is not None:
                    own = leaves.get(id(below.leaf))
                    lower = {own} if own is not None else nameless
                if not upper or not lower or upper & lower:
                    continue
                pairs = {(one, other) for one in lower for other in upper}
                if node.row == below.row:
                    # Operations of one row make nodes of the same names inside.
                    pairs |= {(other, one) for one, other in pairs}
                if not pairs & edges:
                    self.complain(
                        f"{node.name} ({node.row}) -> {below.name} ({below.row}) is not drawn"
                    )


def covers(row: Row, line: int) -> bool:
    return row["location"]["row"] <= line <= row["end_location"]["row"]


def said(row: Row) -> str:
    return f"{row['grad_fn'] or row['label']} (line {row['location']['row']})"
