"""Writes the operator table of `nonegrad.ops` from the torch that is installed.

python server/tools/generate_ops.py            write every file
python server/tools/generate_ops.py --derived  only what follows from torch's yaml files
python server/tools/generate_ops.py --verify   hold every row against torch's own samples
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).resolve().parent
OPS = TOOLS.parent / "nonegrad" / "ops"


def render(entries: Mapping[str, Any]) -> str:
    """The text of one file: an object with one entry a line, sorted, the torch version first.
    What a module holds stays in the order in which torch lists it."""
    head = {"": {"torch": version()}}
    rows = head | {key: entries[key] for key in sorted(entries)}
    lines = [f"{json.dumps(k)}: {json.dumps(_sorted(v))}" for k, v in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def version() -> str:
    """The version of the torch that is installed."""
    import torch

    return str(torch.__version__).partition("+")[0]


def _sorted(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        k: value[k] if k in ("parameters", "buffers") else _sorted(value[k]) for k in sorted(value)
    }


def derived() -> dict[str, str]:
    """The files that need no operator to run: name to text."""
    from opfacts import derive, surface

    aten = derive.rows()
    return {"aten": render(aten), "surface": render(surface.targets(aten))}


def measured() -> dict[str, str]:
    """The files that are measured; they read what `derived` wrote."""
    from itertools import chain

    from opfacts import attributes, derive, layers, samples
    from opfacts.measure import measure

    aten = derive.rows()
    modules = list(layers.made())
    calls = chain(samples.all_calls(), layers.calls(modules))
    result = measure(calls, aten, samples.OTHER_DEVICES)
    for name, why in sorted(result.failures.items()):
        print(f"not measured: {name}: {why}", file=sys.stderr)
    return {
        "measured": render(result.rows),
        "dtypes": render(result.dtypes),
        "layers": render(layers.rows(modules) | layers.optimizers()),
        "attributes": render(attributes.rows()),
    }


def not_known() -> list[str]:
    """The callables of torch of which the table, as written, has nothing to say."""
    from nonegrad.ops.table import knows
    from opfacts import surface

    return sorted(name for name, _ in surface.callables() if not knows(name))


def verify() -> int:
    """How many statements torch contradicts, each printed."""
    from opfacts import agreement, samples

    wrong = 0
    for claim in agreement.over_operators(samples.operators(), 12):
        wrong += 1
        print(claim)
    return wrong


def write(files: Mapping[str, str]) -> None:
    """Put the files in their place."""
    for name, text in files.items():
        (OPS / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Generate the operator table from torch.")
    parser.add_argument("--derived", action="store_true", help="only what needs no operator to run")
    parser.add_argument("--verify", action="store_true", help="run the table against torch")
    options = parser.parse_args()
    if options.verify:
        raise SystemExit(1 if verify() else 0)
    write(derived())
    if not options.derived:
        write(measured())
        listed = "".join(f"{name}\n" for name in not_known())
        (OPS / "not_known.txt").write_text(listed, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.path[:0] = [str(TOOLS), str(TOOLS.parent)]
    main()
