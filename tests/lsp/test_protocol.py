"""The protocol, spoken with a server process whose analysis finds the word `bad`."""

from __future__ import annotations

from .conftest import Client, between, replace

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
