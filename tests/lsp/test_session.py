"""The session: one analysis for each version that somebody wants, the newest first and last."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from nonegrad.analysis.syntax.chunks import Syntax
from nonegrad.analyze import Report
from nonegrad.lsp.session import Session, Snapshot, SupersededError
from nonegrad.names.protocol import Definition, Names
from nonegrad.options import Options
from nonegrad.text import Source


class Analysis:
    """Remembers the texts it was given; one that says `wait` takes until `go`."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.syntaxes: list[Syntax] = []
        self.go = threading.Event()

    def __call__(
        self, source: Source, options: Options, names: Names | None, syntax: Syntax
    ) -> Report:
        self.syntaxes.append(syntax)
        self.texts.append(source.text)
        if "wait" in source.text:
            self.go.wait(5)
        if "read" in source.text:
            assert names is not None
            names.read("model.py")
        return Report(source, (), ())


class Disk:
    """Names that know no name, and of every file that it is empty."""

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        return None

    def read(self, path: str) -> str | None:
        return ""


def snapshot(text: str, version: int = 1, uri: str = "file:///a.py") -> Snapshot:
    return Snapshot(uri, version, Source("a.py", text))


async def eventually(condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


async def test_a_version_asked_for_twice_is_analysed_once() -> None:
    analysis = Analysis()
    session = Session(analysis)
    first, second = await asyncio.gather(
        session.report(snapshot("x")), session.report(snapshot("x"))
    )
    assert first is second is await session.report(snapshot("x"))
    assert analysis.texts == ["x"]
    session.stop()


async def test_what_is_overtaken_before_it_began_is_never_analysed() -> None:
    analysis = Analysis()
    session = Session(analysis)
    reports = [session.report(snapshot("wait", 1))]
    await eventually(lambda: analysis.texts)
    reports += [session.report(snapshot(f"x{version}", version)) for version in range(2, 9)]
    analysis.go.set()
    *overtaken, last = await asyncio.gather(*reports, return_exceptions=True)
    assert all(isinstance(each, SupersededError) for each in overtaken)
    assert isinstance(last, Report) and last.source.text == "x8"
    assert analysis.texts == ["wait", "x8"]
    session.stop()


async def test_who_waits_for_an_old_text_is_told_at_once() -> None:
    analysis = Analysis()
    session = Session(analysis)
    waiting = session.report(snapshot("wait"))
    await eventually(lambda: analysis.texts)
    session.supersede("file:///a.py")
    with pytest.raises(SupersededError):
        await asyncio.wait_for(waiting, 1)
    assert not analysis.go.is_set()
    analysis.go.set()
    session.stop()


async def test_one_who_leaves_does_not_take_the_report_from_the_others() -> None:
    analysis = Analysis()
    session = Session(analysis)
    leaving, staying = session.report(snapshot("wait")), session.report(snapshot("wait"))
    leaving.cancel()
    analysis.go.set()
    assert (await staying).source.text == "wait"
    session.stop()


async def test_a_report_is_made_anew_when_settings_or_names_change() -> None:
    analysis = Analysis()
    session = Session(analysis)
    await session.report(snapshot("x"))
    session.renew()
    await session.report(snapshot("x"))
    assert analysis.texts == ["x", "x"]
    session.stop()


async def test_a_report_on_its_way_when_they_change_is_shown_but_not_kept() -> None:
    analysis = Analysis()
    session = Session(analysis)
    under_way = session.report(snapshot("wait"))
    await eventually(lambda: analysis.texts)
    session.renew()
    analysis.go.set()
    assert (await under_way).source.text == "wait"
    await session.report(snapshot("wait"))
    assert analysis.texts == ["wait", "wait"]
    session.stop()


async def test_a_report_that_rests_on_another_file_goes_with_that_file() -> None:
    analysis = Analysis()
    session = Session(analysis)
    await session.provide(Disk)
    await session.report(snapshot("read", uri="file:///a.py"))
    await session.report(snapshot("x", uri="file:///b.py"))
    assert session.touch("other.py") == []
    assert session.touch("model.py") == ["file:///a.py"]
    await session.report(snapshot("read", uri="file:///a.py"))
    await session.report(snapshot("x", uri="file:///b.py"))
    assert analysis.texts == ["read", "x", "read"]
    session.stop()


async def test_a_document_keeps_its_syntax_until_it_is_closed() -> None:
    analysis = Analysis()
    session = Session(analysis)
    await session.report(snapshot("x", 1))
    await session.report(snapshot("y", 2))
    await session.report(snapshot("x", uri="file:///b.py"))
    session.forget("file:///a.py")
    await session.report(snapshot("x", 1))
    first, second, other, reopened = analysis.syntaxes
    assert first is second
    assert len({id(first), id(other), id(reopened)}) == 3
    session.stop()


async def test_a_failing_analysis_gives_an_empty_report_and_its_reason() -> None:
    def failing(source: Source, options: Options, names: Names | None, syntax: Syntax) -> Report:
        raise KeyError("reason")

    session = Session(failing)
    crashes: list[tuple[str, BaseException]] = []
    session.on_crash = lambda filename, error: crashes.append((filename, error))
    assert (await session.report(snapshot("x"))).findings == ()
    assert [(name, str(error)) for name, error in crashes] == [("a.py", "'reason'")]
    session.stop()


async def test_what_fails_in_the_worker_fails_for_who_asked() -> None:
    session = Session(Analysis())
    with pytest.raises(ZeroDivisionError):
        await session.run(lambda: 1 // 0)
    assert await session.run(lambda: 1) == 1
    session.stop()
