"""What the table says of calls, as the analysis asks for it."""

from __future__ import annotations

import pytest
from nonegrad.ops import Kind, Op, Saved, call_layer, exists, find, layer, optimizer
from nonegrad.ops.layers import attribute

T = Kind.TENSOR


def row(spelling: str, *args: Kind, **kwargs: Kind) -> Op:
    found = find(spelling, args, kwargs)
    assert found is not None
    return found


def test_exp_keeps_its_result_and_add_keeps_nothing() -> None:
    assert row("torch.exp", T).saves_result == ((0, True),)
    assert row("operator.add", T, Kind.INT).saves_result == ()
    assert row("operator.add", T, Kind.INT).saved == ()


def test_a_factor_is_kept_when_the_other_one_requires_grad() -> None:
    saved = row("operator.mul", T, T).saved
    assert Saved("self", frozenset({"other"})) in saved
    assert Saved("other", frozenset({"self"})) in saved


@pytest.mark.parametrize(
    ("spelling", "args", "node"),
    [
        ("operator.sub", [Kind.INT, T], "RsubBackward1"),
        ("operator.truediv", [Kind.FLOAT, T], "MulBackward0"),
        ("operator.pow", [Kind.INT, T], "PowBackward2"),
        ("operator.pow", [T, Kind.INT], "PowBackward0"),
        ("Tensor.__rsub__", [T, Kind.INT], "RsubBackward1"),
        ("Tensor.sum", [T], "SumBackward0"),
        ("Tensor.sum", [T, Kind.INT], "SumBackward1"),
        ("torch.max", [T, T], "MaximumBackward0"),
        ("Tensor.view", [T, Kind.INT, Kind.INT], "ViewBackward0"),
        ("torch.nn.functional.relu", [T], "ReluBackward0"),
        ("operator.getitem", [T, Kind.INT], "SelectBackward0"),
    ],
)
def test_the_kinds_of_the_arguments_choose_the_overload(
    spelling: str, args: list[Kind], node: str
) -> None:
    assert row(spelling, *args).node() == node


def test_an_unknown_argument_claims_only_what_holds_either_way() -> None:
    either = row("torch.max", T, Kind.UNKNOWN)
    assert either.returns == "?"
    assert either.node() is None
    assert either.flows() is None
    assert not any(s.certain for s in either.saved)


def test_inplace_and_training_change_the_row() -> None:
    relu, dropout = "torch.nn.functional.relu", "torch.nn.functional.dropout"
    plain, inplace = find(relu, [T]), find(relu, [T], inplace=True)
    assert plain and inplace and (plain.writes, inplace.writes) == (None, "self")
    training, evaluating = find(dropout, [T]), find(dropout, [T], training=False)
    assert training and evaluating and (training.view, evaluating.view) == ("no", "same")
    either = find(dropout, [T], {"training": Kind.UNKNOWN}, training=None)
    assert either and either.view == "maybe"


def test_the_number_of_dimensions_tells_which_product_it_is() -> None:
    flat = find("operator.matmul", [T, T], ranks=[2, 2])
    assert flat and flat.node() == "MmBackward0"
    assert row("operator.matmul", T, T).node() is None


def test_methods_take_self_first_wherever_the_function_has_it() -> None:
    assert row("Tensor.where", T, Kind.MASK, T).params[:3] == ("self", "condition", "other")
    assert row("torch.where", Kind.MASK, T, T).params[:3] == ("condition", "self", "other")


def test_what_takes_requires_grad_says_so() -> None:
    made = row("torch.randn", Kind.INT, Kind.INT, requires_grad=Kind.BOOL)
    assert made.factory and made.accepts_requires_grad and made.flows() is False


def test_nothing_is_said_of_out_and_of_what_torch_does_not_have() -> None:
    assert find("torch.exp", [T], {"out": T}) is None
    assert find("torch.exponential_of", [T]) is None
    assert not exists("torch.exponential_of")
    assert exists("torch.compile")


def test_a_layer_tells_its_parameters_and_what_its_call_saves() -> None:
    linear = layer("Linear")
    assert linear and linear.init[:3] == ("in_features", "out_features", "bias")
    assert [(p.name, p.present) for p in linear.parameters] == [
        ("weight", "always"),
        ("bias", "default"),
    ]
    call = call_layer("Linear", [T], ranks=[2])
    assert call and call.node() == "AddmmBackward0" and {"self", "weight"} <= call.grads_through
    bare = call_layer("Linear", [T], init={"bias": False}, ranks=[2])
    assert bare and bare.node() == "MmBackward0" and "bias" not in bare.tensors


def test_a_layer_made_in_place_writes_to_its_input() -> None:
    call = call_layer("ReLU", [T], init={"inplace": True})
    assert call and call.writes == "self"
    dropout = call_layer("Dropout", [T], training=False)
    assert dropout and dropout.view == "same"
    assert layer("LSTM") and layer("NoSuchLayer") is None


def test_optimizers_and_attributes() -> None:
    parameters = optimizer("SGD")
    assert parameters and parameters[:2] == ("params", "lr") and optimizer("Linear") is None
    data, transposed = attribute("data"), attribute("T")
    assert data and not data.requires_grad and transposed and transposed.view == "view"
    assert attribute("sum") is None
