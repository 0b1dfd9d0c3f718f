"""Lines of a history, as nightly runs append them."""

import json
from typing import Any


def line(day: int, **changes: Any) -> str:
    """The night of that day of November."""
    night = {
        "schema": 1,
        "at": f"2026-11-{day:02}T03:10:00Z",
        "version": "0.1.0",
        "machine": "one",
        "players": 3000 + day,
        "ratio": 120.5,
        "verdict": "pass",
        "gap_p99_ms": 57.25,
        "server_cpu": 0.97,
    }
    return json.dumps({**night, **changes})
