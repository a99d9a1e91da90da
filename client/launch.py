"""Runs `nonegrad` out of the editor extension: `launch.py server`, `launch.py rule NAME`.

`launch.py --probe` prints what the Python that runs it offers, as one line of JSON.

Beside this file lie `server/` (the package), `libs/` (its pure Python dependencies) and `native/`
(libcst, compiled for some Pythons of one platform). In a checkout only `../server` is there.
"""

# Any Python the user points at must be able to say that it is too old, Python 2 included: hence
# no annotations and no f-strings here, and imports that old versions lack only where needed.
import json
import os
import sys

OLDEST = (3, 10)
# As in pyproject.toml; a test compares the two.
NEEDS = {"pygls": (2, 1), "lsprotocol": (2025, 0), "jedi": (0, 19, 2), "libcst": (1, 5)}
BELOW = {"pygls": (3,)}

HERE = os.path.dirname(os.path.abspath(__file__))


def installed(name):
    """Whether this Python itself has a dependency in a version that will do."""
    from importlib import metadata

    try:
        text = metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    version = []
    for part in text.split("."):
        if not part.isdigit():
            break
        version.append(int(part))
    return tuple(version) >= NEEDS[name] and (name not in BELOW or tuple(version) < BELOW[name])


def compiled_here():
    """Whether the libcst that lies in `native/` was compiled for this very Python."""
    from importlib.machinery import EXTENSION_SUFFIXES

    folder = os.path.join(HERE, "native", "libcst")
    return any(os.path.isfile(os.path.join(folder, "native" + end)) for end in EXTENSION_SUFFIXES)


def folders():
    """The folders to import from before this Python's own.

    A Python that has all dependencies uses these. Else the bundled ones go first, and together:
    an older pygls of the user's must not meet the bundled lsprotocol.
    """
    package = os.path.join(HERE, "server")
    if not os.path.isdir(package):
        package = os.path.join(os.path.dirname(HERE), "server")
    if all(installed(name) for name in NEEDS):
        return [package]
    native = [os.path.join(HERE, "native")] if compiled_here() else []
    return [package, os.path.join(HERE, "libs")] + native


def probe():
    """What the editor wants to know before it starts a server."""
    answer = {"version": list(sys.version_info[:3]), "executable": sys.executable}
    if sys.version_info >= OLDEST:
        answer["own"] = all(installed(name) for name in NEEDS)
        answer["libcst"] = compiled_here() or installed("libcst")
    return answer


def main():
    if sys.argv[1:] == ["--probe"]:
        print(json.dumps(probe()))
        return
    if sys.version_info < OLDEST:
        sys.exit("nonegrad needs Python 3.10 or newer; this is " + sys.version.split()[0])
    import runpy

    # The script's own folder would make `server`, `libs` and `native` importable by name.
    sys.path[:1] = folders()
    runpy.run_module("nonegrad", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
