"""app/observability/logging.py: events as JSON and as lines."""

import json
import logging

from app.observability.logging import ConsoleFormatter, JsonFormatter


def record(event: str = "player_joined", **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("app.tick", logging.INFO, "loop.py", 1, event, None, None)
    made.created = 1_735_732_800.25  # 2025-01-01 12:00:00.250 UTC
    vars(made).update(extra)
    return made


def test_json_event_has_time_level_logger_name_and_fields() -> None:
    """An event is one JSON object in one line."""
    line = JsonFormatter().format(record(arena=3, ship=1042))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2025-01-01T12:00:00.250Z",
        "level": "info",
        "logger": "app.tick",
        "event": "player_joined",
        "arena": 3,
        "ship": 1042,
    }


def test_json_fields_cannot_replace_the_fixed_ones() -> None:
    """A field called `level` does not change how serious an event is."""
    assert json.loads(JsonFormatter().format(record(level="fatal")))["level"] == "info"


def test_json_takes_any_value() -> None:
    """A value without a JSON type is written as text."""
    assert json.loads(JsonFormatter().format(record(peer=frozenset({1}))))["peer"] == "frozenset({1})"


def test_console_event_is_a_line_with_pairs() -> None:
    """An event is a line that a person reads from left to right."""
    assert ConsoleFormatter().format(record(arena=3)) == "12:00:00.250 INFO    app.tick player_joined arena=3"


def test_console_values_cannot_forge_a_line() -> None:
    """Line breaks in what a stranger sent stay inside their value."""
    line = ConsoleFormatter().format(record("asked\nfor", path="/\n12:00 ERROR lie"))
    assert line == r'12:00:00.250 INFO    app.tick asked\nfor path="/\n12:00 ERROR lie"'


def test_exceptions_are_kept() -> None:
    """Both forms contain the traceback."""
    made = record("step_failed")
    error = RuntimeError("boom")
    made.exc_info = (RuntimeError, error, None)
    assert json.loads(JsonFormatter().format(made))["exception"].endswith("RuntimeError: boom")
    assert ConsoleFormatter().format(made).endswith("RuntimeError: boom")
