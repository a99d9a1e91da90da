"""What torch itself says of its operators: read from its yaml files, or measured by running it."""
