from collections.abc import Iterable

from loadtest.judge.checks import Check
from loadtest.measure.observation import Jumps
from loadtest.scenarios.rollout_checks import rolled, undisturbed
from loadtest.sites.kubernetes.pod_history import PodHistory
from loadtest.sites.kubernetes.pods import pods
from loadtest.sites.process_history import History
from tests.loadtest.judge.observations import observation
from tests.loadtest.sites.kubernetes.objects import pod

COMPARED = Jumps(coasting=[0.0])
ENDING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def broken(checks: Iterable[Check]) -> list[str]:
    return [check.what for check in checks if not check.holds]


def watched(*ended: str) -> PodHistory:
    watch = PodHistory()
    watch.look(pods([pod("stays"), *(pod(name, metadata=ENDING) for name in ended)]), {}, 0.0)
    return watch


def test_a_rollout_may_cost_one_reconnect_for_each_ended_gateway() -> None:
    """Not more."""
    seen = observation(closes={"1012": 150}, reconnects=150, reconnects_max=2, jumps=COMPARED)
    assert [] == broken(rolled(seen, watched("a", "b")))
    assert ["most reconnects of a player, with the number of ended gateways"] == broken(rolled(seen, watched("a")))


def test_a_rollout_closes_with_1012_only() -> None:
    """A socket without a close code is a lost one."""
    seen = observation(closes={"1006": 1, "1012": 99}, reconnects=100, reconnects_max=1, jumps=COMPARED)
    assert ["close codes other than 1012"] == broken(rolled(seen, watched("a")))


def test_no_player_may_come_to_an_ending_gateway() -> None:
    """The number of its sockets may only decrease."""
    watch = watched("a")
    watch.look([], {"a": 10.0}, 0.5)
    watch.look([], {"a": 10.0}, 2.5)
    watch.look([], {"a": 11.0}, 3.5)
    assert ["players who came to an ending gateway"] == broken(rolled(observation(), watch))


def test_no_socket_closes_if_no_gateway_ends() -> None:
    """Restarts of other components change nothing."""
    assert [] == broken(undisturbed(observation(), watched()))
    assert ["closed sockets"] == broken(undisturbed(observation(closes={"1012": 1}), watched()))
    assert ["ended gateways"] == broken(undisturbed(observation(), watched("a")))


def test_a_takeover_is_one_new_epoch() -> None:
    """Not two."""
    assert [] == broken(undisturbed(observation(epochs=[8], jumps=COMPARED), watched(), epochs=1))
    assert ["new epochs"] == broken(undisturbed(observation(epochs=[8, 9], jumps=COMPARED), watched(), epochs=1))


def test_a_process_that_restarts_or_becomes_unready_is_reported() -> None:
    """On a local site, too."""
    history = History(lost_readiness={"a"}, restarted={"b"})
    assert ["processes that became unready", "processes that restarted"] == broken(undisturbed(observation(), history))


def test_ships_must_be_compared_if_all_players_reconnected() -> None:
    """Without them the check proves nothing."""
    seen = observation(closes={"1012": 100}, reconnects=100, reconnects_max=1)
    assert ["compared ships"] == broken(rolled(seen, watched("a")))
