"""The command line of every comparison server, and its end."""

import argparse
import signal
import sys
from types import FrameType


def arguments(**extra: list[str]) -> argparse.Namespace:
    """Return --port and the options in `extra` (with their choices); end this process at SIGTERM or after --seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=3600, help="life of this server")
    for name, choices in extra.items():
        parser.add_argument(f"--{name}", choices=choices, default=choices[0])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(options.seconds)
    return options


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
