"""One test as the command line describes it, completely checked before any message is sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.judge.slo import Slo
from loadtest.load.messages import CrewTask
from loadtest.load.presets import Scenario, Schedule, Shape
from loadtest.load.target import Target
from loadtest.measure import result
from loadtest.players.door import Door

SERIES: Final = 7200  # moments of a series at most: one a second in a test of two hours


@dataclass(frozen=True, slots=True)
class Order:
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
        """Length of the test."""
        return self.schedule.profile.seconds

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes that the compiled generator holds one after the other."""
        return self.shape.steps or (self.schedule.profile.players,)

    @property
    def moment_s(self) -> float:
        """Length of a moment of the series."""
        return float(max(1, -(-self.seconds // SERIES)))

    def plan(self, generator: str) -> result.Plan:
        """Return the settings that repeat the test."""
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

    def tasks(self, door: Door) -> list[CrewTask]:
        """Return the share of each process; players go to the processes in turn, so that all grow alike."""
        numbered = list(enumerate(self.schedule.arrivals))
        return [
            CrewTask(
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
