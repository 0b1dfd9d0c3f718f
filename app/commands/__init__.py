"""The command line: one management command per file."""
