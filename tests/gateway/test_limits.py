from app.gateway.limits import Limits


def test_a_peer_that_sends_is_pinged_more_often_and_must_answer_sooner() -> None:
    """Shorter times in the settings still count."""
    limits = Limits(ping_interval_s=20.0, ping_timeout_s=30.0)
    assert (1.25, 2.5) == (limits.ping_interval(active=True), limits.ping_timeout(active=True))
    assert (20.0, 30.0) == (limits.ping_interval(active=False), limits.ping_timeout(active=False))
    strict = Limits(ping_interval_s=1.0, ping_timeout_s=1.0)
    assert (1.0, 1.0) == (strict.ping_interval(active=True), strict.ping_timeout(active=True))


def test_a_socket_overflows_at_four_times_its_budget() -> None:
    """The default is 256 KiB."""
    assert 256 * 1024 == Limits().overflow_bytes
    assert 4096 == Limits(write_buffer_bytes=1024).overflow_bytes
