"""What must hold beside what holds of every fault: drains, and pods that stay. Pure."""

from typing import Final

from loadtest.judge.checks import Check, all_fly, at_most, equal, kept_in_place, no_socket_closed, only_codes
from loadtest.measure.observation import Observation
from loadtest.sites.kubernetes.pod_history import Watch

RESTART: Final = 1012
GONE: Final = 1006
LOOK_S: Final = 3.0  # longest time between two looks at pods: what happens to them lasts longer


def rolled(seen: Observation, watch: Watch) -> list[Check]:
    """Return what holds when gateways go: a socket is closed once by each that goes, with 1012, and nobody is lost."""
    everybody = sum(seen.closes.values()) >= seen.players  # each came anew, so that there must be ships to compare
    return [
        *all_fly(seen),
        *kept_in_place(seen, compared=everybody),
        only_codes(seen, {RESTART}),
        equal("handshakes refused", seen.refusals, {}),
        equal("reconnects beside one for each close", seen.reconnects - sum(seen.closes.values()), 0),
        Check(
            "most reconnects of a player, for the gateways that ended",
            seen.reconnects_max <= len(watch.ended),
            f"{seen.reconnects_max} for {len(watch.ended)}",
        ),
        equal("players who came to a gateway that was ending", watch.joined_draining, {}),
        *stayed_up(watch),
    ]


def undisturbed(seen: Observation, watch: Watch, *, epochs: int | None = None) -> list[Check]:
    """Return what holds when no gateway goes: no socket is closed, nobody is lost; perhaps so many ticks took over."""
    checks = [
        *all_fly(seen),
        *kept_in_place(seen, compared=bool(epochs)),
        *no_socket_closed(seen),
        equal("gateways that ended", len(watch.ended), 0),
        *stayed_up(watch),
    ]
    if epochs is not None:
        checks.append(equal("new epochs that were seen", len(seen.epochs), epochs))
    return checks


def stayed_up(watch: Watch) -> list[Check]:
    """Return that no pod crashed, nor left the balancer before it was told to end."""
    return [
        equal("pods that stopped being ready", sorted(watch.lost_readiness), []),
        equal("containers that were started again", sorted(watch.restarted), []),
        at_most("longest time between two looks at the pods", watch.longest_gap_s, LOOK_S),
    ]


def freeze(seen: Observation, bound_s: float) -> Check:
    """Return that nobody waited longer for a frame."""
    return at_most("longest freeze", seen.freeze.max, bound_s)
