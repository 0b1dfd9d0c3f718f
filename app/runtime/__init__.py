"""What the event loops of all roles share: long-running tasks, idle time, and garbage collection in idle time."""
