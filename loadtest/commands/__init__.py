"""The commands of `python -m loadtest`: a command or a family in each file. loadtest/__main__.py lists them."""
