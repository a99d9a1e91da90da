"""What the user set in the editor, and which options that makes for a file.

The file's own project speaks first (`[tool.nonegrad]`); what is set in the editor comes on top. A
setting that does not hold says so in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from nonegrad.config import options_for, rule_names
from nonegrad.globs import covers, rooted
from nonegrad.options import DEFAULT, SEVERITIES, OptionError, Options, Severity


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated settings; None leaves it to the project.

    The project's `severity` says when a check fails; the editor shows hints too, unless told not
    to here.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Severity = "hint"
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    exclude: tuple[str, ...] = ()
    explain_suppression: bool = False
    interpreter: str | None = None
    """The Python whose packages count; None is the one that runs the server."""

    def over(self, project: Options, root: str) -> Options:
        """The project's options under these; patterns are meant from the folder `root`."""
        per_file = tuple((rooted(pattern, root), names) for pattern, names in self.per_file_ignores)
        return replace(
            project,
            select=project.select if self.select is None else self.select,
            ignore=project.ignore | self.ignore,
            severity=self.severity,
            per_file_ignores=project.per_file_ignores + per_file,
            exclude=project.exclude + tuple(rooted(each, root) for each in self.exclude),
            explain_suppression=project.explain_suppression or self.explain_suppression,
        )


class Scopes:
    """Which options hold where. Projects are read once, until somebody says that they changed."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self.settings = Settings()
        self.root: str = ""
        self._complain = complain
        self._complaints: set[str] = set()
        self._options: dict[Path, Options] = {}

    def change(self, settings: Settings) -> None:
        """The user set something else."""
        self.settings = settings
        self._options.clear()

    def forget(self) -> None:
        """Files changed: the projects are read again when they are next asked for."""
        self._options.clear()

    def options(self, filename: str) -> Options:
        """The options for one file; where the project's do not hold, it is said once."""
        path = Path(filename)
        folder = path.parent if path.is_absolute() else Path(self.root)
        if folder not in self._options:
            self._options[folder] = self.settings.over(self._project(folder), self.root)
        return self._options[folder]

    def _project(self, folder: Path) -> Options:
        if not folder.is_absolute():
            return DEFAULT
        try:
            return options_for(folder)
        except OptionError as error:
            if str(error) not in self._complaints:
                self._complaints.add(str(error))
                self._complain(str(error))
            return DEFAULT


def excluded(filename: str, options: Options) -> bool:
    """Whether the user wants to hear nothing about a file."""
    return any(covers(pattern, filename) for pattern in options.exclude)


def parse(value: object) -> Settings:
    """Settings from `initializationOptions` or the `nonegrad` section, in camelCase or kebab-case.

    Keys that are not the server's (editors keep their own in the same section) are passed over.
    Raises OptionError.
    """
    section = _section(value)
    found = {name: _named(section, name.replace("_", "-")) for name in READERS}
    return Settings(
        **{
            name: READERS[name](each, name.replace("_", "-"))
            for name, each in found.items()
            if each is not None
        }
    )


def _section(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError(f"settings must be an object, not {value!r}")
    section = cast("Mapping[str, Any]", value)
    for key in ("nonegrad", "settings"):
        if isinstance(section.get(key), Mapping):
            return _section(section[key])
    return section


def _named(section: Mapping[str, Any], name: str) -> Any:
    head, *rest = name.split("-")
    camel = head + "".join(word.capitalize() for word in rest)
    return section.get(camel, section.get(name))


def _strings(value: object, name: str) -> tuple[str, ...]:
    each = cast("list[object]", value) if isinstance(value, list | tuple) else None
    if each is None or not all(isinstance(item, str) for item in each):
        raise OptionError(f"{name} must be a list of strings, not {value!r}")
    return tuple(str(item) for item in each)


def _rules(value: object, name: str) -> frozenset[str]:
    return rule_names(list(_strings(value, name)), name)


def _select(value: object, name: str) -> frozenset[str] | None:
    """An empty list is what editors send for a setting that nobody touched."""
    return _rules(value, name) or None


def _severity(value: object, name: str) -> Severity:
    for severity in SEVERITIES:
        if value == severity:
            return severity
    raise OptionError(f"{name} must be one of {', '.join(SEVERITIES)}, not {value!r}")


def _per_file(value: object, name: str) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(value, Mapping):
        raise OptionError(f"{name} must map patterns to lists of rules, not {value!r}")
    rows = cast("Mapping[str, object]", value)
    return tuple((pattern, _rules(rules, f"{name}: {pattern}")) for pattern, rules in rows.items())


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise OptionError(f"{name} must be true or false, not {value!r}")
    return value


def _interpreter(value: object, name: str) -> str | None:
    """A path, or a list whose first member is one, as other Python extensions have it."""
    if isinstance(value, str):
        return value or None
    return next(iter(_strings(value, name)), None)


READERS: dict[str, Callable[[object, str], Any]] = {
    "select": _select,
    "ignore": _rules,
    "severity": _severity,
    "per_file_ignores": _per_file,
    "exclude": _strings,
    "explain_suppression": _flag,
    "interpreter": _interpreter,
}
