"""Errors that PyTorch raised, and the findings that explain them."""
