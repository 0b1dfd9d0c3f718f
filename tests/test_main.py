"""app/__main__.py: the behaviour of every command before its role starts."""

import subprocess
import sys

from tests.end_to_end.server import ROOT, environment

TERMINATED_EARLY = """
import os, signal
from django.core import management
management.execute_from_command_line = lambda words: os.kill(os.getpid(), signal.SIGTERM)
from app.__main__ import main
main()
print("still here")
"""


def test_sigterm_ends_a_command_that_is_still_starting() -> None:
    """In a container, the kernel would ignore the signal for process 1 without this handler."""
    command = [sys.executable, "-c", TERMINATED_EARLY]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (143, "", "") == (done.returncode, done.stdout, done.stderr)
