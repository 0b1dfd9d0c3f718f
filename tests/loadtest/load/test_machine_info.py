import pytest

from loadtest.load.machine_info import describe, with_foreign_cpu
from tests.loadtest.measure import results


def test_busy_time_of_neither_server_nor_generator_belongs_to_other_programs() -> None:
    """In cores; unknown if the server was not scraped."""
    found = results.good()
    assert found.server is not None
    assert found.server.cpu is not None
    own = found.generator.cpu + found.server.cpu
    assert 0.5 == pytest.approx(with_foreign_cpu(found, (own + 0.5) * 90, 90.0).generator.foreign_cpu)
    assert 0.0 == with_foreign_cpu(found, 0.0, 90.0).generator.foreign_cpu
    assert with_foreign_cpu(results.bad(), 90.0, 90.0).generator.foreign_cpu is None


def test_a_machine_is_described_by_what_results_depend_on() -> None:
    """Results of different machines are incomparable."""
    assert {"processor", "cores", "kernel", "python", "load average before"} == set(describe())
