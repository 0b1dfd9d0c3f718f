"""The result of one scenario: its outcome, its checks, and what the players saw."""

import msgspec

from loadtest.measure.observation import Observation
from loadtest.outcome import Outcome


class ScenarioResult(msgspec.Struct):
    """The record of one scenario, kept as JSON for the reports."""

    name: str
    title: str
    outcome: Outcome
    seconds: float
    checks: list[str]
    observation: Observation | None = None
