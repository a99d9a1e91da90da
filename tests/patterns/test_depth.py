"""Depth: what is nested beyond reason gets no fix, and takes no thread down."""

from __future__ import annotations

import threading

import pytest
from marked import rewritten


@pytest.mark.parametrize("count", [30, 500, 5000])
@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [
        ("(", "a", ")"),
        ("f(", "a", ")"),
        ("[", "", "]"),
        ("-", "a", ""),
        ("", "a", ".b_()"),
        ("", "a", "+a"),
    ],
)
def test_no_depth_takes_a_small_thread_down(
    count: int, opening: str, middle: str, closing: str
) -> None:
    expression = opening * count + middle + closing * count
    answers: list[str | None] = []

    def ask() -> None:
        answers.append(rewritten("rebind", f"‹y += {expression}›"))
        answers.append(rewritten("rebind", f"‹{expression}›"))

    default = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=ask)
        thread.start()
    finally:
        threading.stack_size(default)
    thread.join()
    assert len(answers) == 2
    assert (answers[0] is not None) == (count == 30)
