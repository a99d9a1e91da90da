"""argparse: what a parser was told of its arguments, and the namespace that it gives.

A parser is a mapping with a few entries for each attribute that its namespace will have. Where it
is given the words to parse, as notebooks and tests do, most attributes are known; where the words
are those of the command line, their kinds are.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, NONE, UNKNOWN, Addr, Const, Ref, Sym, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

KIND = "parser"
DEFAULT, TAKES, READ, FLAG = "default", "takes", "read", "flag"
"""What there is of an attribute: its default; what becomes of a word on the command line; all it
may be after one; and, for a flag, the attribute that it sets."""

TELLING_NOTHING = frozenset("prog usage description epilog formatter_class add_help".split())
"""What a parser may be made with that changes no attribute."""
PLAIN_KINDS = {"int": int, "float": float, "str": str}
SWITCHES = {"store_true": (False, True), "store_false": (True, False)}
GROUPS = frozenset({"add_argument_group", "add_mutually_exclusive_group"})
READERS = frozenset({"parse_args", "parse_known_args"})
TELLERS = frozenset(
    "print_help print_usage format_help format_usage get_default error exit".split()
)


def parser(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """argparse.ArgumentParser(...)"""
    known = given.plain and given.kwargs.keys() <= TELLING_NOTHING and len(given.args) < 2
    rest = None if known else ANY
    return m.make(node, KIND, Mapping((), rest, KIND))


def method(
    m: Machine, addr: Addr, thing: Mapping, name: str, given: Arguments, node: ast.AST
) -> Value:
    """PARSER.name(...), or of a group of its arguments, which is the parser for all we know."""
    if name in GROUPS:
        return values.ref(addr)
    if name == "add_argument":
        m.put(addr, added(thing, given))
        return escapes.lost(m, [])
    if name == "set_defaults" and given.plain:
        pairs = {(DEFAULT, key): value for key, value in given.kwargs.items()}
        m.put(addr, replace(thing, entries=tuple({**dict(thing.entries), **pairs}.items())))
        return NONE
    if name in READERS:
        found = namespace(m, thing, given, node)
        if name == "parse_args":
            return found
        return m.make(node, "read", Sequence("tuple", (found, ANY)))
    if name not in TELLERS:
        escapes.escape(m, values.ref(addr))
    return escapes.lost(m, given.every())


def added(thing: Mapping, given: Arguments) -> Mapping:
    """A parser with one more argument."""
    names = [values.string(one) for one in given.args]
    flags = [one for one in names if one]
    default = given.kwargs.get("default")
    dest = dest_of(flags, given)
    hidden = default is not None and any(isinstance(one, Sym) for one in default)
    if not given.plain or dest is None or len(flags) < len(names) or hidden:
        return Mapping((), ANY, KIND)
    action = values.string(given.kwargs["action"]) if "action" in given.kwargs else "store"
    if action in ("help", "version"):
        return thing
    entries = dict(thing.entries)
    takes, read = "", ANY
    if action in SWITCHES:
        takes = action
        off, on = SWITCHES[action]
        default = default if default is not None else values.const(off)
        read = values.const(on)
    elif action == "store" and "nargs" not in given.kwargs:
        takes = kind_of(given.kwargs.get("type"))
        read = values.scalar(takes) if takes in (*PLAIN_KINDS, "bool") else ANY
    elif action != "store" and action != "append":
        default = ANY
    if not flags[0].startswith("-"):
        default = ANY
    if (TAKES, dest) in entries:
        # The default is that of the first, and either may be on the command line.
        takes = "" if values.constant(entries[TAKES, dest]) != Const(takes, "str") else takes
        read = values.join(entries[READ, dest], read)
    elif default is not None or (DEFAULT, dest) not in entries:
        entries[DEFAULT, dest] = default if default is not None else NONE
    entries[TAKES, dest] = values.const(takes)
    entries[READ, dest] = read
    for flag in flags:
        if flag.startswith("-"):
            entries[FLAG, flag] = values.const(dest)
    return replace(thing, entries=tuple(entries.items()))


def dest_of(flags: list[str], given: Arguments) -> str | None:
    """The attribute that an argument becomes."""
    if "dest" in given.kwargs:
        return values.string(given.kwargs["dest"])
    if not flags:
        return None
    long = next((one for one in flags if one.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_") if long.startswith("-") else long


def kind_of(given: Value | None) -> str:
    """What becomes of one word: the name of a kind, or nothing that is known."""
    if given is None:
        return "str"
    atom = values.only(given)
    return atom.path if isinstance(atom, Sym) else ""


def namespace(m: Machine, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    """What a parser gives for the words that it is given, or for those of the command line."""
    words = given.get(0, "args")
    if thing.rest is not None or given.get(1, "namespace") is not None or not given.plain:
        return ANY
    known = None if words is None else literal(m, words)
    read = None if known is None else spelled(dict(thing.entries), known)
    entries = dict(thing.entries)
    attributes: dict[str, Value] = {}
    for key, default in thing.entries:
        if not isinstance(key, tuple) or key[0] != DEFAULT:
            continue
        dest = str(key[1])  # pyright: ignore[reportUnknownArgumentType]
        takes = values.string(entries.get((TAKES, dest), values.const("str"))) or ""
        attributes[dest] = converted(default, takes)
        if read is not None:
            attributes[dest] = read.get(dest, attributes[dest])
        elif (READ, dest) in entries:
            attributes[dest] = merged(attributes[dest], entries[READ, dest])
    return m.make(node, "namespace", Instance(UNKNOWN, tuple(attributes.items())))


def merged(default: Value, read: Value) -> Value:
    """The default, or what is read in its place: of one kind, just that kind."""
    kinds = {atom.kind for atom in default | read if isinstance(atom, (Const, values.Scalar))}
    if len(kinds) == 1 and not any(isinstance(atom, Ref) for atom in default | read):
        return values.ANY if UNKNOWN in default | read else values.scalar(kinds.pop())
    return values.join(default, read)


def converted(default: Value, takes: str) -> Value:
    """A default that is a string is read as a word of the command line is."""
    strings = any(isinstance(a, (Const, values.Scalar)) and a.kind == "str" for a in default)
    if takes == "str" or takes in SWITCHES or not strings:
        return default
    word = values.string(default)
    return ANY if word is None else one_word(word, takes)


def one_word(word: str, takes: str) -> Value:
    """What is read from one word."""
    read = PLAIN_KINDS.get(takes)
    if read is None:
        return ANY
    try:
        return values.const(read(word))
    except ValueError:
        return ANY


def literal(m: Machine, words: Value) -> list[str] | None:
    """The words of a list, where they are known."""
    atom = values.only(words)
    thing = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if thing is None or thing.rest is not None:
        return None
    found = [values.string(item) for item in thing.items]
    return None if None in found else [one for one in found if one is not None]


def spelled(entries: dict[object, Value], words: list[str]) -> dict[str, Value] | None:
    """What words set, where each flag is written out whole and takes one word or none."""
    found: dict[str, Value] = {}
    left = list(words)
    while left:
        flag, equals, word = left.pop(0).partition("=")
        dest = values.string(entries.get((FLAG, flag), ANY)) or ""
        takes = values.string(entries.get((TAKES, dest), ANY)) or ""
        if takes in SWITCHES and not equals:
            found[dest] = values.const(SWITCHES[takes][1])
            continue
        if not takes or (not equals and not left):
            return None
        word = word if equals else left.pop(0)
        if word.startswith("-") and not equals:
            return None
        found[dest] = one_word(word, takes)
    return found
