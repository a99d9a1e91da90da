"""Where an import looks: the folders of the project, then those of the interpreter.

Nothing here starts an interpreter or imports what it finds; an interpreter's folders are read
from the layout on disk, its `.pth` files and the tables of editable installs as text.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from nonegrad.names.files import read_text

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", ".git", ".hg")
MAPPING = re.compile(r"^MAPPING\b[^=\n]*=\s*(\{.*\})\s*$", re.MULTILINE)


def cache_home() -> Path:
    """The folder for nonegrad's cache on this platform; it need not exist."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        # The XDG specification has relative paths ignored.
        given = os.environ.get("XDG_CACHE_HOME", "")
        base = given if Path(given).is_absolute() else Path.home() / ".cache"
    return Path(base) / "nonegrad"


def project_root(folder: Path) -> Path:
    """The nearest folder upwards that looks like a project, else the one above the packages."""
    for candidate in (folder, *folder.parents):
        if any(exists(candidate / marker) for marker in MARKERS):
            return candidate
    return package_root(folder)


def package_root(folder: Path) -> Path:
    """The first folder upwards that is no regular package: what a script there has on its path."""
    while exists(folder / "__init__.py") and folder.parent != folder:
        folder = folder.parent
    return folder


def project_folders(folder: Path) -> tuple[list[str], list[str]]:
    """The project's folders for a file in `folder`: those before the interpreter's, those after.

    Before: the package's root, the project's root and its `src`. After, since only some ways of
    starting the program have them: the folders between, and a package's own folder.
    """
    top, root = package_root(folder), project_root(folder)
    before = [top, root, root / "src"]
    between = [parent for parent in top.parents if root in parent.parents]
    return unique(map(str, before)), unique(map(str, (*between, folder)))


def running_folders() -> list[str]:
    """The import folders of the interpreter that runs this, the current directory left out."""
    entries = [entry for entry in sys.path if entry not in ("", here())]
    return unique([*entries, *editable(entries)])


def here() -> str:
    """The current directory, which a user's start of Python may have put on the path; empty where
    it is gone."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def interpreter_folders(python: str) -> list[str]:
    """The import folders of another interpreter, by the layout around it; nothing is run."""
    program = Path(shutil.which(python) or python).absolute()
    prefixes = [program.parent.parent]
    if sys.platform == "win32":
        prefixes.insert(0, program.parent)
    if not any(exists(prefix / "pyvenv.cfg") for prefix in prefixes):
        # A link outside an environment stands for the interpreter that it leads to.
        prefixes.append(program.resolve().parent.parent)
    for prefix in tuple(prefixes):
        prefixes += base_prefixes(prefix)
    sites: list[str] = []
    for prefix in prefixes:
        for pattern in (
            "lib/python3*/site-packages",
            "lib64/python3*/site-packages",
            "Lib/site-packages",
            "local/lib/python3*/dist-packages",
            "lib/python3/dist-packages",
        ):
            sites += map(str, sorted(prefix.glob(pattern), reverse=True))
    linked = [line for site in sites for line in pth_folders(site)]
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return unique([*standard, *sites, *linked, *editable(sites)])


def base_prefixes(prefix: Path) -> list[Path]:
    """The interpreter below a virtual environment, where that one shows its packages through."""
    settings = read_text(str(prefix / "pyvenv.cfg")) or ""
    values = dict(re.findall(r"^\s*([\w-]+)\s*=\s*(.*?)\s*$", settings, re.MULTILINE))
    shown = str(values.get("include-system-site-packages", "")).lower() == "true"
    home = values.get("home")
    if not shown or not home:
        return []
    return [Path(home), Path(home).parent] if sys.platform == "win32" else [Path(home).parent]


def pth_folders(site: str) -> list[str]:
    """The folders that a site folder's `.pth` files add; their code lines are not run."""
    found: list[str] = []
    for pth in sorted(Path(site).glob("*.pth")):
        for line in (read_text(str(pth)) or "").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                folder = Path(site, line.strip())
                found += [str(folder)] if isfolder(folder) else []
    return found


def editable(sites: list[str]) -> list[str]:
    """The folders of editable installs, from the tables that setuptools writes as Python text."""
    found: list[str] = []
    for site in sites:
        for finder in sorted(Path(site).glob("__editable__*_finder.py")):
            match = MAPPING.search(read_text(str(finder)) or "")
            if match is not None:
                found += mapped_folders(match[1])
    return found


def mapped_folders(table: str) -> list[str]:
    """The parents of the packages in a `{"name": "folder"}` table that keep their name."""
    try:
        mapping = ast.literal_eval(table)
    except (ValueError, SyntaxError):
        return []
    return [
        str(Path(folder).parent)
        for name, folder in mapping.items()
        if isinstance(folder, str) and Path(folder).stem == name
    ]


def unique(entries: Iterable[str]) -> list[str]:
    """The entries in order, each once."""
    return list(dict.fromkeys(entries))


def exists(path: Path) -> bool:
    """Whether a path is there for us; one that we may not look at is not."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def isfolder(path: Path) -> bool:
    """Whether a path is a folder that we may look at."""
    return exists(path) and path.is_dir()
