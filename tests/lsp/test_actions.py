"""Code actions: which are offered where, and that no edit meets a text it was not made for."""

from __future__ import annotations

from typing import Any

from nonegrad.lsp.actions import clash, suppression, touches, wants
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Site, Source, apply

from .conftest import PUSH, Client, Start, between, replace

URI = "file:///home/user/train.py"


def titles(actions: list[dict[str, Any]], kind: str = "") -> list[str]:
    return [action["title"] for action in actions if action["kind"].startswith(kind)]


async def test_the_cures_of_a_finding_come_safe_ones_first(client: Client) -> None:
    client.open(URI, "x = bad\n")
    offered = await client.actions(URI, between(0, 5, 5))
    assert titles(offered, "quickfix") == [
        "Replace by good",
        "Replace by better, which may differ",
        "Ignore grad-of-non-leaf on this line",
    ]
    preferred = [action["title"] for action in offered if action.get("isPreferred")]
    assert preferred == ["Replace by good"]
    assert offered[0]["diagnostics"] == (await client.pull(URI))["items"]


async def test_an_edit_is_stamped_with_the_version_it_was_made_for(client: Client) -> None:
    client.open(URI, "x = bad\n", version=7)
    [cure, *_] = await client.actions(URI, between(0, 4, 7))
    [change] = cure["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 7}
    assert change["edits"] == [{"range": between(0, 4, 7), "newText": "good"}]


async def test_a_client_without_document_changes_gets_plain_ones(start: Start) -> None:
    client = await start()
    await client.initialize(PUSH)
    client.open(URI, "x = bad\n")
    [cure, *_] = await client.actions(URI, between(0, 4, 7))
    assert cure["edit"] == {"changes": {URI: [{"range": between(0, 4, 7), "newText": "good"}]}}


async def test_when_the_text_moves_on_there_are_no_edits(client: Client) -> None:
    client.open(URI, "slow bad\n")
    _, offered = client.begin(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": URI},
            "range": between(0, 5, 8),
            "context": {"diagnostics": []},
        },
    )
    client.change(URI, 2, replace(0, 0, 0, "# "))
    assert await offered == []


async def test_elsewhere_nothing_is_offered(client: Client) -> None:
    client.open(URI, "x = 1\n\ny = bad\n")
    assert titles(await client.actions(URI, between(1, 0, 0)), "quickfix") == []


async def test_the_cure_is_offered_at_the_cause_too(client: Client) -> None:
    client.open(URI, "x = 1\n\ny = bad\n")
    assert "Replace by good" in titles(await client.actions(URI, between(0, 0, 0)))


async def test_a_rewrite_for_taste_is_a_refactoring(client: Client) -> None:
    client.open(URI, "hint\n")
    offered = await client.actions(URI, between(0, 0, 4))
    assert titles(offered, "refactor.rewrite") == ["Rewrite for taste"]


async def test_only_the_wanted_kinds_are_offered(client: Client) -> None:
    client.open(URI, "hint bad\n")
    whole = between(0, 0, 8)
    for only in (["refactor"], ["refactor.rewrite"]):
        assert titles(await client.actions(URI, whole, only=only)) == ["Rewrite for taste"]
    for only in (["source"], ["source.fixAll"], ["source.fixAll.nonegrad"]):
        offered = await client.actions(URI, whole, only=only)
        assert [action["kind"] for action in offered] == ["source.fixAll.nonegrad"]
    assert await client.actions(URI, whole, only=["source.organizeImports"]) == []


async def test_fix_all_gets_its_edits_when_it_is_chosen(client: Client) -> None:
    client.open(URI, "bad\nhint\nbad\n")
    [entry] = await client.actions(URI, between(0, 0, 0), only=["source.fixAll"])
    assert "edit" not in entry
    resolved = await client.ask("codeAction/resolve", entry)
    [change] = resolved["edit"]["documentChanges"]
    assert change["edits"] == [
        {"range": between(0, 0, 3), "newText": "good"},
        {"range": between(2, 0, 3), "newText": "good"},
    ]
    client.change(URI, 2, replace(0, 0, 0, "# "))
    assert "edit" not in await client.ask("codeAction/resolve", entry)


async def test_fix_all_has_its_edits_at_once_where_the_client_cannot_ask(start: Start) -> None:
    client = await start()
    await client.initialize(PUSH)
    client.open(URI, "bad\n")
    [entry] = await client.actions(URI, between(0, 0, 0), only=["source.fixAll"])
    assert entry["edit"]["changes"][URI] == [{"range": between(0, 0, 3), "newText": "good"}]


async def test_fix_all_is_no_lamp(client: Client) -> None:
    client.open(URI, "x\nbad\n")
    by_itself = await client.actions(URI, between(1, 0, 0), triggerKind=2)
    assert titles(by_itself, "source") == []
    on_demand = await client.actions(URI, between(1, 0, 0), triggerKind=1)
    assert len(titles(on_demand, "source")) == 1


async def test_a_kind_is_wanted_with_all_below_it() -> None:
    assert wants(None, "quickfix") and wants([""], "quickfix")
    assert wants(["source"], "source.fixAll.nonegrad")
    assert not wants(["source.fix"], "source.fixAll.nonegrad")
    assert not wants([], "quickfix")


def silenced(line: str, column: int = 1) -> str | None:
    """The line after the comment that silences rule `b` on it was added."""
    source = Source("a.py", line)
    finding = Finding("b", "warning", "definite", Site("a.py", 1, column, 1, column + 1), "")
    fix = suppression(source, finding)
    return apply(source, fix.edits) if fix else None


def test_a_finding_is_silenced_by_a_comment_on_its_line() -> None:
    assert silenced("x = y") == "x = y  # nonegrad: ignore[b]"
    assert silenced("x = y  # why") == "x = y  # why  # nonegrad: ignore[b]"
    assert silenced("f(x,\n  y)") == "f(x,  # nonegrad: ignore[b]\n  y)"


def test_a_comment_that_is_there_is_extended() -> None:
    assert silenced("x = y  # nonegrad: ignore[a]") == "x = y  # nonegrad: ignore[a, b]"
    assert silenced("x  #nonegrad:ignore[ ]") == "x  #nonegrad:ignore[ b]"


def test_where_no_comment_can_stand_none_is_offered() -> None:
    assert silenced("x = y + \\\n 1") is None
    assert silenced('f(x, """a\n""")') is None


def test_edits_clash_where_they_change_the_same_text() -> None:
    def edit(start: int, end: int) -> Edit:
        return Edit(Site("a.py", 1, start, 1, end), "x")

    assert clash(edit(1, 5), edit(4, 6)) and clash(edit(4, 6), edit(1, 5))
    assert clash(edit(1, 5), edit(3, 3))
    assert not clash(edit(1, 5), edit(5, 6))
    assert not clash(edit(3, 3), edit(3, 3))


def test_stretches_touch_where_a_cursor_between_them_would_be_in_both() -> None:
    assert touches(Site("a", 1, 1, 1, 4), Site("a", 1, 4, 1, 4))
    assert not touches(Site("a", 1, 1, 1, 4), Site("a", 1, 5, 1, 9))
    assert not touches(Site("a", 1, 1, 1, 4), Site("b", 1, 1, 1, 4))
