"""Checks of what the players saw: each has a sentence, a figure and a bound. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from loadtest.measure.observation import Observation
from loadtest.outcome import Outcome

LAG_BOUND_MS: Final = 20.0  # of the crowd's own loop, p99: above, its figures are of the crowd, not of the site
EXACT_UNITS: Final = 0.0  # a coasting ship moves exactly, to the last subunit


@dataclass(frozen=True, slots=True)
class Check:
    """One statement that must hold."""

    what: str
    holds: bool
    figure: str
    timed: bool = False  # depends on the speed of this machine: a late crowd leaves it open

    def __str__(self) -> str:
        return f"{'ok' if self.holds else 'NOT'} {self.what}: {self.figure}"


def at_most(what: str, value: float, bound: float, unit: str = "s", *, timed: bool = True) -> Check:
    """Return the check that `value` does not exceed `bound`."""
    return Check(what, value <= bound, f"{value:.2f} {unit} (at most {bound:g})", timed)


def equal(what: str, value: object, wanted: object) -> Check:
    """Return the check that `value` equals `wanted`."""
    return Check(what, value == wanted, f"{value}" if value == wanted else f"{value}, not {wanted}")


def all_fly(seen: Observation) -> list[Check]:
    """Return what holds after every fault: all players keep their ships, and time never goes back."""
    return [
        equal("players who see the world move", seen.live, seen.players),
        equal("players who did not come back", seen.stayed_away, 0),
        equal("lost ships", seen.ships_lost, 0),
        equal("ships with two players", seen.ships_shared, 0),
        equal("witnesses without their own ship", seen.ships_missing, 0),
        equal("frames of an older epoch after a newer one", seen.older_epochs, 0),
        equal("frames of an earlier tick", seen.ticks_back, 0),
        equal("frames that do not fit the replica", seen.misfits, 0),
    ]


def kept_in_place(seen: Observation, *, compared: bool = True) -> list[Check]:
    """Return that the ships of witnesses continued where they were. With `compared`, there must be such ships."""
    farthest = max(seen.jumps.coasting, default=0.0)
    beyond = max(seen.jumps.beyond, default=0.0)
    checks = [
        Check("distance of coasting ships from their exact course", farthest <= EXACT_UNITS, f"{farthest:.3f} units"),
        Check("distance of steered ships beyond what lost inputs explain", beyond <= 0, f"{beyond:.3f} units"),
    ]
    if compared:
        count = len(seen.jumps.coasting) + len(seen.jumps.steering)
        checks.append(Check("compared ships", count > 0, str(count)))
    return checks


def no_socket_closed(seen: Observation) -> list[Check]:
    return [equal("closed sockets", seen.closes, {}), equal("refused handshakes", seen.refusals, {})]


def only_codes(seen: Observation, codes: Collection[int]) -> Check:
    """Return the check that sockets closed with these codes only."""
    others = {code: count for code, count in seen.closes.items() if int(code) not in codes}
    return Check(f"close codes other than {', '.join(map(str, sorted(codes)))}", not others, str(others or "none"))


def conclusion(checks: Collection[Check], lag_p99_ms: float, *, times_judged: bool = True) -> Outcome:
    """Return the outcome. If the crowd itself was late, checks of times prove nothing and can leave it open.

    With `times_judged` false, bounds of time only show that nothing hangs: a check that holds counts, however late.
    """
    late = lag_p99_ms > LAG_BOUND_MS
    broken = [check for check in checks if not check.holds]
    if not broken:
        doubtful = late and times_judged and any(check.timed for check in checks)
        return Outcome.INCONCLUSIVE if doubtful else Outcome.PASS
    return Outcome.INCONCLUSIVE if late and all(check.timed for check in broken) else Outcome.FAIL
