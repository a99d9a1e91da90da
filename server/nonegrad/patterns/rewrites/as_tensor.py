"""A copy of what may be a tensor, made only where it is none."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit
from nonegrad.patterns.place import end_of
from nonegrad.patterns.rewrites.expressions import spot_of


def copy_to_as_tensor(task: Task) -> Draft | None:
    """`copy-to-as-tensor`: `torch.tensor(x, dtype=...)` becomes `torch.as_tensor(x, dtype=...)`.

    Only where the call converts as well, or where `x` came as an argument: it may be a number
    another time. Else the tensor itself is as good.
    """
    spot = spot_of(task)
    match spot.node if spot is not None else None:
        case ast.Call(func=ast.Attribute(attr="tensor") as func, args=[given], keywords=keywords):
            pass
        case _:
            return None
    named = {keyword.arg for keyword in keywords}
    if spot is None or not named <= {"dtype", "device"}:
        return None
    function = spot.run.function
    arguments = () if function is None else (*function.args.args, *function.args.kwonlyargs)
    handed = isinstance(given, ast.Name) and any(arg.arg == given.id for arg in arguments)
    if not (named or handed):
        return None
    end = end_of(task.source, func)
    return Draft((edit(task.source, end - len("tensor"), end, "as_tensor"),))


FORMS = (Form("copy-to-as-tensor", copy_to_as_tensor),)
