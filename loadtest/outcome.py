"""The outcomes of scenarios, steps and runs, and the exit codes of commands, for the whole laboratory."""

from collections.abc import Collection
from enum import IntEnum, StrEnum


class Outcome(StrEnum):
    """The outcome of one scenario, step or run."""

    PASS = "pass"  # noqa: S105  # an outcome, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"  # the generator or the machine could not keep up, which proves nothing
    NOT_RUN = "not run"  # a program that it needs is not on this machine


class ExitCode(IntEnum):
    """Exit codes of every command."""

    PASS = 0
    FAIL = 1
    COULD_NOT_RUN = 2  # wrong usage, or something outside the laboratory is missing or broken
    INCONCLUSIVE = 3


class CannotRunError(Exception):
    """The command cannot run. The message is one sentence for a person; the exit code is COULD_NOT_RUN."""


def exit_code(outcomes: Collection[Outcome]) -> ExitCode:
    """Return the exit code of a command with these outcomes: the first of fail, inconclusive, not run and pass."""
    for outcome, code in _BY_SEVERITY:
        if outcome in outcomes:
            return code
    return ExitCode.PASS


_BY_SEVERITY = (
    (Outcome.FAIL, ExitCode.FAIL),
    (Outcome.INCONCLUSIVE, ExitCode.INCONCLUSIVE),
    (Outcome.NOT_RUN, ExitCode.INCONCLUSIVE),
)
