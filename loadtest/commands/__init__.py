"""What `python -m loadtest` can do: a command, or a family of them, in each file, registered in loadtest/__main__.py."""
