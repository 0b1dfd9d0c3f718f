"""`python -m loadtest COMMAND`: makes load, measures what players get, and says whether that was good enough.

Exit code: 0 pass, 1 fail, 2 usage or trouble (one sentence says which), 3 inconclusive.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Final, Protocol

from loadtest.commands import capacity, compare, load, report
from loadtest.outcome import Exit, Trouble


class Command(Protocol):
    """A module of loadtest/commands."""

    def register(self, parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        """Add its parser, with `run=` set to a function from the parsed options to the exit code."""


COMMANDS: Final[tuple[Command, ...]] = (load, report, compare, capacity)  # in the order in which --help lists them


def main(words: Sequence[str], program: str = "python -m loadtest") -> int:
    """Run one command and return its exit code; trouble is told in one sentence."""
    options = _parser(program).parse_args(words)
    logging.getLogger("picows").setLevel(logging.WARNING)  # it tells of every socket, where somebody set up logging
    try:
        return int(options.run(options))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return Exit.TROUBLE


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(parsers)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
