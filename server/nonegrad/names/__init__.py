"""What a name from another file is, found by jedi in its own process.

The editor never waits for it; the command line does. Importing this package imports no jedi.
"""

from nonegrad.names.jedi_names import JediNames
from nonegrad.names.paths import cache_home
from nonegrad.names.protocol import Definition, Names

__all__ = ["Definition", "JediNames", "Names", "cache_home"]
