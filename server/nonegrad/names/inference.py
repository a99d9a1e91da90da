"""Questions answered by jedi; only the worker process imports this module."""

# pyright: reportMissingTypeStubs=false
from __future__ import annotations

import importlib
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jedi

from nonegrad.names import bindings
from nonegrad.names.closed import ClosedEnvironment, keep_parsed_files
from nonegrad.names.files import read_text
from nonegrad.names.stamps import take

OPAQUE = frozenset({"torch", "numpy"})
"""What `answer_import` does not look into: nonegrad knows it better, and it takes seconds."""
MODULES = frozenset(
    """torch numpy nn optim functional init utils data linalg fft special autograd cuda func jit
    distributions distributed modules parameter random checkpoint""".split()
)
PUBLIC = (
    (re.compile(r"^torch\._(?:tensor|C)\.(?=[A-Z])"), "torch."),
    (re.compile(r"^torch\.nn\.(?:modules\.\w+|parameter)\.(?=[A-Z])"), "torch.nn."),
    (re.compile(r"^torch\.optim\.\w+\.(?=[A-Z])"), "torch.optim."),
)
"""Where torch defines a class, and where its documentation has it."""
HOPS = 8
TRIES = 3
ASKING = "__nonegrad_asks__"


@dataclass(slots=True)
class Look:
    """One question being answered: where it looks, and what it has read so far."""

    folder: str
    search: list[str]
    environment: Any
    files: set[str] = field(default_factory=set[str])

    def script(self, code: str | None, path: str) -> Any:
        """A jedi script with nothing guessed about its surroundings."""
        project = jedi.Project(
            self.folder, sys_path=self.search, smart_sys_path=False, load_unsafe_extensions=False
        )
        return jedi.Script(code, path=path, project=project, environment=self.environment)

    def note(self, script: Any) -> None:
        """Remember which files the script's answers rest on."""
        for values in script._inference_state.module_cache._name_cache.values():
            for value in values:
                path = value.py__file__()
                if path is not None and not is_own(str(path)):
                    self.files.add(str(path))

    def goto(self, script: Any, row: int, column: int) -> Any:
        """The one place that defines the name there, through every import; None if not one."""
        try:
            found = script.goto(row, column, follow_imports=True)
        finally:
            self.note(script)
        return found[0] if len(found) == 1 else None

    def inferred(self, script: Any, row: int, column: int) -> Any:
        """The one value jedi infers for the name there; None if not one."""
        try:
            found = script.infer(row, column)
        finally:
            self.note(script)
        return found[0] if len(found) == 1 else None


class Jedi:
    """Answers questions, one at a time."""

    def __init__(self, cache: str, standard: tuple[str, ...]) -> None:
        """`cache` is a folder for parsed files (where it cannot be written, nothing is kept),
        `standard` the folders of the standard library."""
        keep_parsed_files(cache)
        self.opaque = ClosedEnvironment(OPAQUE, standard)
        self.seeing = ClosedEnvironment(frozenset(), standard)

    def answer_import(self, question: dict[str, Any]) -> dict[str, Any]:
        """What an import statement binds, with the stamps of the files that say so."""
        statement = import_statement(question["module"], question["name"])
        code = question["text"] + "\n" + statement
        row, column = code.count("\n") + 1, statement.rindex(" ") + 1
        path = str(Path(question["folder"], ASKING + ".py"))
        stamps: dict[str, Any] = {}
        answer: dict[str, Any] | None = None
        failure = ""
        for _ in range(TRIES):
            began = time.time_ns()
            importlib.invalidate_caches()
            look = Look(question["folder"], question["search"], self.opaque)
            answer = None
            try:
                script = look.script(code, path)
                place = look.goto(script, row, column)
                if place is None:
                    answer = reexported(look, script, row, statement, question["name"])
                else:
                    answer = settle(look, script, row, column, place)
            except Exception as error:
                # jedi may fail in any way on code it reads. The answer is none until that changes.
                failure = f"{type(error).__name__}: {error}"
            watched = {*look.files, *map(parent, look.files), *question["watch"]}
            watched -= {path}
            stamps = {name: take(name) for name in sorted(watched)}
            # A file written while jedi read it may be half known: look again.
            if not any(changed_since(name, began) for name in look.files - {path}):
                break
            answer = None
        return {**packed(answer, stamps), "error": failure}

    def answer_expression(self, question: dict[str, Any]) -> dict[str, Any]:
        """What the name at a place of an open buffer is; torch is looked into."""
        importlib.invalidate_caches()
        look = Look(question["folder"], question["search"], self.seeing)
        script = look.script(question["text"], question["path"])
        row, column = question["row"], question["column"] - 1
        place = look.goto(script, row, column)
        value = look.inferred(script, row, column)
        if value is None and place is None:
            return packed(None, {})
        if value is not None and value.type in ("module", "namespace", "class", "function"):
            return packed(described(value, value.type), {})
        return packed(instance(value, place or value), {})


