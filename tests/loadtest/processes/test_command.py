import sys

import pytest

from loadtest.processes.command import attempted, said
from loadtest.processes.process import SiteError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_a_program_printed_is_returned() -> None:
    """It may be given something."""
    assert "HI\n" == said(python("print(input().upper())"), given="hi")


def test_a_failure_is_told_with_the_programs_last_words() -> None:
    """And its code."""
    with pytest.raises(SiteError, match=r"ended with 3:\nno such thing"):
        said(python("import sys; sys.exit(print('no such thing', file=sys.stderr) or 3)"))


def test_a_program_that_does_not_end_is_ended() -> None:
    """With what it said until then."""
    with pytest.raises(SiteError, match=r"did not end within 0\.5 s\.\nstill"):
        said(python("import signal; print('still', flush=True); signal.pause()"), patience_s=0.5)


def test_an_attempt_may_fail() -> None:
    """Code and words are the answer."""
    assert (1, "no\n") == attempted(python("import sys; print('no'); sys.exit(1)"))
