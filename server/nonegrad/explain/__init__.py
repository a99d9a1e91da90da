"""Hover texts: what a tensor is, what becomes of its `.grad` and why, what a line does to it."""
