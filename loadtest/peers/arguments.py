"""The command line of every comparison server, and its end."""

import argparse
import signal
import sys
from types import FrameType


def port() -> int:
    """Return --port; end this process at SIGTERM or after --seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=3600, help="life of this server")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(options.seconds)
    return int(options.port)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
