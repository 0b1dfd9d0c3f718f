"""The wire states the same rules as the simulation, which it may not import."""

from app.sim import rules
from app.wire import outputs, records


def test_the_numbers_agree() -> None:
    """Sizes, speeds and rates of both rooms are the same."""
    assert (rules.SIZE, rules.CAP) == (records.SIZE, records.CAP)
    assert (rules.TICK_RATE, rules.SUBUNITS) == (outputs.TICK_RATE, outputs.SUBUNITS)
    assert records.SHIP.itemsize == 17
    assert records.PICTURE.itemsize == 8
    assert (rules.SIZE - 1) >> records.PICTURE_SHIFT <= 0xFFFF
