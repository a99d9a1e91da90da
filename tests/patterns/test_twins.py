"""The table of in-place methods and their twins, against torch."""

from __future__ import annotations

import pytest
import torch
from marked import rewritten
from nonegrad.patterns.spellings import FUNCTIONS, TWINS
from torch.nn import functional


def test_every_twin_is_a_method_of_torch() -> None:
    assert [name for name in sorted(TWINS) if not hasattr(torch.Tensor, name)] == []
    assert [name for name in sorted(TWINS) if not hasattr(torch.Tensor, name + "_")] == []


def test_every_function_form_is_one_of_torch() -> None:
    lone = sorted(FUNCTIONS - TWINS)
    for name in lone:
        assert any(
            hasattr(module, name) and hasattr(module, name + "_") for module in (torch, functional)
        ), name


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_twin_computes_what_the_method_writes(name: str) -> None:
    """Of the methods that need no argument; the others differ in what they are given alone."""
    there = torch.rand(3, 3) * 0.5 + 0.25
    here = there.clone()
    try:
        getattr(there, name + "_")()
    except (TypeError, RuntimeError):
        return
    program = rewritten("rebind", f"‹y.{name}_()›")
    assert program is not None
    scope = {"y": here, "torch": torch}
    exec(program, scope)
    torch.testing.assert_close(scope["y"], there, rtol=0, atol=0, equal_nan=True)
