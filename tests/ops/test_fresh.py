"""The committed files are what the generator makes of the torch that is installed."""

from __future__ import annotations

import json

import generate_ops
import pytest
from nonegrad.ops.store import store
from opfacts import calls, derive, samples, surface
from opfacts.measure import measure
from torch import nn

AGAIN = "run: python server/tools/generate_ops.py"


def committed(name: str) -> str:
    return (generate_ops.OPS / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def aten() -> dict[str, derive.Row]:
    return derive.rows()


def test_what_is_derived_is_fresh() -> None:
    for name, text in generate_ops.derived().items():
        assert committed(name) == text, AGAIN


def test_a_sample_of_what_is_measured_is_fresh(aten: dict[str, derive.Row]) -> None:
    again = measure(calls.syntax(), aten, samples.OTHER_DEVICES).rows
    assert again
    rows = json.loads(committed("measured"))
    assert {key: rows.get(key) for key in again} == again, AGAIN


def test_every_callable_is_known_or_listed_as_not_known(aten: dict[str, derive.Row]) -> None:
    listed = generate_ops.not_known()
    assert (generate_ops.OPS / "not_known.txt").read_text("utf-8").splitlines() == listed, AGAIN
    assert {"torch.exp", "Tensor.split", "torch.nn.functional.linear"}.isdisjoint(listed)
    assert set(listed) <= {spelling for spelling, _ in surface.callables()}


def test_the_files_are_sorted_one_entry_a_line() -> None:
    for name in ("aten", "surface", "measured", "dtypes", "layers", "attributes"):
        keys = list(json.loads(committed(name)))
        assert keys == sorted(keys)
        assert len(committed(name).splitlines()) == len(keys) + 2
        assert store(name).get("") == {"torch": generate_ops.version()}


@pytest.mark.parametrize(
    "module",
    [nn.Linear(2, 2), nn.GRUCell(2, 2), nn.LSTM(2, 2, 2), nn.TransformerDecoderLayer(2, 2)],
    ids=lambda module: type(module).__name__,
)
def test_parameters_stand_in_the_order_of_torch(module: nn.Module) -> None:
    rows = json.loads(committed("layers"))[type(module).__name__]["parameters"]
    listed = [name for name, _ in module.named_parameters()]
    assert [name for name in rows if name in listed] == listed
