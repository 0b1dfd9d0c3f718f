"""What may be compared: three rounds of each version or more, of one plan; else a sentence why not; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import msgspec

from loadtest.outcome import Trouble
from loadtest.result import Plan, Result
from loadtest.verdict.figures import FIGURES

ROUNDS_MIN: Final = 3  # two and two cannot show anything rarer than one chance in six
MACHINE: Final = ("processor", "cores")  # what has to be equal; its load before the test may differ


@dataclass(frozen=True, slots=True)
class Round:
    """One run, and the name of its file."""

    name: str
    result: Result


def bytes_per_frame(result: Result) -> float | None:
    """Return what a frame cost on the wire, with all that came beside frames."""
    frames = sum(player.frames for player in result.players) or sum(moment.frames for moment in result.series)
    return result.bytes_received / frames if frames else None


FIGURES_COMPARED: Final[Mapping[str, tuple[str, Callable[[Result], float | None]]]] = {  # with its unit; more is worse
    "gap p99": ("ms", FIGURES["gap_p99_ms"].of),
    "first frame p99": ("ms", FIGURES["first_frame_p99_ms"].of),
    "server tick p99": ("ms", FIGURES["server_tick_p99_ms"].of),
    "bytes per frame": ("", bytes_per_frame),
}
OPTIONAL: Final = frozenset({"server tick p99"})  # known only with --metrics


def check(old: Sequence[Round], new: Sequence[Round]) -> None:
    """Raise Trouble if these cannot be compared at all."""
    if min(len(old), len(new)) < ROUNDS_MIN:
        raise Trouble(
            f"{len(old)} and {len(new)} rounds are too few: {ROUNDS_MIN} of each are the least that can be compared."
        )
    everyone = [*old, *new]
    for one in everyone[1:]:
        if _asked(one.result.plan) != _asked(everyone[0].result.plan):
            raise Trouble(f"{one.name} was another test than {everyone[0].name}: compare rounds of one plan.")
    for one, other in combinations(everyone, 2):
        if one.result == other.result:
            raise Trouble(f"{one.name} and {other.name} are the same round: it counts once.")


def doubts(old: Sequence[Round], new: Sequence[Round]) -> Iterator[str]:
    """Say which rounds prove nothing, and why."""
    for one in (*old, *new):
        if one.result.interrupted:
            yield f"{one.name} was interrupted."
        elif one.result.verdict is not None and one.result.verdict.outcome == "inconclusive":
            yield f"{one.name} is inconclusive: {' '.join(one.result.verdict.reasons)}"
    machines = {tuple(one.result.machine.get(key) for key in MACHINE) for one in (*old, *new)}
    if len(machines) > 1:
        yield "The rounds come from different machines."


def cautions(old: Sequence[Round], new: Sequence[Round]) -> Iterator[str]:
    """Say what weakens a comparison without undoing it."""
    olds, news = ([one.result.started_at for one in side] for side in (old, new))
    if max(olds) < min(news) or max(news) < min(olds):
        yield "All rounds of one side came before the other's: what the machine did meanwhile looks like a change."


def _asked(plan: Plan) -> Plan:
    """Return the plan without what two versions may differ in."""
    return msgspec.structs.replace(plan, url="", seed=0)
