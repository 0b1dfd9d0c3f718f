import pytest

from loadtest.load.machine_info import shared, surroundings
from tests.loadtest.measure import results


def test_what_neither_server_nor_generator_used_was_somebody_elses() -> None:
    """As cores; and where the server does not tell its share, nobody knows."""
    found = results.good()
    assert found.server is not None
    assert found.server.cpu is not None
    own = found.generator.cpu + found.server.cpu
    assert 0.5 == pytest.approx(shared(found, (own + 0.5) * 90, 90.0).generator.foreign_cpu)
    assert 0.0 == shared(found, 0.0, 90.0).generator.foreign_cpu
    assert shared(results.bad(), 90.0, 90.0).generator.foreign_cpu is None


def test_a_machine_is_described_for_whoever_compares() -> None:
    """By what makes two results incomparable."""
    assert {"processor", "cores", "kernel", "python", "load average before"} == set(surroundings())
