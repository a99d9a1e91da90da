"""What is drawn is what torch has: names and edges of `grad_fn.next_functions`, and who gets a
gradient."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from nonegrad.analysis.record.drawing import Drawing
from nonegrad.analyze import analyze
from nonegrad.graph import choosing
from nonegrad.output.graphs import graph_row
from nonegrad.reading import Document
from nonegrad.text import Source
from soundness.writer import Writer

from .agreement import Agreement, compare
from .torch_graphs import passings

TESTS = Path(__file__).parents[1]
PROGRAMS = [
    *sorted((TESTS / "soundness" / "programs").glob("*.py")),
    *sorted((TESTS / "graph" / "programs").glob("*.py")),
]
MOST_VISITS = 6
"""How often one place is compared: a loop has many turns alike."""


def judged(text: str, seed: int = 0) -> Agreement:
    """Everything drawn of a program, compared with a run of it."""
    source, drawing = Source("<program>", text), Drawing()
    analyze(source, recorder=drawing)
    graphs = [graph for graph in choosing.chosen(drawing, None) if graph.kind != "return"]
    rows = [graph_row(Document("-", source), one, {}, lambda site: str(site.row)) for one in graphs]
    told, visits = Agreement(), dict[int, int]()
    for passing in passings(text, seed):
        here = [
            row
            for row in rows
            if row["location"]["row"] <= passing.row <= row["end_location"]["row"]
        ]
        visits[passing.row] = visits.get(passing.row, 0) + 1
        if len(here) == 1 and visits[passing.row] <= MOST_VISITS:
            compare(here[0], passing, told)
        elif not here and not passing.raised:
            told.wrong.append(f"line {passing.row}: no graph is drawn")
    return told


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_graphs_are_those_of_torch(path: Path) -> None:
    told = judged(path.read_text("utf-8"))
    assert told.wrong == []
    assert told.nodes + told.edges + told.leaves > 0


@pytest.mark.parametrize("seed", range(40))
def test_graphs_of_programs_nobody_wrote(seed: int) -> None:
    assert judged(Writer(random.Random(seed)).program(), seed).wrong == []
