"""From text to syntax: tolerant of what does not parse, and incremental."""
