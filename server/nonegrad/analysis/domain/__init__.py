"""What the interpreter knows things as: values, objects, states, and how they join."""
