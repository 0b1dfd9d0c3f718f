from collections.abc import Iterable

from loadtest.judge.checks import Check
from loadtest.measure.observation import Jumps
from loadtest.scenarios.rollout_checks import freeze, rolled, undisturbed
from loadtest.sites.kubernetes.pod_history import Watch
from loadtest.sites.kubernetes.pods import pods
from tests.loadtest.judge.observations import observation
from tests.loadtest.sites.kubernetes.objects import pod

COMPARED = Jumps(coasting=[0.0])
ENDING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def broken(checks: Iterable[Check]) -> list[str]:
    return [check.what for check in checks if not check.holds]


def watched(*ended: str) -> Watch:
    watch = Watch()
    watch.look(pods([pod("stays"), *(pod(name, metadata=ENDING) for name in ended)]), {}, 0.0)
    return watch


def test_a_rollout_may_cost_one_reconnect_for_each_gateway_that_went() -> None:
    """And not one more."""
    seen = observation(closes={"1012": 150}, reconnects=150, reconnects_max=2, jumps=COMPARED)
    assert [] == broken(rolled(seen, watched("a", "b")))
    assert ["most reconnects of a player, for the gateways that ended"] == broken(rolled(seen, watched("a")))


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
    assert ["players who came to a gateway that was ending"] == broken(rolled(observation(), watch))


def test_where_no_gateway_goes_no_socket_closes() -> None:
    """Whatever else is restarted."""
    assert [] == broken(undisturbed(observation(), watched()))
    assert ["sockets closed"] == broken(undisturbed(observation(closes={"1012": 1}), watched()))
    assert ["gateways that ended"] == broken(undisturbed(observation(), watched("a")))


def test_a_tick_that_takes_over_is_seen_once() -> None:
    """By one new epoch."""
    assert [] == broken(undisturbed(observation(epochs=[8], jumps=COMPARED), watched(), epochs=1))
    assert ["new epochs that were seen"] == broken(
        undisturbed(observation(epochs=[8, 9], jumps=COMPARED), watched(), epochs=1)
    )


def test_a_freeze_depends_on_the_machine() -> None:
    """So a late crowd leaves it open."""
    assert freeze(observation(), 1.0).holds
    assert freeze(observation(), 1.0).timed
    assert not freeze(observation(), 0.01).holds


def test_where_everybody_came_anew_there_must_be_ships_to_compare() -> None:
    """Else nothing was seen of where they went on."""
    seen = observation(closes={"1012": 100}, reconnects=100, reconnects_max=1)
    assert ["ships compared"] == broken(rolled(seen, watched("a")))
