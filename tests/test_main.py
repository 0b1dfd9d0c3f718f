"""app/__main__.py: what holds for every command."""

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


def test_a_command_that_does_not_listen_yet_ends_at_sigterm() -> None:
    """Of its own accord: for process 1 of a container the kernel would not do it."""
    command = [sys.executable, "-c", TERMINATED_EARLY]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (143, "", "") == (done.returncode, done.stdout, done.stderr)
