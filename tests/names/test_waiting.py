"""The editor does not wait and is told; the command line waits; the worker may fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nonegrad.names import Definition, process
from nonegrad.names.jedi_names import JediNames

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
FILES = {f"h{number}.py": f"def f{number}(): ...\n" for number in range(12)}


def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something that another thread or process brings about."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def ask(names: JediNames, root: Path, number: int) -> Definition | None:
    return names.infer(str(root / "train.py"), f"h{number}", f"f{number}")


def found_by(asked: JediNames) -> int:
    assert asked.process_id is not None
    return asked.process_id


def test_the_editor_is_answered_at_once_and_told_of_news(project: Callable[..., Path]) -> None:
    root, news = project(FILES), threading.Event()
    told: list[float] = []

    def on_news() -> None:
        told.append(time.monotonic())
        news.set()

    asked = JediNames(None, None, on_news=on_news)
    try:
        began = time.monotonic()
        assert [ask(asked, root, number) for number in range(12)] == [None] * 12
        assert asked.infer(str(root / "train.py"), "absent", "f") is None
        assert time.monotonic() - began < 0.5
        assert news.wait(30)
        until(lambda: all(ask(asked, root, number) for number in range(12)))
        time.sleep(0.15)
        assert len(told) < 12, "news comes in bundles"
        # An answer of None is no news, and what is known is not asked again.
        count = len(told)
        assert asked.infer(str(root / "train.py"), "absent2", "f") is None
        assert ask(asked, root, 3) is not None
        time.sleep(0.3)
        assert len(told) == count
    finally:
        asked.stop()


def test_two_threads_ask_at_once(names: JediNames, project: Callable[..., Path]) -> None:
    root, found = project(FILES), list[tuple[int, Definition | None]]()

    def run(numbers: range) -> None:
        for number in numbers:
            found.append((number, ask(names, root, number)))

    orders = (range(12), range(11, -1, -1))
    threads = [threading.Thread(target=run, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 24
    assert all(d is not None and d.full_name == f"h{n}.f{n}" for n, d in found)


@POSIX
def test_a_worker_that_is_killed_is_started_again(project: Callable[..., Path]) -> None:
    root, asked = project(FILES), JediNames(30.0, None)
    try:
        assert ask(asked, root, 0)
        first = found_by(asked)
        os.kill(first, signal.SIGKILL)
        assert ask(asked, root, 1), "the question is put to the next worker"
        assert found_by(asked) != first
        # Also with the question under way: stopped, asked, killed.
        second = found_by(asked)
        os.kill(second, signal.SIGSTOP)
        threading.Timer(0.2, os.kill, (second, signal.SIGKILL)).start()
        assert ask(asked, root, 2)
        assert asked.complaints == ()
    finally:
        asked.stop()


@POSIX
def test_a_question_that_hangs_takes_no_other_along(project: Callable[..., Path]) -> None:
    root, asked = project(FILES), JediNames(5.0, None)
    try:
        assert ask(asked, root, 0)
        os.kill(found_by(asked), signal.SIGSTOP)
        began = time.monotonic()
        assert ask(asked, root, 1) is None
        assert 4.9 < time.monotonic() - began < 9
        (complaint,) = asked.complaints
        assert "'h1'" in complaint and "5 s" in complaint and "\n" not in complaint
        assert ask(asked, root, 2), "the next worker answers the next question"
        began = time.monotonic()
        assert ask(asked, root, 1) is None, "and the one that hung is not asked again"
        assert time.monotonic() - began < 0.5
    finally:
        asked.stop()


def test_a_worker_that_cannot_work_is_given_up_with_one_complaint(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "BOOT", "raise SystemExit(1)")
    root, asked = project(FILES), JediNames(30.0, None)
    assert [ask(asked, root, number) for number in range(6)] == [None] * 6
    (complaint,) = asked.complaints
    assert "jedi is not asked any more" in complaint and "\n" not in complaint
    assert asked.process_id is None
    monkeypatch.undo()
    asked.start()
    try:
        assert ask(asked, root, 7), "a new start asks again"
    finally:
        asked.stop()


def test_all_waiting_together_is_bounded(project: Callable[..., Path]) -> None:
    root, asked = project(FILES), JediNames(30.0, None, in_all=0.0)
    assert ask(asked, root, 0) is None
    (complaint,) = asked.complaints
    assert "in all" in complaint


def test_stopping_ends_the_worker_and_whoever_waits(project: Callable[..., Path]) -> None:
    root, asked = project(FILES), JediNames(30.0, None)
    assert ask(asked, root, 0)
    asked.stop()
    assert asked.process_id is None
    assert ask(asked, root, 1) is None
    asked.stop()


@POSIX
def test_the_worker_dies_with_its_parent(project: Callable[..., Path]) -> None:
    root = project(FILES)
    code = (
        "import sys, time\n"
        "from nonegrad.names.jedi_names import JediNames\n"
        "names = JediNames(30.0, None)\n"
        "names.infer(sys.argv[1], 'h0', 'f0')\n"
        "print(names.process_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(root / "train.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": process.PACKAGE_HOME},
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not alive(worker), 5)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and is only not collected yet does not."""
    state = Path(f"/proc/{pid}/stat")
    if state.exists():
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists()


@POSIX
def test_a_question_larger_than_the_pipe_ends_too(
    project: Callable[..., Path],
) -> None:
    root, asked = project(FILES), JediNames(8.0, None)
    long = "import h0\nh0.f0\n" + "# long\n" * 50_000
    try:
        assert ask(asked, root, 0)
        os.kill(found_by(asked), signal.SIGSTOP)
        began = time.monotonic()
        found = asked.infer_expression(str(root / "train.py"), long, 1, 8)
        assert found is not None, "the next worker answers it"
        assert 7.9 < time.monotonic() - began < 24
    finally:
        asked.stop()
