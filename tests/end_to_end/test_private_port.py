"""Probes and metrics on the private port of real roles, during start, Redis outages and stop."""

import contextlib
import http.client
import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.settings.environment import VARIABLES
from tests.end_to_end.server import START_S, started
from tests.pacing import PATIENCE_S, until
from tests.redis_server import RedisServer

TICK = ("tick",)
GATEWAY = ("gateway", "--bind", "127.0.0.1:0")
OUTAGE_ERRORS = 6  # failures of an outage of some seconds
DEFAULT = next(str(row.default) for row in VARIABLES if row.name == "FLOTILLA_PRIVATE_BIND")

Start = Callable[..., "Role"]


class Role:
    """A process of the product that logs JSON."""

    def __init__(self, folder: Path, *command: str, **settings: str) -> None:
        self._log = folder / f"{len(list(folder.iterdir()))}.log"
        defaults = {"FLOTILLA_LOG_FORMAT": "json", "FLOTILLA_PRIVATE_BIND": "127.0.0.1:0"}
        self.process = started(self._log, "-m", "app", *command, **defaults | settings)

    def log(self) -> str:
        return self._log.read_text()

    def events(self) -> list[dict[str, Any]]:
        """Return the logged events. Skips incomplete lines and the plain text of Django's checks."""
        lines = self.log().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]

    def names(self) -> list[str]:
        return [event["event"] for event in self.events()]

    async def opened(self) -> None:
        """Wait for the event that reports the port. Return the port."""
        await until(lambda: "private_port_open" in self.names(), START_S)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a response."""
        address = next(event["address"] for event in self.events() if event["event"] == "private_port_open")
        with contextlib.closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def sample(self, name: str, **labels: str) -> float:
        """Return the sum of all samples with this name and these labels."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        samples = (sample for family in families for sample in family.samples if sample.name == name)
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def ended(self) -> int:
        return self.process.wait(START_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a role. After the test, running roles must end with exit code 0 on SIGTERM."""
    with contextlib.ExitStack() as ends:

        def start(*command: str, **settings: str) -> Role:
            role = Role(tmp_path, *command, **settings)
            ends.callback(_end, role)
            return role

        yield start


def _end(role: Role) -> None:
    if role.process.running:
        role.process.signal(signal.SIGTERM)
        try:
            assert 0 == role.ended(), role.log()
        finally:
            role.process.kill()


async def test_a_tick_is_alive_without_redis_and_ready_with_it(redis_server: RedisServer, start: Start) -> None:
    """Without Redis a process is alive, but not ready before its first connection."""
    redis_server.kill()
    tick = start(*TICK, FLOTILLA_REDIS_URL=redis_server.url)
    await tick.opened()
    await until(lambda: tick.sample("flotilla_lease_failed_total") > 1)
    assert (200, "ok\n") == tick.get("/livez")
    assert (503, "Redis has not answered yet.\n") == tick.get("/readyz")
    redis_server.restart()
    await until(lambda: tick.get("/readyz") == (200, "ok\n"))
    await until(lambda: tick.sample("flotilla_lease_held") == 1)
    assert 1 == tick.sample("flotilla_build_info", role="tick")
    await until(lambda: tick.sample("flotilla_event_loop_lag_seconds_count") > 1)


async def test_a_standby_tick_is_ready(redis_server: RedisServer, start: Start) -> None:
    """A standby waits for the lease and is ready."""
    first = start(*TICK, FLOTILLA_REDIS_URL=redis_server.url)
    await first.opened()
    await until(lambda: first.sample("flotilla_lease_held") == 1)
    spare = start(*TICK, FLOTILLA_REDIS_URL=redis_server.url)
    await spare.opened()
    await until(lambda: spare.get("/readyz") == (200, "ok\n"))
    assert 0 == spare.sample("flotilla_lease_held")
    assert (200, "ok\n") == spare.get("/livez")


async def test_an_outage_logs_few_lines(redis_server: RedisServer, start: Start) -> None:
    """During an outage there is no traceback and no restart. The game continues when an empty Redis is back."""
    roles = [start(*command, FLOTILLA_REDIS_URL=redis_server.url) for command in (TICK, GATEWAY)]
    tick = roles[0]
    for role in roles:
        await role.opened()
        await until(lambda role=role: role.get("/readyz") == (200, "ok\n"), START_S)
    before = [len(role.events()) for role in roles]
    redis_server.kill()
    for role in roles:
        await until(lambda role=role: role.sample("flotilla_layer_errors_total") >= OUTAGE_ERRORS, START_S)
        assert (200, "ok\n") == role.get("/livez")
        assert (200, "ok\n") == role.get("/readyz")
    redis_server.restart()
    await until(lambda: tick.sample("flotilla_lease_held") == 1, START_S)
    for role, lines in zip(roles, before, strict=True):
        await until(lambda role=role: "layer_back" in role.names(), START_S)
        news = role.events()[lines:]
        assert len(news) <= 8, news
        assert not [event for event in news if "exception" in event or event["level"] in {"error", "critical"}]
        assert 1 >= role.names().count("redis_unreachable")


@pytest.mark.parametrize("command", [TICK, GATEWAY])
def test_a_configured_port_in_use_ends_the_process(
    redis_server: RedisServer, start: Start, command: tuple[str, ...]
) -> None:
    """One sentence contains the address and the remedy, and the exit code is 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        role = start(*command, FLOTILLA_REDIS_URL=redis_server.url, FLOTILLA_PRIVATE_BIND=address)
        assert 1 == role.ended()
    assert f"CommandError: Cannot open the private port at {address} (" in role.log()
    assert "Traceback" not in role.log()


async def test_the_default_port_may_be_in_use(redis_server: RedisServer, start: Start) -> None:
    """Several processes can run on one machine. All but the first log a warning."""
    host, _, port = DEFAULT.rpartition(":")
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(OSError):  # another program uses the port, which has the same effect
            taken.enter_context(socket.create_server((host, int(port))))
        tick = start(*TICK, FLOTILLA_REDIS_URL=redis_server.url, FLOTILLA_PRIVATE_BIND="")
        await until(lambda: "lease_won" in tick.names(), START_S)
    (event,) = [event for event in tick.events() if event["event"] == "private_port_taken"]
    assert (DEFAULT, "warning") == (event["address"], event["level"])
