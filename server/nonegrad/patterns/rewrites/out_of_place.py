"""A layer that no longer writes to its input."""

from __future__ import annotations

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.rewrites.expressions import put, spot_of
from nonegrad.patterns.rewrites.keywords import keyword_of, without
from nonegrad.patterns.syntax import dotted, is_name, read, show

PLACE = {
    "ReLU": 0,
    "ReLU6": 0,
    "SELU": 0,
    "SiLU": 0,
    "Mish": 0,
    "Hardswish": 0,
    "Hardsigmoid": 0,
    "ELU": 1,
    "CELU": 1,
    "LeakyReLU": 1,
    "Dropout": 1,
    "Dropout1d": 1,
    "Dropout2d": 1,
    "Dropout3d": 1,
    "AlphaDropout": 1,
    "FeatureAlphaDropout": 1,
    "Hardtanh": 2,
    "RReLU": 2,
    "Threshold": 2,
}
"""Which argument of a layer's constructor is `inplace`."""


def write_no_input(task: Task) -> Draft | None:
    """`write-no-input`: the layer made at the site is made without `inplace=True`."""
    spot = spot_of(task)
    call = None if spot is None else read(spot.text)
    if spot is None or not isinstance(call, cst.Call):
        return None
    said = keyword_of(call, "inplace") or _positional(call)
    if said is None or is_name(said.value, "False"):
        return None
    text = show(without(call, said))
    title = f"Let the layer make a new tensor: `{' '.join(text.split())}`"
    draft = put(spot, text)
    return None if draft is None else Draft(draft.edits, title)


def _positional(call: cst.Call) -> cst.Arg | None:
    """The argument that is `inplace` by its place, where it is the last one."""
    index = PLACE.get((dotted(call.func) or "").rpartition(".")[2])
    plain = not any(arg.star or arg.keyword is not None for arg in call.args)
    if index is None or not plain or len(call.args) != index + 1:
        return None
    return call.args[index]


FORMS = (Form("write-no-input", write_no_input),)
