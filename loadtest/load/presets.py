"""The six scenarios with their defaults, and the bounds of every test. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec

from loadtest.load.profile import Point, Profile, at_once, evenly, ramp, stairs
from loadtest.outcome import CannotRunError

MAX_PLAYERS: Final = 20_000  # in all: four times what one process of a server carries
MAX_SECONDS: Final = 24 * 3600.0
MAX_RATE: Final = 1000.0  # arrivals a second
MAX_AT_ONCE: Final = 2000  # in one moment: the queue of a listening socket is not much longer
MAX_NON_READERS: Final = 500
ROUNDING: Final = 1e-9  # relative error of a rate that was divided twice


_KEYS: Final = {"hold_s": "hold", "churn_per_s": "churn", "non_readers": "non-readers"}  # of a profile file


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_KEYS):
    """How a test runs, and the content of a profile file; None: not given."""

    rate: float | None = None  # players a second; None in a complete shape: all in one moment
    to: int | None = None
    hold_s: float | None = None
    steps: tuple[int, ...] | None = None
    points: tuple[Point, ...] | None = None
    churn_per_s: float | None = None  # players replaced during the hold
    non_readers: int | None = None  # peers that send and never read, during the hold

    def over(self, default: "Shape") -> "Shape":
        """Return this shape, completed by the default. Of `to`, `steps` and `points` one replaces the others."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        usual = msgspec.structs.asdict(default)
        if self.steps or self.points or self.to:
            usual |= {"steps": None, "points": None}
        return Shape(**{**usual, **given})

    def profile(self) -> Profile:
        """Return when players arrive; raises CannotRunError if it never ends or decreases."""
        hold_s = self.hold_s or 0.0
        if self.points:
            return Profile(_risen(self.points), hold_s)
        if self.steps:
            return stairs(_positive("rate", self.rate or 1.0), _rising(self.steps), hold_s)
        to = round(_positive("to", self.to or 0))
        return at_once(to, hold_s) if self.rate is None else ramp(_positive("rate", self.rate), to, hold_s)


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    title: str
    shape: Shape
    needs_metrics: bool = False
    advice: str = ""  # printed when the hold begins


ALL: Final[Mapping[str, Scenario]] = {
    one.name: one
    for one in (
        Scenario("ramp", "one more player a second for 90 s, or any other profile", Shape(1.0, 90, 0.0)),
        Scenario(
            "soak", "one size for an hour; measures the server's memory", Shape(10.0, 100, 3600.0), needs_metrics=True
        ),
        Scenario("storm", "all players connect in one moment", Shape(None, 300, 30.0)),
        Scenario("churn", "players leave and new ones connect all the time", Shape(10.0, 100, 120.0, churn_per_s=5.0)),
        Scenario(
            "rolling",
            "a release during play: counts reconnects and freezes",
            Shape(10.0, 100, 120.0),
            advice="Roll the gateways now.",
        ),
        Scenario(
            "slow-readers",
            "some peers send and never read, beside measured players",
            Shape(10.0, 50, 30.0, non_readers=50),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """All arrivals and departures of a test, in seconds since its beginning."""

    profile: Profile
    arrivals: tuple[float, ...]
    departures: tuple[float, ...]

    @property
    def hold_begins_s(self) -> float:
        """When the hold of the last size begins."""
        return self.profile.points[-1][0]


def schedule(shape: Shape) -> Schedule:
    """Return the schedule of a shape; raises CannotRunError if it exceeds a bound."""
    profile = shape.profile()
    _check_profile(profile)
    _check("non-readers", shape.non_readers or 0, MAX_NON_READERS)
    _check("churn", shape.churn_per_s or 0.0, MAX_RATE, " players a second")
    begins = profile.points[-1][0]
    changes = evenly(begins, profile.seconds, shape.churn_per_s) if shape.churn_per_s else []
    _check("players who come and go", profile.players + len(changes), MAX_PLAYERS)
    return Schedule(profile, (*profile.arrivals, *changes), tuple(changes))


def shape_of(table: Mapping[str, Any]) -> Shape:
    """Return the shape in a profile file; raises CannotRunError for unknown keys or wrong types."""
    try:
        return msgspec.convert(table, type=Shape)
    except msgspec.ValidationError as error:
        keys = "rate, to, hold, steps such as [50, 100], points such as [[0, 0], [90, 90]], churn and non-readers"
        raise CannotRunError(f"A profile has the keys {keys}: {error}.") from None


def _check_profile(profile: Profile) -> None:
    _check("hold", profile.hold_s, MAX_SECONDS, " s")
    _check("players", profile.players, MAX_PLAYERS)
    _check("length", profile.seconds, MAX_SECONDS, " s")
    _check("rate", profile.steepest_per_s, MAX_RATE, " players a second")
    _check("players in one moment", profile.most_at_once, MAX_AT_ONCE)
    if profile.players < 1 or profile.seconds <= 0:
        raise CannotRunError("A test has at least one player and takes some time: see --to, --hold.")


def _check(what: str, value: float, most: float, unit: str = "") -> None:
    if not 0 <= value <= most * (1 + ROUNDING):  # also not a number
        raise CannotRunError(f"The {what} would be {value:g}{unit}; a test has at most {most:g}.")


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise CannotRunError(f"--{name} must be more than 0, not {value:g}.")
    return value


def _rising(steps: tuple[int, ...]) -> tuple[int, ...]:
    if any(there <= here for here, there in zip((0, *steps), steps, strict=False)):
        raise CannotRunError("Steps rise: --steps 50,100,200.")
    return steps


def _risen(points: tuple[Point, ...]) -> tuple[Point, ...]:
    points = points if points[0] == (0.0, 0) else ((0.0, 0), *points)
    legs = pairwise(points)
    if any(not begin <= end or here > there for (begin, here), (end, there) in legs):
        raise CannotRunError("The points of a profile go on in time, and never down in players.")
    return points
