"""What was asked on the command line, checked whole before anything is sent to anybody."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.judge.slo import Slo
from loadtest.load.crew_messages import Assignment
from loadtest.load.presets import Scenario, Schedule, Shape
from loadtest.load.target import Target
from loadtest.measure import result
from loadtest.players.door import Door

SERIES: Final = 7200  # moments of a series at most: a second each in a test of two hours


@dataclass(frozen=True, slots=True)
class Order:
    """One test."""

    scenario: Scenario
    shape: Shape
    schedule: Schedule
    target: Target
    protocol: str
    inputs: str
    processes: int
    metrics: tuple[str, ...]
    out: Path
    slo: Slo
    seed: int

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.schedule.profile.seconds

    @property
    def sizes(self) -> tuple[int, ...]:
        """What the compiled generator holds, one after the other."""
        return self.shape.steps or (self.schedule.profile.players,)

    @property
    def moment_s(self) -> float:
        """How long a moment of the series is."""
        return float(max(1, -(-self.seconds // SERIES)))

    def plan(self, generator: str) -> result.Plan:
        """Return it as it can be done again."""
        profile = self.schedule.profile
        return result.Plan(
            scenario=self.scenario.name,
            url=self.target.url,
            protocol=self.protocol,
            inputs=self.inputs,
            points=list(profile.points),
            hold_s=profile.hold_s,
            processes=self.processes,
            seed=self.seed,
            generator=generator,
            moment_s=self.moment_s,
        )

    def assignments(self, door: Door) -> list[Assignment]:
        """Return the share of each process; each gets every so manieth player, so that all grow alike."""
        numbered = list(enumerate(self.schedule.arrivals))
        return [
            Assignment(
                door=door,
                protocol=self.protocol,
                inputs=self.inputs,
                arrivals=numbered[process :: self.processes],
                departures=list(self.schedule.departures[process :: self.processes]),
                seconds=self.seconds,
                moment_s=self.moment_s,
                seed=self.seed * self.processes + process,
            )
            for process in range(self.processes)
        ]
