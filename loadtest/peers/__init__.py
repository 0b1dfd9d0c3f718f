"""Servers to compare with, each as the users of its library write it, and each encoding once where it can.

All keep the newest input of each client, step the world, and send 8 bytes per player to every client 20 times a second,
on deadlines that do not drift. All take --port and --seconds, print `ready`, and end at SIGTERM or after --seconds.
"""
