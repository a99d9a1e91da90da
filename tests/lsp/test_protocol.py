"""The protocol, spoken with a server process whose analysis finds the word `bad`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from .conftest import PULL, PUSH, Client, ServerError, Start, between, replace

URI = "file:///home/user/train.py"


async def test_a_finding_is_a_squiggle_with_its_rule_page_and_its_cause(client: Client) -> None:
    client.open(URI, "x = 1\ny = bad\n")
    report = await client.pull(URI)
    [squiggle] = report["items"]
    assert squiggle["range"] == between(1, 4, 7)
    assert squiggle["severity"] == 2
    assert (squiggle["source"], squiggle["code"]) == ("nonegrad", "grad-of-non-leaf")
    assert squiggle["codeDescription"]["href"].endswith("/rules/grad-of-non-leaf")
    [cause] = squiggle["relatedInformation"]
    assert cause["location"] == {"uri": URI, "range": between(0, 0, 1)}


async def test_the_same_findings_are_not_sent_twice(client: Client) -> None:
    client.open(URI, "bad\n")
    first = await client.pull(URI)
    client.change(URI, 2, replace(0, 3, 3, "  "))
    assert (await client.pull(URI, first["resultId"]))["kind"] == "unchanged"
    client.change(URI, 3, replace(0, 0, 0, " "))
    assert (await client.pull(URI, first["resultId"]))["kind"] == "full"


async def test_a_hint_is_sent_as_a_hint(client: Client) -> None:
    client.open(URI, "hint\n")
    [squiggle] = (await client.pull(URI))["items"]
    assert (squiggle["severity"], squiggle["code"]) == (4, "inplace-safe")


async def test_a_client_that_cannot_ask_is_told(start: Start) -> None:
    client = await start()
    await client.initialize(PUSH)
    client.open(URI, "bad\n")
    told = await client.until("textDocument/publishDiagnostics", lambda p: p["version"] == 1)
    assert len(told["diagnostics"]) == 1
    client.change(URI, 2, replace(0, 0, 3, "good"))
    told = await client.until("textDocument/publishDiagnostics", lambda p: p["version"] == 2)
    assert told["diagnostics"] == []
    client.change(URI, 3, replace(0, 0, 4, "bad"))
    await client.until("textDocument/publishDiagnostics", lambda p: p["version"] == 3)
    client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
    closed = await client.until("textDocument/publishDiagnostics", lambda p: "version" not in p)
    assert closed == {"uri": URI, "diagnostics": []}


async def test_of_a_burst_of_edits_only_the_last_is_told(start: Start) -> None:
    client = await start()
    await client.initialize(PUSH)
    client.open(URI, "slow\n")
    for version in range(2, 40):
        client.change(URI, version, replace(0, 4, 4, " "))
    client.change(URI, 40, {"text": "bad bad\n"})
    told = await client.until("textDocument/publishDiagnostics", lambda p: p["version"] == 40)
    assert len(told["diagnostics"]) == 2
    versions = [m["params"]["version"] for m in client.seen if m["method"].endswith("Diagnostics")]
    assert versions == [40]


async def test_a_client_that_can_ask_is_not_told(client: Client) -> None:
    client.open(URI, "bad\n")
    await client.pull(URI)
    assert not [m for m in client.seen if m["method"] == "textDocument/publishDiagnostics"]


async def test_a_pull_that_is_overtaken_is_to_be_asked_again(client: Client) -> None:
    client.open(URI, "slow\n")
    _, first = client.begin("textDocument/diagnostic", {"textDocument": {"uri": URI}})
    await asyncio.sleep(0.1)
    client.change(URI, 2, replace(0, 0, 4, "bad"))
    with pytest.raises(ServerError) as raised:
        await first
    assert (raised.value.code, raised.value.data) == (-32802, {"retriggerRequest": True})
    assert len((await client.pull(URI))["items"]) == 1


async def test_a_cancelled_pull_is_answered_so_and_the_next_one_is_not(client: Client) -> None:
    client.open(URI, "slow bad\n")
    number, first = client.begin("textDocument/diagnostic", {"textDocument": {"uri": URI}})
    await asyncio.sleep(0.1)
    client.tell("$/cancelRequest", {"id": number})
    with pytest.raises(ServerError) as raised:
        await first
    assert raised.value.code == -32800
    assert len((await client.pull(URI))["items"]) == 1


async def test_hover_shows_markdown_where_the_client_can(client: Client) -> None:
    client.open(URI, "x = bad\n")
    shown = await client.hover(URI, 0, 5)
    assert shown["contents"] == {"kind": "markdown", "value": "**bad** is `None`"}
    assert shown["range"] == between(0, 4, 7)
    assert await client.hover(URI, 0, 0) is None


async def test_hover_shows_plain_text_where_the_client_cannot(start: Start) -> None:
    client = await start()
    await client.initialize(PUSH)
    client.open(URI, "x = bad\n")
    shown = await client.hover(URI, 0, 5)
    assert shown["contents"] == {"kind": "plaintext", "value": "bad is None"}


async def test_two_documents_do_not_disturb_each_other(client: Client) -> None:
    other = "file:///home/user/model.py"
    client.open(URI, "bad\n")
    client.open(other, "bad bad\n")
    assert len((await client.pull(URI))["items"]) == 1
    client.change(other, 2, {"text": ""})
    assert len((await client.pull(URI))["items"]) == 1
    assert (await client.pull(other))["items"] == []


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-notebook-cell:/a/b.ipynb#W0"])
async def test_a_document_without_a_file_is_analysed_too(client: Client, uri: str) -> None:
    client.open(uri, "bad\n")
    [squiggle] = (await client.pull(uri))["items"]
    assert squiggle["relatedInformation"][0]["location"]["uri"] == uri


async def test_a_renamed_document_is_another_one(client: Client) -> None:
    client.open(URI, "bad\n")
    client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
    client.open(URI + "x", "bad\n")
    assert (await client.pull(URI))["items"] == []
    assert len((await client.pull(URI + "x"))["items"]) == 1


async def test_a_uri_may_be_escaped_in_two_ways(client: Client) -> None:
    client.open("file:///c%3A/a%20b.py", "bad\n")
    assert len((await client.pull("file:///c:/a%20b.py"))["items"]) == 1


async def test_closing_while_the_analysis_runs_leaves_the_server_well(client: Client) -> None:
    client.open(URI, "slow\n")
    _, pulled = client.begin("textDocument/diagnostic", {"textDocument": {"uri": URI}})
    client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
    with pytest.raises(ServerError):
        await pulled
    client.open(URI, "bad\n")
    assert len((await client.pull(URI))["items"]) == 1


async def test_a_change_of_nothing_and_of_an_unknown_document_do_no_harm(client: Client) -> None:
    client.open(URI, "bad\n")
    client.change(URI, 2)
    client.change("file:///not/open.py", 7, replace(0, 0, 0, "x"))
    assert len((await client.pull(URI))["items"]) == 1
    logged = await client.until("window/logMessage")
    assert "not open" in logged["message"]


async def test_a_failing_analysis_is_told_once_and_logged_whole(client: Client) -> None:
    for version, text in enumerate(("crash\n", "crash crash\n"), 1):
        client.open(URI, text, version)
        assert (await client.pull(URI))["items"] == []
    await client.until("window/logMessage", lambda p: "Traceback" in p["message"])
    shown = [m["params"]["message"] for m in client.seen if m["method"] == "window/showMessage"]
    assert len(shown) == 1 and "the analysis is broken" in shown[0]
    client.open(URI, "bad\n", 3)
    assert len((await client.pull(URI))["items"]) == 1


async def test_settings_come_with_the_handshake(start: Start) -> None:
    client = await start()
    await client.initialize(initializationOptions={"ignore": ["syntax-error"]})
    client.open(URI, "broken hint\n")
    [squiggle] = (await client.pull(URI))["items"]
    assert squiggle["code"] == "inplace-safe"


async def test_the_settings_of_the_project_hold_too(start: Start, tmp_path: Path) -> None:
    client = await start()
    await client.initialize()
    (tmp_path / "pyproject.toml").write_text('[tool.nonegrad]\nignore = ["syntax-error"]\n')
    client.open((tmp_path / "train.py").as_uri(), "broken bad\n")
    [squiggle] = (await client.pull((tmp_path / "train.py").as_uri()))["items"]
    assert squiggle["code"] == "grad-of-non-leaf"
    (tmp_path / "pyproject.toml").write_text("[tool.nonegrad]\nignor = []\n")
    changed = {"uri": (tmp_path / "pyproject.toml").as_uri(), "type": 2}
    client.tell("workspace/didChangeWatchedFiles", {"changes": [changed]})
    await client.until("workspace/diagnostic/refresh")
    assert len((await client.pull((tmp_path / "train.py").as_uri()))["items"]) == 2
    shown = await client.until("window/showMessage")
    assert "unknown key 'ignor' (did you mean 'ignore'?)" in shown["message"]


async def test_of_an_excluded_file_nothing_is_said(start: Start, tmp_path: Path) -> None:
    client = await start()
    folders = [{"uri": tmp_path.as_uri(), "name": "own"}]
    await client.initialize(workspaceFolders=folders, initializationOptions={"exclude": ["vendor"]})
    for name, count in (("vendor/a.py", 0), ("own/a.py", 1)):
        uri = (tmp_path / name).as_uri()
        client.open(uri, "bad\n")
        assert len((await client.pull(uri))["items"]) == count


async def test_settings_are_fetched_and_their_change_is_followed(start: Start) -> None:
    client = await start()
    client.settings = {"severity": "warning"}
    workspace = {**PULL["workspace"], "configuration": True}
    await client.initialize({**PULL, "workspace": workspace})
    await client.until("workspace/diagnostic/refresh")
    client.open(URI, "bad hint\n")
    assert [each["severity"] for each in (await client.pull(URI))["items"]] == [2]
    client.settings = {"severity": "hint"}
    client.seen.clear()
    client.tell("workspace/didChangeConfiguration", {"settings": None})
    await client.until("workspace/diagnostic/refresh")
    assert [each["severity"] for each in (await client.pull(URI))["items"]] == [2, 4]


async def test_a_setting_that_does_not_hold_is_said_and_what_held_stays(start: Start) -> None:
    client = await start()
    await client.initialize(initializationOptions={"severity": "warning"})
    client.tell(
        "workspace/didChangeConfiguration", {"settings": {"nonegrad": {"severity": "loud"}}}
    )
    shown = await client.until("window/showMessage")
    assert "severity must be one of" in shown["message"] and "loud" in shown["message"]
    client.open(URI, "bad hint\n")
    assert len((await client.pull(URI))["items"]) == 1


async def test_a_request_that_makes_no_sense_is_answered_with_an_error(client: Client) -> None:
    for method, params in (("textDocument/hover", {"nonsense": 1}), ("no/such", {})):
        with pytest.raises(ServerError):
            await client.ask(method, params)
    client.open(URI, "bad\n")
    assert len((await client.pull(URI))["items"]) == 1


async def test_fifty_thousand_lines_are_typed_in(client: Client) -> None:
    client.open(URI, "x = 1\n" * 50_000 + "bad\n")
    assert (await client.pull(URI))["items"][0]["range"] == between(50_000, 0, 3)
    for version in range(2, 12):
        client.change(URI, version, replace(25_000, 0, 0, "y"))
    client.change(URI, 12, replace(0, 0, 0, "\n"))
    assert (await client.pull(URI))["items"][0]["range"] == between(50_001, 0, 3)


async def test_an_empty_document_has_nothing(client: Client) -> None:
    client.open(URI, "")
    assert (await client.pull(URI))["items"] == []
    assert await client.hover(URI, 0, 0) is None
    assert await client.actions(URI, between(0, 0, 0)) == []
