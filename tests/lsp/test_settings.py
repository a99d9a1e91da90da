"""Settings as editors send them."""

from __future__ import annotations

import pytest
from nonegrad.lsp.settings import Settings, excluded, parse
from nonegrad.options import OptionError, Options


@pytest.mark.parametrize("value", [None, {}, {"nonegrad": {}}, {"settings": {"nonegrad": {}}}])
def test_nothing_set_is_the_default(value: object) -> None:
    assert parse(value) == Settings()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"nonegrad": {"severity": "error"}}, Settings(severity="error")),
        ({"select": []}, Settings()),
        ({"select": ["syntax-error"]}, Settings(select=frozenset({"syntax-error"}))),
        (
            {"perFileIgnores": {"a.py": ["syntax-error"]}},
            Settings(per_file_ignores=(("a.py", frozenset({"syntax-error"})),)),
        ),
        ({"explain-suppression": True}, Settings(explain_suppression=True)),
        ({"explainSuppression": True}, Settings(explain_suppression=True)),
        ({"interpreter": ["/opt/bin/python"]}, Settings(interpreter="/opt/bin/python")),
        ({"interpreter": []}, Settings()),
        ({"trace": {"server": "off"}, "importStrategy": "useBundled"}, Settings()),
    ],
)
def test_what_is_set_is_read(value: object, expected: Settings) -> None:
    assert parse(value) == expected


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (7, "settings must be an object, not 7"),
        ({"severity": 2}, "severity must be one of error, warning, information, hint, not 2"),
        ({"ignore": "all"}, "ignore must be a list of strings, not 'all'"),
        ({"ignore": ["sintax-error"]}, "ignore: no rule is called 'sintax-error'"),
        ({"perFileIgnores": []}, "per-file-ignores must map patterns to lists of rules, not []"),
        ({"explainSuppression": "yes"}, "explain-suppression must be true or false, not 'yes'"),
    ],
)
def test_what_does_not_hold_is_said_in_one_line(value: object, complaint: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse(value)
    assert str(raised.value).startswith(complaint)


def test_the_editor_speaks_over_the_project() -> None:
    project = Options(select=frozenset("a"), ignore=frozenset("b"), exclude=("/p/old",))
    assert Settings().over(project, "/p").select == {"a"}
    options = Settings(select=frozenset("c"), ignore=frozenset("d"), exclude=("vendor",)).over(
        project, "/p"
    )
    assert (options.select, options.ignore) == ({"c"}, {"b", "d"})
    assert excluded("/p/x/vendor/a.py", options) and excluded("/p/old/a.py", options)
    assert not excluded("/p/a.py", options)
