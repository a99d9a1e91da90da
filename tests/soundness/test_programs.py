"""Programs nobody wrote, run under torch: every claim about them is true.

The short form; `python -m tests.soundness.long -n 20000` is the long one. Hypothesis draws the
programs; a wrong one is shrunk statement by statement, which gets further than shrinking draws.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .report import smallest
from .verdict import judge
from .writer import Writer

short = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@short
@given(draw=st.randoms(use_true_random=True))
def test_every_claim_about_a_program_is_true(draw: random.Random) -> None:
    text = Writer(draw).program()
    wrong = judge(text).wrong
    assert not wrong, smallest(text, wrong[0], 200)


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
    raising = 0
    for seed in range(30):
        text = Writer(random.Random(seed), lively=lively).program()
        space: dict[str, object] = {"__name__": "__main__"}
        random.seed(0)
        try:
            exec(compile(text, "<program>", "exec"), space)
        except Exception:
            raising += 1
    assert (raising > 10) is (lively == 0.0)
