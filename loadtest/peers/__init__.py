"""Servers to compare with, each as its library's users write it, and each encoding once where it can.

All keep the newest input of each client, step, and send 8 bytes for each player to everyone 20 times a second, on
deadlines that do not drift; all take --port and --seconds, say `ready`, and end at SIGTERM or when the time is over.
"""
