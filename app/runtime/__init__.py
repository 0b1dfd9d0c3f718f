"""Shared by the event loops of all roles: long-running tasks, idle time, and garbage collection in idle time."""
