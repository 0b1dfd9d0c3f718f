"""How `python -m loadtest` ends: its exit codes, and the sentence for a person when it cannot do what was asked."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    PASS = 0
    FAIL = 1
    TROUBLE = 2  # usage, or something outside is not as it must be
    INCONCLUSIVE = 3  # the generator or the machine could not keep up, so that nothing is said of the server


class Trouble(Exception):  # noqa: N818  # it is nobody's error yet: the person at the terminal may just have mistyped
    """What was asked cannot be done; the message is one sentence for a person, and the exit code is Exit.TROUBLE."""
