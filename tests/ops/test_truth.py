"""The table against torch: every statement about a sample of calls is run."""

from __future__ import annotations

import itertools

import pytest
import torch
from nonegrad.ops import Kind, dtypes, find
from opfacts import agreement, calls, python_calls, samples, surface
from opfacts.observe import Call

EVERY = 12
"""One operator in so many; `python server/tools/generate_ops.py --verify` runs all of them."""


def wrong(call: Call) -> list[str]:
    row = agreement.asked(call)
    return [] if row is None else list(agreement.disagreements(call, row))


def test_syntax_does_what_the_table_says() -> None:
    assert [w for call in itertools.islice(calls.syntax(), 0, None, 3) for w in wrong(call)] == []


def test_what_is_written_in_python_does_what_the_table_says() -> None:
    lines = itertools.islice(python_calls.all_calls(), 0, None, 5)
    assert [w for call in lines for w in wrong(call)] == []


@pytest.mark.filterwarnings("ignore")
def test_operators_do_what_the_table_says() -> None:
    assert list(agreement.over_operators(samples.operators()[::EVERY], 3)) == []


def test_the_check_itself_sees_a_wrong_row() -> None:
    call = Call("torch.exp", torch.exp, (torch.rand(3),))
    other = find("torch.sin", [Kind.TENSOR])
    assert other and len(list(agreement.disagreements(call, other))) >= 3


ELEMENTS = {
    Kind.INT: 0,
    Kind.FULL_SLICE: slice(None),
    Kind.CUT_SLICE: slice(1, 2),
    Kind.SLICE: slice(0, 9),
    Kind.ELLIPSIS: ...,
    Kind.NONE: None,
    Kind.MASK: torch.tensor([True, False, True]),
    Kind.INDEXES: torch.tensor([0, 1]),
    Kind.NUMBERS: [0, 2],
    Kind.BOOL: True,
}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_index_has_the_node_and_the_view_the_table_says(length: int) -> None:
    ran = 0
    for kinds in itertools.product(ELEMENTS, repeat=length):
        elements = tuple(ELEMENTS[kind] for kind in kinds)
        index = elements if length > 1 else elements[0]
        base = torch.rand(3, 3, 3, requires_grad=True).clone()
        try:
            result = base[index]
        except IndexError:
            continue
        row = find("operator.getitem", [Kind.TENSOR, *kinds])
        assert row is not None, kinds
        assert row.node() in (None, result.grad_fn.name()), kinds
        assert row.view == "maybe" or (row.view == "view") == result._is_view(), kinds
        base[index] = 1.0
        written = find("operator.setitem", [Kind.TENSOR, *kinds, Kind.FLOAT])
        assert written and written.node() in (None, base.grad_fn.name()), kinds
        ran += 1
    assert ran > 5


NAMES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128"


@pytest.mark.parametrize(("a", "b"), list(itertools.product(NAMES.split(), repeat=2)))
def test_dtypes_promote_as_torch_promotes_them(a: str, b: str) -> None:
    ours, theirs = getattr(torch, a), getattr(torch, b)
    assert dtypes.promote(a, b) == str(torch.promote_types(ours, theirs))[6:]
    either = dtypes.promote_any(a, b)
    if either is not None:
        for left, right in itertools.product(((), (2,)), repeat=2):
            joint = torch.result_type(torch.ones(left, dtype=ours), torch.ones(right, dtype=theirs))
            assert str(joint)[6:] == either
    for kind, number in ((Kind.BOOL, True), (Kind.INT, 2), (Kind.FLOAT, 2.5), (Kind.COMPLEX, 2j)):
        joint = torch.result_type(torch.ones(2, dtype=ours), number)
        assert dtypes.promote_number(a, kind) == str(joint)[6:]


def test_a_function_is_found_under_each_of_its_names() -> None:
    for spelling in ("torch.exp", "Tensor.exp_", "torch.linalg.norm", "torch.fft.fft"):
        assert callable(surface.function(spelling))
