"""What a write in place does to the history of the tensor written and of its views."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import inputs
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Node, Targets, Tensor
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either, negate
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    pass


LONGEST = 12


COPY_SLICES = "torch::autograd::CopySlices"
"""As `grad_fn.name()` spells it."""


def strided(tensor: Tensor) -> str | None:
    """What the grad_fn of a view is called once it was found anew; between real and complex
    numbers it keeps its own name."""
    if tensor.view == "maybe" or tensor.dtype is None or "complex" in tensor.dtype:
        return None
    return "AsStridedBackward0"


def regenerate(m: Machine, viewer: Addr, node: ast.AST, *, sure: bool) -> None:
    """A view whose data were written finds its grad_fn anew, from its base, at the next look."""
    tensor = m.tensor(viewer)
    if tensor is None or tensor.view not in ("view", "multi") or tensor.requires_grad is NO:
        return
    if tensor.is_leaf is YES:
        return
    found: set[Addr] = set()
    for root in tensor.base:
        base = m.tensor(root)
        found |= inputs.tensor_targets(root, base) if base is not None else tensor.fn
    edges = (frozenset(found or tensor.fn or {NOWHERE}),)
    anew = Node(strided(tensor), edges, keeps=MAYBE, site=m.site(node))
    fn = frozenset({m.new(node, "regenerated", anew)})
    if sure and len(tensor.fn) == 1 and len(tensor.counter) == 1:
        m.put(viewer, replace(tensor, fn=fn))
    else:
        m.put_weak(viewer, replace(tensor, fn=fn))


def loosen_views(m: Machine, addr: Addr, tensor: Tensor) -> None:
    """A view follows its base: from now on it may require grad as well, and lead to the base."""
    for viewer in tensor.views:
        seen = m.tensor(viewer)
        if seen is not None and viewer is not addr:
            leads = seen.fn | {ANYWHERE, NOWHERE, addr}
            loose = replace(seen, requires_grad=MAYBE, is_leaf=MAYBE, fn=leads)
            m.s.set(viewer, loose)


def unname(m: Machine, written: set[Addr], node: ast.AST) -> None:
    """Results that perhaps are views of something inside their operators were written, be it
    through others: those that are find their grad_fn anew."""
    for one in sorted(written, key=values.age):
        seen = m.tensor(one)
        if seen is None or seen.view != "maybe" or seen.base or seen.is_leaf is YES:
            continue
        anew = Node(None, tuple(frozenset({fn}) for fn in seen.fn), keeps=MAYBE, site=m.site(node))
        m.s.set(one, replace(seen, fn=seen.fn | {m.new(node, "anew", anew)}))


def rebase(
    m: Machine,
    addr: Addr,
    tensor: Tensor,
    node_addr: Addr,
    node: ast.AST,
    requires: Truth,
    recording: Truth,
    *,
    sure: bool,
) -> None:
    """Point the tensor, its base and the other views at the new node."""
    fn: Targets = frozenset({node_addr})
    strong = sure and not addr.summary and recording is YES
    is_view = tensor.view in ("view", "multi")
    own_fn = fn
    if is_view:
        regenerated = Node(strided(tensor), (fn,), keeps=MAYBE, site=m.site(node))
        own_fn = frozenset({m.new(node, "view", regenerated)})
    after = replace(
        tensor,
        requires_grad=requires,
        is_leaf=negate(requires),
        fn=own_fn,
        why=step("inplace", m.site(node), m.text(node), (tensor.why,)),
    )
    (m.put if strong else m.put_weak)(addr, after)
    if tensor.view == "maybe":
        for root in tensor.base:
            base = m.tensor(root)
            if base is not None:
                loose = Node(None, (frozenset(inputs.tensor_targets(root, base)), fn), keeps=MAYBE)
                either_fn = base.fn | {m.new(node, "maybe slices", loose)}
                m.put_weak(
                    root,
                    replace(
                        base,
                        requires_grad=either(base.requires_grad, both(MAYBE, requires)),
                        is_leaf=NO if base.is_leaf is NO else MAYBE,
                        fn=either_fn,
                    ),
                )
    roots = tensor.base if is_view else frozenset({addr})
    for root in roots:
        base = m.tensor(root)
        if base is None:
            continue
        alone = strong and len(roots) == 1 and not root.summary
        if is_view:
            edges = (frozenset(inputs.tensor_targets(root, base)), fn)
            name = None if base.view == "maybe" else COPY_SLICES
            copied = Node(name, edges, keeps=MAYBE, site=m.site(node))
            base_fn: Targets = frozenset({m.new(node, "slices", copied)})
            rebased = replace(
                base,
                requires_grad=requires,
                is_leaf=negate(requires),
                fn=base_fn,
                why=step("inplace", m.site(node), m.text(node), (base.why,)),
            )
            (m.put if alone else m.put_weak)(root, rebased)
        else:
            base_fn = fn
        for other in base.views:
            seen = m.tensor(other)
            if seen is None or other is addr or seen.view not in ("view", "multi"):
                continue
            anew = Node(strided(seen), (base_fn,), keeps=MAYBE, site=m.site(node))
            view_fn = frozenset({m.new(node, "view", anew)})
            change = replace(seen, requires_grad=requires, is_leaf=negate(requires), fn=view_fn)
            (m.put if alone and len(seen.base) == 1 else m.put_weak)(other, change)
