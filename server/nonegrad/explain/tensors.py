"""Hover on a tensor: what it is in PyTorch's words, and what becomes of its `.grad`."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.record.facts import NoGraph, Overwritten
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.analysis.record.sightings import Sighting
from nonegrad.explain import chain
from nonegrad.explain.base import code, line, paragraphs
from nonegrad.text import Site, Source


@dataclass(frozen=True, slots=True)
class Subject:
    """A tensor as a place shows it, over all visits: what differs between them is not known."""

    source: Source
    seen: Recorder
    site: Site
    name: str
    tensor: Tensor
    fn: str | None
    visits: tuple[Sighting, ...]

    @classmethod
    def at(cls, source: Source, seen: Recorder, site: Site, name: str) -> Subject:
        """The tensor of a place where one was seen."""
        visits = tuple(seen.sightings.seen[site])
        tensor = visits[0].tensor
        for visit in visits[1:]:
            tensor = tensor.join(visit.tensor)
        names = {visit.fn for visit in visits}
        fn = names.pop() if len(names) == 1 else None
        return cls(source, seen, site, name, tensor, fn, visits)

    def line(self, site: Site) -> str:
        """`line 4`."""
        return line(site, self.source)

    def fills(self) -> list[Site]:
        """The backward() calls that give it a gradient, in the order of the text."""
        found = {at for one in self.visits for at in self.seen.filled_by.get(one.addr, ())}
        return sorted(found)

    def retained(self) -> Site | None:
        """The retain_grad() that asks for its gradient."""
        sites = (self.seen.retains.get(one.addr) for one in self.visits)
        return next((site for site in sites if site is not None), None)

    def passed(self) -> Site | None:
        """A backward() that goes through it."""
        sites = (self.seen.sightings.through.get(one.addr) for one in self.visits)
        return next((site for site in sites if site is not None), None)

    def raising(self) -> Site | None:
        """A backward() that certainly raises."""
        for fact in self.seen.raised.values():
            if isinstance(fact, NoGraph):
                return fact.site
            if isinstance(fact, Overwritten) and fact.definite:
                return fact.backward
        return None

    def known(self) -> bool:
        """Whether there is anything to say."""
        tensor = self.tensor
        return tensor.requires_grad is not MAYBE or tensor.is_leaf is not MAYBE


def leaves(seen: Recorder) -> set[int]:
    """The steps (by identity) that made leaves that require grad."""
    tensors = [visit.tensor for visits in seen.sightings.seen.values() for visit in visits]
    for passing in seen.sightings.passings.values():
        tensors += [one.tensor for one in passing.named]
    return {
        id(tensor.why)
        for tensor in tensors
        if tensor.is_leaf is YES and tensor.requires_grad is YES and tensor.why is not None
    }


def head(subject: Subject) -> str:
    """What it is, on one line."""
    tensor, words = subject.tensor, list[str]()
    if tensor.is_parameter is YES:
        words.append("`nn.Parameter`")
    if tensor.is_leaf is not MAYBE:
        words.append("a leaf" if tensor.is_leaf is YES else "not a leaf")
    if tensor.requires_grad is not MAYBE:
        words.append(f"`requires_grad={tensor.requires_grad is YES}`")
    else:
        words.append("`requires_grad` not known")
    if subject.fn not in (None, "none"):
        words.append(f"`grad_fn=<{subject.fn}>`")
    if tensor.retains_grad is YES and tensor.is_leaf is NO:
        words.append("retains its gradient")
    if tensor.view in ("view", "multi", "nograd"):
        words.append("a view")
    if tensor.dtype:
        words.append(f"`{tensor.dtype}`")
    return f"**{code(subject.name)}**: {', '.join(words)}"


def story(subject: Subject) -> str:
    """What becomes of its `.grad`: after which backward(), or why it is None."""
    tensor = subject.tensor
    if tensor.grad_state is YES:
        return present(subject)
    if tensor.requires_grad is NO:
        return untracked(subject)
    if tensor.requires_grad is not YES:
        return ""
    if tensor.is_leaf is YES:
        return leaf(subject)
    if tensor.is_leaf is NO:
        return non_leaf(subject)
    return ""


def grad(subject: Subject) -> str:
    """The gradient, as code."""
    return code(f"{subject.name}.grad")


def present(subject: Subject) -> str:
    """A `.grad` that is there."""
    why = subject.tensor.grad_why
    where = f", set by {code(why.text)} ({subject.line(why.site)})" if why else ""
    return f"{grad(subject)} is a tensor here{where}."


def untracked(subject: Subject) -> str:
    """A tensor that does not require grad."""
    tensor = subject.tensor
    reason = f"{code(subject.name)} does not require grad"
    if tensor.differentiable is NO:
        reason += f", and a tensor of {tensor.dtype} cannot"
    if tensor.grad_state is not NO:
        return f"No backward() gives it a gradient: {reason}."
    said = f"{grad(subject)} is `None`, and no backward() changes that: {reason}."
    return paragraphs([said, chain.untracked(subject.source, tensor.why)])


def leaf(subject: Subject) -> str:
    """A leaf that requires grad: the only kind that backward() gives gradients unasked."""
    tensor, fills = subject.tensor, subject.fills()
    why = tensor.grad_why
    later = [site for site in fills if site > subject.site] or fills
    cleared = ""
    if tensor.grad_state is NO and why is not None and why.kind == "zero_grad":
        cleared = f": {code(why.text)} ({subject.line(why.site)}) took it away"
    here = "`None` here" if tensor.grad_state is NO else "perhaps `None` here"
    if not later:
        raising = subject.raising()
        none = "No backward() that is known here gives it one"
        none += f": {call(subject, raising)} raises." if raising is not None else "."
        return f"{grad(subject)} is {here}{cleared}. {none}"
    calls = " and ".join(call(subject, site) for site in later[:3])
    verb = "sets" if len(later) == 1 else "set"
    return f"{grad(subject)} is {here}{cleared}; {calls} {verb} it."


def non_leaf(subject: Subject) -> str:
    """A tensor in the middle of a graph."""
    tensor, fills, asked = subject.tensor, subject.fills(), subject.retained()
    made = chain.tracked(subject.source, tensor.why, leaves(subject.seen))
    if asked is not None:
        keeps = f"`retain_grad()` ({subject.line(asked)}) asks for its gradient"
        if fills:
            calls = " and ".join(call(subject, site) for site in fills[:3])
            return f"{grad(subject)} is `None` until {calls}: {keeps}."
        last = subject.visits[-1].backward
        if last is not None and last < asked:
            said = f"{grad(subject)} stays `None`: {keeps} too late, after {call(subject, last)}."
            return paragraphs([said, made])
        return f"{grad(subject)} is `None` until a backward() goes through: {keeps}."
    if tensor.retains_grad is not NO:
        return ""
    through = subject.passed()
    by = call(subject, through) if through is not None else "backward()"
    retain = code(f"{subject.name}.retain_grad()")
    said = (
        f"{grad(subject)} stays `None`: {code(subject.name)} is not a leaf. {by} lets gradients"
        f" flow through it, but keeps them on leaves only, unless {retain} was called before."
    )
    return paragraphs([said, made])


def call(subject: Subject, site: Site) -> str:
    """A call and its line: `loss.backward()` (line 7)."""
    text = subject.source.cut(site) if site.filename == subject.source.filename else "backward()"
    return f"{code(text)} ({subject.line(site)})"
