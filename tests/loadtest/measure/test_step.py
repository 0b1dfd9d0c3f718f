import msgspec
import pytest

from tests.loadtest.bench.capacity.steps import step


def test_a_step_in_time_holds() -> None:
    """It has no complaints."""
    assert step(100).held


@pytest.mark.parametrize(
    "bad",
    [
        step(100, gap_ms=60.1),
        step(100, frames=19_700),
        step(100, clients=99),
        step(100, closes={"1006": 1}),
        step(100, frames=0, gap_ms=0),
    ],
)
def test_lateness_loss_absence_and_closes_each_break_it(bad: object) -> None:
    """Any of them is enough, and is named."""
    assert not bad.held  # type: ignore[attr-defined]  # a Step
    assert bad.complaints  # type: ignore[attr-defined]  # a Step


@pytest.mark.parametrize("limited", [step(100, lag_ms=5.1), step(100, cpu=0.91)])
def test_a_late_or_busy_generator_limits(limited: object) -> None:
    """Such a step proves nothing about the server."""
    assert limited.generator_limited  # type: ignore[attr-defined]  # a Step


def test_other_programs_disturb() -> None:
    """If they use more than 0.15 of a core, a failure is doubtful."""
    assert step(100, foreign_cpu=0.2).disturbed
    assert not step(100, foreign_cpu=0.1).disturbed


def test_a_server_with_its_whole_core_was_not_disturbed() -> None:
    """Other programs ran on another core."""
    assert not msgspec.structs.replace(step(100, foreign_cpu=0.2), server_cpu=0.97).disturbed


def test_figures_are_per_connection() -> None:
    """Bytes per second and memory are those of one player."""
    assert 100.0 == step(10).bytes_per_player_second
    assert 20.0 == step(10).kib_per_connection
