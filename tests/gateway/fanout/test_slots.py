from collections import Counter

import pytest

from app.gateway.fanout.pictures import SinkSet
from app.gateway.fanout.slots import MOST_PHASES, SLOTS, Slots
from tests.gateway.doubles import RecordingSink


def filled(count: int) -> tuple[Slots[SinkSet], list[RecordingSink]]:
    slots, sinks = Slots(SinkSet), [RecordingSink() for _ in range(count)]
    for sink in sinks:
        slots.add(sink)
    return slots, sinks


@pytest.mark.parametrize("phases", range(1, MOST_PHASES + 1))
def test_each_socket_is_due_once_in_so_many_turns(phases: int) -> None:
    """The turns write to equally many sockets."""
    slots, sinks = filled(5 * SLOTS)
    turns = [[sink for slot in slots.due(turn, phases) for sink in slot] for turn in range(7, 7 + phases)]
    assert Counter(sinks) == Counter(sink for turn in turns for sink in turn)
    assert {len(sinks) // phases} == {len(turn) for turn in turns}


def test_slots_are_filled_evenly_after_departures() -> None:
    """A new socket goes to the smallest slot."""
    slots, sinks = filled(3 * SLOTS)
    for slot in list(slots.due(0, 4)):
        for sink in list(slot):
            slots.remove(sink)
    assert 27 == len(slots)
    for _ in range(9):
        slots.add(RecordingSink())
    assert {3} == {len(slot) for slot in slots.due(0, 1)}
    slots.remove(sinks[0])
    slots.remove(RecordingSink())
    assert sinks[0] not in slots
