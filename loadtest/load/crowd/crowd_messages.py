"""What a crowd's process and its parent say to each other, each as a line of JSON."""

import msgspec

from loadtest.measure.observation import Observation


class Command(msgspec.Struct):
    """What the parent asks."""

    do: str
    players: int = 0
    per_second: float = 100.0
    seconds: float = 0.0


class Answer(msgspec.Struct):
    """What the crowd says: of its players, how many are live, see frames since `note`, see a new epoch since `mark`."""

    live: int = 0
    resumed: int = 0
    renewed: int = 0
    observation: Observation | None = None
