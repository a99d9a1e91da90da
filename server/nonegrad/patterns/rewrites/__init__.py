"""Every rewrite there is, each with its arguments in the docstring of its function.

A rewrite loads when it is first asked for: some need libcst's matchers, which load slower than
everything else of a check together.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from nonegrad.patterns.base import Form

HOMES: dict[str, tuple[str, ...]] = {
    "require_grad": ("add-requires-grad",),
    "chains": ("move-requires-grad-last", "append-call"),
    "rebind": ("rebind",),
    "no_grad": ("wrap-no-grad", "unwrap-with"),
    "leaf_update": ("update-in-place", "fresh-leaf"),
    "float_leaf": ("make-float",),
    "stacking": ("stack-elements",),
    "grad_mode": ("keep-grad-mode", "enable-grad", "guard-grad"),
    "inference": ("inference-to-no-grad",),
    "statements": (
        "insert-before",
        "insert-after",
        "insert-retain-grad",
        "clone-first",
        "delete-statement",
        "replace-statement",
        "move-statement",
    ),
    "expressions": (
        "comparison-to-assignment",
        "replace-expression",
        "replace-name",
        "rename-attribute",
        "sample-to-rsample",
        "call-it",
        "wrap-call",
        "call-instead",
        "state-to-parameters",
    ),
    "keywords": ("add-keyword", "remove-keyword", "rename-keyword"),
    "out_of_place": ("write-no-input",),
    "optimizers": ("give-optimizer",),
    "dropped": ("drop-call",),
    "freezing": ("unfreeze",),
    "as_tensor": ("copy-to-as-tensor",),
    "order": ("backward-first",),
    "poured": ("plain-data",),
    "straight_through": ("straight-through",),
    "decorators": ("remove-decorator", "swap-decorator"),
    "turns": ("detach-carried", "move-into-loop"),
    "optimizer_last": ("make-optimizer-last",),
    "copies": ("drop-copy", "plain-attribute", "functional-call", "call-with-state"),
    "definitions": ("rename-function",),
}
"""The module of each rewrite, by name: exactly its FORMS."""

_HOME = {name: home for home, names in HOMES.items() for name in names}


@cache
def form(name: str) -> Form | None:
    """The rewrite of that name, if there is one; loads its module."""
    home = _HOME.get(name)
    if home is None:
        return None
    forms: tuple[Form, ...] = import_module(f"{__name__}.{home}").FORMS
    return next(one for one in forms if one.name == name)
