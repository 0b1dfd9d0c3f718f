"""Tests of loadtest/report/tables.py: the shown part of a long run, with everything late in it."""

import msgspec

from loadtest.report.tables import STEPS_MAX, conditions, steps
from tests.loadtest.measure import results


def test_a_long_run_shows_some_of_its_steps_and_all_that_were_late() -> None:
    """Every third of a hundred, and the one in between that was over the limit."""
    good, bad = results.good().steps[0], results.bad().steps[-1]
    many = [msgspec.structs.replace(good, from_s=300.0 * place, to_s=300.0 * (place + 1)) for place in range(100)]
    many[50] = msgspec.structs.replace(bad, from_s=15_000.0, to_s=15_300.0)
    table = steps(msgspec.structs.replace(results.good(), steps=many))
    assert table is not None
    assert "Steps, one of each 3 and all over 60 ms" == table.title
    assert 35 == len(table.rows) <= STEPS_MAX
    assert ["15000–15300 s"] == [row[1] for row in table.rows if row[1].startswith("150")]


def test_the_conditions_tell_what_other_programs_used() -> None:
    """It may be why a run is inconclusive; a dash where it is not known."""
    own = msgspec.structs.replace(results.good().generator, foreign_cpu=0.492)
    crowded = msgspec.structs.replace(results.good(), generator=own)
    assert ("cores that other programs used", "0.49") in conditions(crowded).rows
    assert ("cores that other programs used", "–") in conditions(results.good()).rows
