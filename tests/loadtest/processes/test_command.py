import sys

import pytest

from loadtest.processes.command import attempt, output
from loadtest.processes.process import SiteError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_output_of_a_program_is_returned() -> None:
    """It can have standard input."""
    assert "HI\n" == output(python("print(input().upper())"), stdin="hi")


def test_a_failure_is_an_error_with_the_end_of_the_output() -> None:
    """And with the exit code."""
    with pytest.raises(SiteError, match=r"ended with 3:\nno such thing"):
        output(python("import sys; sys.exit(print('no such thing', file=sys.stderr) or 3)"))


def test_a_program_that_does_not_end_is_killed() -> None:
    """The error has its output until then."""
    with pytest.raises(SiteError, match=r"did not end within 0\.5 s\.\nstill"):
        output(python("import signal; print('still', flush=True); signal.pause()"), patience_s=0.5)


def test_an_attempt_may_fail() -> None:
    """It returns exit code and output."""
    assert (1, "no\n") == attempt(python("import sys; print('no'); sys.exit(1)"))
