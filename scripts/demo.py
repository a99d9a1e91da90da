"""Set nonegrad up and check the examples with it: `python3 scripts/demo.py`.

Needs Python 3.10 or newer and, once, a connection to the package index.
"""

import sys

import workplace


def main():
    """Check examples/; findings there are what is wanted, so the status is 0 with them."""
    workplace.need_python()
    trouble = workplace.node_trouble()
    workplace.install(dev=False)
    if trouble:
        workplace.say("Note: " + trouble)
    workplace.say("$ nonegrad check examples\n")
    if not workplace.run(workplace.PYTHON, "-c", "import nonegrad.analyze"):
        # A traceback ends with status 1 too, as findings do.
        workplace.stop("the package does not load; the lines above say why")
    status = workplace.status(workplace.PYTHON, "-m", "nonegrad", "check", "examples")
    if status != 1:
        workplace.stop("the examples should draw findings (the check ended with {})".format(status))


if __name__ == "__main__":
    sys.exit(main())
