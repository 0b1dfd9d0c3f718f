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


def test_a_rollout_may_cost_one_reconnect_for_each_gateway_that_went() -> None:
    """And not one more."""
    seen = observation(closes={"1012": 150}, reconnects=150, reconnects_max=2, jumps=COMPARED)
    assert [] == broken(rolled(seen, watched("a", "b")))
    assert ["most reconnects of a player, with the number of ended gateways"] == broken(rolled(seen, watched("a")))


def test_a_rollout_closes_with_1012_only() -> None:
    """A socket that just went is a player who was thrown out."""
    seen = observation(closes={"1006": 1, "1012": 99}, reconnects=100, reconnects_max=1, jumps=COMPARED)
    assert ["close codes other than 1012"] == broken(rolled(seen, watched("a")))


def test_nobody_is_let_onto_a_gateway_that_ends() -> None:
    """Its sockets may only become fewer."""
    watch = watched("a")
    watch.look([], {"a": 10.0}, 0.5)
    watch.look([], {"a": 10.0}, 2.5)
    watch.look([], {"a": 11.0}, 3.5)
    assert ["players who came to an ending gateway"] == broken(rolled(observation(), watch))


def test_where_no_gateway_goes_no_socket_closes() -> None:
    """Whatever else is restarted."""
    assert [] == broken(undisturbed(observation(), watched()))
    assert ["closed sockets"] == broken(undisturbed(observation(closes={"1012": 1}), watched()))
    assert ["ended gateways"] == broken(undisturbed(observation(), watched("a")))


def test_a_tick_that_takes_over_is_seen_once() -> None:
    """By one new epoch."""
    assert [] == broken(undisturbed(observation(epochs=[8], jumps=COMPARED), watched(), epochs=1))
    assert ["new epochs"] == broken(undisturbed(observation(epochs=[8, 9], jumps=COMPARED), watched(), epochs=1))


def test_a_process_that_restarts_or_becomes_unready_is_reported() -> None:
    """Of a local site, too, whose history has no looks."""
    history = History(lost_readiness={"a"}, restarted={"b"})
    assert ["processes that became unready", "processes that restarted"] == broken(undisturbed(observation(), history))


def test_where_everybody_came_anew_there_must_be_ships_to_compare() -> None:
    """Else nothing was seen of where they went on."""
    seen = observation(closes={"1012": 100}, reconnects=100, reconnects_max=1)
    assert ["compared ships"] == broken(rolled(seen, watched("a")))
