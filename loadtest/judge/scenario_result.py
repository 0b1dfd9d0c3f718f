"""One scenario that was run: its verdict, its checks, and what the players saw."""

import msgspec

from loadtest.measure.observation import Observation


class ScenarioResult(msgspec.Struct):
    """The record of one scenario, kept as JSON for the reports."""

    name: str
    title: str
    verdict: str
    seconds: float
    checks: list[str]
    observation: Observation | None = None
