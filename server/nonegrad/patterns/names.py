"""Whether a name may be bound where a statement stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.patterns.place import Run

_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def may_bind(run: Run, target: str) -> bool:
    """Whether `target = ...` here leaves every other reading of the name in its function as it is.

    Binding a name of an outer scope makes it local to the function: its first reading raises.
    """
    if run.function is None or not target.isidentifier():
        return True
    return target in frozenset(_bound(run.function))


def _bound(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The names that a function binds itself, or declares to be of an outer scope."""
    arguments = function.args
    rest = (arguments.vararg, arguments.kwarg)
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest):
        if argument is not None:
            yield argument.arg
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case _:
                pass
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))
