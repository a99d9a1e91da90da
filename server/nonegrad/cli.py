"""The command line: `nonegrad check`, `states`, `rule`, `explain`, `graph`, `server`."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from nonegrad import __version__
from nonegrad.garbage import collect_rarely
from nonegrad.options import SEVERITIES, OptionError

DESCRIPTION = "Tells which gradients of a PyTorch program will be None, why, and what cures it."
FAILED = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 (findings), or 2 (the call failed)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console may lack characters of the code shown
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if argv is None else list(argv)
    collect_rarely()
    if arguments[:1] == ["server"]:
        from nonegrad import lsp

        return lsp.main(arguments[1:])
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except OptionError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _fail(line: str) -> int:
    print(f"nonegrad: {line}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("nonegrad", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"nonegrad {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    check = commands.add_parser("check", help="check files and print findings", allow_abbrev=False)
    check.set_defaults(run=_check)
    _add_paths(check, "files, folders, or - for standard input (default: this folder)", "*")
    _add_format(check, "text", "json", "sarif", "github")
    check.add_argument("--fix", action="store_true", help="apply safe fixes to the files")
    check.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="apply fixes that may change what a program does",
    )
    for name, text in (("select", "check these rules only"), ("ignore", "leave these rules out")):
        check.add_argument(
            f"--{name}", action="append", metavar="RULE", help=f"{text}; commas or repeated"
        )
    check.add_argument("--severity", choices=SEVERITIES, help="the lowest that counts (warning)")
    check.add_argument("--jobs", type=_positive, metavar="N", help="how many processes")

    states = commands.add_parser("states", help="what is known of each tensor, line by line")
    states.set_defaults(run=_states)
    _add_paths(states, "files, folders, or - for standard input", "+")
    _add_format(states, "text", "json")

    rule = commands.add_parser("rule", help="the page of one rule, or the list of all")
    rule.set_defaults(run=_rule)
    rule.add_argument("name", nargs="?", metavar="NAME")
    _add_format(rule, "text", "json")

    explain = commands.add_parser("explain", help="from a PyTorch error to its cause")
    explain.set_defaults(run=_explain)
    explain.add_argument(
        "error",
        metavar="TEXT",
        help="the error as PyTorch prints it, with its traceback or alone; - for standard input",
    )
    _add_paths(explain, "files, folders (default: the files that the traceback names)", "*")

    graph = commands.add_parser("graph", help="draw the autograd graph at each backward()")
    graph.set_defaults(run=_graph)
    graph.add_argument(
        "target",
        metavar="FILE[::FUNCTION]",
        help="a file, and perhaps one function or method of it: train.py::Model.forward",
    )
    styles = ("mermaid", "dot", "svg", "json")
    graph.add_argument("--format", choices=styles, default="mermaid", metavar="|".join(styles))

    commands.add_parser("server", help="the language server: --stdio, or --tcp HOST:PORT")
    return parser


def _add_paths(parser: argparse.ArgumentParser, text: str, count: str) -> None:
    parser.add_argument("paths", nargs=count, metavar="PATH", help=text)


def _add_format(parser: argparse.ArgumentParser, *names: str) -> None:
    parser.add_argument("--output-format", choices=names, default=names[0], metavar="|".join(names))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _rules(given: list[str] | None, option: str) -> frozenset[str] | None:
    from nonegrad import config

    if given is None:
        return None
    names = [name.strip() for each in given for name in each.split(",") if name.strip()]
    return config.rule_names(names, option)


def _files(paths: list[str]) -> list[str]:
    """The files of a call; what the settings of a given folder exclude is not among them."""
    from nonegrad import config, reading

    def exclude(folder: str) -> tuple[str, ...]:
        return config.options_for(Path(folder).resolve()).exclude

    return list(reading.find(paths or ["."], exclude))


def _check(options: Any) -> int:
    from nonegrad import checking, telling

    fix = options.fix or options.unsafe_fixes
    if fix and "-" in options.paths:
        return _fail("standard input cannot be fixed in place: name a file")
    call = checking.Call(
        _rules(options.select, "--select"),
        _rules(options.ignore, "--ignore"),
        options.severity,
        fix,
        options.unsafe_fixes,
        quiet_fixes=options.output_format == "json",
    )
    files = _files(options.paths)
    if not files:
        print("nonegrad: no Python files found", file=sys.stderr)
    checked = list(checking.check(files, call, options.jobs))
    telling.tell(checked, options.output_format)
    if telling.complain(checked):
        return FAILED
    outcomes = [each.outcome for each in checked if each.outcome is not None]
    return int(any(True for outcome in outcomes for _ in outcome.loud()))


def _states(options: Any) -> int:
    from nonegrad import checking, telling

    call = checking.Call(states=True)
    checked = list(checking.check(_files(options.paths), call, None))
    telling.tell_states(checked, options.output_format)
    return FAILED if telling.complain(checked) else 0


def _explain(options: Any) -> int:
    from nonegrad import checking, telling
    from nonegrad.raised import explaining, pasted

    text = sys.stdin.read() if options.error == "-" else options.error
    if not text.strip():
        return _fail("there is no error to explain: paste its text, or pipe it in with -")
    paths = options.paths or [each for each in pasted.Pasted(text).files if Path(each).is_file()]
    if not paths:
        return _fail("name the file that was run: the error names none that is here")
    if options.error == "-" and "-" in paths:
        return _fail("standard input is the error: name the file that was run")
    call = checking.Call(severity="information")
    checked = list(checking.check(_files(paths), call, None))
    explanation = explaining.explain(text, (one.outcome for one in checked if one.outcome))
    telling.tell_explanation(explanation, checked)
    return FAILED if telling.complain(checked) else int(bool(explanation.told))


def _graph(options: Any) -> int:
    from nonegrad import checking, telling
    from nonegrad.graph import choosing
    from nonegrad.reading import UnreadableError

    name, _, function = options.target.partition("::")
    checker = checking.Checker(checking.Call())
    try:
        document, report, drawing = checker.draw(name)
        graphs = choosing.chosen(drawing, function or None)
    except UnreadableError as error:
        return _fail(str(error))
    except choosing.NoFunctionError as error:
        return _fail(f"{name}: {error}")
    finally:
        checker.stop()
    telling.tell_graphs(document, report, graphs, options.format)
    return 0


def _rule(options: Any) -> int:
    from nonegrad import telling
    from nonegrad.rules import RULES

    if options.name is None:
        telling.tell_rules(RULES, options.output_format)
        return 0
    for rule in RULES:
        if rule.name == options.name:
            telling.tell_rule(rule, options.output_format)
            return 0
    close = difflib.get_close_matches(options.name, [rule.name for rule in RULES], n=1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return _fail(f"no rule is called {options.name!r}{meant}; `nonegrad rule` lists them")
