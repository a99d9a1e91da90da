"""What is known of each name after the statement that binds it: the rows of `nonegrad states`."""

from __future__ import annotations

from typing import Literal

from nonegrad.analysis.domain.value_class import value_class
from nonegrad.text import Site


@value_class
class StateRow:
    """One name at one statement, joined over everything that reaches it; None means not known.

    `scope` is `module`, a function's name or `Class.method`; `kind` is `tensor`, `module`,
    `optimizer`, `number`, ... or `unknown`. A claim that is not None holds on every run.
    """

    site: Site
    name: str
    scope: str
    kind: str
    requires_grad: bool | None = None
    is_leaf: bool | None = None
    grad_fn: str | None = None
    """`MulBackward0`, or `none` where there certainly is no grad_fn."""
    retains_grad: bool | None = None
    dtype: str | None = None
    grad: Literal["none", "set"] | None = None
