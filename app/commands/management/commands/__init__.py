"""One command per file. The file name is the command's name."""
