from random import Random

import pytest

from loadtest.outcome import CannotRunError
from loadtest.players.hands import Hand, per_second, turn_s
from loadtest.players.people import TICK_S


def test_people_send_on_change_and_machines_always() -> None:
    """Both have the same controls."""
    person, machine = Hand(Random(1), None), Hand(Random(1), 20.0)
    for _ in range(200):
        before, after = person.controls(), person.controls()
        assert (before, after) == (machine.controls(), machine.controls())
        assert (before != after, True) == (person.sends(after, before), machine.sends(after, before))


@pytest.mark.parametrize(
    ("word", "rate", "turn"), [("people", None, TICK_S), ("20/s", 20.0, 0.05), ("2.5/s", 2.5, 0.4)]
)
def test_inputs_are_people_or_a_rate(word: str, rate: float | None, turn: float) -> None:
    """A machine has a turn for each input."""
    assert (rate, turn) == (per_second(word), turn_s(per_second(word)))


@pytest.mark.parametrize("word", ["", "robots", "20", "0/s", "61/s", "-1/s", "1e9/s", "nan/s", "20/s\n"])
def test_other_words_are_refused(word: str) -> None:
    """The error has the valid values."""
    with pytest.raises(CannotRunError, match="Inputs are people, or a rate up to 60/s"):
        per_second(word)
