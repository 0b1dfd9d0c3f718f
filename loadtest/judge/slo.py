"""Objectives as files: `loadtest/slo/NAME.toml` or one of your own, read whole, or refused in a sentence."""

import tomllib
from math import isfinite
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from loadtest.judge.figures import FIGURES
from loadtest.outcome import CannotRunError

FOLDER: Final = Path(__file__).resolve().parent.parent / "slo"

Amount = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class SloError(CannotRunError):
    """A file of objectives that cannot be used; the message is a sentence."""


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure may be at most this; for each `over`: the whole run, or every step of it."""

    at_most: Amount
    over: Literal["run", "steps"] = "run"
    required: bool = False  # without this figure the run is inconclusive


class JoinSuccess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which share of the players has to come in."""

    at_least: Share
    flawless_below: Count = 1000  # with fewer joins than this none may fail: a share would mean nothing


class Closes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many sockets the server or the network may end."""

    at_most: Count = 0
    allowed: tuple[int, ...] = ()  # codes that are not counted


class Objectives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that can be asked; what is absent is not."""

    server_tick_p99_ms: Bound | None = None
    server_ticks_slipped: Bound | None = None
    gap_p99_ms: Bound | None = None
    gap_over_200_ms: Bound | None = None
    first_frame_p99_ms: Bound | None = None
    input_to_visible_p99_ms: Bound | None = None
    freeze_p99_ms: Bound | None = None
    decode_errors: Bound | None = None
    reconnects_max: Bound | None = None
    memory_slope_per_hour: Bound | None = None
    join_success: JoinSuccess | None = None
    abnormal_closes: Closes | None = None

    def bounds(self) -> dict[str, Bound]:
        """Return the bounds that are there, by the name of their figure."""
        found = {name: getattr(self, name) for name in FIGURES}
        return {name: bound for name, bound in found.items() if bound is not None}


class Conclusive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the load was good enough that a run says something about the server."""

    lag_p99_ms: Amount  # how late the generator's loops may wake
    cpu_max: Share  # of its core, that the generator's busiest process may use in its busiest second
    arrivals_late_p99_ms: Amount  # how late connections may be begun against the schedule
    arrivals_dropped: Count  # players whom nobody sent
    gaps_min: Count  # of the whole run: fewer say nothing about a p99
    foreign_cpu_max: Amount = 0.3  # cores that other programs may use of a machine that the server is on too
    step_gaps_min: Count = 500  # of a step; one with fewer is not judged


class Slo(msgspec.Struct, frozen=True):
    """A file of objectives."""

    name: str
    title: str
    objectives: Objectives
    conclusive: Conclusive


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    objectives: Objectives
    conclusive: Conclusive


def names() -> list[str]:
    """Return the files that come with the load test."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str) -> Slo:
    """Return the objectives of that name, or in that file; raises SloError."""
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=_Document)
    except FileNotFoundError:
        known = ", ".join(names())
        raise SloError(f"There are no objectives {name_or_path}: give a file, or one of {known}.") from None
    except OSError as error:
        raise SloError(f"{name_or_path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SloError(f"{name_or_path} is no TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise SloError(f"{name_or_path} does not describe objectives: {error}.") from error
    except ValueError as error:  # such as a path with a null byte
        raise SloError(f"{name_or_path!r} is no name of a file.") from error
    _check(name_or_path, found.objectives, found.conclusive)
    return Slo(path.stem, found.title, found.objectives, found.conclusive)


def _check(name: str, objectives: Objectives, conclusive: Conclusive) -> None:
    bounds = objectives.bounds()
    if not bounds and objectives.join_success is None and objectives.abnormal_closes is None:
        raise SloError(f"{name} asks for nothing: any server would pass.")
    numbers = [*(bound.at_most for bound in bounds.values()), conclusive.lag_p99_ms, conclusive.arrivals_late_p99_ms]
    numbers.append(conclusive.foreign_cpu_max)
    if not all(map(isfinite, numbers)):
        raise SloError(f"{name} has a bound that is no finite number.")
    for figure, bound in bounds.items():
        if bound.over == "steps" and FIGURES[figure].of_step is None:
            raise SloError(f"{name} asks for {figure} over steps: it is only known of the whole run.")
