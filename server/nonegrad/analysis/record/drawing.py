"""A recorder that keeps the autograd graph at each backward(): for `nonegrad graph`, which asks for
it, and for nobody else."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from nonegrad.analysis.autograd import kinds, reaching
from nonegrad.analysis.autograd.inputs import Wanted
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Targets, Tensor
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import stories
from nonegrad.analysis.record.facts import Overwritten
from nonegrad.analysis.record.graphs import Graph, Key, Kind, Vertex
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.analysis.record.turns import calls_of
from nonegrad.analysis.record.walking import Root, Walk
from nonegrad.text import Site

INSTALLED = ("site-packages", "dist-packages")


@dataclass
class Drawing(Recorder):
    """Collects what the others do, and graphs."""

    graphs: dict[tuple[str, Site], Graph] = field(default_factory=dict[tuple[str, Site], Graph])
    makers: dict[Why, Targets] = field(default_factory=dict[Why, Targets])
    """For a step of a story the node that was recorded for it."""
    behind: dict[Why, set[Addr]] = field(default_factory=dict[Why, set[Addr]])
    """For a cut the leaves whose gradient would come through it."""
    calls: dict[Why, list[Key]] = field(default_factory=dict[Why, list[Key]])
    """For a cut the calls that led there."""

    def made(self, why: Why | None, fn: Targets) -> None:
        """An operation was recorded."""
        if why is not None:
            self.makers[why] = fn

    def cut_off(self, m: Machine, why: Why, operands: list[tuple[Addr, Tensor]]) -> None:
        if not self.within_function:
            self.calls[why] = calls_of(m.ctx)
            found = self.behind.setdefault(why, set())
            for addr, tensor in operands:
                if tensor.requires_grad is not NO:
                    found |= reaching.leaves_behind(m, addr, tensor)
        super().cut_off(m, why, operands)

    def leads(self, m: Machine, node: ast.AST, subject: Value, inputs: Wanted = None) -> None:
        """backward() or autograd.grad() is about to run."""
        if m.recording:
            given = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            kind = "grad" if given.rpartition(".")[2] == "grad" else "backward"
            self.keep(m, node, kind, self.roots(m, subject_of(node), subject), inputs)

    def unknown_call(self, m: Machine, node: ast.AST, args: list[Value]) -> None:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="backward" | "manual_backward")):
                pass
            case _:
                return
        if m.recording:
            # `accelerator.backward(loss)` is given what it starts from.
            tracked = [one for one in args[:1] if all_tracked(m, one)]
            root = Root(m.text(node.args[0]), tracked[0]) if tracked and node.args else None
            self.keep(m, node, "backward", [root or Root(m.text(owner), values.ANY)], None)

    def not_a_tensor(self, m: Machine, node: ast.AST, what: str, why: Why | None) -> None:
        if m.recording:
            owner = m.text(node.value) if isinstance(node, ast.Attribute) else what
            self.keep(m, node, "backward", [Root(owner, values.ANY, what, why)], None)
        super().not_a_tensor(m, node, what, why)

    def handed_back(self, m: Machine, node: ast.expr, value: Value) -> None:
        if m.recording and m.frame.module.asked and m.grad_mode is not NO:
            roots = self.roots(m, node, value)
            if any(m.tensors(root.value) for root in roots):
                self.keep(m, node, "return", roots, None)
        super().handed_back(m, node, value)

    def roots(self, m: Machine, node: ast.AST, subject: Value) -> list[Root]:
        """What a backward() starts from, each with its name."""
        name = m.text(node)
        several = kinds.flat(m, subject)
        if len(several) == 1:
            return [Root(name, several[0])]
        texts = [m.text(one) for one in node.elts] if isinstance(node, SHOWN) else []
        if len(texts) != len(several):
            texts = [f"{name}[{place}]" for place in range(len(several))]
        return [Root(text, one) for text, one in zip(texts, several, strict=True)]

    def keep(
        self, m: Machine, node: ast.AST, kind: Kind, roots: list[Root], inputs: Wanted
    ) -> None:
        """One visit of a place."""
        site = m.site(node)
        if any(part in site.filename for part in INSTALLED):
            return
        walk = Walk(self, m, node, kind, roots, inputs)
        stories.add(walk)
        now = walk.graph
        now.within = running(m)
        before = self.graphs.get((kind, site))
        if before is None:
            self.graphs[kind, site] = now
        else:
            before.join(now)

    def finished(self) -> list[Graph]:
        """The graphs in the order of the text, with the writes that spoilt what they saved."""
        for fact in self.raised.values():
            if isinstance(fact, Overwritten) and fact.backward is not None:
                for graph in self.graphs.values():
                    if graph.site == fact.backward:
                        overwritten(graph, fact)
        return sorted(self.graphs.values(), key=lambda graph: (graph.site, graph.kind))


SHOWN = (ast.Tuple, ast.List)


def subject_of(node: ast.AST) -> ast.AST:
    """The expression a call starts from: `loss` of `loss.backward()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="backward")) if not is_autograd(owner):
            return owner
        case ast.Call(args=[first, *_]):
            return first
        case ast.Call(keywords=keywords):
            return next((one.value for one in keywords if one.arg == "outputs"), node)
        case _:
            return node


def all_tracked(m: Machine, value: Value) -> bool:
    """Whether a value certainly is a tensor that requires grad."""
    found = m.tensors(value)
    return len(found) == len(value) and all(one.requires_grad is YES for _, one in found)


def is_autograd(owner: ast.expr) -> bool:
    """Whether an expression reads as the module torch.autograd."""
    return ast.unparse(owner) in ("torch.autograd", "autograd")


def running(m: Machine) -> frozenset[str]:
    """The functions of the file that are being run, by their scopes."""
    found: set[str] = set()
    frame: Frame | None = m.frame
    while frame is not None:
        if frame.module.asked:
            found.add(frame.scope)
        frame = frame.caller
    return frozenset(found)


def overwritten(graph: Graph, fact: Overwritten) -> None:
    """Draw the write that spoilt what a node keeps for backward."""
    key = ("overwritten", fact.write)
    kept = [
        one
        for one, vertex in graph.vertices.items()
        if vertex.kind == "op" and vertex.site is not None and vertex.site == fact.kept_by
    ]
    if kept:
        graph.add(key, Vertex("cut", fact.text, fact.write, reason="overwritten"))
    for one in kept:
        graph.lead(key, one, "values", False)
