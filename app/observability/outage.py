"""Reduces each outage of Redis to one log event and a counter, where libraries log a traceback per attempt.

The filter changes only errors that come from redis-py and mean that Redis is unreachable. All others pass unchanged.
"""

import logging
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.observability import metrics

QUIET_S: Final = 10.0  # seconds without an error after which the next one is another outage; they repeat each second

_UNREACHABLE: Final = (RedisConnectionError, RedisTimeoutError, OSError)
_LIBRARIES: Final = ("redis", "channels_redis")


class OutageFilter(logging.Filter):
    """Passes only the first error of an outage, as an event without a traceback."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last = -QUIET_S

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True if `record` is to be logged; the first error of an outage becomes an event in place."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not _is_outage(error):
            return True
        metrics.OUTAGE_ERRORS.labels(record.name).inc()
        last, self._last = self._last, self._clock()
        if self._last - last < QUIET_S:
            return False
        _make_event(record, error)
        return True


def _make_event(record: logging.LogRecord, error: BaseException) -> None:
    record.msg, record.args = "redis_unreachable", ()
    record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
    record.exc_info = record.exc_text = None
    vars(record)["error"] = f"{type(error).__name__}: {error}"  # the repr of redis-py's errors lacks the text


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, _UNREACHABLE) and any(
        name.partition(".")[0] in _LIBRARIES for name in _modules(error.__traceback__)
    )


def _modules(traceback: TracebackType | None) -> Iterator[str]:
    """Yield the names of the modules in the traceback."""
    while traceback is not None:
        yield traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next
