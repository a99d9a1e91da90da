"""Many programs in several processes, some of which torch takes down with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import TypeVar

BATCH = 25
FORK = multiprocessing.get_context("fork")

T = TypeVar("T")


@dataclass
class Worker:
    """A process on its way through some seeds."""

    process: ForkProcess
    results: Connection
    left: list[int]


def run(
    task: Callable[[int], T], seeds: Sequence[int], workers: int
) -> Iterator[tuple[int, T | None]]:
    """What the task gives for each seed, as it comes; None where the process died of it."""
    waiting = [list(seeds[at : at + BATCH]) for at in range(0, len(seeds), BATCH)]
    busy: dict[Connection, Worker] = {}
    while waiting or busy:
        while waiting and len(busy) < workers:
            worker = begin(task, waiting.pop(0))
            busy[worker.results] = worker
        for ready in wait(list(busy)):
            worker = next(one for one in busy.values() if one.results is ready)
            try:
                result = worker.results.recv()
            except EOFError:
                del busy[worker.results]
                worker.process.join()
                if worker.left:
                    yield worker.left.pop(0), None
                    waiting.append(worker.left)
                continue
            yield worker.left.pop(0), result


def begin(task: Callable[[int], object], seeds: list[int]) -> Worker:
    """A process for some seeds."""
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=work, args=(task, tuple(seeds), sender), daemon=True)
    process.start()
    sender.close()
    return Worker(process, receiver, seeds)


def work(task: Callable[[int], object], seeds: Sequence[int], results: Connection) -> None:
    """Go through the seeds, and send what comes of each."""
    for seed in seeds:
        results.send(task(seed))
