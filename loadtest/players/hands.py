"""What moves a player's controls: a person's hand, which speaks when something changed, or a machine, always."""

import re
from random import Random
from typing import Final

from loadtest.players.people import TICK_S, Controls, Person

PEOPLE: Final = "people"
MAX_PER_S: Final = 60.0  # inputs of one player: what a server takes on average (docs/protocol.md)

_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)/s")


class Hand:
    """Turns come every `turn_s`; in each the hand holds something, and may say so."""

    def __init__(self, random: Random, per_s: float | None) -> None:
        """Be a person's, or with `per_s` a machine that speaks so often."""
        self._person = Person(random)
        self._always = per_s is not None

    def controls(self) -> Controls:
        """Return what is held in this turn."""
        return self._person.controls()

    def says(self, controls: Controls, before: Controls) -> bool:
        """Return whether that is worth a message."""
        return self._always or controls != before


def per_second(inputs: str) -> float | None:
    """Return the rate in a word such as 20/s, None for people; raises ValueError with a sentence."""
    if inputs == PEOPLE:
        return None
    found = _RATE.fullmatch(inputs)
    if found is None or not 0 < float(found[1]) <= MAX_PER_S:
        raise ValueError(f"Inputs are people, or a rate up to {MAX_PER_S:g}/s such as 20/s; not {inputs!r}.")
    return float(found[1])


def turn_s(per_s: float | None) -> float:
    """Return how often a hand has its turn."""
    return TICK_S if per_s is None else 1 / per_s
