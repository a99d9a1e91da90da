"""A constructor under another name: Python never calls it, and the module stays empty."""

from __future__ import annotations

import ast
import re

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Class, Instance
from nonegrad.analysis.domain.values import Ref
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.parts import Method
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site

KIN = re.compile(r"_+(?:init|int|inti|initi|intit|ini)_*\Z")


def constructor(m: Machine, node: ast.AST) -> Method | None:
    """The method that was meant to be `__init__` of a module whose parameters are asked for.

    It is one only where it calls the base's `__init__`, which no other method does.
    """
    for part in ast.walk(node):
        if not isinstance(part, ast.Attribute) or "parameters" not in part.attr:
            continue
        value = peeking.peek(m, part.value)
        atom = None if value is None else values.only(value)
        thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
        cls = m.at(thing.cls.addr, Class) if thing and isinstance(thing.cls, Ref) else None
        if cls is None or cls.frame.module.source.filename != m.frame.module.source.filename:
            continue
        methods = [each for each in cls.node.body if isinstance(each, ast.FunctionDef)]
        if any(each.name == "__init__" for each in methods):
            continue
        for method in methods:
            if KIN.match(method.name) and calls_base(method):
                return Method(place(m, method), cls.name, method.name)
    return None


def calls_base(method: ast.FunctionDef) -> bool:
    """Whether the constructor of a base is called."""
    return any(
        isinstance(part, ast.Attribute) and part.attr == "__init__" for part in walking.walk(method)
    )


def place(m: Machine, method: ast.FunctionDef) -> Site:
    """The name in a `def`."""
    site = m.site(method)
    line = m.frame.module.source.line(site.row)
    start = line.index(method.name, site.column + 2) + 1
    return Site(site.filename, site.row, start, site.row, start + len(method.name))
