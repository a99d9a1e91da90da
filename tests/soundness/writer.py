"""Writes programs: the statements that go at module level and in every block.

Every draw goes through one `random.Random`, so hypothesis can drive and shrink it. A statement
is tried as it is drawn, in a namespace that lives along, and mostly dropped when it raises, so
that programs get far; what torch makes of the finished program is found out afterwards.
"""

from __future__ import annotations

import contextlib
import io
import random
import warnings
from dataclasses import dataclass, field

from . import phrases
from .phrases import WORDS
from .tracer import usual

HEAD = [
    "import random",
    "import torch",
    "import torch.nn as nn",
    "import torch.nn.functional as F",
    "torch.manual_seed(0)",
]
IN = "    "


@dataclass
class Scope:
    """The names in reach, by what they hold: vec, flag, list, dict, func, net, obj."""

    names: dict[str, str] = field(default_factory=dict)
    function: bool = False
    loop: bool = False
    depth: int = 0

    def child(self, *, function: bool = False, loop: bool = False) -> Scope:
        """A block inside this one."""
        return Scope(
            dict(self.names),
            self.function or function,
            loop or (self.loop and not function),
            self.depth + 1,
        )

    def of(self, *kinds: str) -> list[str]:
        """The names that hold one of the kinds, in the order in which they were bound."""
        return [name for name, kind in self.names.items() if kind in kinds]


