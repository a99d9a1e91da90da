"""The house: which layer may import which, read from the imports themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "server" / "nonegrad"

LEAVES = {"text", "options", "globs"}
MODEL = LEAVES | {"ops", "analysis", "names.protocol"}
FRONT = MODEL | {"rules", "analyze", "config", "reading", "names"}
ARROWS: dict[str, set[str]] = {
    "text": set(),
    "options": set(),
    "globs": set(),
    "garbage": set(),
    "ops": LEAVES,
    "names.protocol": LEAVES,
    "names": LEAVES | {"names.protocol"},
    "analysis": LEAVES | {"ops", "names.protocol"},
    "patterns": LEAVES | {"analysis"},
    "rules": MODEL,
    "suppress": MODEL | {"rules"},
    "config": LEAVES | {"rules"},
    "explain": MODEL | {"rules"},
    "analyze": MODEL | {"rules", "explain", "suppress", "patterns"},
    "graph": MODEL | {"rules", "explain"},
    "reading": LEAVES | {"analysis"},
    "fixing": MODEL | {"rules", "analyze"},
    "output": MODEL | {"rules", "analyze", "reading", "graph"},
    "raised": MODEL | {"rules", "output"},
    "checking": FRONT | {"fixing", "output", "garbage"},
    "telling": FRONT | {"checking", "output", "raised", "graph"},
    "cli": FRONT | {"checking", "telling", "output", "raised", "graph", "lsp", "garbage"},
    "lsp": FRONT | {"patterns", "graph"},
    "__init__": set(),
    "__main__": {"cli"},
}
"""For each layer what it may import; `names` is there for all of it but its protocol."""

ROOMS: dict[str, set[str]] = {
    "syntax": set(),
    "domain": {"syntax"},
    "record": {"syntax", "domain", "autograd", "nn", "machine"},
}
"""Of the rooms of `analysis`: what those may import that stand beneath the others. Python's own
semantics, autograd, torch.nn and the libraries call one another, as the programs do."""

ONLY_WHEN_NEEDED = {
    ("analyze", "patterns"),
    ("rules", "patterns"),
    ("checking", "names"),
    ("cli", "graph"),
    ("telling", "graph"),
    ("lsp", "graph"),
    ("cli", "lsp"),
}
"""Imported by functions, not by modules: a cold start does without."""

OUTSIDE = {
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "libcst": {"patterns"},
    "jedi": {"names"},
    "parso": {"names"},
    "torch": set(),
    "numpy": set(),
}
"""Packages of others, and the layers that may know them."""

FORBIDDEN_WORDS = {"manager", "helper", "helpers", "util", "utils", "processor", "info", "data"}


@dataclass(frozen=True)
class Import:
    """One module imported by another; `lazy` where a function does it, or only the type checker."""

    file: Path
    line: int
    layer: str
    name: str
    lazy: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE)}:{self.line} imports {self.name}"


def layer_of(dotted: str) -> str:
    """`nonegrad.lsp.server` is of the layer lsp; the protocol of names is one of its own."""
    parts = dotted.split(".")[1:] or ["__init__"]
    return "names.protocol" if parts[:2] == ["names", "protocol"] else parts[0]


def imports() -> Iterator[Import]:
    for file in sorted(PACKAGE.rglob("*.py")):
        dotted = ".".join((PACKAGE.name, *file.relative_to(PACKAGE).with_suffix("").parts))
        tree = ast.parse(file.read_text("utf-8"))
        lazy = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            for name in names_of(node):
                yield Import(file, node.lineno, layer_of(dotted), name, node in lazy)


def names_of(node: ast.AST) -> list[str]:
    """The modules a statement imports; of `from nonegrad import x` the module `nonegrad.x`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0 and node.module, "imports are absolute in this house"
        if node.module in ("nonegrad", "nonegrad.names"):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            return [name for name in inner if not name.endswith("__version__")]
        return [node.module]
    return []


ALL = list(imports())
OWN = [each for each in ALL if each.name.split(".")[0] == "nonegrad"]


def test_arrows_run_one_way() -> None:
    against = [
        str(each)
        for each in OWN
        if layer_of(each.name) != each.layer and layer_of(each.name) not in ARROWS[each.layer]
    ]
    assert against == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_beneath_the_interpreter_do_not_look_up(room: str) -> None:
    inside = f"nonegrad.analysis.{room}"
    against = [
        str(each)
        for each in OWN
        if each.file.parent == PACKAGE / "analysis" / room
        and not each.lazy
        and each.name.startswith("nonegrad.analysis")
        and not (each.name + ".").startswith(inside + ".")
        and each.name.split(".")[2] not in ROOMS[room]
    ]
    assert against == []


def test_every_layer_has_its_place_and_every_place_its_layer() -> None:
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__pycache__"} == {layer for layer in ARROWS if "." not in layer}


def test_the_arrows_make_no_circle() -> None:
    left = dict(ARROWS)
    while left:
        free = [layer for layer, below in left.items() if not below & left.keys() - {layer}]
        assert free, f"a circle among {sorted(left)}"
        for layer in free:
            del left[layer]


def test_what_costs_time_is_imported_when_it_is_needed() -> None:
    early = [
        str(each)
        for each in OWN
        if (each.layer, layer_of(each.name)) in ONLY_WHEN_NEEDED and not each.lazy
    ]
    assert early == []


@pytest.mark.parametrize("package", OUTSIDE)
def test_packages_of_others_are_known_to_one_layer_only(package: str) -> None:
    users = {each.layer for each in ALL if each.name.split(".")[0] == package}
    assert users <= OUTSIDE[package]


def test_each_package_we_depend_on_carries_weight() -> None:
    for package in ("pygls", "lsprotocol", "libcst", "jedi"):
        assert any(each.name.split(".")[0] == package for each in ALL), package


def test_no_name_says_nothing() -> None:
    files = [file for file in PACKAGE.rglob("*") if file.suffix == ".py" or file.is_dir()]
    assert [file.name for file in files if FORBIDDEN_WORDS & set(file.stem.split("_"))] == []


def test_a_wrong_arrow_would_be_seen() -> None:
    (statement,) = ast.parse("from nonegrad.lsp.server import make_server").body
    assert layer_of(names_of(statement)[0]) == "lsp"
    assert "lsp" not in ARROWS["analysis"] | ARROWS["rules"] | ARROWS["analyze"]
