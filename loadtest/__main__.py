"""`flotilla-loadtest COMMAND` or `python -m loadtest COMMAND`: makes load, measures what players receive, and judges.

Exit code: 0 pass, 1 fail, 2 could not run (one sentence on stderr has the reason), 3 inconclusive.
"""

import argparse
import importlib.util
import logging
import sys
from collections.abc import Sequence
from typing import Final

from loadtest.outcome import CannotRunError, ExitCode

EXTRA: Final = ("hdrh", "matplotlib", "picows", "rich")  # packages of the extra `loadtest`


def entry() -> None:
    sys.exit(main(sys.argv[1:]))


def main(words: Sequence[str]) -> int:
    """Run one command and return its exit code; a CannotRunError is printed as one sentence."""
    if any(importlib.util.find_spec(name) is None for name in EXTRA):
        print("The load test is not installed: pip install 'flotilla[loadtest]'.", file=sys.stderr)
        return ExitCode.COULD_NOT_RUN
    options = _parser().parse_args(words)
    logging.getLogger("picows").setLevel(logging.WARNING)  # it logs a line per socket
    try:
        return int(options.run(options))
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return ExitCode.COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    from loadtest.commands import (  # noqa: PLC0415  # they import packages of the extra
        capacity_commands,
        load_commands,
        report_command,
    )

    parser = argparse.ArgumentParser(
        prog="flotilla-loadtest", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (load_commands, report_command, capacity_commands):  # in the order of --help
        command.register(parsers)
    return parser


if __name__ == "__main__":
    entry()
