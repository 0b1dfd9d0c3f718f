"""Each night: how many players the server carries, beside the textbook server on the same machine in the same run."""
