"""The graph of a gradient that autograd.grad returns with create_graph.

Most of it is not followed. But the derivative of a curved function is computed from what its node
keeps, so the graph of the gradient certainly leads back through what the function was given.
"""

from __future__ import annotations

import ast
import re

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain.counters import UNSEEN, Counter
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Node, Targets, Tensor
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine

CURVED = frozenset(
    """Exp Exp2 Expm1 Log Log2 Log10 Log1P Sqrt Rsqrt Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh
    Asinh Acosh Atanh Sigmoid Reciprocal Abs Erf Erfc Lgamma Digamma Relu Elu Celu Gelu Silu Mish
    Softplus LeakyRelu Hardtanh Hardswish LogSigmoid Softshrink Hardshrink Threshold Softmax
    LogSoftmax LinalgVectorNorm Logsumexp""".split()
)
"""Functions of one tensor whose derivative torch computes from that tensor or from the result."""
STEPS = frozenset("Sign Sgn Floor Ceil Round Trunc Heaviside FloorDivide".split())
"""Functions whose derivative is zero, whatever comes in: what follows has no graph."""
NAME = re.compile(r"(\w+)Backward\d+$")


def gradient(
    m: Machine,
    of: Value,
    node: ast.AST,
    place: int,
    ways: list[Reach],
    outputs: tuple[Why | None, ...],
) -> Value:
    """The gradient by one input; `ways`: what lies between the outputs and the inputs."""
    found = m.tensors(of)
    edges: list[Targets] = []
    if len(found) == 1 and len(of) == 1:
        addr, tensor = found[0]
        for way in ways:
            edges += leading(m, way, addr, tensor)
    label = f"grad{place}"
    if not edges:
        return escapes.unknown_tensor(m, node, label)
    tensor = found[0][1]
    why = step("op", m.site(node), m.text(node), (tensor.why, *outputs))
    counter = m.new(node, label + ":counter", Counter(frozenset({UNSEEN})))
    unknown = frozenset({ANYWHERE, NOWHERE})
    record = Node(None, (*dict.fromkeys(edges), unknown), keeps=MAYBE, site=m.site(node), why=why)
    made = Tensor(
        requires_grad=YES,
        is_leaf=NO,
        fn=frozenset({m.new(node, label + ":fn", record)}),
        counter=frozenset({counter}),
        grad=ANY,
        dtype=tensor.dtype,
        shape=tensor.shape,
        escaped=True,
        why=why,
    )
    return m.make(node, label, made)


def leading(m: Machine, way: Reach, addr: Addr, tensor: Tensor) -> list[Targets]:
    """What the graph of the gradient by a tensor certainly leads to, of the way to the tensor."""
    goals = frozenset({addr}) if tensor.is_leaf is YES else tensor.fn
    if tensor.requires_grad is not YES or (tensor.is_leaf is not YES and len(goals) != 1):
        return []
    nodes = [(one, m.node(one)) for one, sure in way.nodes.items() if sure]
    for one in way.nodes:
        record = m.node(one)
        name = None if record is None or record.name is None else NAME.match(record.name)
        if record is None or (record.name and (name is None or name.group(1) in STEPS)):
            return []
    known = dict(nodes)
    leads = set(goals)
    edges: list[Targets] = []
    for _ in range(len(nodes)):
        before = len(leads)
        leads |= {
            one
            for one, record in nodes
            if record is not None and any(edge and edge <= leads for edge in record.edges)
        }
        if len(leads) == before:
            break
    for one in leads - goals:
        record = known.get(one)
        if record is not None and record.name is not None and record.freed is NO:
            edges += of_node(record, frozenset(leads))
    return edges


def of_node(record: Node, leads: Targets) -> list[Targets]:
    """What the derivative that a node computes is made of, besides the gradient it gets."""
    found = NAME.match(record.name or "")
    name = found.group(1) if found is not None else ""
    if name in CURVED and len(record.edges) == 1:
        return [record.edges[0]]
    if name == "Mul" and len(record.edges) == 2:
        first, second = record.edges
        return [
            other
            for one, other in ((first, second), (second, first))
            if one and one <= leads and other and other.isdisjoint((NOWHERE, ANYWHERE))
        ]
    return []
