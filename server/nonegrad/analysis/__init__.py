"""The abstract interpreter: Python over autograd's own state; nothing of editors."""
