"""The pattern rules: what the shape of a statement alone decides."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from libcst import matchers as m

from nonegrad.patterns.base import PatternMatch
from nonegrad.patterns.place import cut, end_of, start_of
from nonegrad.patterns.rewrites.require_grad import takes_flag
from nonegrad.patterns.syntax import read
from nonegrad.patterns.triggers import candidates, misspells
from nonegrad.text import Rewrite, Site, Source

_IMPORTS = re.compile(
    r"^[ \t]*(?:import|from)[ \t][^\r\n#]*\btorch\b(?:[ \t]+as[ \t]+(\w+))?", re.M
)
_FLAG = "requires_grad"
_TAKERS = frozenset({"Parameter", "Variable"})
_OWNERS = frozenset({"self", "cls", "args", "cfg", "conf", "config", "hparams", "opt", "options"})
"""Names of things that carry settings of their own, read in other files."""
_STEPS = re.compile(r"opt|sched|scaler", re.I)

_COMPARED = m.Comparison(
    left=m.Attribute(attr=m.Name(_FLAG)),
    comparisons=[m.ComparisonTarget(m.Equal(), m.Name("True") | m.Name("False"))],
)
_METHOD = m.Attribute(attr=m.Name("requires_grad_"))
_UNCALLED = m.Attribute(attr=m.Name("backward") | m.Name("step") | m.Name("zero_grad"))


def find(source: Source, tree: ast.Module) -> Iterator[PatternMatch]:
    """Every shape that is wrong, in the order of the text; silent where torch is not imported."""
    imported: list[str] = _IMPORTS.findall(source.text)
    if not imported:
        return
    torch = next(filter(None, imported), "torch")
    words = dict(candidates(source.text))
    found: list[PatternMatch] = []
    read_elsewhere = _read_names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                found.extend(_keyword(source, node, words, torch))
            case ast.Assign():
                targets = [part for target in node.targets for part in _parts(target)]
                found.extend(_assigned(source, targets, words, read_elsewhere))
            case ast.Expr():
                found.extend(_bare(source, node, words))
            case _:
                pass
    yield from sorted(found, key=lambda one: one.site)


def _read_names(tree: ast.Module) -> frozenset[str]:
    """Attributes that the file reads: names that somebody means as they are."""
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _parts(target: ast.expr) -> Iterator[ast.Attribute]:
    if isinstance(target, ast.Attribute):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _parts(element)


def _site(source: Source, start: int, end: int) -> Site:
    return Site(source.filename, *source.position(start), *source.position(end))


def _whole(source: Source, node: ast.expr) -> Site:
    return _site(source, start_of(source, node), end_of(source, node))


def _keyword(
    source: Source, call: ast.Call, words: dict[int, str], torch: str
) -> Iterator[PatternMatch]:
    for keyword in call.keywords:
        word = keyword.arg or ""
        if word not in words.values() or not misspells(word):
            continue
        start = start_of(source, keyword)
        function = read(cut(source, call.func))
        named = m.Name() | m.Attribute(attr=m.Name())
        if start not in words or function is None or not m.matches(function, named):
            continue
        last = cut(source, call.func).rpartition(".")[2]
        if last not in _TAKERS and not (
            "." in cut(source, call.func) and takes_flag(function, torch)
        ):
            continue
        arguments = (("keyword", word), ("to", _FLAG))
        title = f"Rename `{word}` to `{_FLAG}`"
        yield PatternMatch(
            "requires-grad-misspelled",
            _site(source, start, start + len(word)),
            f"`{cut(source, call.func)}(...)` raises: `{word}` is not one of its keywords."
            f" It is spelled `{_FLAG}`.",
            (
                Rewrite(
                    "rename-keyword", _whole(source, call), title, safe=True, arguments=arguments
                ),
            ),
            raises=True,
        )


def _assigned(
    source: Source, targets: list[ast.Attribute], words: dict[int, str], known: frozenset[str]
) -> Iterator[PatternMatch]:
    for target in targets:
        word = target.attr
        start = end_of(source, target) - len(word)
        method = word == "requires_grad_"
        if start not in words or not (method or (misspells(word) and word not in known)):
            continue
        if isinstance(target.value, ast.Name) and target.value.id in _OWNERS:
            continue
        node = read(cut(source, target))
        if node is None or not m.matches(node, m.Attribute(attr=m.Name(word))):
            continue
        said = (
            "It replaces the method and sets no flag"
            if method
            else "Python makes a new attribute, which PyTorch never reads"
        )
        title = f"Rename `{word}` to `{_FLAG}`"
        arguments = (("to", _FLAG),)
        yield PatternMatch(
            "requires-grad-misspelled",
            _site(source, start, start + len(word)),
            f"Assigning `{word}` does not change `{_FLAG}`. {said}.",
            (Rewrite("rename-attribute", _whole(source, target), title, arguments=arguments),),
        )


def _bare(source: Source, statement: ast.Expr, words: dict[int, str]) -> Iterator[PatternMatch]:
    """Statements that only look something up."""
    value = statement.value
    if not isinstance(value, ast.Attribute | ast.Compare):
        return
    named = value.left if isinstance(value, ast.Compare) else value
    if not isinstance(named, ast.Attribute):
        return
    if end_of(source, named) - len(named.attr) not in words:
        return
    node, site, text = read(cut(source, value)), _whole(source, value), cut(source, named)
    if node is None:
        return
    if m.matches(node, _COMPARED):
        yield PatternMatch(
            "requires-grad-misspelled",
            site,
            f"`{cut(source, value)}` compares and changes nothing. The flag is set by `=`.",
            (Rewrite("comparison-to-assignment", site, "Assign instead of comparing"),),
        )
    elif m.matches(node, _METHOD):
        yield PatternMatch(
            "requires-grad-misspelled",
            site,
            f"`{text}` is not called. The statement looks the method up, and sets no flag.",
            (Rewrite("call-it", site, f"Call `{named.attr}()`"),),
        )
    elif m.matches(node, _UNCALLED) and (named.attr != "step" or _STEPS.search(text)):
        yield PatternMatch(
            "backward-not-called",
            site,
            f"`{text}` is not called. The statement only looks the method up and does nothing.",
            (Rewrite("call-it", site, f"Call `{named.attr}()`"),),
        )
