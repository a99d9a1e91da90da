"""What the user set in the editor, as options; a setting that does not hold says so in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from nonegrad.options import SEVERITIES, OptionError, Options


@dataclass(frozen=True, slots=True)
class Settings:
    """In the editor hints are shown too, unless the user wants fewer findings."""

    options: Options = field(default_factory=lambda: Options(severity="hint"))
    interpreter: str | None = None
    """The Python whose packages count; None is the one that runs the server."""


def parse(value: object) -> Settings:
    """Settings from `initializationOptions` or the `nonegrad` section, in camelCase or kebab-case.

    Keys that are not the server's (editors keep their own in the same section) are passed over.
    Raises OptionError.
    """
    section = _section(value)
    options = Settings().options
    if (found := _named(section, "select")) is not None:
        options = replace(options, select=_names(found, "select"))
    if (found := _named(section, "ignore")) is not None:
        options = replace(options, ignore=_names(found, "ignore"))
    if (found := _named(section, "severity")) is not None:
        if found not in SEVERITIES:
            raise OptionError(f"severity must be one of {', '.join(SEVERITIES)}, not {found!r}")
        options = replace(options, severity=found)
    if (found := _named(section, "per-file-ignores")) is not None:
        options = replace(options, per_file_ignores=_per_file(found))
    if (found := _named(section, "exclude")) is not None:
        options = replace(options, exclude=_strings(found, "exclude"))
    if (found := _named(section, "explain-suppression")) is not None:
        if not isinstance(found, bool):
            raise OptionError(f"explain-suppression must be true or false, not {found!r}")
        options = replace(options, explain_suppression=found)
    return Settings(options, _interpreter(_named(section, "interpreter")))


def _interpreter(value: object) -> str | None:
    """A path, or a list whose first member is one, as other Python extensions have it."""
    if value is None or isinstance(value, str):
        return value or None
    return next(iter(_strings(value, "interpreter")), None)


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


def _names(value: object, name: str) -> frozenset[str]:
    return frozenset(_strings(value, name))


def _per_file(value: object) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(value, Mapping):
        raise OptionError(f"per-file-ignores must map patterns to rules, not {value!r}")
    rows = cast("Mapping[str, object]", value)
    return tuple(
        (str(pattern), _names(rules, f"per-file-ignores for {pattern}"))
        for pattern, rules in rows.items()
    )
