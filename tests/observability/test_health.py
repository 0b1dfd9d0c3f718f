"""app/observability/health.py: progress and readiness."""

from app.observability.health import LIMIT_S, Health


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_process_is_alive_while_its_loop_comes_round() -> None:
    """Each beat is good for the limit, the start too."""
    clock = Clock()
    health = Health(clock)
    for _ in range(3):
        clock.now += LIMIT_S
        assert health.alive() is None
        health.beat()


def test_without_progress_it_reports_for_how_long() -> None:
    """The sentence is the response of the probe."""
    clock = Clock()
    health = Health(clock)
    clock.now += LIMIT_S + 1.5
    assert "No progress for 6.5 s." == health.alive()


def test_a_late_beat_makes_it_alive_again() -> None:
    """A process that was stopped and goes on is not dead."""
    clock = Clock()
    health = Health(clock)
    clock.now += 60
    health.beat()
    assert health.alive() is None


def test_readiness_is_set_from_outside() -> None:
    """A process is ready until its owner sets a reason."""
    health = Health()
    assert health.ready() is None
    health.ready = lambda: "draining"
    assert "draining" == health.ready()
