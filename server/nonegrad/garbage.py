"""How often Python looks for garbage in a process that analyses."""

import gc

OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""About what the analysis of a thousand lines makes. A collection while it runs would look at all
of it and find little, and one at its end would stand between a keystroke and its findings."""


def collect_rarely() -> None:
    """Let this process look for garbage less often; for the start of one of our own."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], OBJECTS_BETWEEN_COLLECTIONS), *usual[1:])
