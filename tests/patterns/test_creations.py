"""`add-requires-grad` and `move-requires-grad-last`: the flag where it makes the leaf."""

from __future__ import annotations

import pytest
from marked import fixed, rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("torch.tensor([1., 2.])", "torch.tensor([1., 2.], requires_grad=True)"),
        (
            "torch.tensor([1., 2.], requires_grad=False)",
            "torch.tensor([1., 2.], requires_grad=True)",
        ),
        ("torch.tensor([1, 2, 3])", "torch.tensor([1.0, 2.0, 3.0], requires_grad=True)"),
        (
            "torch.tensor([[1, -2], (3, 4)])",
            "torch.tensor([[1.0, -2.0], (3.0, 4.0)], requires_grad=True)",
        ),
        ("torch.tensor(3)", "torch.tensor(3.0, requires_grad=True)"),
        ("torch.tensor([1, 2.5])", "torch.tensor([1, 2.5], requires_grad=True)"),
        ("torch.tensor([1, n])", "torch.tensor([1, n], requires_grad=True)"),
        (
            "torch.tensor([True])",
            "torch.tensor([True], dtype=torch.float32, requires_grad=True)",
        ),
        (
            "torch.tensor([1], dtype=torch.float64)",
            "torch.tensor([1], dtype=torch.float64, requires_grad=True)",
        ),
        (
            "torch.tensor([1], dtype=torch.long)",
            "torch.tensor([1], dtype=torch.float32, requires_grad=True)",
        ),
        ("torch.zeros(3, dtype=int)", "torch.zeros(3, dtype=torch.float32, requires_grad=True)"),
        ("torch.full((2,), 1)", "torch.full((2,), 1.0, requires_grad=True)"),
        ("torch.arange(3)", "torch.arange(3, dtype=torch.float32, requires_grad=True)"),
        ("torch.arange(0., 3)", "torch.arange(0., 3, requires_grad=True)"),
        ("torch.randn(3)", "torch.randn(3, requires_grad=True)"),
        ("torch.randn(*shape, **kw)", "torch.randn(*shape, **kw, requires_grad=True)"),
        ("torch.randn()", "torch.randn(requires_grad=True)"),
        ("torch.tensor(x for x in y)", "torch.tensor((x for x in y), requires_grad=True)"),
        ("x.new_zeros(3)", "x.new_zeros(3, requires_grad=True)"),
        ("torch.Tensor([1, 2])", "torch.Tensor([1, 2]).requires_grad_()"),
        ("torch.from_numpy(a)", "torch.from_numpy(a).requires_grad_()"),
        ("torch.randn(3).double()", "torch.randn(3).double().requires_grad_()"),
        ("torch.zeros(3).requires_grad_(False)", "torch.zeros(3).requires_grad_()"),
        ("np.ones(3)", "np.ones(3).requires_grad_()"),
        ("a + b", "(a + b).requires_grad_()"),
        ("nn.Parameter(t, requires_grad=False)", "nn.Parameter(t, requires_grad=True)"),
        ("torch.zeros(3 , )", "torch.zeros(3, requires_grad=True , )"),
        (
            "torch.zeros(\n    3,  # rows\n    4,\n)",
            "torch.zeros(\n    3,  # rows\n    4,\n    requires_grad=True,\n)",
        ),
        (
            "torch.zeros(3,\n            4)",
            "torch.zeros(3,\n            4,\n            requires_grad=True)",
        ),
    ],
)
def test_the_creation_asks_for_a_gradient(before: str, after: str) -> None:
    assert rewritten("add-requires-grad", f"x = ‹{before}›  # data\n") == f"x = {after}  # data\n"


@pytest.mark.parametrize(
    "creation",
    [
        "torch.tensor([1.], requires_grad=True)",
        "torch.zeros(3).long()",
        "torch.ones(1).requires_grad_()",
    ],
)
def test_nothing_to_add(creation: str) -> None:
    assert rewritten("add-requires-grad", f"x = ‹{creation}›\n") is None


