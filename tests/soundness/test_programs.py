"""Programs nobody wrote, run under torch: every claim about them is true.

The short form; `python -m tests.soundness.long -n 20000` is the long one. Hypothesis draws the
programs; a wrong one is shrunk statement by statement, which gets further than shrinking draws.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from .report import smallest
from .tracer import run
from .verdict import judge
from .writer import Writer

KNOWN: dict[int, str] = {}
"""Seeds of programs about which a claim is still wrong, and why."""

short = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def program(seed: int) -> str:
    """The program of a seed."""
    return Writer(random.Random(seed)).program()


@short
@given(seed=st.integers(0, 2**32 - 1))
def test_every_claim_about_a_program_is_true(seed: int) -> None:
    assume(seed not in KNOWN)
    text = program(seed)
    wrong = judge(text).wrong
    assert not wrong, smallest(text, wrong[0], 200)


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=pytest.mark.xfail(reason=KNOWN[seed], strict=True))
        for seed in KNOWN
    ],
)
def test_programs_about_which_a_claim_is_wrong(seed: int) -> None:
    assert judge(program(seed)).wrong == []


def test_programs_have_much_in_them() -> None:
    """A hundred programs hold each construct the writer knows, and mostly run to their end."""
    texts = [Writer(random.Random(seed)).program() for seed in range(100)]
    everything = "\n".join(texts)
    missing = [word for word in CONSTRUCTS if word not in everything]
    assert missing == []


CONSTRUCTS = "|".join(
    (
        "if |elif |else:|for |while |break|continue|try:|except |finally:|with |match |case |def ",
        "return |lambda |nonlocal |global |*rest|**kw|yield |class |super().__init__|@property",
        "@dataclass|nn.Module|nn.Parameter(|register_buffer|nn.ModuleList|nn.Sequential",
        "torch.optim.|.zero_grad(|.step(|.backward(|torch.no_grad()|torch.inference_mode()",
        "torch.set_grad_enabled(|@torch.no_grad()|.retain_grad()|.requires_grad_(|.detach()|.data",
        "torch.autograd.grad(|.chunk(|.unbind(|.transpose(|.expand(|.grad is not None",
        "random.random() < 0.5|+= |[0] = | for |torch.autograd.Function",
    )
).split("|")


@pytest.mark.parametrize("lively", [1.0, 0.0])
def test_what_raises_stays_out_unless_it_is_asked_for(lively: float) -> None:
    texts = [Writer(random.Random(seed), lively=lively).program() for seed in range(30)]
    raising = sum(run(text).error is not None for text in texts)
    assert (raising > 10) is (lively == 0.0)
