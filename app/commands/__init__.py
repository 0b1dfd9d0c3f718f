"""The command line: one management command a file."""
