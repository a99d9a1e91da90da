"""Every rewrite there is, each with its arguments in the docstring of its function."""

from __future__ import annotations

from nonegrad.patterns.base import Form
from nonegrad.patterns.rewrites import (
    chains,
    decorators,
    expressions,
    float_leaf,
    grad_mode,
    keywords,
    leaf_update,
    no_grad,
    rebind,
    require_grad,
    statements,
)

REWRITES: tuple[Form, ...] = (
    *require_grad.FORMS,
    *chains.FORMS,
    *rebind.FORMS,
    *no_grad.FORMS,
    *leaf_update.FORMS,
    *float_leaf.FORMS,
    *grad_mode.FORMS,
    *statements.FORMS,
    *expressions.FORMS,
    *keywords.FORMS,
    *decorators.FORMS,
)
