"""What must hold when gateways are replaced, and when none is. Pure."""

from typing import Final

from loadtest.judge.checks import Check, all_fly, at_most, equal, kept_in_place, no_socket_closed, only_codes
from loadtest.measure.observation import Observation
from loadtest.sites.process_history import History

RESTART: Final = 1012
GONE: Final = 1006
LOOK_S: Final = 3.0  # longest time between two looks at pods; their changes take longer


def rolled(
    seen: Observation, history: History, *, ended: int | None = None, compared: bool | None = None
) -> list[Check]:
    """Return what holds when `ended` gateways end: each closes its sockets once, with 1012, and no player is lost.

    `compared` if there must be ships to compare; by default, if every player reconnected.
    """
    if compared is None:
        compared = sum(seen.closes.values()) >= seen.players
    return [
        *all_fly(seen),
        *kept_in_place(seen, compared=compared),
        only_codes(seen, {RESTART}),
        equal("refused handshakes", seen.refusals, {}),
        one_reconnect_per_close(seen),
        Check(
            "most reconnects of a player, with the number of ended gateways",
            seen.reconnects_max <= len(history.ended),
            f"{seen.reconnects_max} for {len(history.ended)}",
        ),
        equal("players who came to an ending gateway", history.joined_draining, {}),
        *([] if ended is None else [equal("ended gateways", len(history.ended), ended)]),
        *stayed_up(history),
    ]


def undisturbed(
    seen: Observation, history: History, *, epochs: int | None = None, compared: bool | None = None
) -> list[Check]:
    """Return what holds when no gateway ends: no socket closes, no player is lost, `epochs` takeovers were seen.

    `compared` if there must be ships to compare; by default, if there is a takeover.
    """
    checks = [
        *all_fly(seen),
        *kept_in_place(seen, compared=bool(epochs) if compared is None else compared),
        *no_socket_closed(seen),
        equal("ended gateways", len(history.ended), 0),
        *stayed_up(history),
    ]
    if epochs is not None:
        checks.append(equal("new epochs", len(seen.epochs), epochs))
    return checks


def one_reconnect_per_close(seen: Observation) -> Check:
    return equal("reconnects beyond one for each close", seen.reconnects - sum(seen.closes.values()), 0)


def stayed_up(history: History) -> list[Check]:
    """Return that no process crashed, or left the balancer before its end."""
    checks = [
        equal("processes that became unready", sorted(history.lost_readiness), []),
        equal("processes that restarted", sorted(history.restarted), []),
    ]
    if history.longest_gap_s is not None:
        checks.append(at_most("longest time between two looks at the pods", history.longest_gap_s, LOOK_S))
    return checks
