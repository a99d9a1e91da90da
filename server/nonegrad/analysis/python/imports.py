"""Imports: libraries whose behaviour is known by name, and modules whose source is at hand."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame, Module, names_of
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import statements
from nonegrad.analysis.syntax import chunks
from nonegrad.ops import exists
from nonegrad.text import Source

if TYPE_CHECKING:
    from nonegrad.names.protocol import Names

LIBRARIES = frozenset(
    """torch numpy math random os sys time copy functools itertools collections contextlib typing
    dataclasses enum abc logging warnings json re pathlib argparse tqdm matplotlib string operator
    datetime pickle csv glob shutil types inspect io threading tempfile unittest pytest scipy
    sklearn pandas wandb tensorboard tensorboardX torchvision typing_extensions __future__ PIL
    statistics heapq bisect traceback gc platform subprocess yaml builtins hashlib""".split()
)
SPELLINGS = {
    "torch.nn.functional": "torch.nn.functional",
    "torch.nn.parameter.Parameter": "torch.nn.Parameter",
    "torch.nn.modules.module.Module": "torch.nn.Module",
    "torch.autograd.variable.Variable": "torch.autograd.Variable",
    "torch.autograd.function.Function": "torch.autograd.Function",
    "torch.utils.checkpoint.checkpoint": "torch.utils.checkpoint.checkpoint",
    "torch.autograd.grad_mode.no_grad": "torch.no_grad",
    "torch.autograd.no_grad": "torch.no_grad",
    "torch.autograd.enable_grad": "torch.enable_grad",
    "torch.autograd.set_grad_enabled": "torch.set_grad_enabled",
    "torch.autograd.inference_mode": "torch.inference_mode",
    "typing_extensions": "typing",
}
MANY_MODULES = 40
IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class ModuleObject:
    """An analysed module: its frame holds its names."""

    frame: Frame
    dotted: str = ""

    def join(self, other: ModuleObject) -> ModuleObject:
        return self

    def rename(self, to: object) -> ModuleObject:
        return self


@dataclass(slots=True)
class Loader:
    """Finds the source of other modules through `names`, and keeps what was run."""

    names: Names | None = None
    frames: dict[str, Frame] = field(default_factory=dict[str, Frame])
    running: list[str] = field(default_factory=list[str])


def canonical(path: str) -> str:
    """One spelling for what has several."""
    found = SPELLINGS.get(path)
    if found is not None:
        return found
    if path.startswith("torch.nn.modules."):
        return "torch.nn." + path.rpartition(".")[2]
    if (
        path.startswith("torch.optim.")
        and path.count(".") == 3
        and path.split(".")[2] not in ("lr_scheduler", "swa_utils")
    ):
        return "torch.optim." + path.rpartition(".")[2]
    if path.startswith("torch.distributions.") and path.count(".") == 3:
        return "torch.distributions." + path.rpartition(".")[2]
    return path


def member(m: Machine, path: str, name: str) -> Value:
    """MODULE.name for a library."""
    if path in ("math", "numpy") and name in ("pi", "e", "inf", "tau", "nan"):
        return values.scalar("float")
    if path in ("sys", "os") and name in ("argv", "environ", "path"):
        return ANY
    return values.sym(canonical(f"{path}.{name}"))


def run_import(m: Machine, statement: ast.Import) -> None:
    """import a.b as c"""
    for alias in statement.names:
        top = alias.name.partition(".")[0]
        if top in LIBRARIES:
            path = alias.name if alias.asname else top
            m.bind(alias.asname or top, values.sym(canonical(path)))
            continue
        value = load(m, alias.name, None)
        if value == ANY and alias.asname is None and "." in alias.name:
            value = ANY
        m.bind(alias.asname or top, value)


def run_from(m: Machine, statement: ast.ImportFrom) -> None:
    """from a import b as c; from .a import *"""
    module = "." * statement.level + (statement.module or "")
    top = module.partition(".")[0]
    for alias in statement.names:
        if statement.level == 0 and top in LIBRARIES:
            if alias.name == "*":
                star_of_library(m, module)
                continue
            m.bind(alias.asname or alias.name, member(m, canonical(module), alias.name))
        elif alias.name == "*":
            star_of_module(m, module)
        else:
            m.bind(alias.asname or alias.name, load(m, module, alias.name))


def star_of_library(m: Machine, module: str) -> None:
    """from torch.nn import *: every name of it that the file goes on to use."""
    # Every name its source mentions, and perhaps a few more: it need not parse.
    wanted = set(IDENTIFIER.findall(m.frame.module.source.text))
    for name in sorted(wanted):
        path = canonical(f"{module}.{name}")
        if exists(path) or (module == "torch.nn" and name[:1].isupper()):
            m.s.set((id(m.frame), name), values.sym(path))


def star_of_module(m: Machine, module: str) -> None:
    """from helpers import *"""
    frame = module_frame(m, module, None)
    if frame is None:
        return
    for name in frame.names.bound:
        found = m.s.get((id(frame), name))
        if values.is_value(found) and not name.startswith("_"):
            m.s.set((id(m.frame), name), found)


def load(m: Machine, module: str, name: str | None) -> Value:
    """What an import of another file binds; ANY where its source is not at hand."""
    frame = module_frame(m, module, name)
    if frame is None:
        return external(m, module, name)
    if name is None:
        key = ("module", frame.module.name)
        addr = m.addresses.setdefault(key, Addr(key, summary=False))
        m.s.set(addr, ModuleObject(frame, module))
        return values.ref(addr)
    found = m.s.get((id(frame), name))
    if values.is_value(found):
        return found
    return load(m, f"{module}.{name}", None) if f"{module}.{name}" != module else ANY


def external(m: Machine, module: str, name: str | None) -> Value:
    """A name that leads to a library after all, by what jedi infers."""
    names = m.loader.names
    if names is None:
        return ANY
    found = names.infer(m.frame.module.source.filename, module, name)
    if (
        found is not None
        and found.full_name.partition(".")[0] == "torch"
        and found.kind != "instance"
    ):
        return values.sym(canonical(found.full_name))
    return ANY


def module_member(m: Machine, thing: ModuleObject, name: str) -> Value:
    """MODULE.name for an analysed module."""
    found = m.s.get((id(thing.frame), name))
    if values.is_value(found):
        return found
    return load(m, f"{thing.dotted}.{name}", None)


def module_frame(m: Machine, module: str, name: str | None) -> Frame | None:
    """The frame of another file after its top level was run; None where it cannot be."""
    names = m.loader.names
    if names is None:
        return None
    importer = m.frame.module.source.filename
    found = names.infer(importer, module, None)
    if found is None and name is not None:
        found = names.infer(importer, module, name)
    if found is None or found.path is None:
        return None
    path = found.path
    if path in m.loader.frames:
        return m.loader.frames[path]
    if len(m.loader.frames) >= MANY_MODULES or path in m.loader.running:
        return None
    text = names.read(path)
    if text is None:
        return None
    source = Source(path, text)
    body = chunks.parse(source).body
    tree = ast.Module(body=body, type_ignores=[])
    frame = Frame(Module(source, module.lstrip(".") or path, asked=False), "module", names_of(tree))
    m.loader.frames[path] = frame
    m.loader.running.append(path)
    outer_frame, outer_context, outer_tries = m.frame, m.ctx, m.tries
    m.frame, m.tries = frame, []
    m.ctx = m.ctx.child(("import", path))
    m.s.set((id(frame), "__name__"), values.const(frame.module.name))
    entry = m.s
    m.s = entry.fork()
    try:
        with m.silent():
            if not statements.run_block(m, body):
                m.s = entry.fork()
    finally:
        m.frame, m.ctx, m.tries = outer_frame, outer_context, outer_tries
        m.loader.running.pop()
    return frame
