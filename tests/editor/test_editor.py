"""The packaged extension in a real VS Code in a real browser: what a user sees and can do.

`drive.mjs` plays `plan.json` once, in one window, on the files of `examples/`; the tests judge what
it saw. `NONEGRAD_SCREENSHOTS=1` also keeps pictures of it in `docs/images/`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

CLEAN = {"error": 0, "warning": 0, "information": 0}


@pytest.fixture
def missing(seen: dict[str, Any]) -> dict[str, Any]:
    return scenario(seen, "missing_requires_grad")


@pytest.fixture
def sliced(seen: dict[str, Any]) -> dict[str, Any]:
    return scenario(seen, "slice_of_leaf")


@pytest.fixture
def in_place(seen: dict[str, Any]) -> dict[str, Any]:
    return scenario(seen, "inplace_add")


def scenario(seen: dict[str, Any], name: str) -> dict[str, Any]:
    assert name in seen["scenarios"], f"the drive ended before it: {seen['failure']}"
    found: dict[str, Any] = seen["scenarios"][name]
    return found


def run_in_torch(program: str) -> str:
    """What a program prints under real PyTorch; fails where it raises."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_drive_reached_its_end(seen: dict[str, Any]) -> None:
    assert seen["failure"] is None


def test_the_log_names_the_python_and_the_running_server(seen: dict[str, Any]) -> None:
    log = " ".join(seen["log"])
    assert "Python 3." in log
    assert "nonegrad" in log and "is running" in log


def test_backward_without_a_graph_is_an_error_where_it_raises(missing: dict[str, Any]) -> None:
    (row,) = missing["problems"]
    assert row.startswith("error")
    assert "backward-without-graph" in row and "[Ln 8, Col 1]" in row
    assert missing["squiggles"] == {"error": 1, "warning": 0, "information": 0}
    assert "requires_grad" in missing["popup"]


def test_its_quick_fix_asks_for_the_gradient_at_the_creation(missing: dict[str, Any]) -> None:
    assert any("requires_grad=True" in title for title in missing["actions"])
    assert "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n" in missing["after"]
    assert missing["problemsAfter"] == []
    assert missing["squigglesAfter"] == CLEAN
    assert run_in_torch(missing["after"]) == "tensor([2., 2., 2.])\n"


def test_the_grad_of_a_slice_is_a_warning_where_it_is_read(sliced: dict[str, Any]) -> None:
    (row,) = sliced["problems"]
    assert row.startswith("warning")
    assert "grad-of-non-leaf" in row and "[Ln 10, Col 7]" in row
    assert sliced["squiggles"] == {"error": 0, "warning": 1, "information": 0}
    assert "leaf" in sliced["popup"]


def test_its_quick_fix_retains_the_gradient(sliced: dict[str, Any]) -> None:
    assert any("retain_grad" in title for title in sliced["actions"])
    assert "y = x[0:2]\ny.retain_grad()\n" in sliced["after"]
    assert sliced["problemsAfter"] == []
    assert sliced["squigglesAfter"] == CLEAN
    assert run_in_torch(sliced["after"]) == "tensor([2., 4., 0.])\ntensor([2., 4.])\n"


def test_adding_in_place_to_a_saved_result_is_an_error(in_place: dict[str, Any]) -> None:
    (row,) = in_place["problems"]
    assert row.startswith("error")
    assert "inplace-on-saved" in row and "[Ln 17, Col 5]" in row
    assert in_place["squiggles"]["error"] == 1
    assert "exp" in in_place["popup"]


def test_its_quick_fix_adds_out_of_place(in_place: dict[str, Any]) -> None:
    assert any("new tensor" in title for title in in_place["actions"])
    assert "y = x.exp()\n    y = y + 1\n" in in_place["after"]
    assert in_place["problemsAfter"] == []
    assert in_place["squigglesAfter"]["error"] == 0
    printed = run_in_torch(in_place["after"])
    assert printed.startswith("tensor([2., 2., 2.])\ntensor([ 2.7183,")


def test_where_adding_in_place_is_safe_the_rewrite_is_offered_without_a_squiggle(
    seen: dict[str, Any],
) -> None:
    safe = scenario(seen, "inplace_safe")
    assert "inplace-safe" in safe["popup"]
    assert not any("Ln 9," in row for row in safe["problems"])
    assert any("new tensor" in title for title in safe["actions"])
    assert "y = x * 2\n    y = y + 1\n" in safe["after"]


def test_the_training_script_loses_its_gradient_by_a_conversion(seen: dict[str, Any]) -> None:
    train = scenario(seen, "train")
    (row,) = train["problems"]
    assert row.startswith("warning")
    assert "grad-of-non-leaf" in row and "[Ln 42, Col 9]" in row
    assert "temperature.retain_grad()" in train["after"]
    assert train["problemsAfter"] == []
    assert "slope of the loss in the temperature: tensor(" in run_in_torch(train["after"])


# The popups above show the findings' messages; this one has only the server's hover to show.
def test_hovering_a_tensor_says_what_it_is_to_autograd(seen: dict[str, Any]) -> None:
    assert "SliceBackward0" in seen["tensorHover"]


def test_a_changed_setting_holds_at_once(seen: dict[str, Any]) -> None:
    assert len(seen["ignored"]["before"]) == 1
    assert seen["ignored"]["after"] == []


def test_an_interpreter_that_is_none_is_said_clearly(seen: dict[str, Any]) -> None:
    (said,) = seen["noPython"]["said"]
    assert "This is no Python that can run the server: /bin/false" in said
    assert "setting nonegrad.interpreter" in said
    assert "Choose a Python" in said
    assert seen["noPython"]["problems"] == []


def test_with_a_good_interpreter_it_comes_back(seen: dict[str, Any]) -> None:
    assert len(seen["recovered"]) == 1
