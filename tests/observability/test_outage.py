"""app/observability/outage.py: one event for each outage, and nothing else hidden."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import REGISTRY
from redis import Redis
from redis.exceptions import ResponseError

from app.observability.outage import QUIET_S, OutageFilter

NOBODY = "redis://127.0.0.1:1/0"  # a port at which nothing listens


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[logging.Logger]:
    """The library's logger with the filter of the settings, but by the test's clock."""
    logger = logging.getLogger("channels_redis.pubsub")
    theirs = logger.filters[:]
    logger.filters = [OutageFilter(clock)]
    yield logger
    logger.filters = theirs


def unreachable() -> None:
    Redis.from_url(NOBODY).ping()


def complain(logger: logging.Logger, raising: Callable[[], object] = unreachable) -> None:
    try:
        raising()
    except Exception:
        logger.exception("Unexpected exception in receive task")


def counted(logger: str) -> float:
    return REGISTRY.get_sample_value("flotilla_outage_errors_total", {"logger": logger}) or 0


def test_an_outage_is_one_event(log: logging.Logger, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """The first error becomes a warning without a traceback; all are counted."""
    before = counted(log.name)
    for _ in range(30):
        complain(log)
        clock.now += 1
    (record,) = caplog.records
    assert ("redis_unreachable", logging.WARNING, None) == (record.getMessage(), record.levelno, record.exc_info)
    assert "ConnectionError" in vars(record)["error"]
    assert 30 == counted(log.name) - before


def test_the_next_outage_is_the_next_event(log: logging.Logger, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Some seconds without an error separate them."""
    complain(log)
    clock.now += QUIET_S
    complain(log)
    assert 2 == len(caplog.records)


def test_other_errors_keep_their_traceback(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    """An error reply of Redis, an error of ours, a connection that is not to Redis, or a record without an error."""

    def answered() -> None:
        raise ResponseError("WRONGTYPE")

    def reset() -> None:
        raise ConnectionResetError("a player's")

    complain(log)  # also amid an outage
    for trouble in (answered, reset, lambda: {}["missing"]):
        complain(log, trouble)
    log.error("no error at all")
    assert [True, True, True, False] == [bool(record.exc_info) for record in caplog.records[1:]]
    assert 5 == len(caplog.records)


def test_an_error_of_the_system_counts_if_redis_py_met_it(
    log: logging.Logger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some timeouts and resets come through redis-py as they are."""

    def slow(*_args: object, **_options: object) -> None:
        raise TimeoutError("no answer")

    monkeypatch.setattr("redis.connection.Connection.connect", slow)
    complain(log)
    complain(log)
    assert ["redis_unreachable"] == [record.getMessage() for record in caplog.records]


def test_the_settings_filter_what_libraries_log() -> None:
    """Both loggers share one filter, so that an outage is one event in all."""
    code = (
        "import django, logging; django.setup(); from app.observability.outage import OutageFilter; "
        "one, other = (logging.getLogger(name).filters for name in ('asyncio', 'channels_redis.pubsub')); "
        "assert len(one) == 1 and one == other and isinstance(one[0], OutageFilter)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # other tests may have set up logging again
