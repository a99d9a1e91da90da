"""Modules that torch defines: their parameters, and what their forward does to autograd."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import factories, inputs, kinds, operation
from nonegrad.analysis.autograd.inputs import Operand
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Node, Saved, Sequence, Targets
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either, negate, truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.library import copying
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import recurrent, registry, weights
from nonegrad.analysis.python import calls, classes
from nonegrad.ops import Held, Layer, call_layer, layer

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

WHOLE = frozenset({"MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer"})
"""Layers whose parameters are all in the table, by the names that their submodules give them."""
SHAPING = (
    *("reduction", "size_average", "reduce", "start_dim", "end_dim", "output_size"),
    *recurrent.SETTINGS,
)
"""Settings of layers that the shape of their result depends on."""
STACKED = frozenset({"TransformerEncoder", "TransformerDecoder"})
MOST_COPIES = 12


def init(m: Machine, addr: Addr, name: str, given: Arguments, node: ast.AST) -> None:
    """`__init__` of a layer: its parameters, buffers and submodules."""
    row = layer(name)
    instance = m.at(addr, Instance)
    if instance is None:
        return
    if row is None or name.startswith("Lazy"):
        # A lazy layer gets its parameters, and another class, at its first call.
        m.put(addr, replace(instance, open=True, is_module=True))
        return
    bound = dict(zip(row.init, given.args, strict=False)) | given.kwargs
    for key, value in bound.items():
        instance = instance.with_attribute(key, value)
    for key in SHAPING if not given.plain else ():
        # What the starred arguments hold may tell it.
        instance = instance.with_attribute(key, bound.get(key, ANY))
    if name in STACKED and stack(m, addr, instance, bound, given, node):
        return
    dtype = factories.dtype_argument(m, given, kinds.default_dtype(m))
    known = recurrent.names(bound) if name in recurrent.KINDS and given.plain else None
    holding = [(held.name, present(m, held, row, bound, given)) for held in row.parameters]
    for own, there in holding if known is None else [(own, YES) for own in known]:
        made = factories.fresh(
            m,
            node,
            label=f"parameter:{own}",
            requires_grad=YES,
            is_parameter=YES,
            dtype=dtype,
            shape=weights.shape(m, name, own, bound) if given.plain else None,
        )
        instance = instance.with_attribute(own, perhaps(made, there), "parameter")
        for one in values.references(made):
            m.recorder.parameter_names.setdefault(one, own)
    for held in row.buffers:
        made = factories.fresh(m, node, label=f"buffer:{held.name}", dtype=None)
        there = present(m, held, row, bound, given)
        instance = instance.with_attribute(held.name, perhaps(made, there), "buffer")
    whole = name in WHOLE and given.plain and not {"kdim", "vdim"} & bound.keys()
    part = (bool(row.submodules) and not whole) or (name in recurrent.KINDS and known is None)
    m.put(addr, replace(instance, open=instance.open or part))


def stack(
    m: Machine,
    addr: Addr,
    instance: Instance,
    bound: dict[str, Value],
    given: Arguments,
    node: ast.AST,
) -> bool:
    """TransformerEncoder(layer, n): copies of the layer, then the norm, if one is given."""
    atom = values.only(next((v for k, v in bound.items() if k.endswith("_layer")), ANY))
    pattern = m.at(atom.addr, Instance) if isinstance(atom, values.Ref) else None
    count = values.number(bound.get("num_layers", ANY))
    if pattern is None or not pattern.is_module or not given.plain or atom is None:
        return False
    path = values.Sym("torch.nn.ModuleList")
    layers = Instance(path, is_module=True, site=m.site(node))
    context = m.ctx
    for place in range(1 if count is None else min(count, MOST_COPIES)):
        m.ctx = context.child((id(node), "copy", place))
        copy = copying.deep(m, frozenset({atom}), node)
        if count is None:
            layers = replace(layers, rest=copy)
        else:
            layers = layers.with_attribute(str(place), copy, "module")
    m.ctx = context
    layers = replace(layers, open=count is not None and count > MOST_COPIES)
    held = m.make(node, "layers", layers)
    norm = bound.get("norm", values.NONE)
    known = instance.with_attribute("layers", held, "module")
    m.put(addr, known.with_attribute("norm", norm, registry.role_of(m, norm)))
    return True


def rows_of(m: Machine, thing: Instance) -> list[Layer]:
    """The layers of torch that a module is one of."""
    paths = [atom.path for atom in classes.lineage(m, thing.cls) if isinstance(atom, values.Sym)]
    rows = [layer(path.rpartition(".")[2]) for path in paths if path.startswith("torch.nn.")]
    return [row for row in rows if row is not None]


def present(m: Machine, held: Held, row: Layer, bound: dict[str, Value], given: Arguments) -> Truth:
    """Whether a layer made with these arguments has the parameter."""
    if held.present == "always":
        return YES if given.plain else MAYBE
    if held.switch is None:
        weight = next((one for one in row.parameters if one.name == "weight"), None)
        if held.name != "bias" or weight is None or weight is held:
            return MAYBE
        # A norm has a bias where it has a weight, unless it is told not to.
        return both(present(m, weight, row, bound, given), values.flag_of(bound.get("bias"), True))
    if held.switch in bound:
        return values.flag_of(bound[held.switch], True)
    return truth(held.switch_default) if given.plain else MAYBE


def perhaps(made: Value, there: Truth) -> Value:
    """A parameter that is there, is None, or either."""
    if there is NO:
        return values.NONE
    return made if there is YES else values.join(made, values.NONE)


def forward(
    m: Machine, addr: Addr, thing: Instance, name: str, given: Arguments, node: ast.AST
) -> Value:
    """forward of a layer: one row of the operator table, or one node for the whole layer."""
    row = layer(name)
    if row is None or name.startswith("Lazy") or not given.plain:
        return calls.unknown(m, given, node)
    held = dict(thing.attributes)
    flags = {
        flag: values.flag_of(held[flag], default).known
        for flag, default in row.flags.items()
        if flag in held
    }
    op = call_layer(
        name,
        [operation.kinds.kind_of(m, arg) for arg in given.args],
        {key: operation.kinds.kind_of(m, arg) for key, arg in given.kwargs.items()},
        training=thing.training.known,
        init=flags,
        ranks=operation.known_ranks(m, f"torch.nn.{name}", given.args),
    )
    if op is not None and name in ("Linear", "Bilinear") and held.get("bias") == values.NONE:
        # Which node a vector without a bias ends in is not in the table.
        vector = any(operation.kinds.rank(m, arg) == 1 for arg in given.args)
        op = replace(op, nodes=(None,)) if vector else op
    if op is None or op.returns != "T" or any("(T(" in one for one in row.returns):
        return recorded(m, addr, thing, row, given, node)
    bound = operation.kinds.bind(op, given.args, given.kwargs)
    for key in SHAPING:
        if key in held and key not in bound:
            bound[key] = held[key]
    for param in op.params:
        own = held.get(param)
        if own is not None and param not in bound and m.tensors(own):
            bound[param] = values.without_none(own) or own
    if "parameters" in op.params:
        return recorded(m, addr, thing, row, given, node)
    if op.writes is not None:
        m.recorder.layer_writes(m, node, thing.site)
    return operation.apply(m, op, bound, node, f"torch.nn.{name}")


def recorded(
    m: Machine, addr: Addr, thing: Instance, row: Layer, given: Arguments, node: ast.AST
) -> Value:
    """One node for the whole layer: gradients go on into its inputs and its parameters."""
    fed = [one for value in given.args for one in flat_tensors(m, value)]
    operands = [inputs.operand(m, "input", value) for value in fed]
    held = registry.holdings(m, addr)
    weights = [inputs.operand(m, "weight", v) for v in held.every_parameter()]
    requires: Truth = NO
    for operand in (*operands, *weights):
        others = values.without_none(operand.value)
        one = inputs.operand(m, operand.param, others) if others else operand
        requires = either(requires, one.requires_grad if others else NO)
    if held.open:
        requires = either(requires, MAYBE)
    requires = both(requires, m.grad_mode)
    fn: Targets = frozenset()
    if requires is not NO:
        edges = [inputs.targets_of(o) for o in (*operands, *weights)]
        if held.open:
            edges.append(frozenset({ANYWHERE, NOWHERE}))
        saved = tuple(
            Saved(
                frozenset[Addr]().union(*(t.counter for _, t in o.tensors)),
                m.version(c for _, t in o.tensors for c in t.counter),
                False,
                "input",
            )
            for o in (*operands, *weights)
            if o.tensors
        )
        # Products with weights keep both sides, so a second backward misses them.
        keeps = YES if any(o.requires_grad is YES for o in weights) else MAYBE
        record = Node(
            None, tuple(edges), saved, keeps, operator=thing_name(thing), site=m.site(node)
        )
        fn = frozenset({m.new(node, "fn", record)})
    if len(row.returns) != 1:
        return escapes.lost(m, [o.value for o in (*operands, *weights)])
    made = outputs(m, row.returns[0], requires, fn, node, operands)
    recurrent.size(m, thing_name(thing), thing, given.args[:1], made)
    return made


def flat_tensors(m: Machine, value: Value) -> list[Value]:
    """The tensors of an argument, those in tuples too."""
    found: list[Value] = []
    for one in operation.kinds.flat(m, value):
        if one == values.NONE:
            continue
        inner = operation.kinds.flat(m, one)
        found.extend(part for part in inner if part != values.NONE)
    return found


def thing_name(thing: Instance) -> str:
    """The class of a layer as users write it."""
    cls = thing.cls
    return cls.path.rpartition(".")[2] if isinstance(cls, values.Sym) else "module"


def outputs(
    m: Machine,
    returns: str,
    requires: Truth,
    fn: Targets,
    node: ast.AST,
    operands: list[Operand],
) -> Value:
    """What a layer returns: `T`, `(TT)`, `(T(TT))`; anything else is unknown."""
    place = [0]

    def one() -> Value:
        place[0] += 1
        made = factories.fresh(
            m,
            node,
            label=f"output{place[0]}",
            why=step(
                "op",
                m.site(node),
                m.text(node),
                tuple(t.why for o in operands for _, t in o.tensors[:1]),
            ),
        )
        for addr, tensor in m.tensors(made):
            m.recorder.made(tensor.why, fn)
            m.s.set(
                addr,
                replace(
                    tensor,
                    requires_grad=requires,
                    is_leaf=negate(requires),
                    fn=fn,
                    dtype=operands[0].tensors[0][1].dtype
                    if operands and operands[0].tensors
                    else None,
                    contiguous=MAYBE,
                ),
            )
        return made

    def build(text: str) -> tuple[Value, str]:
        if text.startswith("("):
            items: list[Value] = []
            rest = text[1:]
            while rest and not rest.startswith(")"):
                item, rest = build(rest)
                items.append(item)
            place[0] += 1
            return m.make(node, f"tuple{place[0]}", Sequence("tuple", tuple(items))), rest[1:]
        if text.startswith("T"):
            return one(), text[1:]
        return ANY, text[1:]

    return build(returns)[0]
