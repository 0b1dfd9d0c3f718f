"""What a server says of itself on its private port, before, during and after a load."""
