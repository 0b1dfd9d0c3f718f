"""What one player noted since the crowd began a phase."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Record:
    """Counts of one player."""

    longest_gap: float = 0.0  # s
    frames: int = 0
    closes: list[int] = field(default_factory=list)
    closed_by: Counter[str] = field(default_factory=Counter)  # by gateway, of closes that it announced
    refusals: list[int] = field(default_factory=list)
    refused_because: Counter[str] = field(default_factory=Counter)  # the same, by what was said
    reconnects: int = 0
    older_epochs: int = 0
    ticks_back: int = 0
    misfits: int = 0
    ships_lost: int = 0
    paused: bool = False
