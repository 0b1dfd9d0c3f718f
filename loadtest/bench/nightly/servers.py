"""Who is measured at night: the server under test with any settings, and the textbook server, its yardstick."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from loadtest.bench.capacity.contestants import OURS, TEXTBOOK, Contestant

LEAST: Final = 48  # players: twice the textbook's; a server that carries fewer fails, however many fewer
TEXTBOOK_LEAST: Final = 4  # players: fewer, and no ratio to them means anything


def under_test(settings: Mapping[str, str], first: int | None = None) -> Contestant:
    """Return Flotilla with `settings` over those of the benchmark; `first` players are its first step."""
    first = first or OURS.first
    return replace(OURS, environment={**OURS.environment, **settings}, first=first, least=min(LEAST, first))


def textbook() -> Contestant:
    """Return the textbook server by this Python, which has the versions of Django, Channels and Daphne under test."""
    return replace(TEXTBOOK, command=(sys.executable, *TEXTBOOK.command[1:]), least=TEXTBOOK_LEAST)
