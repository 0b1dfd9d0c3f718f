"""What every comparison server takes on its command line, and how it ends."""

import argparse
import signal
import sys
from types import FrameType


def arguments(**extra: list[str]) -> argparse.Namespace:
    """Return port and whatever `extra` names (with its choices), and end this process when its time is over."""
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
