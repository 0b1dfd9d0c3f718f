"""What `python -m loadtest` can do: a command, or a family, in each file; loadtest/__main__.py lists them."""
