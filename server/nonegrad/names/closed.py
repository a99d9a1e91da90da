"""jedi's surroundings, closed: it reads files, and runs nothing.

Its environment is this very process with every import shut but the compiled modules of the
standard library, so neither the user's code nor any package is executed.
"""

# pyright: reportMissingTypeStubs=false, reportUntypedBaseClass=false, reportUnknownMemberType=false
from __future__ import annotations

import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, cast

import jedi
import jedi.settings
import parso.cache
from jedi.api.environment import InterpreterEnvironment
from jedi.inference.compiled.subprocess import InferenceStateSameProcess, functions

OURS = frozenset({"jedi", "parso", "nonegrad"})

jedi.settings.auto_import_modules = []
jedi.settings.allow_unsafe_interpreter_executions = False


class ClosedProcess(InferenceStateSameProcess):
    """jedi's door to live modules, open for the standard library's compiled ones alone."""

    opaque: frozenset[str] = frozenset()
    standard: tuple[str, ...] = ()

    def load_module(self, dotted_name: str, sys_path: list[str]) -> Any:
        """A live compiled module of the standard library, else None: it is never imported."""
        if dotted_name.partition(".")[0] not in sys.stdlib_module_names:
            return None
        state = cast(Any, self)._inference_state_weakref()
        load = cast(Any, functions).load_module
        return load(state, dotted_name=dotted_name, sys_path=list(self.standard))

    def get_module_info(self, *arguments: Any, **named: Any) -> Any:
        """Where a module lies; nowhere, for those that stay opaque."""
        first = str(named.get("full_name", "")).partition(".")[0]
        if first in self.opaque:
            return None, None
        # jedi would also find what this process has imported itself, wherever that came from.
        if first in OURS and PathFinder.find_spec(first, named.get("sys_path")) is None:
            return None, None
        state = cast(Any, self)._inference_state_weakref()
        return cast(Any, functions).get_module_info(state, *arguments, **named)


class ClosedEnvironment(InterpreterEnvironment):
    """This interpreter's grammar, and no folders of its own: the question names them."""

    def __init__(self, opaque: frozenset[str], standard: tuple[str, ...]) -> None:
        """`opaque` are packages that imports do not look into, `standard` the folders of the
        standard library."""
        super().__init__()
        self.opaque, self.standard = opaque, standard

    def get_sys_path(self) -> list[str]:
        """No folders: what is on the path may be read, and only read."""
        return []

    def get_inference_state_subprocess(self, inference_state: Any) -> ClosedProcess:
        """The door for one script."""
        door = ClosedProcess(inference_state)
        door.opaque, door.standard = self.opaque, self.standard
        return door


def keep_parsed_files(cache: str) -> None:
    """Let parso keep its trees in that folder, or nowhere: a failed write would cost an answer."""
    try:
        if cache:
            Path(cache).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=cache):
                jedi.settings.cache_directory = cache
                return
    except OSError:
        # Read-only, or no folder at all: as if there were no cache.
        cache = ""
    stored = cast(Any, parso.cache)
    stored._save_to_file_system = nothing
    stored._load_from_file_system = nothing


def nothing(*_: object, **__: object) -> None:
    """In the place of parso's reading and writing."""
