"""All rules, in the order in which their pages are listed."""

from __future__ import annotations

from nonegrad.rules import (
    backward_non_scalar,
    backward_not_called,
    backward_twice,
    backward_without_graph,
    computed_without_grad,
    detached_from_loss,
    grad_after_zero_grad,
    grad_before_backward,
    grad_not_reached,
    grad_of_non_leaf,
    grad_of_untracked,
    hook_on_untracked,
    inference_tensor_changed,
    inplace_on_leaf,
    inplace_on_saved,
    inplace_on_view,
    inplace_safe,
    leaf_rebound,
    left_torch,
    not_differentiable,
    numpy_of_tracked,
    optimizer_on_non_leaf,
    optimizer_without_parameters,
    parameter_replaced,
    requires_grad_misspelled,
    requires_grad_on_integer,
    requires_grad_on_non_leaf,
    retain_grad_too_late,
    retensored,
    unused_parameter,
    zero_grad_before_step,
)
from nonegrad.rules.base import AnyRule

RULES: tuple[AnyRule, ...] = (
    grad_of_untracked.RULE,
    grad_of_non_leaf.RULE,
    grad_before_backward.RULE,
    grad_after_zero_grad.RULE,
    grad_not_reached.RULE,
    retain_grad_too_late.RULE,
    backward_without_graph.RULE,
    backward_not_called.RULE,
    inplace_on_leaf.RULE,
    inplace_on_saved.RULE,
    inplace_on_view.RULE,
    inplace_safe.RULE,
    inference_tensor_changed.RULE,
    leaf_rebound.RULE,
    requires_grad_misspelled.RULE,
    requires_grad_on_integer.RULE,
    backward_non_scalar.RULE,
    backward_twice.RULE,
    hook_on_untracked.RULE,
    numpy_of_tracked.RULE,
    optimizer_on_non_leaf.RULE,
    optimizer_without_parameters.RULE,
    parameter_replaced.RULE,
    requires_grad_on_non_leaf.RULE,
    detached_from_loss.RULE,
    computed_without_grad.RULE,
    not_differentiable.RULE,
    left_torch.RULE,
    retensored.RULE,
    unused_parameter.RULE,
    zero_grad_before_step.RULE,
)


def url(name: str) -> str:
    """The page of a rule."""
    return f"https://nonegrad.readthedocs.io/rules/{name}"
