"""Set up and run every test: `python3 scripts/test.py [ARGUMENTS OF PYTEST]`.

Without arguments: style, types, all tests, and the editor extension. With arguments only pytest
runs, with them. Needs Python 3.10 or newer, Node 20 or newer, and a connection to the package
indexes the first time.
"""

import sys

import workplace
from workplace import run, timed


def main():
    """The exit status: 0 where every step went well."""
    workplace.need_python()
    trouble = workplace.node_trouble()
    if trouble:
        workplace.stop(trouble)
    workplace.install(dev=True)
    if sys.argv[1:]:
        return 0 if run("python", "-m", "pytest", *sys.argv[1:]) else 1
    steps = [
        ("ruff check", lambda: run("ruff", "check", ".")),
        ("ruff format", lambda: run("ruff", "format", "--check", ".")),
        ("pyright", lambda: run("pyright")),
        ("npm ci", workplace.install_node),
        ("types of the extension", lambda: run("npm", "run", "--silent", "check")),
        ("build of the extension", lambda: run("npm", "run", "--silent", "build")),
        ("pytest", lambda: run("python", "-m", "pytest", "-q")),
    ]
    failed = [name for name, step in steps if not timed(name, step)]
    if failed:
        workplace.say("\nFailed: {}".format(", ".join(failed)))
        return 1
    workplace.say("\nAll is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