def test_the_statement_stands_for_its_value() -> None:
    assert rewritten("add-requires-grad", "‹x = torch.ones(1)›\n") == (
        "x = torch.ones(1, requires_grad=True)\n"
    )


def test_a_cast_behind_the_site_belongs_to_the_creation() -> None:
    assert rewritten("add-requires-grad", "x = ‹torch.ones(1)›.double().cuda()\n") == (
        "x = torch.ones(1).double().cuda().requires_grad_()\n"
    )
    assert rewritten("add-requires-grad", "x = ‹torch.ones(1)›.double()\n", inner="1") == (
        "x = torch.ones(1, requires_grad=True).double()\n"
    )


def test_a_call_on_the_result_does_not() -> None:
    assert rewritten("add-requires-grad", "x = ‹torch.ones(1)›.sum()\n") == (
        "x = torch.ones(1, requires_grad=True).sum()\n"
    )


def test_torch_under_another_name_and_a_known_dtype() -> None:
    assert rewritten("add-requires-grad", "x = ‹th.tensor(a)›\n", torch="th", dtype="float64") == (
        "x = th.tensor(a, dtype=th.float64, requires_grad=True)\n"
    )


def test_inside_another_call_and_with_crlf() -> None:
    before = "y = f(\r\n    ‹torch.ones(\r\n        2,\r\n    )›,\r\n)\r\n"
    assert rewritten("add-requires-grad", before) == (
        "y = f(\r\n    torch.ones(\r\n        2,\r\n        requires_grad=True,\r\n    ),\r\n)\r\n"
    )


def test_only_the_keyword_is_inserted() -> None:
    _, fix = fixed("add-requires-grad", "ä = ‹torch.ones(2)›\n")
    assert fix is not None
    assert [edit.content for edit in fix.edits] == [", requires_grad=True"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("torch.randn(3, requires_grad=True).cuda()", "torch.randn(3).cuda().requires_grad_()"),
        (
            "torch.randn(requires_grad=True, size=(3,)).to(d)",
            "torch.randn(size=(3,)).to(d).requires_grad_()",
        ),
        ("torch.zeros(3).requires_grad_().double()", "torch.zeros(3).double().requires_grad_()"),
        (
            "torch.zeros(3, requires_grad=flag).double()",
            "torch.zeros(3).double().requires_grad_(flag)",
        ),
        ("nn.Parameter(x).cuda()", "nn.Parameter(x.cuda())"),
        ("nn.Parameter(a + b).cuda().double()", "nn.Parameter((a + b).cuda().double())"),
        (
            "torch.nn.Parameter(x, requires_grad=f).to(d)",
            "torch.nn.Parameter(x.to(d), requires_grad=f)",
        ),
        (
            "(\n    torch.ones(2, requires_grad=True)\n    .cuda()\n)",
            "(\n    torch.ones(2)\n    .cuda().requires_grad_()\n)",
        ),
    ],
)
def test_the_flag_moves_to_the_end_of_the_chain(before: str, after: str) -> None:
    assert rewritten("move-requires-grad-last", f"x = ‹{before}›\n") == f"x = {after}\n"


@pytest.mark.parametrize(
    "chain",
    [
        "torch.zeros(3).cuda()",
        "torch.zeros(3).cuda().requires_grad_()",
        "x",
        "nn.Parameter(x)",
        "a + b",
    ],
)
def test_there_is_no_flag_to_move(chain: str) -> None:
    assert rewritten("move-requires-grad-last", f"x = ‹{chain}›\n") is None


def test_every_factory_takes_the_flag() -> None:
    """A factory that the table names has `requires_grad` in its documented signature."""
    import torch
    from nonegrad.patterns.spellings import FACTORIES

    for name in sorted(FACTORIES):
        assert "requires_grad" in (getattr(torch, name).__doc__ or ""), name
