"""Abstract objects of Python's own: instances, classes, functions, and what only torch makes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.renaming import Rename, rename_value
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import ANY, NONE, UNKNOWN, Atom, Value
from nonegrad.analysis.domain.values import join as join_values
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.domain.frames import Frame


@value_class
class Instance:
    """An object with attributes. `cls` is a reference to a Class, a Sym, or unknown.

    For an nn.Module, `role` of an attribute is `parameter`, `buffer`, `module` or `plain`.
    `open` says that it may hold attributes nobody saw.
    """

    cls: Atom
    attributes: tuple[tuple[str, Value], ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    is_module: bool = False
    open: bool = False
    training: Truth = YES
    rest: Value | None = None
    """Further submodules of a container whose number is not known."""
    site: Site | None = field(default=None, compare=False)

    def get(self, name: str) -> Value | None:
        for key, value in self.attributes:
            if key == name:
                return value
        return None

    def role(self, name: str) -> str:
        for key, role in self.roles:
            if key == name:
                return role
        return "plain"

    def with_attribute(self, name: str, value: Value, role: str = "plain") -> Instance:
        attributes = dict(self.attributes)
        attributes[name] = value
        roles = {key: old for key, old in self.roles if key != name}
        if role != "plain":
            roles = dict(self.roles) if self.role(name) == role else roles
            roles[name] = role
        return replace(self, attributes=tuple(attributes.items()), roles=tuple(roles.items()))

    def without(self, name: str) -> Instance:
        return replace(
            self,
            attributes=tuple(pair for pair in self.attributes if pair[0] != name),
            roles=tuple(pair for pair in self.roles if pair[0] != name),
        )

    def join(self, other: Instance) -> Instance:
        mine, theirs = dict(self.attributes), dict(other.attributes)
        attributes = {
            key: join_values(mine[key], theirs[key])
            if key in mine and key in theirs
            else ANY
            if (key not in mine and self.open) or (key not in theirs and other.open)
            else mine.get(key) or theirs[key]
            for key in {**mine, **theirs}
        }
        roles = {**dict(self.roles), **dict(other.roles)}
        torn = {key for key in roles if self.contradicts(other, key)}
        roles = {key: role for key, role in roles.items() if key not in torn}
        rest = self.rest
        if other.rest is not None:
            rest = other.rest if rest is None else join_values(rest, other.rest)
        return Instance(
            self.cls if self.cls == other.cls else UNKNOWN,
            tuple(attributes.items()),
            tuple(roles.items()),
            self.is_module and other.is_module,
            self.open or other.open or bool(torn) or set(mine) != set(theirs),
            join_truth(self.training, other.training),
            rest,
            self.site,
        )

    def contradicts(self, other: Instance, name: str) -> bool:
        """Whether an attribute is registered in one of two states and something else in the other.

        None stands for a parameter or a module that is left out.
        """
        pairs = [(one.role(name), one.get(name)) for one in (self, other)]
        left_out = any(role == "plain" and value in (NONE, None) for role, value in pairs)
        return pairs[0][0] != pairs[1][0] and not left_out

    def rename(self, to: Rename) -> Instance:
        return replace(
            self,
            attributes=tuple((key, rename_value(value, to)) for key, value in self.attributes),
            rest=None if self.rest is None else rename_value(self.rest, to),
        )


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the analysed sources. `bases` are values; `external` says that a base is not
    known, so that attributes may come from anywhere."""

    name: str
    node: ast.ClassDef
    frame: Frame
    bases: tuple[Value, ...]
    attributes: tuple[tuple[str, Value], ...]
    external: bool = False

    def join(self, other: Class) -> Class:
        mine, theirs = dict(self.attributes), dict(other.attributes)
        merged = {
            key: join_values(mine.get(key, ANY), theirs.get(key, ANY)) for key in {**mine, **theirs}
        }
        return replace(
            self, attributes=tuple(merged.items()), external=self.external or other.external
        )

    def rename(self, to: Rename) -> Class:
        return replace(
            self,
            bases=tuple(rename_value(base, to) for base in self.bases),
            attributes=tuple((key, rename_value(value, to)) for key, value in self.attributes),
        )


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of the analysed sources, with the frame it closes over."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    defaults: tuple[tuple[str, Value], ...] = ()
    modes: tuple[Value, ...] = ()
    """Grad mode switches that decorate it, the outermost first."""
    opaque: bool = False
    """Decorated by something that is not known: calling it may do anything."""
    kind: str = "function"
    """`function`, `staticmethod`, `classmethod` or `property`."""
    owner: str = ""

    def join(self, other: Function) -> Function:
        mine, theirs = dict(self.defaults), dict(other.defaults)
        merged = {
            key: join_values(mine.get(key, ANY), theirs.get(key, ANY)) for key in {**mine, **theirs}
        }
        opaque = self.opaque or other.opaque or self.modes != other.modes
        return replace(self, defaults=tuple(merged.items()), opaque=opaque)

    def rename(self, to: Rename) -> Function:
        return replace(
            self, defaults=tuple((key, rename_value(value, to)) for key, value in self.defaults)
        )


