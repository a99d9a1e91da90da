"""Where the tensors of a story were made, and which of them most likely missed a flag."""

from __future__ import annotations

import re

from nonegrad.analysis.domain.provenance import Why, walk

INTEGRAL = re.compile(r"randint|randperm|\blong\b|\bint\d*\b|bool|arange\((?![^)]*\.)")


def gradients(why: Why | None) -> list[Why]:
    """Where the gradients of the story were computed without a graph of their own, if it is made of
    any: whoever goes on computing with a gradient most often means to differentiate it."""
    return [step for step in walk(why) if step.kind == "grad" and not step.held]


def begun(why: Why | None) -> list[Why]:
    """Where the tensors of the story were made, the likeliest to have missed its flag first.

    That is the one the most operations lie behind, and of several the last in the text: data come
    before weights. Integers cannot require grad, so they come last.
    """
    made = [
        (bool(INTEGRAL.search(step.text)), -depth, -step.site.row, index, step)
        for index, (step, depth) in enumerate(_depths(why))
        if step.kind == "created"
    ]
    return [entry[-1] for entry in sorted(made, key=lambda entry: entry[:-1])]


def _depths(why: Why | None) -> list[tuple[Why, int]]:
    """Each step, with the number of steps between it and the end of the story."""
    depth: dict[int, int] = {}
    for step in walk(why):
        here = depth.setdefault(id(step), 0)
        for parent in step.parents:
            depth[id(parent)] = max(depth.get(id(parent), 0), here + 1)
    return [(step, depth[id(step)]) for step in walk(why)]
