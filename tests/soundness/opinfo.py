"""Op by op: torch's own samples of each operator, as small programs.

Each sample is written out the way a user would call it (`torch.NAME`, `F.NAME`, a method, its
in-place form), once as it is, and once for each argument and result that is overwritten before
the backward. `python -m tests.soundness.opinfo` runs all of it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from .report import keep, smallest
from .tracer import run
from .verdict import Verdict, judge

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

HEAD = ["import torch", "import torch.nn.functional as F"]
MOST_NUMBERS = 64
SPELLINGS = ("function", "method", "in place")


class UnwritableError(Exception):
    """A sample that no short program can write down."""


@dataclass(frozen=True)
class Case:
    """One program about one operator."""

    operator: str
    spelling: str
    text: str


def names() -> list[str]:
    """Every operator torch has samples of, variants told apart."""
    return sorted({info.name for info in op_db})


def cases(operator: str, most: int = 3) -> Iterator[Case]:
    """The programs about one operator; at most so many samples of each of its variants."""
    for info in (found for found in op_db if found.name == operator):
        if torch.float32 not in info.supported_dtypes("cpu"):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            random.seed(0)
            try:
                samples = list(
                    info.sample_inputs("cpu", torch.float32, requires_grad=info.supports_autograd)
                )
            except (RuntimeError, ImportError):
                continue
        taken = 0
        for sample in samples:
            if taken >= most:
                break
            try:
                written = list(programs(operator, sample))
            except UnwritableError:
                continue
            taken += bool(written)
            yield from written


def programs(operator: str, sample: object) -> Iterator[Case]:
    """The programs for one sample."""
    writing = Writing()
    every = [sample.input, *sample.args]  # type: ignore[attr-defined]
    args = [writing.write(each) for each in every]
    keywords = [f"{k}={writing.write(v)}" for k, v in sample.kwargs.items()]  # type: ignore[attr-defined]
    for spelling in SPELLINGS:
        call = spelled(operator, spelling, args, keywords)
        if call is None:
            continue
        for frozen in (None, *range(len(writing.leaves)))[:3]:
            base = [*HEAD, *writing.lines(frozen), f"y = {call}"]
            results = outcomes(base)
            if results is None:
                continue
            base += [line for line, _ in results]
            yield Case(operator, spelling, "\n".join(base) + "\n")
            if frozen is None:
                yield from overwritten(operator, spelling, base, results, writing)


def overwritten(
    operator: str,
    spelling: str,
    base: list[str],
    results: list[tuple[str, bool]],
    writing: Writing,
) -> Iterator[Case]:
    """With each argument and each result overwritten in turn, and a backward after it."""
    outs = [line.split(" = ")[0] for line, _ in results]
    tracked = [name for name, (_, flag) in zip(outs, results, strict=True) if flag]
    if not tracked:
        return
    total = " + ".join(f"{name}.abs().sum()" for name in tracked)
    for name in (*(f"a{n}" for n in range(len(writing.leaves))), *outs, None):
        lines = list(base)
        if name is not None:
            lines += [f"{name}.copy_({name}.detach() * 1)"]
            lines += [f"after_{each} = {each}" for each in [*writing.tracked(), *outs]]
        lines += [f"loss = {total}", "loss.backward()"]
        lines += [f"g{n} = x{n}.grad" for n in range(len(writing.leaves))]
        yield Case(operator, spelling, "\n".join(lines) + "\n")


class Writing:
    """Writes the arguments of a sample down; tensors get names."""

    def __init__(self) -> None:
        self.leaves: list[torch.Tensor] = []

    def write(self, value: object) -> str:
        """The expression of one argument."""
        match value:
            case torch.Tensor():
                return self.tensor(value)
            case bool() | int() | str() | None:
                return repr(value)
            case float():
                return repr(value) if abs(value) < 1e30 else f"float('{value}')"
            case torch.dtype() | torch.layout() | torch.memory_format():
                return str(value)
            case tuple():
                inner = [self.write(each) for each in value]
                return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
            case list():
                return f"[{', '.join(self.write(each) for each in value)}]"
            case slice():
                return f"slice({value.start}, {value.stop}, {value.step})"
            case _ if value is Ellipsis:
                return "..."
            case _:
                raise UnwritableError

    def tensor(self, value: torch.Tensor) -> str:
        if (
            value.layout is not torch.strided
            or value.numel() > MOST_NUMBERS
            or value.is_complex()
            or value.is_quantized
            or type(value) is not torch.Tensor
        ):
            raise UnwritableError
        self.leaves.append(value)
        return f"a{len(self.leaves) - 1}"

    def lines(self, frozen: int | None) -> list[str]:
        """The arguments made; the frozen one does not require grad."""
        lines: list[str] = []
        for number, value in enumerate(self.leaves):
            numbers = value.detach().tolist()
            kind = "" if value.dtype is torch.float32 else f", dtype={value.dtype}"
            if value.numel() == 0:
                made = f"torch.zeros({list(value.shape)}{kind}"
            else:
                made = f"torch.tensor({rounded(numbers)}{kind}"
            flag = value.requires_grad and number != frozen
            lines.append(f"x{number} = {made}{', requires_grad=True' if flag else ''})")
            lines.append(f"a{number} = x{number}.clone()")
        return lines

    def tracked(self) -> list[str]:
        """The names of the arguments that may hang on a result."""
        return [f"a{number}" for number in range(len(self.leaves))]


def rounded(numbers: object) -> str:
    """Numbers short enough to read."""
    if isinstance(numbers, list):
        return f"[{', '.join(rounded(each) for each in numbers)}]"
    if isinstance(numbers, float):
        if numbers != numbers or abs(numbers) > 1e30:
            return f"float('{numbers}')"
        return repr(round(numbers, 3))
    return repr(numbers)


def spelled(operator: str, spelling: str, args: list[str], keywords: list[str]) -> str | None:
    """The call, or None where there is no such spelling."""
    rest = ", ".join([*args[1:], *keywords])
    every = ", ".join([*args, *keywords])
    tail = operator.rpartition(".")[2]
    if spelling == "function":
        if operator.startswith("nn.functional."):
            return f"F.{tail}({every})" if hasattr(torch.nn.functional, tail) else None
        if operator.startswith("_") or ("." in operator and not operator.startswith(NAMESPACES)):
            return None
        owner: object = torch
        for part in operator.split("."):
            owner = getattr(owner, part, None)
        return f"torch.{operator}({every})" if callable(owner) else None
    name = tail if spelling == "method" else f"{tail}_"
    if "." in operator or name.startswith("_") or not hasattr(torch.Tensor, name) or not args:
        return None
    return f"{args[0]}.{name}({rest})" if re.fullmatch(r"a\d+", args[0]) else None


NAMESPACES = ("linalg.", "fft.", "special.")


def outcomes(base: list[str]) -> list[tuple[str, bool]] | None:
    """The lines that bind each tensor of the result, and whether it requires grad; None where the
    call does not run."""
    space: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec("\n".join(base), space)
        except Exception:
            return None
    result = space["y"]
    if isinstance(result, torch.Tensor):
        return [("y0 = y", result.requires_grad)]
    if isinstance(result, (tuple, list)):
        return [
            (f"y{n} = y[{n}]", each.requires_grad)
            for n, each in enumerate(result[:4])
            if isinstance(each, torch.Tensor)
        ]
    return []


def examine(operator: str, most: int = 3) -> tuple[str, Verdict, list[tuple[Case, Verdict]]]:
    """The figures of one operator, and the programs with a mistake."""
    total = Verdict()
    bad: list[tuple[Case, Verdict]] = []
    for case in cases(operator, most):
        verdict = judge(case.text, "<program>", [run(case.text)])
        total.add(verdict)
        if verdict.wrong:
            bad.append((case, verdict))
    return operator, total, bad


def main() -> int:
    """Print the figures and what is wrong about which operator; the status is 1 for a mistake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operators", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="shrink one mistake an operator into this folder")
    parser.add_argument("--unknown", action="store_true", help="list the operators not known")
    given = parser.parse_args()
    total, sorts = Verdict(), Counter[str]()
    unknown, unpredicted, untold = Counter[str](), Counter[str](), Counter[str]()
    with multiprocessing.get_context("fork").Pool(given.workers) as pool:
        for name, verdict, bad in pool.imap_unordered(examine, given.operators or names()):
            total.add(verdict)
            unknown[name] = sum(not row.startswith("y:") for row in verdict.unknown)
            unpredicted[name], untold[name] = len(verdict.unpredicted), len(verdict.untold)
            for sort in {(wrong.sort, case.spelling) for case, v in bad for wrong in v.wrong}:
                sorts[sort[0]] += 1
                case, wrong = next(
                    (c, w) for c, v in bad for w in v.wrong if (w.sort, c.spelling) == sort
                )
                print(f"{name} ({case.spelling}) row {wrong.row}: {wrong.detail}", flush=True)
                if given.keep:
                    label = re.sub(r"\W+", "-", f"op-{name}-{case.spelling}-{sort[0]}")
                    keep(given.keep, smallest(case.text, wrong, 300), label)
    print(total.line())
    for sort, count in sorts.most_common():
        print(f"  wrong for {count} operators and spellings: {sort}")
    if given.unknown:
        for title, found in (
            ("unknown", unknown),
            ("raises, not predicted", unpredicted),
            ("None, not told", untold),
        ):
            print(f"  {title}: {', '.join(f'{n} {c}' for n, c in found.most_common() if c)}")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
