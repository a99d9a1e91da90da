"""nonegrad tells PyTorch users which gradients will be None, why, and which edit cures it."""

from __future__ import annotations

__version__ = "0.1.0"
