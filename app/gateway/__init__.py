"""The public edge: game sockets on one side, the channel layer on the other. The input path: player/controls.py."""
