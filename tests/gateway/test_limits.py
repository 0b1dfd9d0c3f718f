from tests.gateway.doubles import limits


def test_a_peer_that_sends_is_pinged_more_often_and_must_answer_sooner() -> None:
    """Shorter times in the settings still count."""
    usual = limits(ping_interval_s=20.0, ping_timeout_s=30.0)
    assert (1.25, 2.5) == (usual.ping_interval(active=True), usual.ping_timeout(active=True))
    assert (20.0, 30.0) == (usual.ping_interval(active=False), usual.ping_timeout(active=False))
    strict = limits(ping_interval_s=1.0, ping_timeout_s=1.0)
    assert (1.0, 1.0) == (strict.ping_interval(active=True), strict.ping_timeout(active=True))


def test_a_socket_overflows_at_four_times_its_budget() -> None:
    """With a budget of 1 KiB at 4 KiB."""
    assert 4096 == limits(write_buffer_bytes=1024).overflow_bytes
