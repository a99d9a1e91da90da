"""The processes of the long form: all seeds are gone through, whatever becomes of a process."""

from __future__ import annotations

import os

from . import workers


def fall(seed: int) -> int:
    """Twice the seed, but for one that ends the process."""
    if seed == 30:
        os._exit(1)
    return seed * 2


def test_every_seed_has_its_result() -> None:
    assert sorted(workers.run(lambda seed: seed * 2, range(60), 2)) == [
        (seed, seed * 2) for seed in range(60)
    ]


def test_a_process_that_dies_costs_one_seed() -> None:
    results = dict(workers.run(fall, range(60), 2))
    assert results.pop(30) is None
    assert results == {seed: seed * 2 for seed in range(60) if seed != 30}
