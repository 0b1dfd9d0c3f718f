"""The unexpected end of a task on which a role depends."""

from collections.abc import Callable

OnTaskEnd = Callable[[str], None]  # is called with the name of the task


def failure(name: str) -> str:
    """Return the sentence with which the process exits."""
    return f"Stopped, because the task {name!r} ended unexpectedly: see the log for the reason."
