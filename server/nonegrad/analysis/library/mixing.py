"""Results of library code that is known only by what flows into it: distributions, and the like."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import factories, inputs, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import NOWHERE, Node, Sequence, Tensor
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.provenance import DRAWN, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, both, either, negate
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Scalar, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

DISCRETE = frozenset(
    """Categorical Bernoulli Binomial Geometric Multinomial NegativeBinomial OneHotCategorical
    Poisson""".split()
)
"""Distributions without rsample."""
REPARAMETRISED = frozenset(
    """Beta Cauchy Chi2 ContinuousBernoulli Dirichlet Exponential FisherSnedecor Gamma Gumbel
    HalfCauchy HalfNormal Kumaraswamy Laplace LogNormal LogisticNormal LowRankMultivariateNormal
    MultivariateNormal Normal Pareto RelaxedBernoulli RelaxedOneHotCategorical StudentT Uniform
    Weibull Wishart""".split()
)
"""Distributions with rsample."""
DEEPEST = 8
"""How far distributions made of others are followed."""
PROPERTIES = frozenset(
    "mean mode stddev variance probs logits loc scale base_dist concentration rate".split()
)
"""What a distribution computes of its parameters, or gives back."""


def mixed(m: Machine, sources: list[Value], node: ast.AST, label: str) -> Value:
    """A tensor computed from others by operators that are not listed one by one."""
    operands = [inputs.operand(m, "input", one) for value in sources for one in inside(m, value)]
    tensors = [o for o in operands if o.tensors or values.UNKNOWN in o.value]
    requires = NO
    for operand in tensors:
        requires = either(requires, operand.requires_grad)
    requires = both(requires, m.grad_mode)
    made = factories.fresh(
        m,
        node,
        label=label,
        dtype=None,
        why=step(
            "op",
            m.site(node),
            m.text(node),
            tuple(t.why for o in tensors for _, t in o.tensors[:1]),
        ),
    )
    fn: frozenset[Addr] = frozenset()
    if requires is not NO:
        edges = tuple(inputs.targets_of(o) for o in tensors) or (frozenset({NOWHERE}),)
        record = Node(None, edges, (), MAYBE, operator=label, site=m.site(node))
        fn = frozenset({m.new(node, label + ":fn", record)})
    for addr, tensor in m.tensors(made):
        after = replace(
            tensor, requires_grad=requires, is_leaf=negate(requires), fn=fn, contiguous=MAYBE
        )
        m.s.set(addr, after)
    return made


def inside(m: Machine, value: Value, depth: int = 0) -> list[Value]:
    """What is computed with: of distributions and transforms, and lists of them, what they were
    made of; an object that is none of these may hold anything."""
    if len(value) != 1:
        held = [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in value]
        return [ANY] if any(isinstance(thing, Opaque) for thing in held) else [value]
    (atom,) = value
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    below: list[Value] = []
    match thing:
        case Opaque(parts=parts) if is_distribution(thing) and depth < DEEPEST:
            below = list(parts)
        case Sequence() if depth < DEEPEST:
            below = operation.kinds.every_item(thing)
        case Tensor():
            return [value]
        case None:
            return [value if isinstance(atom, Const | Scalar) else ANY]
        case _:
            return [ANY]
    return [one for part in below for one in inside(m, part, depth + 1)]


def distribution(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.distributions.Normal(loc, scale): keeps its parameters."""
    name = path.rpartition(".")[2]
    return m.make(node, "distribution", Opaque(f"distribution:{name}", tuple(given.every())))


def distribution_method(
    m: Machine, addr: Addr, thing: Opaque, name: str, given: Arguments, node: ast.AST
) -> Value:
    """sample() is outside the graph; rsample(), log_prob(), entropy() are in it."""
    kind = thing.cls.partition(":")[2]
    if name in ("sample", "sample_n"):
        return drawn(m, thing, kind, node)
    if name == "rsample":
        if kind in DISCRETE:
            return ANY
        return mixed(m, list(thing.parts), node, "rsample")
    if name in ("log_prob", "cdf", "icdf", "entropy", "perplexity"):
        return mixed(m, [*thing.parts, *given.every()], node, name)
    return ANY


def drawn(m: Machine, thing: Opaque, kind: str, node: ast.AST) -> Value:
    """A draw through which no gradient comes to the parameters of the distribution."""
    made_of = [one for value in thing.parts for one in inside(m, value)]
    parts = [one for value in made_of for one in m.tensors(value)]
    cut = any(tensor.requires_grad is YES for _, tensor in parts)
    story = tuple(tensor.why for _, tensor in parts)
    place = m.site(node), m.text(node)
    why = None
    if cut and kind in REPARAMETRISED:
        why = step("not_differentiable", *place, story, cut=True, held=DRAWN)
    if why is not None:
        m.recorder.cut_off(m, why, parts)
    return factories.fresh(m, node, label="sample", dtype=None, why=why)


def divergence(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.distributions.kl_divergence(p, q)"""
    return mixed(m, given.every(), node, "kl_divergence")


def is_distribution(thing: Opaque) -> bool:
    """Whether an object is a distribution."""
    return thing.cls.startswith("distribution:")
