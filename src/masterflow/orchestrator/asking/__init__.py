"""What a flow asks people for while it waits for input, and their answers."""
