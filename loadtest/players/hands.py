"""What moves a player's controls: people, who send an input on change, or machines, which send at a rate."""

import re
from random import Random
from typing import Final

from loadtest.outcome import CannotRunError
from loadtest.players.people import TICK_S, Controls, Person

PEOPLE: Final = "people"
MAX_PER_S: Final = 60.0  # inputs of one player: the limit of docs/protocol.md

_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)/s")


class Hand:
    """One player's controls, with a turn every `turn_s`."""

    def __init__(self, random: Random, per_s: float | None) -> None:
        """`per_s`: inputs a second of a machine; None for a person."""
        self._person = Person(random)
        self._always = per_s is not None

    def controls(self) -> Controls:
        return self._person.controls()

    def sends(self, controls: Controls, before: Controls) -> bool:
        """Return whether this turn sends an input."""
        return self._always or controls != before


def per_second(inputs: str) -> float | None:
    """Return the rate in a word such as 20/s, or None for people; raises CannotRunError."""
    if inputs == PEOPLE:
        return None
    found = _RATE.fullmatch(inputs)
    if found is None or not 0 < float(found[1]) <= MAX_PER_S:
        raise CannotRunError(f"Inputs are people, or a rate up to {MAX_PER_S:g}/s such as 20/s; not {inputs!r}.")
    return float(found[1])


def turn_s(per_s: float | None) -> float:
    """Return the seconds between two turns."""
    return TICK_S if per_s is None else 1 / per_s