@dataclass(frozen=True, slots=True)
class Partial:
    """functools.partial and bound callables made by calls."""

    function: Value
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()

    def join(self, other: Partial) -> Partial:
        return self if self == other else Partial(ANY)

    def rename(self, to: Rename) -> Partial:
        return Partial(
            rename_value(self.function, to),
            tuple(rename_value(value, to) for value in self.args),
            tuple((key, rename_value(value, to)) for key, value in self.keywords),
        )


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer and the parameters it holds; `open` where it may hold others too."""

    cls: str
    params: tuple[Value, ...] = ()
    open: bool = False
    site: Site | None = field(default=None, compare=False)

    def join(self, other: Optimizer) -> Optimizer:
        params = tuple(dict.fromkeys(self.params + other.params))
        differ = self.params != other.params
        return Optimizer(self.cls, params, self.open or other.open or differ, self.site)

    def rename(self, to: Rename) -> Optimizer:
        params = dict.fromkeys(rename_value(param, to) for param in self.params)
        return replace(self, params=tuple(params))


@dataclass(frozen=True, slots=True)
class GradSwitch:
    """A grad mode object: `torch.no_grad()` and its kin; `mode` YES switches gradients on."""

    mode: Truth
    inference: Truth = NO
    before: Truth | None = None
    site: Site | None = field(default=None, compare=False)
    text: str = field(default="", compare=False)

    def join(self, other: GradSwitch) -> GradSwitch:
        return replace(
            self,
            mode=join_truth(self.mode, other.mode),
            inference=join_truth(self.inference, other.inference),
        )

    def rename(self, to: Rename) -> GradSwitch:
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A numpy array, or what numpy gives in its place; `sure` where it certainly holds numbers.

    Which story it has makes no difference, but whether it has one: the first to fill an array is
    heard of after the loop.
    """

    dtype: str | None = None
    why: object = None
    sure: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and self.told == other.told

    def __hash__(self) -> int:
        return hash(self.told)

    @property
    def told(self) -> tuple[str | None, bool, bool]:
        return self.dtype, self.sure, self.why is not None

    def join(self, other: Array) -> Array:
        dtype = self.dtype if self.dtype == other.dtype else None
        return Array(dtype, self.why or other.why, self.sure and other.sure)

    def rename(self, to: Rename) -> Array:
        return self


@dataclass(frozen=True, slots=True)
class Opaque:
    """An object of a known external class with nothing of interest inside."""

    cls: str
    parts: tuple[Value, ...] = ()

    def join(self, other: Opaque) -> Opaque:
        if self == other:
            return self
        parts = tuple(dict.fromkeys(self.parts + other.parts))
        return Opaque(self.cls if self.cls == other.cls else "", parts)

    def rename(self, to: Rename) -> Opaque:
        return replace(self, parts=tuple(rename_value(part, to) for part in self.parts))
