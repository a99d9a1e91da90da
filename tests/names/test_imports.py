"""What each way to import a name leads to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nonegrad.names import Definition
from nonegrad.names.jedi_names import JediNames

FILES = {
    "train.py": "",
    "losses.py": """\
        import pkg.make
        from pkg import thing
        from pkg.make import leaf as renamed

        def contrastive(a, b): ...

        class Model: ...

        alias = pkg.make.leaf
        twice_removed = alias
        model = Model()
        number = unknown()
        """,
    "pkg/__init__.py": "from .make import leaf as thing\nfrom .starred import *\n",
    "pkg/make.py": "from . import starred\n\ndef leaf():\n    return 1\n",
    "pkg/starred.py": "def from_star(): ...\n",
    "pkg/deep/__init__.py": "",
    "pkg/deep/inner.py": "from ..make import leaf\n",
    "spaces/one/mod.py": "def in_namespace(): ...\n",
    "src/installed/__init__.py": "def in_src(): ...\n",
    "tools/script.py": "",
    "tools/beside.py": "def neighbour(): ...\n",
    "tests/test_it.py": "",
}


@pytest.mark.parametrize(
    ("importer", "module", "name", "kind", "full_name", "path", "row"),
    [
        ("train.py", "losses", "contrastive", "function", "losses.contrastive", "losses.py", 5),
        ("train.py", "losses", "Model", "class", "losses.Model", "losses.py", 7),
        ("train.py", "losses", None, "module", "losses", "losses.py", 1),
        ("train.py", "pkg.make", None, "module", "pkg.make", "pkg/make.py", 1),
        ("train.py", "pkg", "make", "module", "pkg.make", "pkg/make.py", 1),
        ("train.py", "pkg", "thing", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("train.py", "pkg", "from_star", "function", "pkg.starred.from_star", "pkg/starred.py", 1),
        ("train.py", "losses", "thing", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("train.py", "losses", "renamed", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("train.py", "losses", "alias", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("train.py", "losses", "twice_removed", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("train.py", "losses", "model", "instance", "losses.Model", "losses.py", 11),
        ("train.py", "losses", "number", "instance", "", "losses.py", 12),
        ("train.py", "spaces.one.mod", "in_namespace", "function", None, "spaces/one/mod.py", 1),
        ("train.py", "spaces.one", None, "module", "spaces.one", None, 1),
        ("train.py", "installed", "in_src", "function", None, "src/installed/__init__.py", 1),
        (
            "tests/test_it.py",
            "installed",
            "in_src",
            "function",
            None,
            "src/installed/__init__.py",
            1,
        ),
        ("tests/test_it.py", "losses", "Model", "class", "losses.Model", "losses.py", 7),
        ("tools/script.py", "beside", "neighbour", "function", None, "tools/beside.py", 1),
        ("pkg/deep/inner.py", "..make", "leaf", "function", "pkg.make.leaf", "pkg/make.py", 3),
        ("pkg/deep/inner.py", "..", "make", "module", "pkg.make", "pkg/make.py", 1),
        ("pkg/deep/__init__.py", ".inner", None, "module", "pkg.deep.inner", None, 1),
        ("pkg/make.py", ".", "starred", "module", "pkg.starred", "pkg/starred.py", 1),
        ("pkg/make.py", "starred", "from_star", "function", None, "pkg/starred.py", 1),
    ],
)
def test_each_way_to_import_leads_to_the_definition(
    names: JediNames,
    project: Callable[..., Path],
    importer: str,
    module: str,
    name: str | None,
    kind: str,
    full_name: str | None,
    path: str | None,
    row: int,
) -> None:
    root = project(FILES)
    found = names.infer(str(root / importer), module, name)
    assert found is not None
    assert (found.kind, found.row) == (kind, row)
    assert full_name is None or found.full_name == full_name
    assert path is None or found.path == str(root / path)


def test_a_package_of_the_interpreter_is_found(
    names: JediNames, project: Callable[..., Path]
) -> None:
    found = names.infer(str(project(FILES) / "train.py"), "parso", "parse")
    assert found is not None and found.kind == "function" and found.full_name == "parso.parse"


@pytest.mark.parametrize(
    "body",
    [
        "if flag:\n    def f(): ...\nelse:\n    def f(): ...\n",
        "try:\n    from one import f\nexcept ImportError:\n    from two import f\n",
        "def f(): ...\nif flag:\n    f = other\n",
        "def f(): ...\ndef swap():\n    global f\n    f = other\n",
        "def f(): ...\nfrom two import *\n",
        "import f as nothing\n",
        "def f(\n",
    ],
    ids=["branches", "fallback", "maybe", "global", "star after", "other name", "half typed"],
)
def test_what_may_differ_between_runs_is_not_known(
    names: JediNames, project: Callable[..., Path], body: str
) -> None:
    both = {"one.py": "def f(): ...\n", "two.py": "def f(): ...\n", "h.py": body}
    assert names.infer(str(project(both) / "train.py"), "h", "f") is None


def test_a_later_definition_wins(names: JediNames, project: Callable[..., Path]) -> None:
    root = project({"h.py": "def f(): ...\n\n@wrap\ndef f(): ...\n"})
    assert names.infer(str(root / "t.py"), "h", "f") == Definition(
        "function", "h.f", str(root / "h.py"), 4
    )


def test_a_wrapped_function_is_not_taken_for_the_one_it_wraps(
    names: JediNames, project: Callable[..., Path]
) -> None:
    text = "import functools\ndef f(): ...\ndef g(): ...\ng = functools.wraps(f)(g)\n"
    found = names.infer(str(project({"h.py": text}) / "t.py"), "h", "g")
    assert found is not None and (found.kind, found.row) == ("instance", 4)


def test_a_search_path_changed_in_the_importer_counts(
    names: JediNames, project: Callable[..., Path]
) -> None:
    root = project(
        {
            "a/train.py": "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), "
            "'..', 'far', 'away'))\n",
            "far/away/lost.py": "def found(): ...\n",
        }
    )
    found = names.infer(str(root / "a/train.py"), "lost", "found")
    assert found is not None and Path(found.path or "").samefile(root / "far/away/lost.py")
    assert names.infer(str(root / "a/other.py"), "lost", "found") is None


@pytest.mark.parametrize(
    ("name", "kind", "full_name"),
    [
        ("torch", "module", "torch"),
        ("nn", "module", "torch.nn"),
        ("F", "module", "torch.nn.functional"),
        ("Linear", "class", "torch.nn.Linear"),
    ],
)
def test_what_a_file_imports_from_torch_keeps_its_name(
    names: JediNames, project: Callable[..., Path], name: str, kind: str, full_name: str
) -> None:
    text = "import torch\nimport torch.nn as nn\nfrom torch.nn import functional as F, Linear\n"
    found = names.infer(str(project({"h.py": text}) / "t.py"), "h", name)
    assert found is not None and (found.kind, found.full_name, found.path) == (
        kind,
        full_name,
        None,
    )


def test_an_expression_of_an_open_buffer(names: JediNames, project: Callable[..., Path]) -> None:
    root = project(FILES)
    text = "import losses\nπ, m = 1, losses.model\nm\nlosses.contrastive\n"
    path = str(root / "train.py")
    found = names.infer_expression(path, text, 3, 1)
    assert found == Definition("instance", "losses.Model", path, 2)
    found = names.infer_expression(path, text, 4, 8)
    assert found == Definition("function", "losses.contrastive", str(root / "losses.py"), 5)
    assert names.infer_expression(path, text, 90, 5) is None