def parent(path: str) -> str:
    """The folder a file lies in."""
    return str(Path(path).parent)


def changed_since(name: str, began: int) -> bool:
    """Whether a file was written since then; a time to come says nothing of that."""
    try:
        return began <= Path(name).stat().st_mtime_ns <= time.time_ns()
    except OSError:
        return False


def settle(look: Look, script: Any, row: int, column: int, place: Any) -> Any:
    """A definition for the place a name leads to, through aliases; None if runs may differ."""
    seen: set[tuple[str, int]] = set()
    for _ in range(HOPS):
        if place.type in ("module", "namespace"):
            return described(place, place.type)
        path = place.module_path
        if path is None or (str(path), place.line) in seen:
            return None
        seen.add((str(path), place.line))
        text = read_text(str(path))
        tree = None if text is None else bindings.parse(text)
        binding = None if tree is None else bindings.settled(tree, place.name)
        if tree is None or binding is None or binding.row != place.line:
            return None
        if binding.kind == "import":
            return opaque(binding.origin)
        if binding.kind != "other":
            return described(place, binding.kind)
        if not binding.alias:
            return instance(look.inferred(script, row, column), place)
        script = look.script(text, str(path))
        row, column = bindings.source_of(tree, binding)
        following = look.goto(script, row, column)
        if following is None:
            return instance(look.inferred(script, row, column), place)
        place = following
    return None


def reexported(
    look: Look, script: Any, row: int, statement: str, name: str | None
) -> dict[str, Any] | None:
    """What the asked module itself imports from an opaque one under that name."""
    module, imports, _ = statement.partition(" import ")
    if name is None or not imports or module.endswith("."):
        return None
    place = look.goto(script, row, len(module) - 1)
    path = None if place is None or place.type != "module" else place.module_path
    text = None if path is None else read_text(str(path))
    tree = None if text is None else bindings.parse(text)
    binding = None if tree is None else bindings.settled(tree, name)
    return None if binding is None else opaque(binding.origin)


def opaque(origin: str) -> dict[str, Any] | None:
    """What an import of an opaque module binds, by its spelling; None for any other that jedi
    could not follow."""
    first, _, _ = origin.partition(".")
    if first not in OPAQUE:
        return None
    last = origin.rpartition(".")[2]
    kind = "class" if last[:1].isupper() else "module" if last in MODULES else "function"
    return {"kind": kind, "full_name": origin, "path": None, "row": 1}


def described(name: Any, kind: str) -> dict[str, Any]:
    """A module, class or function as the answer's fields."""
    path = name.module_path
    return {
        "kind": "module" if kind == "namespace" else kind,
        "full_name": public(name.full_name or name.name),
        "path": None if path is None else str(path),
        "row": name.line or 1,
    }


def instance(value: Any, place: Any) -> dict[str, Any]:
    """An instance as the answer's fields: the class where known, and where the name is bound."""
    full_name = value.full_name if value is not None and value.type == "instance" else None
    path = place.module_path
    return {
        "kind": "instance",
        "full_name": public(full_name or ""),
        "path": None if path is None else str(path),
        "row": place.line or 1,
    }


def public(full_name: str) -> str:
    """A class of torch by the name that its documentation gives it; any other name as it is."""
    for private, documented in PUBLIC:
        full_name = private.sub(documented, full_name)
    return full_name


def packed(answer: Any, stamps: dict[str, Any]) -> dict[str, Any]:
    """An answer with its stamps, as the pipe carries them."""
    return {
        "answer": answer,
        "stamps": {name: [s.changed, s.size, s.digest] for name, s in stamps.items()},
    }


def import_statement(module: str, name: str | None) -> str:
    """A statement that binds what the question is about, its target the last word."""
    if name is not None:
        return f"from {module} import {name} as {ASKING}"
    if not module.startswith("."):
        return f"import {module} as {ASKING}"
    dots = module[: len(module) - len(module.lstrip("."))]
    parent, _, last = module.lstrip(".").rpartition(".")
    return f"from {dots}{parent} import {last} as {ASKING}"


OWN_FOLDERS = (parent(jedi.__file__), parent(json.__file__).removesuffix("json"))


def is_own(path: str) -> bool:
    """Whether a file belongs to jedi or the standard library: those change with the interpreter."""
    return path.startswith(OWN_FOLDERS[0]) or (
        path.startswith(OWN_FOLDERS[1]) and "site-packages" not in path
    )
