"""What trains and what does not: at every optimizer step, which parameters have a gradient, and
for those that have none, where the last thread from them to a loss was cut."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Function, Optimizer
from nonegrad.analysis.domain.provenance import Why, cuts
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, only
from nonegrad.analysis.record import surroundings
from nonegrad.analysis.record.cutting import MOST, Cutting
from nonegrad.analysis.record.facts import Fact, Untrained
from nonegrad.analysis.record.missed import Frozen, Unstepped
from nonegrad.analysis.record.stepped import Stages, Stepped, replacing, unfed
from nonegrad.analysis.record.steps import Steps
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass
class Training(Cutting):
    """Collects cuts and steps."""

    stepped_on: dict[Addr, Stepped] = field(default_factory=dict[Addr, Stepped])
    stages: Stages = field(default_factory=dict[Site | None, dict[Addr, Stepped]])
    losses: list[tuple[Site, Tensor]] = field(default_factory=list[tuple[Site, Tensor]])
    """The backwards since the last step."""
    stepping: bool = False
    early: dict[Site, Untrained] = field(default_factory=dict[Site, Untrained])
    """Steps before any backward."""
    closures: dict[Site, Site] = field(default_factory=dict[Site, Site])
    """The last statements of the closures that steps were given."""
    closure_names: dict[Site, str] = field(default_factory=dict[Site, str])
    steps: Steps = field(default_factory=Steps)
    layouts: dict[Site, set[str]] = field(default_factory=dict[Site, set[str]])
    """What the lists hold that a factory copies, over all visits."""

    def copied(self, m: Machine, node: ast.AST, held: str) -> None:
        """A factory was given a list: what it holds must be the same on every visit to count."""
        if m.recording:
            self.layouts.setdefault(m.site(node), set()).add(held)

    def ran_backward(
        self, m: Machine, node: ast.AST, tensor: Tensor, found: reaching.Reach
    ) -> None:
        """A backward went through: its loss is one of those behind the next step."""
        self.last_backward = m.site(node)
        self.backward_count += 1
        self.effects += 1
        if m.recording and not m.uncertain:
            self.reaches(m, found)
        self.terms.ran(m, node, tensor, found)
        if self.stepping:
            self.losses.clear()
        self.stepping = False
        self.losses.append((m.site(node), tensor))
        del self.losses[:-MOST]

    def moment(self) -> int:
        """When a gradient is cleared, as the number of backwards before."""
        self.effects += 1
        return self.backward_count

    def stepped(self, m: Machine, node: ast.AST, addr: Addr, thing: Optimizer) -> None:
        """optimizer.step(): which of its parameters have a gradient."""
        self.stepping = True
        self.effects += 1
        if not m.recording:
            return
        self.steps.ran(m, node, thing, self.backward_count, self.optimizers)
        if self.last_backward is None:
            self.step_early(m, node, thing)
            return
        self.step_of(m, m.site(node), thing)
        if thing.open:
            return
        stories = {cut.site for _, loss in self.losses for cut in cuts(loss.why)}
        for param in thing.params:
            found = m.tensors(param)
            if len(found) != 1 and thing.site is not None:
                self.vague.add(thing.site)
            for one, tensor in found if len(found) == 1 else ():
                for table in (self.stepped_on, self.stages.setdefault(thing.site, {})):
                    known = self.meet(m, m.site(node), one, tensor, stories, table)
                    known.optimizer, known.text = thing.site, m.text(node)

    def step_early(self, m: Machine, node: ast.AST, thing: Optimizer) -> None:
        """A step before any backward: if none ever comes, it does nothing."""
        held = [(one, t) for param in thing.params for one, t in m.tensors(param)]
        idle = all(t.grad_state is NO and not one.summary for one, t in held)
        if thing.open or m.uncertain or self.blurred or not held or not idle:
            self.blurred = self.blurred or thing.open or not idle
            return
        names = tuple(self.name_of(one) for one, _ in held)
        site = m.site(node)
        self.early.setdefault(
            site, Untrained(names, "no-backward", site, None, None, self.closures.get(site))
        )

    def closure_ran(self, m: Machine, node: ast.AST, closure: Value) -> None:
        """A step was given a closure: its last statement is where a backward would stand."""
        atom = only(closure)
        function = m.at(atom.addr, Function) if isinstance(atom, Ref) else None
        if function is not None and not isinstance(function.node, ast.Lambda):
            last = function.node.body[-1]
            if function.frame.module.source.filename == m.site(node).filename:
                site, returned = m.site(node), last.value if isinstance(last, ast.Return) else None
                self.closures[site] = m.site(last)
                if isinstance(returned, ast.Name):
                    self.closure_names[site] = returned.id

    def meet(
        self,
        m: Machine,
        step: Site,
        addr: Addr,
        tensor: Tensor,
        stories: set[Site],
        table: dict[Addr, Stepped],
    ) -> Stepped:
        """One parameter at one visit of a step."""
        sure = not (addr.summary or m.uncertain)
        never = tensor.grad_state is NO and sure
        frozen = tensor.requires_grad is not YES
        off = tensor.requires_grad is NO and never and not (tensor.escaped or self.blurred)
        known = table.get(addr)
        if known is None:
            known = table[addr] = Stepped(tensor, step, never, frozen, off)
            if self.losses:
                known.backward, known.loss = self.losses[-1][0], self.losses[-1][1].why
            known.used = never and reaching.leads_anywhere(m, addr)
            cleared = tensor.grad_why.moment if tensor.grad_why is not None else 0
            known.again = cleared < self.backward_count
            if tensor.why is not None and tensor.why.kind == "loaded":
                known.holder = surroundings.named_at(m, addr, self.definitions)
        known.never = known.never and never
        known.frozen = known.frozen or frozen
        known.off = known.off and off
        known.hazy = known.hazy or self.blurred
        known.stories |= stories
        return known

    def trained(self) -> list[Fact]:
        """Parameters that an optimizer holds and that never have a gradient at its step."""
        if self.last_backward is None and not self.blurred:
            names = self.closure_names
            return [
                replace(fact, backward=self.closures.get(site), closure_returns=names.get(site, ""))
                for site, fact in self.early.items()
            ]
        groups: dict[object, tuple[str, Why | None, list[Addr], Stepped]] = {}
        found: list[Fact] = list(self.frozen())
        stale = self.stale_optimizers()
        missed = [fact for fact in self.missed() if fact.optimizer not in stale]
        unused: dict[Addr, Stepped] = {}
        for addr, stepped in (*self.stepped_on.items(), *unfed(self.stages, self.stepped_on)):
            if not stepped.never or stepped.frozen:
                continue
            if addr in self.gone and stepped.optimizer not in stale:
                continue  # What replaced it is the cause, if anything is.
            late = self.too_late(stepped.loss, addr, stepped.step, "idle", self.name_of(addr))
            if late is not None and not stepped.hazy:
                found.append(late)
                continue
            reason, cause = self.reason(addr, stepped)
            unsure = stepped.hazy and reason != "cut"
            if unsure or (reason == "unused" and self.optional.holds(self.name_of(addr))):
                continue
            if stepped.optimizer in stale:
                reason, cause = "stale", None
            place = cause.site if cause is not None else None
            if reason == "unused" and stepped.holder is not None:
                reason, cause, place = "loaded", stepped.tensor.why, stepped.holder
            elif reason == "unused":
                unused[addr] = stepped
                continue
            key = (reason, place, stepped.step)
            groups.setdefault(key, (reason, cause, [], stepped))[2].append(addr)
        found += self.unused(unused)
        found += [self.untrained(*group) for group in groups.values()]
        found += [*self.idle(stale | {fact.optimizer for fact in missed}), *self.swapped()]
        found += self.idle_terms(found)
        found += [*self.unstepped(), *self.left_off.values()]
        return [*found, *self.listed(), *(replacing(fact) for fact in missed)]

    def unused(self, leaves: dict[Addr, Stepped]) -> list[Untrained]:
        """Parameters from which nothing is computed, once for each place to tell it at."""
        found: list[Untrained] = []
        for one in self.outermost.gathered(leaves):
            fact = self.untrained("unused", None, one.leaves, leaves[one.leaves[0]])
            parts = tuple(name or self.name_of(addr) for addr, name in one.modules.items())
            found.append(replace(fact, made=one.site, parts=parts))
        return found

    def unstepped(self) -> list[Unstepped]:
        """Optimizers that never step, though what they hold gets gradients."""
        if self.may_hold_others:
            return []
        return [
            Unstepped(
                tuple(map(self.name_of, sorted(one.params, key=age))),
                site,
                one.step,
                one.second,
                one.call,
            )
            for site, one in self.steps.idle(self.optimizers).items()
            if not one.params & (self.rewritten | self.read_grads)
        ]

    def frozen(self) -> list[Frozen]:
        """Tensors that require grad at no step of the optimizer that holds them, where that was not
        meant: it was given them one by one, or holds nothing else."""
        groups: dict[tuple[object, ...], list[Addr]] = {}
        for addr, stepped in self.stepped_on.items():
            why = stepped.tensor.why
            every = [one for one in self.stepped_on.values() if one.optimizer == stepped.optimizer]
            alone = all(one.off for one in every) and stepped.optimizer not in self.vague
            if stepped.off and why is not None and (alone or addr not in self.full_names):
                reason = "all" if alone else "listed"
                groups.setdefault((reason, why.site, stepped.optimizer), []).append(addr)
        return [
            self.stepped_on[addrs[0]].as_frozen(str(key[0]), tuple(map(self.name_of, addrs)))
            for key, addrs in groups.items()
        ]

    def reason(self, addr: Addr, stepped: Stepped) -> tuple[str, Why | None]:
        """Why a parameter has no gradient at any step."""
        tensor = stepped.tensor
        zeroed = tensor.grad_why is not None and tensor.grad_why.kind == "zero_grad"
        zeroed = zeroed and addr in self.filled_by
        if zeroed and not stepped.again:
            return "zeroed", tensor.grad_why
        known = self.cuts_of(addr)
        if len(known) > 1:
            # A copy of the leaf itself, as one keeps of its numbers, goes into no loss.
            known = [why for why in known if tensor.why not in why.parents] or known
        told = [why for why in (*known, *self.cut_at.get(addr, [])) if why.site in stepped.stories]
        if told:
            # Indices are taken on purpose; what was cut by hand was meant to flow.
            return "cut", min(told, key=lambda why: why.kind == "not_differentiable")
        if (derived := self.terms.derivative_of(addr, stepped.loss)) is not None:
            return "cut", derived
        if zeroed:
            return "zeroed", tensor.grad_why
        if len(known) == 1 and known[0].kind != "left_torch":
            return "cut", known[0]
        used = stepped.used or {why.kind for why in known} - {"left_torch"}  # numbers are printed
        return ("dropped" if used else "unused"), None

    def untrained(
        self, reason: str, cause: Why | None, addrs: list[Addr], stepped: Stepped
    ) -> Untrained:
        """What there is to say of parameters that share a cause."""
        made = stepped.tensor.why.site if stepped.tensor.why else None
        filled = stepped.again and reason == "zeroed"
        made = stepped.holder if reason == "loaded" else made
        if reason == "stale" and (copy := self.adapted()) is not None:
            reason, made = "adapted", copy
        return Untrained(
            tuple(self.name_of(addr) for addr in addrs),
            reason,
            stepped.step,
            made,
            cause,
            self.filled_by[addrs[0]][0] if filled else stepped.backward,
            stepped.loss,
            stepped.optimizer,
            self.instead_site() if reason == "stale" else None,
            stepping=stepped.text,
            elsewhere=self.stepped_on[addrs[0]] is not stepped,
        )

    def instead_site(self) -> Site | None:
        """Where the parameters are made that train, where an optimizer holds others."""
        instead = self.instead()
        return instead.site if instead is not None else None

    def stale_optimizers(self) -> set[Site | None]:
        """Optimizers of whose parameters none is ever used, while others train unheld."""
        if self.instead() is None:
            return set()
        alive = {
            stepped.optimizer
            for addr, stepped in self.stepped_on.items()
            if not stepped.never or stepped.hazy or self.reason(addr, stepped)[0] != "unused"
        }
        return {one.optimizer for one in self.stepped_on.values()} - alive - {None}
