"""Rows derived from the yaml files inside the torch wheel; no operator is run.

torchgen's own loader reads them; what follows from an entry is decided the way
`gen_variable_type` decides it when it writes VariableType.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torchgen
from torchgen.api import cpp
from torchgen.api.autograd import (
    NativeFunctionWithDifferentiabilityInfo,
    gen_differentiable_outputs,
    is_differentiable,
    match_differentiability_info,
)
from torchgen.api.python import signature
from torchgen.api.types import BaseCType, tensorT
from torchgen.context import native_function_manager
from torchgen.gen import parse_native_yaml
from torchgen.model import NativeFunction, SchemaKind
from torchgen.packaged.autograd import gen_inplace_or_view_type as view_codegen
from torchgen.packaged.autograd import gen_python_functions as binding
from torchgen.packaged.autograd import gen_trace_type as trace_codegen
from torchgen.packaged.autograd import gen_variable_type as variable_codegen
from torchgen.packaged.autograd.load_derivatives import load_derivatives

Row = dict[str, Any]

_PACKAGED = Path(torchgen.__file__).parent / "packaged"
_NATIVE = str(_PACKAGED / "ATen/native/native_functions.yaml")
_TAGS = str(_PACKAGED / "ATen/native/tags.yaml")
_DERIVATIVES = str(_PACKAGED / "autograd/derivatives.yaml")

_ZERO = re.compile(
    r"zeros_like\(\w+\)|at::zeros(_symint)?\(\w+, grad\.options\(\)\)|\w+_info\.zeros\(\)"
)

NAMESPACES = {
    "Tensor": binding.is_py_variable_method,
    "torch": binding.is_py_torch_function,
    "nn": binding.is_py_nn_function,
    "fft": binding.is_py_fft_function,
    "linalg": binding.is_py_linalg_function,
    "special": binding.is_py_special_function,
    "nested": binding.is_py_nested_function,
    "sparse": binding.is_py_sparse_function,
}


def rows() -> dict[str, Row]:
    """One row per overload that Python can call, by its ATen name; `out=` forms are left out."""
    infos, _ = load_derivatives(_DERIVATIVES, _NATIVE, _TAGS)
    parsed = parse_native_yaml(_NATIVE, _TAGS)
    matched = match_differentiability_info(parsed.native_functions, infos)
    order = dict(_bindings(parsed.native_functions))
    found: dict[str, Row] = {}
    for pair in matched:
        function = pair.func
        key = str(function.func.name)
        if key not in order or function.func.kind() is SchemaKind.out:
            continue
        with native_function_manager(function):
            on_cpu = any(
                str(key_) == "CPU" and index.has_kernel(function)
                for key_, index in parsed.backend_indices.items()
            )
            found[key] = order[key] | _facts(pair, on_cpu)
    return found


def _bindings(functions: Any) -> Iterator[tuple[str, Row]]:
    """Every Python-visible overload: its signature, where it is bound, its turn in the parser."""
    entries: dict[str, Row] = {}
    visible = [f for f in functions if binding.should_generate_py_binding(f)]
    for space, predicate in NAMESPACES.items():
        method = space == "Tensor"
        by_name: dict[str, list[Any]] = {}
        for function in filter(predicate, visible):
            pair = binding.PythonSignatureNativeFunctionPair(
                signature=signature(function, method=method), function=function
            )
            by_name.setdefault(str(function.func.name.name), []).append(pair)
        for overloads in by_name.values():
            groups = binding.sort_overloads(binding.group_overloads(overloads))
            for turn, group in enumerate(groups):
                key = str(group.base.func.name)
                row = entries.setdefault(key, {"sig": _signature(group.base), "on": []})
                row["on"].append(space)
                if len(groups) > 1:
                    row["turn"] = turn
    for key, row in entries.items():
        row["on"] = " ".join(row["on"])
        yield key, row


def _signature(function: NativeFunction) -> str:
    parts: list[str] = []
    arguments = function.func.arguments
    named = {a.name for a in arguments.flat_kwarg_only}
    for argument in arguments.flat_non_out:
        if argument.name in named and "*" not in parts:
            parts.append("*")
        default = "" if argument.default is None else "="
        parts.append(f"{argument.type} {argument.name}{default}")
    return ", ".join(parts)


def _facts(pair: NativeFunctionWithDifferentiabilityInfo, on_cpu: bool) -> Row:
    function = pair.func
    schema = function.func
    arguments = schema.arguments.flat_non_out
    tensors = [a.name for a in arguments if a.type.is_tensor_like()]
    row: Row = {}
    returns = "".join(_letter(r.type) for r in schema.returns)
    if returns != "T":
        row["returns"] = returns
    written = [a.name for a in arguments if a.annotation is not None and a.annotation.is_write]
    if schema.kind() is SchemaKind.inplace and written:
        row["writes"] = written[0]
    elif written:
        row["writes_also"] = written
    view = _view(function)
    if view and "writes" not in row:
        row["view"] = view
    if "nondeterministic_seeded" in function.tags:
        row["random"] = True
    if not tensors and "T" in returns:
        row["factory"] = True
    if any(a.name == "pin_memory" for a in arguments):
        row["requires_grad"] = True
    # What takes requires_grad= makes its result anew, whatever it is made like.
    made = "requires_grad" in row or set(returns) <= {"N"}
    row.update({"constant": True} if made else _autograd(pair, on_cpu, tensors))
    return row


def _letter(kind: Any) -> str:
    if not kind.is_tensor_like():
        return "N"
    return "L" if kind.is_list_like() else "T"


def _view(function: NativeFunction) -> str | None:
    returns = function.func.returns
    shares = any(r.annotation is not None and not r.annotation.is_write for r in returns)
    if not (function.is_view_op or (shares and function.func.kind() is SchemaKind.functional)):
        return None
    return "multi" if len(returns) > 1 or any(r.type.is_list_like() for r in returns) else "view"


def _autograd(
    pair: NativeFunctionWithDifferentiabilityInfo, on_cpu: bool, tensors: list[str]
) -> Row:
    function = pair.func
    schema = function.func
    base = schema.name.name.base
    names = {base, str(schema.name.name), cpp.name(schema)}
    if names & set(trace_codegen.MANUAL_AUTOGRAD):
        return {"measured": True}
    if (
        function.has_composite_implicit_autograd_kernel
        and not on_cpu
        and not function.has_composite_explicit_autograd_kernel
    ):
        return {"measured": True}
    if names & set(variable_codegen.DONT_REQUIRE_DERIVATIVE):
        return {"constant": True}
    info = None
    if pair.info:
        info = pair.info.get("Default") or next(iter(pair.info.values()))
    if info is not None and info.has_derivatives:
        return _derived(pair, info, tensors)
    outputs = gen_differentiable_outputs(pair)
    if info is not None:
        differentiable = [
            a for a in schema.arguments.flat_non_out if is_differentiable(a.name, a.type, info)
        ]
        return {"no_backward": True} if outputs and differentiable else {"constant": True}
    if function.is_abstract:
        return {"no_backward": True} if tensors and outputs else {"constant": True}
    return {"measured": True}


def _derived(pair: NativeFunctionWithDifferentiabilityInfo, info: Any, tensors: list[str]) -> Row:
    function = pair.func
    schema = function.func
    row: Row = {}
    formulas = {name for d in info.derivatives for name in d.var_names}
    inputs = [
        a
        for a in schema.arguments.flat_non_out
        if is_differentiable(a.name, a.type, info) and a.name in formulas
    ]
    through = [a.name for a in inputs]
    if through != tensors:
        row["through"] = through
    row["node"] = info.op
    returns = list(cpp.return_names(function))
    differentiable = {o.name for o in gen_differentiable_outputs(pair)}
    indexes = [i for i, name in enumerate(returns) if name in differentiable]
    if indexes != list(range(len(returns))):
        row["differentiable"] = indexes
    if info.output_differentiability_conditions:
        row["conditional"] = True
    has_list = any(view_codegen.is_tensor_list_type(a.type) for a in inputs)
    saves: dict[str, list[str] | None] = {}
    for saved in info.all_saved_inputs:
        name = _plain(saved)
        if name in tensors and _keeps_tensor(saved):
            saves[name] = None if has_list else _condition(info, through, saved, name)
    if schema.kind() is SchemaKind.inplace:
        # What self was before is cloned first, so writing to it afterwards harms nothing.
        saves.pop("self", None)
    if saves:
        row["saves"] = saves
    kept = sorted(
        {_result_index(_plain(s), returns) for s in info.all_saved_outputs if _keeps_tensor(s)}
    )
    if kept:
        row["keeps"] = kept
    zero = [n for d in info.derivatives if _ZERO.fullmatch(d.formula.strip()) for n in d.var_names]
    if zero:
        row["zero"] = zero
    refused = [n for d in info.derivatives if "not_implemented" in d.formula for n in d.var_names]
    if refused:
        row["no_backward"] = True if set(refused) >= set(through) else sorted(refused)
    return row


def _plain(saved: Any) -> str:
    name = saved.nctype.name
    return name if isinstance(name, str) else str(name.name)


def _keeps_tensor(saved: Any) -> bool:
    return bool(re.search(r"Tensor", str(saved.nctype.type))) and "Options" not in str(
        saved.nctype.type
    )


def _result_index(name: str, returns: list[str]) -> int:
    if name in returns:
        return returns.index(name)
    return int(name[6:]) if re.fullmatch(r"result\d+", name) else 0


def _condition(info: Any, through: list[str], saved: Any, name: str) -> list[str] | None:
    """The arguments of which one must require grad for `saved` to be kept; None: no condition."""
    if "backward" in info.name or len(through) <= 1:
        return None
    if str(saved.nctype.type) != str(BaseCType(tensorT)):
        return None
    users = [d for d in info.derivatives if saved in d.saved_inputs]
    if len(users) != 1:
        return None
    (user,) = users
    if len(user.var_names) == 1:
        return [user.var_names[0]]
    wrapped = re.search(rf"wrap_opt_if\({name},(.*?)\)", user.formula)
    if wrapped is None:
        return None
    return [through[int(i)] for i in re.findall(r"grad_input_mask\[(\d+)", wrapped.group(0))]
