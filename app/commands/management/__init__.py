"""The project's own part of the command line."""
