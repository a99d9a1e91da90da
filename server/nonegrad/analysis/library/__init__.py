"""Calls into libraries, by name: torch, numpy, the standard library, and all others."""
