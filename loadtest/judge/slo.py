"""Objectives as files: `loadtest/slo/NAME.toml` or any other TOML file, decoded whole or refused in a sentence."""

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


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure may be at most this, over the whole run or in every step."""

    at_most: Amount
    over: Literal["run", "steps"] = "run"
    required: bool = False  # the run is inconclusive without this figure


class JoinSuccess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The share of players that must join."""

    at_least: Share
    flawless_below: Count = 1000  # with fewer joins none may fail: a share would mean nothing


class Closes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many sockets the server or the network may close."""

    at_most: Count = 0
    allowed: tuple[int, ...] = ()  # codes that are not counted


class Objectives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All possible objectives; an absent one is not judged."""

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
        """Return the present bounds by the name of their figure."""
        found = {name: getattr(self, name) for name in FIGURES}
        return {name: bound for name, bound in found.items() if bound is not None}


class Conclusive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the load was good enough for a verdict on the server; a file names only the values that differ."""

    lag_p99_ms: Amount = 10.0  # lateness of the generator's loops: a fifth of the 50 ms that it measures
    cpu_max: Share = 0.9  # core of the busiest generator process in its busiest second: a full core measures its queue
    arrivals_late_p99_ms: Amount = 100.0  # how late connections may start: the delay would count as the server's
    arrivals_dropped: Count = 0  # players of the schedule that were not sent: a lighter load proves nothing
    gaps_min: Count = 2000  # of the whole run: 20 of them are above the p99
    foreign_cpu_max: Amount = 0.3  # cores that others use on the server's machine: above it their bursts delay frames
    step_gaps_min: Count = 500  # of a step; with fewer its p99 is its two or three longest gaps, and it is not judged


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    objectives: Objectives
    conclusive: Conclusive = Conclusive()


class Slo(msgspec.Struct, frozen=True):
    """A file of objectives."""

    name: str
    title: str
    objectives: Objectives
    conclusive: Conclusive


def names() -> list[str]:
    """Return the names of the files in loadtest/slo."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str) -> Slo:
    """Return the objectives of that name or in that file. Raises CannotRunError."""
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=_Document)
    except FileNotFoundError:
        known = ", ".join(names())
        raise CannotRunError(f"There are no objectives {name_or_path}: give a file, or one of {known}.") from None
    except OSError as error:
        raise CannotRunError(f"{name_or_path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotRunError(f"{name_or_path} is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise CannotRunError(f"{name_or_path} does not describe objectives: {error}.") from error
    except ValueError as error:  # such as a path with a null byte
        raise CannotRunError(f"{name_or_path!r} is not the name of a file.") from error
    _check(name_or_path, found.objectives, found.conclusive)
    return Slo(path.stem, found.title, found.objectives, found.conclusive)


def _check(name: str, objectives: Objectives, conclusive: Conclusive) -> None:
    bounds = objectives.bounds()
    if not bounds and objectives.join_success is None and objectives.abnormal_closes is None:
        raise CannotRunError(f"{name} has no objectives: any server would pass.")
    numbers = [*(bound.at_most for bound in bounds.values()), conclusive.lag_p99_ms, conclusive.arrivals_late_p99_ms]
    numbers.append(conclusive.foreign_cpu_max)
    if not all(map(isfinite, numbers)):
        raise CannotRunError(f"{name} has a bound that is not a finite number.")
    for figure, bound in bounds.items():
        if bound.over == "steps" and FIGURES[figure].of_step is None:
            raise CannotRunError(f"{name} bounds {figure} over steps: it is measured over the whole run only.")
