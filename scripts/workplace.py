"""The repository's own environment: `.venv`, made once and renewed when what it holds changes.

Any Python that calls itself python3 must be able to say that it is too old: hence no annotations
and no f-strings here, and no import that old versions lack.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

OLDEST_PYTHON = (3, 10)
OLDEST_NODE = 20
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")


def say(text):
    """Print at once, in order with what the commands print."""
    print(text)
    sys.stdout.flush()


def stop(text):
    """End with one clear line."""
    sys.stdout.flush()
    sys.stderr.write("nonegrad: {}\n".format(text))
    sys.exit(2)


def need_python():
    """Stop where the running Python is too old."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        stop(
            "Python 3.10 or newer is needed, and this is Python {} ({}). Install a newer one and "
            "call this script with it: python3.12 {}".format(found, sys.executable, sys.argv[0])
        )


def node_trouble():
    """What is wrong with Node here, in one sentence; empty where nothing is."""
    node = shutil.which("node")
    wanted = "Node {} or newer is needed for the editor extension and the tests".format(OLDEST_NODE)
    if node is None or shutil.which("npm") is None:
        missing = "node" if node is None else "npm"
        return "{}, and no `{}` is on the PATH.".format(wanted, missing)
    try:
        version = subprocess.check_output([node, "--version"]).decode().strip()
        number = int(version.lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return "{}, and {} does not run.".format(wanted, node)
    if number < OLDEST_NODE:
        return "{}, and {} is {}.".format(wanted, node, version)
    return ""


def environment():
    """The environment for the commands; npm and pip want a home folder, were it a small one."""
    env = dict(os.environ)
    if not env.get("HOME") and os.name != "nt":
        env["HOME"] = os.path.join(VENV, "home")
        if not os.path.isdir(env["HOME"]):
            os.makedirs(env["HOME"])
    env["PATH"] = BIN + os.pathsep + env.get("PATH", os.defpath)
    env["VIRTUAL_ENV"] = VENV
    env.pop("PYTHONHOME", None)
    env.pop("PYTHONPATH", None)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return env


def status(*command):
    """Run a command in the root of the repository; its exit status, or None if it cannot start."""
    env = environment()
    program = shutil.which(command[0], path=env["PATH"]) or command[0]
    try:
        return subprocess.call([program] + list(command[1:]), cwd=ROOT, env=env)
    except OSError as error:
        say("{}: {}".format(command[0], error))
        return None


def run(*command):
    """Run a command in the root of the repository; whether it went well."""
    return status(*command) == 0


def install(dev):
    """Make `.venv` hold this package in place, and with `dev` what its tests need."""
    usable = "import sys, pip; sys.exit(sys.version_info < {})".format(OLDEST_PYTHON)
    if not os.path.exists(PYTHON) or not run(PYTHON, "-c", usable):
        say("Making the environment .venv")
        if not run(sys.executable, "-m", "venv", "--clear", VENV):
            stop(
                "Python's module venv does not work here: install it "
                "(on Debian and Ubuntu the package python3-venv) and call this script again."
            )
    stamp = Stamp(os.path.join(VENV, "dev.stamp" if dev else "run.stamp"), "pyproject.toml")
    if stamp.holds():
        return
    say("Installing nonegrad{} into .venv".format(" and what its tests need" if dev else ""))
    if dev and not run(PYTHON, "-m", "pip", "install", "-q", "--upgrade", "pip>=25.1"):
        stop("pip could not be renewed: the lines above say why.")
    wanted = ["-e", ROOT] + (["--group", "dev"] if dev else [])
    if not run(PYTHON, "-m", "pip", "install", "-q", *wanted):
        stop("pip could not install what is needed: the lines above say why.")
    stamp.write()


def install_node():
    """Make `node_modules` hold what package-lock.json names."""
    stamp = Stamp(os.path.join(ROOT, "node_modules", "lock.stamp"), "package-lock.json")
    if stamp.holds():
        return True
    done = run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    if done:
        stamp.write()
    return done


class Stamp:
    """Remembers for which text of a file, and where, something was made."""

    def __init__(self, path, name):
        self.path = path
        with open(os.path.join(ROOT, name), "rb") as file:
            text = file.read() + ROOT.encode()
        self.text = hashlib.sha256(text).hexdigest()

    def holds(self):
        """Whether nothing has changed since."""
        try:
            with open(self.path) as file:
                return file.read() == self.text
        except OSError:
            return False

    def write(self):
        """Remember."""
        with open(self.path, "w") as file:
            file.write(self.text)


def timed(name, step):
    """Run one step under a headline; whether it went well."""
    say("\n== {}".format(name))
    start = time.time()
    done = step()
    say("-- {}: {} ({:.0f} s)".format(name, "ok" if done else "FAILED", time.time() - start))
    return done
