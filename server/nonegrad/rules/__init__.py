"""The rules, one file each: what is found, why it matters, and what cures it."""

from __future__ import annotations

from nonegrad.rules.base import AnyRule

RULES: tuple[AnyRule, ...] = ()
"""Every rule, in the order of the documentation."""
