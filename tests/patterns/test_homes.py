"""Each rewrite is found by its name in the one module that has it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

from nonegrad.patterns import rewrites

NO_MATCHERS = """
import sys
from nonegrad.patterns.rewrites import HOMES, form
assert all(form(name) is not None for names in HOMES.values() for name in names)
assert "libcst" in sys.modules and "libcst.matchers" not in sys.modules
"""


def test_every_form_of_every_module_is_listed_under_its_module() -> None:
    modules = [each.name for each in iter_modules(rewrites.__path__)]
    forms = {
        name: tuple(form.name for form in import_module(f"{rewrites.__name__}.{name}").FORMS)
        for name in modules
        if hasattr(import_module(f"{rewrites.__name__}.{name}"), "FORMS")
    }
    assert forms == rewrites.HOMES


def test_a_name_that_is_no_rewrite_has_no_form() -> None:
    assert rewrites.form("no-such-rewrite") is None


def test_no_rewrite_waits_for_the_matchers_of_libcst() -> None:
    """They take longer to load than the analysis of a file."""
    subprocess.run([sys.executable, "-c", NO_MATCHERS], check=True)
