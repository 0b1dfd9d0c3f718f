"""What must hold of what the players saw: each check has a sentence, a figure and a bound. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from loadtest.measure.observation import Observation

LAG_BOUND_MS: Final = 20.0  # of the crowd's own loop, p99: later, and its figures are its own, not the players'
EXACT_UNITS: Final = 0.0  # a ship that coasts is where movement leads, to the last subunit


class Verdict(StrEnum):
    """How a scenario ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold."""

    what: str
    holds: bool
    figure: str
    timed: bool = False  # depends on how fast this machine was, so that a late crowd leaves it open

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{'ok' if self.holds else 'NOT'} {self.what}: {self.figure}"


def at_most(what: str, value: float, bound: float, unit: str = "s", *, timed: bool = True) -> Check:
    """Return the check that `value` does not exceed `bound`."""
    return Check(what, value <= bound, f"{value:.2f} {unit} (at most {bound:g})", timed)


def equal(what: str, value: object, wanted: object) -> Check:
    """Return the check that a count is as it must be."""
    return Check(what, value == wanted, f"{value}" if value == wanted else f"{value}, not {wanted}")


def all_fly(seen: Observation) -> list[Check]:
    """Return what holds after every fault: everybody flies the same ship, and time only went on."""
    return [
        equal("players who see the world move", seen.live, seen.players),
        equal("players who stayed away", seen.stayed_away, 0),
        equal("ships lost", seen.ships_lost, 0),
        equal("ships that two players fly", seen.ships_shared, 0),
        equal("witnesses who do not see their own ship", seen.ships_missing, 0),
        equal("frames of an older epoch after a newer one", seen.older_epochs, 0),
        equal("frames of an earlier tick", seen.ticks_back, 0),
        equal("frames that did not fit", seen.misfits, 0),
    ]


def kept_in_place(seen: Observation, *, compared: bool = True) -> list[Check]:
    """Return that the ships of witnesses went on from where they were; `compared` if there must be some."""
    farthest = max(seen.jumps.coasting, default=0.0)
    beyond = max(seen.jumps.beyond, default=0.0)
    checks = [
        Check("coasting ships off their exact course", farthest <= EXACT_UNITS, f"{farthest:.3f} units"),
        Check("steered ships off more than lost inputs explain", beyond <= 0, f"{beyond:.3f} units"),
    ]
    if compared:
        count = len(seen.jumps.coasting) + len(seen.jumps.steering)
        checks.append(Check("ships compared", count > 0, str(count)))
    return checks


def no_socket_closed(seen: Observation) -> list[Check]:
    """Return that nobody lost a socket."""
    return [equal("sockets closed", seen.closes, {}), equal("handshakes refused", seen.refusals, {})]


def only_codes(seen: Observation, codes: Collection[int]) -> Check:
    """Return that sockets closed with these codes only."""
    others = {code: count for code, count in seen.closes.items() if int(code) not in codes}
    return Check(f"close codes other than {', '.join(map(str, sorted(codes)))}", not others, str(others or "none"))


def conclusion(checks: Collection[Check], lag_p99_ms: float, *, times_judged: bool = True) -> Verdict:
    """Return the verdict; a late crowd leaves only that open which depends on time.

    Where bounds of time only tell that something hangs (`times_judged` is false), what holds holds, however late.
    """
    late = lag_p99_ms > LAG_BOUND_MS
    broken = [check for check in checks if not check.holds]
    if not broken:
        doubtful = late and times_judged and any(check.timed for check in checks)
        return Verdict.INCONCLUSIVE if doubtful else Verdict.PASSED
    if late and all(check.timed for check in broken):
        return Verdict.INCONCLUSIVE
    return Verdict.FAILED
