"""The verdict on the capacities of a run: ratios against a baseline (`gate`) and against the targets; pure.

A capacity in doubt may be higher: steps may have failed because of the generator or of other programs. If Flotilla's is
in doubt, its true ratio may be higher: it can pass but cannot fail. If the other server's is in doubt, the true ratio
may be lower: it can fail but cannot pass. Absolute counts of players decide nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from loadtest.bench.capacity_report import Report, Server
from loadtest.outcome import Outcome

ALLOWED_LOSS: Final = {
    "node": 0.1,
    "picows": 0.1,
    "uvicorn": 0.1,
    "textbook": 0.3,  # it carries a few dozen players: one player is some per cent
}


@dataclass(frozen=True, slots=True)
class Target:
    """A figure must be at least `bound`, or at most `bound` if `at_most`."""

    title: str
    bound: float
    goal: float
    at_most: bool = False

    def judge(self, value: float | None, *, conclusive: bool) -> Outcome:
        """Return the outcome of `value`; None was not reached at all."""
        if not conclusive:
            return Outcome.INCONCLUSIVE
        return Outcome.PASS if value is not None and self.reaches(value, self.bound) else Outcome.FAIL

    def reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


RATIOS: Final = {
    "node": Target("capacity, to node ws", 0.95, 1.0),
    "picows": Target("capacity, to picows", 0.9, 0.9),
    "uvicorn": Target("capacity, to uvicorn", 1.8, 1.8),
    "textbook": Target("capacity, to the textbook server", 45, 60),
    "product_to_node": Target("capacity as it is (deltas, people), to node ws", 1.3, 2.0),
    "cpu_to_node": Target("CPU at 1,000 players, to node ws", 1.1, 1.0, at_most=True),
    "cpu_idle_to_busy": Target("CPU at 1,000 idle players, to 20 inputs a second", 0.5, 0.5, at_most=True),
}
PLAYERS: Final = Target("players in time on one core", 2000, 2000)
MEMORY: Final = Target("KiB a connection at 1,000 players", 40, 40, at_most=True)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A target, the measured value and the outcome."""

    target: Target
    value: float | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run, with its reasons in sentences, the most important first."""

    outcome: Outcome
    reasons: list[str]


def gate(
    fresh: Report,
    kept: Report,
    peers: Collection[str] = ALLOWED_LOSS.keys(),
    *,
    calibrated: bool = True,
    same_machine: bool = True,
) -> Verdict:
    """Compare the ratios to `peers` with the ratios of the baseline `kept`.

    Ratios depend on the kind of machine, though less than counts. Against a baseline from another kind of machine
    (`same_machine` is false) the bounds are the targets, which hold on any machine.
    """
    if not calibrated:
        sentence = "The calibration did not show that the generator is fast enough: the run is inconclusive."
        return Verdict(Outcome.INCONCLUSIVE, [sentence])
    verdicts = [
        _against(fresh, peer, before, same_machine=same_machine)
        for peer in peers
        if peer in kept.ratios and (before := kept.ratios[peer].value) is not None
    ]
    order = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)
    worst = min((one.outcome for one in verdicts), key=order.index, default=Outcome.INCONCLUSIVE)
    by_outcome = sorted(verdicts, key=lambda one: order.index(one.outcome))
    return Verdict(worst, list(dict.fromkeys(reason for one in by_outcome for reason in one.reasons)))


def judgements(report: Report) -> Iterator[Judgement]:
    """Judge all measured figures by their targets."""
    for name, target in RATIOS.items():
        ratio = report.ratios[name]
        if ratio.rounds or name in report.servers:
            conclusive = report.calibrated and ratio.conclusive
            yield Judgement(target, ratio.value, target.judge(ratio.value, conclusive=conclusive))
    ours = report.servers.get("ours")
    if ours is not None:
        # If no server here carries 2,000 players, the machine is too slow to judge Flotilla by that number.
        others = (server for name, server in report.servers.items() if name != "product")
        conclusive = report.calibrated and any(server.capacity >= PLAYERS.bound for server in others)
        yield Judgement(PLAYERS, ours.capacity, PLAYERS.judge(ours.capacity, conclusive=conclusive))
        memory = ours.at.kib_per_connection if ours.at else None
        yield Judgement(MEMORY, memory, MEMORY.judge(memory, conclusive=True))


def ratio_to(report: Report, peer: str) -> float | None:
    """Return the ratio to `peer`: 0 if Flotilla carried no players in a round, None if `peer` carried none."""
    if 0 in report.servers[peer].capacities:
        return None
    return 0.0 if 0 in report.servers["ours"].capacities else report.ratios[peer].value


def _against(fresh: Report, peer: str, before: float, *, same_machine: bool) -> Verdict:
    if not {"ours", peer} <= fresh.servers.keys():
        sentence = f"The ratio to {peer} is {before:.2f} in the baseline and was not measured."
        return Verdict(Outcome.FAIL, [sentence])
    ours, other = fresh.servers["ours"], fresh.servers[peer]
    bound = before * (1 - ALLOWED_LOSS[peer]) if same_machine else RATIOS[peer].bound
    value, doubts = ratio_to(fresh, peer), [*ours.doubts, *other.doubts]
    if value is None:
        found, outcome = f"{other.title} carried no players, so there is no ratio to it.", Outcome.INCONCLUSIVE
    else:
        found = _sentence(ours, other, value, f"the baseline{'' if same_machine else ' of another kind of machine'}")
        found = f"{found} is {_times(before)}, the least is {_times(bound)}."
        outcome = _outcome(ours, other, reached=value >= bound)
    if outcome is Outcome.INCONCLUSIVE:
        return Verdict(outcome, [*doubts, found])
    return Verdict(outcome, [found, *(ours.failures if outcome is Outcome.FAIL else []), *doubts])


def _outcome(ours: Server, other: Server, *, reached: bool) -> Outcome:
    if reached:
        return Outcome.INCONCLUSIVE if other.doubts else Outcome.PASS
    return Outcome.INCONCLUSIVE if ours.doubts else Outcome.FAIL


def _sentence(ours: Server, other: Server, ratio: float, baseline: str) -> str:
    players = f"Flotilla carried {ours.capacity:,.0f} players, {_times(ratio)} the {other.capacity:,.0f} of"
    return f"{players} {other.title}; {baseline}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio >= 10 else f"{ratio:.2f} times"  # noqa: PLR2004  # three digits
