from loadtest.sites.kubernetes.pod_history import NOTICED_S, PodHistory
from loadtest.sites.kubernetes.pods import Pod, pods
from tests.loadtest.sites.kubernetes.objects import pod

ENDING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
UNREADY = {"conditions": [{"type": "Ready", "status": "False"}]}


def listed(*items: dict[str, object]) -> list[Pod]:
    return pods(items)


def test_an_ending_gateway_is_counted_once() -> None:
    """In any number of looks. Other pods do not count."""
    history = PodHistory()
    for _ in range(3):
        history.look(listed(pod("a", metadata=ENDING), pod("b"), pod("t", "tick", metadata=ENDING)), {}, 0.0)
    assert {"a"} == history.ended


def test_players_who_come_to_a_gateway_that_ends_are_counted() -> None:
    """Only an increase between two looks counts, so players who leave do not hide them."""
    history = PodHistory()
    for second, connections in enumerate((20.0, 20.0, 20.0, 22.0, 10.0, 11.0, 0.0)):
        history.look(listed(pod("a", metadata=ENDING)), {"a": connections}, second)
    assert {"a": 3} == history.joined_draining


def test_players_who_come_before_the_balancer_notices_are_not_counted() -> None:
    """An ending gateway accepts players for this time."""
    history = PodHistory()
    for moment, connections in ((0.0, 20.0), (1.0, 21.0), (NOTICED_S, 22.0), (4.0, 22.0)):
        history.look(listed(pod("a", metadata=ENDING)), {"a": connections}, moment)
    assert {} == history.joined_draining


def test_a_drain_without_newcomers_has_none() -> None:
    """The first look counts the players who were there before."""
    history = PodHistory()
    for second, connections in enumerate((25.0, 25.0, 12.0, 0.0)):
        history.look(listed(pod("a", metadata=ENDING)), {"a": connections}, 5.0 * second)
    assert {} == history.joined_draining


def test_a_pod_that_becomes_unready_is_in_the_history() -> None:
    """Unless it never was ready, or is ending."""
    history = PodHistory()
    history.look(listed(pod("a"), pod("b"), pod("c", status=UNREADY)), {}, 0.0)
    history.look(
        listed(pod("a", status=UNREADY), pod("b", metadata=ENDING, status=UNREADY), pod("c", status=UNREADY)), {}, 1.0
    )
    assert {"a"} == history.lost_readiness


def test_a_container_that_restarts_is_in_the_history() -> None:
    """Counted from the first look."""
    history = PodHistory()
    for restarts in (1, 1, 2):
        history.look(listed(pod(status={"containerStatuses": [{"restartCount": restarts}]})), {}, 0.0)
    assert {"gateway-1"} == history.restarted


def test_the_most_gateways_at_a_time_are_those_that_accept_players() -> None:
    """Ready, and not ending."""
    history = PodHistory()
    history.look(listed(pod("a"), pod("b"), pod("c", status=UNREADY), pod("d", metadata=ENDING)), {}, 0.0)
    history.look(listed(pod("a")), {}, 0.0)
    assert 2 == history.most_gateways


def test_the_longest_time_without_a_look_is_kept() -> None:
    """An event in this time may be missing."""
    history = PodHistory()
    for moment in (10.0, 10.5, 14.0, 14.5):
        history.look([], {}, moment)
    assert 3.5 == history.longest_gap_s
