"""`python -m nonegrad`."""

from __future__ import annotations

import sys

from nonegrad.cli import main

if __name__ == "__main__":
    sys.exit(main())
