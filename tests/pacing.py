"""Waiting for real processes: the only module of the tests that lets wall-clock time pass.

`tests/test_house.py` reports every other wait for a fixed time, and every file that imports `pace` without being listed
there.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 10.0  # longest wait for a condition before a test fails
LOOK_AGAIN_S: Final = 0.02  # between two looks at a condition


async def pace(seconds: float) -> None:
    """Leave `seconds` between two actions towards a real process.

    Use it for the rate of a stimulus. It never proves that something happened, or did not happen, meanwhile.
    """
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


async def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition` holds. Raises TimeoutError after `patience_s` seconds."""
    async with asyncio.timeout(patience_s):
        while not condition():
            await pace(LOOK_AGAIN_S)


def wait_until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition` holds, outside an event loop. Raises TimeoutError after `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        threading.Event().wait(LOOK_AGAIN_S)
