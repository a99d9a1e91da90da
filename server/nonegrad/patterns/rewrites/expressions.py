"""One expression for another."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass, replace

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit, prefix, string_rows, unit_of
from nonegrad.patterns.place import Run, cut, end_of, path_to, single
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.syntax import exchange, fit, read, read_statement, same, show
from nonegrad.text import LINE_END


@dataclass(frozen=True, slots=True)
class Spot:
    """An expression with the statement it stands in and the nodes between the two."""

    run: Run
    path: tuple[ast.AST, ...]
    node: ast.expr

    @property
    def text(self) -> str:
        """The expression as written, its line ends as LF."""
        return LINE_END.sub("\n", cut(self.run.source, self.node))


def spot_of(task: Task) -> Spot | None:
    """The expression that is exactly the site."""
    run = single(task.source, task.tree, task.site)
    path = None if run is None else path_to(task.source, run, task.site)
    if run is None or path is None:
        return None
    node = path[-1]
    return Spot(run, path, node) if isinstance(node, ast.expr) else None


def put(spot: Spot, text: str) -> Draft | None:
    """The expression replaced, in parentheses where its place needs them."""
    return drafted(fit(spot.run, spot.path, text))


def replace_expression(task: Task) -> Draft | None:
    """`replace-expression`: `text`, an expression, in the place of the site."""
    spot = spot_of(task)
    text = task.request.argument("text").strip()
    if spot is None or not _is_expression(text):
        return None
    return put(spot, text)


def _is_expression(text: str) -> bool:
    return bool(text) and read(text) is not None


def replace_name(task: Task) -> Draft | None:
    """`replace-name`: the name at the site becomes `to`."""
    spot = spot_of(task)
    to = task.request.argument("to")
    if spot is None or not isinstance(spot.node, ast.Name) or not _is_identifier(to):
        return None
    return put(spot, to)


def rename_attribute(task: Task) -> Draft | None:
    """`rename-attribute`: the last name of an attribute expression becomes `to`."""
    return _renamed(task, task.request.argument("to"))


def sample_to_rsample(task: Task) -> Draft | None:
    """`sample-to-rsample`: `dist.sample` or `dist.sample(...)` draws with a gradient."""
    return _renamed(task, "rsample")


def _renamed(task: Task, to: str) -> Draft | None:
    spot = spot_of(task)
    if spot is None or not _is_identifier(to):
        return None
    node = spot.node.func if isinstance(spot.node, ast.Call) else spot.node
    if not isinstance(node, ast.Attribute):
        return None
    end = end_of(task.source, node)
    start = end - len(node.attr)
    if task.source.text[start:end] != node.attr:
        return None
    return Draft((edit(task.source, start, end, to),))


def _is_identifier(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def call_it(task: Task) -> Draft | None:
    """`call-it`: `loss.backward` becomes `loss.backward()`."""
    spot = spot_of(task)
    if spot is None or not isinstance(spot.node, ast.Attribute | ast.Name):
        return None
    parent = spot.path[-2] if len(spot.path) > 1 else None
    if isinstance(parent, ast.Call) and parent.func is spot.node:
        return None
    end = end_of(task.source, spot.node)
    return Draft((edit(task.source, end, end, "()"),))


def wrap_call(task: Task) -> Draft | None:
    """`wrap-call`: the expression becomes the one argument of `function`.

    An empty list or dict becomes no argument. With `alike`, the values of the assignments beside
    it that read another item of the same thing become arguments of their own.
    """
    spot = spot_of(task)
    function = task.request.argument("function")
    if spot is None or not _is_expression(function):
        return None
    near = items_beside(spot) if task.request.argument("alike") else []
    drafts = [put(one, _wrapped(one, function)) for one in (spot, *near)]
    edits = [edit for draft in drafts if draft is not None for edit in draft.edits]
    title = f"Register them: `{function}(...)`" if near else None
    return Draft(tuple(edits), title) if all(drafts) else None


def _wrapped(spot: Spot, function: str) -> str:
    text = spot.text
    if text in _EMPTY:
        return f"{function}()"
    first, *more = text.split("\n")
    if more and more[-1].strip() in ("]", "}", ")") and not string_rows(text):
        # A formatter puts brackets over several lines in lines of their own.
        source = spot.run.source
        outer = prefix(source, spot.run.start)
        unit = unit_of(source, ast.Module([*spot.run.statements], []))
        inner = "\n".join(unit + line if line.strip() else line for line in more)
        return f"{function}(\n{outer}{unit}{first}\n{inner}\n{outer})"
    plain = f"{function}({text})"
    whole = f"{function}(({text}))"
    return plain if same(plain, whole) else whole


_EMPTY = frozenset({"[]", "{}", "list()", "dict()"})


def items_beside(spot: Spot) -> list[Spot]:
    """The values of the assignments next to one, each an item of the same thing, set on the same
    object."""
    run = spot.run
    found: list[Spot] = []
    for step in (-1, 1):
        index = run.first + step
        while 0 <= index < len(run.statements):
            match run.statement, run.statements[index]:
                case (
                    ast.Assign(targets=[ast.Attribute(value=owner)], value=ast.Subscript() as one),
                    ast.Assign(
                        targets=[ast.Attribute(value=same_owner)], value=ast.Subscript() as other
                    ) as statement,
                ) if (
                    one is spot.node
                    and ast.unparse(owner) == ast.unparse(same_owner)
                    and ast.unparse(one.value) == ast.unparse(other.value)
                ):
                    beside = replace(run, first=index, last=index)
                    found.append(Spot(beside, (statement, other), other))
                case _:
                    break
            index += step
    return found


def call_instead(task: Task) -> Draft | None:
    """`call-instead`: the call is one of `function`, with the same arguments."""
    spot = spot_of(task)
    function = task.request.argument("function")
    if spot is None or not isinstance(spot.node, ast.Call) or not _is_expression(function):
        return None
    callee = cut(task.source, spot.node.func)
    return put(spot, function + spot.text.removeprefix(callee))


def state_to_parameters(task: Task) -> Draft | None:
    """`state-to-parameters`: `model.state_dict()` is a dict of the parameters themselves."""
    spot = spot_of(task)
    match spot:
        case Spot(node=ast.Call(func=ast.Attribute(value=owner, attr="state_dict"), args=[])):
            return put(spot, f"dict({cut(task.source, owner)}.named_parameters())")
        case _:
            return None


def comparison_to_assignment(task: Task) -> Draft | None:
    """`comparison-to-assignment`: the statement `p.requires_grad == False` assigns instead."""
    run = single(task.source, task.tree, task.site)
    match run:
        case Run(statement=ast.Expr(value=ast.Compare(left=left, ops=[ast.Eq()]) as node)):
            pass
        case _:
            return None
    if not isinstance(left, ast.Attribute | ast.Name):
        return None
    comparison = read_statement(cut(task.source, run.statement))
    if not isinstance(comparison, cst.Expr) or not isinstance(comparison.value, cst.Comparison):
        return None
    value = comparison.value
    operator = cst.ensure_type(value.comparisons[0].operator, cst.Equal)
    before, after = show(operator.whitespace_before), show(operator.whitespace_after)
    right = show(value.comparisons[0].comparator)
    text = f"{show(value.left)}{before}={after}{right}"
    return None if value.lpar else drafted(exchange(task.source, node, text))


FORMS = (
    Form("comparison-to-assignment", comparison_to_assignment),
    Form("replace-expression", replace_expression),
    Form("replace-name", replace_name),
    Form("rename-attribute", rename_attribute),
    Form("sample-to-rsample", sample_to_rsample),
    Form("call-it", call_it),
    Form("wrap-call", wrap_call),
    Form("call-instead", call_instead),
    Form("state-to-parameters", state_to_parameters),
)
