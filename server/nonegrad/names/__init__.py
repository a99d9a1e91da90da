"""What a name from another file is, found by jedi in its own process.

The editor never waits for it; the command line does. Importing this package imports no jedi, and
nothing of what asks it: `names.jedi_names` is for those who need an answer.
"""

from nonegrad.names.protocol import Definition, Names

__all__ = ["Definition", "Names"]
