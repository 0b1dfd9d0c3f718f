"""`ramp`, `soak`, `storm`, `churn`, `rolling` and `slow-readers`: each makes its load, measures, writes and judges."""

import argparse


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the six commands."""
    ramp = parsers.add_parser("ramp", help="one more player a second for 90 s, or any other profile")
    ramp.set_defaults(run=lambda _options: 0)
