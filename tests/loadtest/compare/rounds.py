"""Rounds of a version, made up."""

import msgspec

from loadtest.compare.rounds import Round
from loadtest.latencies import Spread
from tests.loadtest import results


def rounds(name: str, *p99_ms: float, hour: int = 9) -> list[Round]:
    """Rounds with these gap p99s, a minute apart."""
    return [
        Round(
            f"{name}{place}.json",
            msgspec.structs.replace(
                results.good(),
                gap=Spread(9000, 50.0, 51.0, value, value),
                started_at=f"2026-11-26T{hour:02}:{place:02}:{ord(name) % 60:02}Z",
            ),
        )
        for place, value in enumerate(p99_ms)
    ]