class Writer:
    """One program in the making."""

    def __init__(self, draw: random.Random, *, lively: float = 0.97) -> None:
        self.draw = draw
        self.lines = list(HEAD)
        self.count = 0
        self.lively = lively
        """How often a statement that raises is dropped."""

    # -- choices -----------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        """True in that share of draws."""
        return self.draw.random() < share

    def fresh(self, stem: str = "t") -> str:
        """A new name."""
        self.count += 1
        return f"{stem}{self.count}"

    def vec(self, scope: Scope) -> str:
        """A tensor of three numbers in reach, mostly a late one."""
        found = scope.of("vec")
        if not found:
            return "torch.ones(3)"
        return self.draw.choice(found[-5:] if self.chance(0.8) else found)

    def condition(self, scope: Scope) -> str:
        """A test: certain, unknown, or about a tensor."""
        x = self.vec(scope)
        flags = scope.of("flag")
        if flags and self.chance(0.4):
            return self.draw.choice(flags)
        return self.draw.choice(WORDS["CONDITIONS"]).replace("{x}", x)

    def fill(self, phrase: str, scope: Scope) -> str:
        """A phrase with tensors in its gaps."""
        first = self.vec(scope)
        while "{x}" in phrase or "{y}" in phrase:
            phrase = phrase.replace("{x}", first).replace("{y}", self.vec(scope), 1)
        return phrase

    def expression(self, scope: Scope) -> str:
        """Something that gives a tensor of three numbers."""
        kind = self.draw.random()
        if kind < 0.12:
            return self.draw.choice(WORDS["CREATIONS"])
        if kind < 0.24 and scope.of("func"):
            name = self.draw.choice(scope.of("func"))
            return f"{name}({self.vec(scope)}, {self.vec(scope)})"
        if kind < 0.34 and scope.of("net"):
            return f"{self.draw.choice(scope.of('net'))}({self.vec(scope)})"
        if kind < 0.40 and scope.of("list"):
            name = self.draw.choice(scope.of("list"))
            return self.draw.choice(WORDS["FROM_LIST"]).replace("{l}", name)
        if kind < 0.44 and scope.of("dict"):
            name = self.draw.choice(scope.of("dict"))
            return self.draw.choice(WORDS["FROM_DICT"]).replace("{d}", name)
        if kind < 0.50 and scope.of("obj"):
            name = self.draw.choice(scope.of("obj"))
            phrase = self.draw.choice(WORDS["FROM_OBJECT"]).replace("{o}", name)
            return self.fill(phrase, scope)
        if kind < 0.75:
            return self.fill(self.draw.choice(WORDS["UNARY"]), scope)
        return self.fill(self.draw.choice(WORDS["BINARY"]), scope)

    # -- statements --------------------------------------------------------------------------------

    def statement(self, scope: Scope) -> list[str]:
        """One statement of any kind, as lines without indentation."""
        kinds = phrases.STATEMENTS if scope.depth < 3 else phrases.FLAT
        kind = self.draw.choices(list(kinds), list(kinds.values()))[0]
        from . import blocks, classes

        for place in (self, blocks, classes):
            made = getattr(place, f"make_{kind}", None)
            if made is not None:
                return made(scope) if place is self else made(self, scope)
        raise LookupError(kind)

    def block(self, scope: Scope, low: int = 1, high: int = 3) -> list[str]:
        """Some statements, indented."""
        lines: list[str] = []
        for _ in range(self.draw.randint(low, high)):
            lines += self.statement(scope)
        return [IN + line for line in lines]

    def make_assign(self, scope: Scope) -> list[str]:
        """A tensor bound to a new name or over an old one."""
        value = self.expression(scope)
        old = scope.of("vec")
        name = self.draw.choice(old) if old and self.chance(0.2) else self.fresh()
        scope.names[name] = "vec"
        return [f"{name} = {value}"]

    def make_unpack(self, scope: Scope) -> list[str]:
        """Several names at once."""
        a, b = self.fresh(), self.fresh()
        phrase = self.fill(self.draw.choice(WORDS["PAIRS"]), scope)
        target = self.draw.choice([f"{a}, {b}", f"({a}, {b})", f"[{a}, {b}]"])
        scope.names[a] = scope.names[b] = "vec"
        return [f"{target} = {phrase}"]

    def make_inplace(self, scope: Scope) -> list[str]:
        """A write to a tensor, a slice, a view."""
        return [self.fill(self.draw.choice(phrases.INPLACE), scope)]

    def make_view(self, scope: Scope) -> list[str]:
        """A view, and perhaps a write to it or to its base."""
        name = self.fresh()
        base = self.vec(scope)
        lines = [f"{name} = {self.draw.choice(WORDS['VIEWS']).replace('{x}', base)}"]
        if self.chance(0.6):
            written = self.draw.choice([name, name, base])
            lines.append(self.draw.choice(WORDS["INPLACE_ANY"]).replace("{x}", written))
        return lines

    def make_state(self, scope: Scope) -> list[str]:
        """requires_grad_, retain_grad, detach_ and their kin."""
        return [self.fill(self.draw.choice(WORDS["SWITCHES"]), scope)]

    def make_backward(self, scope: Scope) -> list[str]:
        """A loss and its backward, in one of its forms."""
        return self.fill(self.draw.choice(WORDS["BACKWARDS"]), scope).split("\n")

    def make_read(self, scope: Scope) -> list[str]:
        """A read of .grad, bare or under a test."""
        name = self.fresh("g")
        phrase = self.draw.choice(WORDS["READS"]).replace("{g}", name)
        return self.fill(phrase, scope).split("\n")

    def make_grads(self, scope: Scope) -> list[str]:
        """torch.autograd.grad."""
        name = self.fresh("d")
        scope.names[name] = "vec"
        phrase = self.draw.choice(WORDS["GRADS"]).replace("{g}", name)
        return self.fill(phrase, scope).split("\n")

    def make_container(self, scope: Scope) -> list[str]:
        """A list or dict of tensors, or something done to one."""
        lists, dicts = scope.of("list"), scope.of("dict")
        if lists and self.chance(0.4):
            phrase = self.draw.choice(WORDS["TO_LIST"]).replace("{l}", self.draw.choice(lists))
            return self.fill(phrase, scope).split("\n")
        if dicts and self.chance(0.4):
            phrase = self.draw.choice(WORDS["TO_DICT"]).replace("{d}", self.draw.choice(dicts))
            return self.fill(phrase, scope).split("\n")
        kind = self.draw.choice(["list", "dict"])
        name = self.fresh(kind[0] + "s")
        made = WORDS["LISTS"] if kind == "list" else WORDS["DICTS"]
        line = f"{name} = {self.fill(self.draw.choice(made), scope)}"
        scope.names[name] = kind
        return [line]

    def make_flag(self, scope: Scope) -> list[str]:
        """A name for a truth that may not be known."""
        name = self.fresh("flag")
        line = f"{name} = {self.draw.choice(WORDS['CONDITIONS']).replace('{x}', self.vec(scope))}"
        scope.names[name] = "flag"
        return [line]

    def make_leave(self, scope: Scope) -> list[str]:
        """break, continue, return, raise where they may stand, under a test."""
        ways = ["break", "continue"] if scope.loop else []
        if scope.function:
            ways += [f"return {self.vec(scope)}", f"return {self.expression(scope)}"]
        if not ways:
            return self.make_assign(scope)
        return [f"if {self.condition(scope)}:", IN + self.draw.choice(ways)]

    # -- the program -------------------------------------------------------------------------------

    def program(self, low: int = 5, high: int = 14) -> str:
        """The text of a whole program."""
        usual()
        scope = Scope()
        space: dict[str, object] = {"__name__": "__main__"}
        alive(self.lines, space)
        for made in self.draw.sample(WORDS["CREATIONS"], 3):
            name = self.fresh()
            scope.names[name] = "vec"
            self.take([f"{name} = {made}"], space)
        for _ in range(self.draw.randint(low, high)):
            before = dict(scope.names)
            lines = self.statement(scope)
            if not self.take(lines, space):
                scope.names = before
                if not self.chance(self.lively) and compiles([*self.lines, *lines]):
                    self.lines += lines
                    break
        for phrase in (phrases.LAST, phrases.LAST, *WORDS["LAST_READS"]):
            if self.chance(0.6):
                filled = self.fill(phrase, scope).replace("{g}", self.fresh("g"))
                if not self.take(filled.split("\n"), space) and not self.chance(self.lively):
                    self.lines += filled.split("\n")
                    break
        usual()
        return "\n".join(self.lines) + "\n"

    def take(self, lines: list[str], space: dict[str, object]) -> bool:
        """Keep a statement that runs."""
        if not alive(lines, space):
            return False
        self.lines += lines
        return True


def compiles(lines: list[str]) -> bool:
    """Whether the lines are a program at all."""
    try:
        compile("\n".join(lines), "<program>", "exec")
    except SyntaxError:
        return False
    return True


def alive(lines: list[str], space: dict[str, object]) -> bool:
    """Whether the statement runs where the program stands."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            exec(compile("\n".join(lines), "<statement>", "exec"), space)
        except Exception:
            return False
    return True
