"""What a name from another file is, found by jedi in its own process. Nothing here is waited for
by the editor."""
