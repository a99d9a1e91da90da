"""PyTorch's error texts: what each one means, which rules find its cause, what else to look for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_READS = (
    "leaf-rebound",
    "grad-of-non-leaf",
    "grad-not-reached",
    "grad-before-backward",
    "grad-after-zero-grad",
    "grad-of-untracked",
    "retain-grad-too-late",
)
_CUTS = (
    "detached-from-loss",
    "computed-without-grad",
    "left-torch",
    "retensored",
    "not-differentiable",
)


@dataclass(frozen=True, slots=True)
class Known:
    """One error of PyTorch, or of Python about a gradient that is None."""

    text: re.Pattern[str]
    meaning: str
    rules: tuple[str, ...]
    """The rules that find it, the likeliest first."""
    look: str
    """What to look for where no rule finds it."""


def _known(text: str, meaning: str, rules: tuple[str, ...], look: str) -> Known:
    return Known(re.compile(text, re.I), meaning, rules, look)


KNOWN: tuple[Known, ...] = (
    _known(
        r"needed for gradient computation has been modified by an inplace operation",
        "backward() needs the value of a tensor that was written in place after it was saved.",
        ("inplace-on-saved",),
        "Look for `+=`, methods that end in `_`, `x[...] = ...`, `inplace=True` and"
        " `optimizer.step()` between the forward pass and this backward(). With"
        " `torch.autograd.set_detect_anomaly(True)` PyTorch names the operation that saved it.",
    ),
    _known(
        r"element \d+ of tensors does not require grad and does not have a grad_fn",
        "backward() was called on a tensor that has no graph.",
        (
            "backward-without-graph",
            "autograd-grad-untracked",
            "requires-grad-too-late",
            "checkpoint-cuts",
            "frozen-parameter",
            *_CUTS,
        ),
        "Look at what the loss is computed from: nothing in it requires grad, or a detach(),"
        " .item(), .numpy(), torch.tensor(...), argmax or comparison, or a no_grad around it cuts"
        " the graph. Print `loss.grad_fn` after each step: the cut is where it becomes None.",
    ),
    _known(
        r"backward through the graph a second time",
        "An earlier backward() has freed the graph that this one goes through.",
        ("backward-twice",),
        "Look for two backward() over a part they share, a loss computed before the loop, and"
        " a state that carries the graph of one turn into the next (detach it).",
    ),
    _known(
        r"a view of a leaf Variable that requires grad is being used in an in-place",
        "A view of a leaf that requires grad was written in place.",
        ("inplace-on-leaf", "inplace-on-view"),
        "Look for `x[...] = ...` or `x.view(...).op_()` where `x` is a parameter or has"
        " `requires_grad=True`: write under `torch.no_grad()`, or into a clone.",
    ),
    _known(
        r"(?<!view of a )leaf Variable that requires grad is being used in an in-place",
        "A leaf that requires grad was written in place while grad mode was on.",
        ("inplace-on-leaf", "inplace-on-view"),
        "Look for `+=` or a method that ends in `_` on a parameter: update it under"
        " `torch.no_grad()`, or write into a clone.",
    ),
    _known(
        r"is a view and is being modified inplace|view was created (?:in|inside)",
        "A view that PyTorch does not let be written was written in place.",
        ("inplace-on-view", "inplace-on-leaf"),
        "Look for a write to one of the results of unbind, split or chunk, or to a view made"
        " under no_grad: use `y = y + 1` instead of `y += 1`.",
    ),
    _known(
        r"grad can be implicitly created only for(?: real)? scalar outputs",
        "backward() without arguments needs one number, and this tensor has several.",
        ("backward-non-scalar",),
        "Reduce the loss before (`.mean()`, `.sum()`; `reduction='none'` does not), or pass"
        " `gradient=`.",
    ),
    _known(
        r"appears to not have been used in the graph",
        "autograd.grad was asked for a tensor that the outputs were not computed from.",
        ("autograd-grad-unused",),
        "Look whether the name was bound to another tensor (a copy, a `.to(...)`, a slice) after"
        " the outputs were computed.",
    ),
    _known(
        r"differentiated Tensors does not require grad",
        "autograd.grad was asked for a tensor that does not require grad.",
        ("autograd-grad-untracked", "autograd-grad-unused"),
        "Call `requires_grad_()` on the input before the outputs are computed.",
    ),
    _known(
        r"only Tensors of floating point(?: and complex)? dtype can require gradients",
        "Integers cannot require grad.",
        ("requires-grad-on-integer",),
        "Look at the dtype: `torch.tensor([1, 2])`, `arange`, `randint`, `argmax` and labels are"
        " integers. Use float literals or `dtype=torch.float32`.",
    ),
    _known(
        r"you can only change requires_grad flags of leaf variables",
        "requires_grad was switched on a tensor that was computed, which is no leaf.",
        ("requires-grad-on-non-leaf",),
        "Use `detach()` for a tensor without its graph; switch the flag on leaves only.",
    ),
    _known(
        r"can't optimize a non-leaf Tensor",
        "An optimizer was given a tensor that was computed, which is no leaf.",
        ("optimizer-on-non-leaf",),
        "Look at how it was made: `.to(device)`, `.cuda()` or arithmetic after"
        " `requires_grad=True` gives a computed tensor. Put the flag at the end.",
    ),
    _known(
        r"optimizer got an empty parameter list",
        "An optimizer was given no parameter.",
        ("optimizer-without-parameters", "unregistered-module", "unregistered-parameter"),
        "Look for a generator that was used up before, layers in a plain list, and a"
        " misspelled `__init__`.",
    ),
    _known(
        r"support the deepcopy protocol",
        "A tensor that is not a leaf was to be copied, by itself or with what holds it.",
        ("deepcopy-of-non-leaf",),
        "Look for what `forward` keeps on the module, and detach it there; weight_norm keeps such"
        " a tensor as well.",
    ),
    _known(
        r"cannot assign .* as parameter",
        "A plain tensor was assigned over a registered parameter.",
        ("parameter-replaced",),
        "Copy the numbers under `torch.no_grad()`, or assign an `nn.Parameter`.",
    ),
    _known(
        r"\.grad attribute of a Tensor that is not a leaf",
        "The `.grad` of a computed tensor was read: backward() fills it on leaves only.",
        ("grad-of-non-leaf", "leaf-rebound", "retain-grad-too-late"),
        "Call `retain_grad()` on it before backward(), or read the `.grad` of the leaf it was"
        " computed from.",
    ),
    _known(
        r"can't retain_grad on Tensor that has requires_grad=False"
        r"|register a hook on a tensor that doesn't require",
        "The tensor does not require grad, so there is nothing to keep or to hook.",
        ("hook-on-untracked", *_CUTS),
        "Look at what it is computed from, and whether grad mode was on.",
    ),
    _known(
        r"post accumulate grad hooks cannot be registered on non-leaf",
        "Such a hook fits leaves only.",
        ("hook-on-untracked",),
        "Use `register_hook` on a computed tensor.",
    ),
    _known(
        r"Can't call numpy\(\) on Tensor that requires grad",
        "An array cannot hold a graph, so PyTorch wants to be told that it ends here.",
        ("numpy-of-tracked",),
        "Use `.detach().numpy()` for plotting and logging; inside the loss stay in torch.",
    ),
    _known(
        r"inference tensor",
        "A tensor made in inference mode cannot take part in autograd.",
        ("inference-tensor-changed",),
        "Use `torch.no_grad()` instead of `torch.inference_mode()`, or clone the tensor.",
    ),
    _known(
        r"returned an incorrect number of gradients",
        "backward() of a custom Function must return one gradient for each input of forward.",
        ("function-gradient-missing",),
        "Count the arguments of `forward` after `ctx`; return None for what needs no gradient.",
    ),
    _known(
        r"None of the inputs have requires_grad=True",
        "A reentrant checkpoint records nothing where none of its inputs requires grad.",
        ("checkpoint-cuts", "backward-without-graph"),
        "Pass `use_reentrant=False`.",
    ),
    _known(
        r"unexpected keyword argument 'req\w*'",
        "The keyword is spelled `requires_grad`.",
        ("requires-grad-misspelled",),
        "Look at the spelling of the keyword.",
    ),
    _known(
        r"object has no attribute 'backward'",
        "backward() was called on something that is no tensor.",
        ("backward-without-graph", *_CUTS),
        "Look for .item(), float(...), .numpy() or sum([]) on the way to the loss.",
    ),
    _known(
        r"missing 1 required positional argument: 'closure'",
        "This optimizer computes the loss itself, by a closure.",
        ("step-without-backward",),
        "Pass `step` a function that clears the gradients, computes the loss, calls backward()"
        " and returns it.",
    ),
    _known(
        r"'NoneType' object (?:has no attribute|is not)|and 'NoneType'|'NoneType' and"
        r"|must be Tensor, not NoneType",
        "Something is None here; in a training program that is mostly a `.grad`.",
        (*_READS, "autograd-grad-unused", *_CUTS, "unused-parameter"),
        "Look at the `.grad` on that line: is the tensor a leaf, does it require grad, has"
        " backward() run and reached it, has zero_grad() cleared it since?",
    ),
    _known(
        r"Expected to have finished reduction in the prior iteration",
        "DistributedDataParallel waits for the gradient of a parameter that the loss left out.",
        ("unused-parameter", "grad-not-reached", "unregistered-module", *_CUTS),
        "Look for a branch of forward, or an output, that no loss of this step depends on.",
    ),
    _known(
        r"called `?step`? before|no inf checks were recorded",
        "A step came before any gradient.",
        ("step-without-backward", "optimizer-stale-parameter", "unused-parameter"),
        "Look for the backward() before the step.",
    ),
)


def known(text: str) -> Known | None:
    """The error that a text shows, the last one where it shows several."""
    best: tuple[int, int] | None = None
    found: Known | None = None
    for order, each in enumerate(KNOWN):
        for match in each.text.finditer(text):
            place = (match.start(), -order)
            if best is None or place > best:
                best, found = place, each
    return found
