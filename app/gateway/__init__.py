"""The edge: game sockets on one side, the channel layer on the other."""
