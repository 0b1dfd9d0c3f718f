"""Log lines are events: a name in the past tense and fields, as one JSON object or as one line for people.

logger.info("player_joined", extra={"arena": 3, "ship": 1042})

{"time": "2025-01-01T12:00:00.250Z", "level": "info", "logger": "app.tick", "event": "player_joined", "arena": 3, ...}
12:00:00.250 INFO    app.tick player_joined arena=3 ship=1042
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""The attributes of every record; all others are fields of the event."""

_PLAIN = re.compile(r"[^\s\"=\x00-\x1f\x7f]+")


class JsonFormatter(logging.Formatter):
    """One JSON object per line; a field cannot replace a fixed key of the same name."""

    def format(self, record: logging.LogRecord) -> str:
        fixed = {
            "time": _utc(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        exception = _exception_text(self, record)
        return json.dumps(fixed | fields(record) | fixed | ({"exception": exception} if exception else {}), default=str)


class ConsoleFormatter(logging.Formatter):
    """One line per event, with tracebacks below it."""

    def format(self, record: logging.LogRecord) -> str:
        time = _utc(record).strftime("%H:%M:%S.%f")[:-3]
        pairs = "".join(f" {name}={_readable(value)}" for name, value in fields(record).items())
        line = f"{time} {record.levelname:<7} {record.name} {_one_line(record.getMessage())}{pairs}"
        exception = _exception_text(self, record)
        return f"{line}\n{exception}" if exception else line


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields that the caller passed as `extra`."""
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


def _utc(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _exception_text(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    traceback = formatter.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
    stack = formatter.formatStack(record.stack_info) if record.stack_info else ""
    return "\n".join(part for part in (traceback, stack) if part)


def _readable(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _one_line(text: str) -> str:
    # Text from outside must not be able to forge a log line.
    return text if text.isprintable() else json.dumps(text)[1:-1]
