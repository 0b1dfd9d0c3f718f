"""app/processes/gunicorn.py: the web role as a real gunicorn, from its start to its end."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.server import ROOT, START_S, STOP_S, environment
from tests.pacing import PATIENCE_S, until

GUNICORN = ("-m", "gunicorn", "-c", "python:app.processes.gunicorn", "app.processes.wsgi")
COMMAND = ("-m", "app", "web")
LISTENING = re.compile(r"Listening at: http://(?:127\.0\.0\.1|\[::\]):(\d+)")
PRIVATE = re.compile(r"private_port_open address=127\.0\.0\.1:(\d+)")
WORKER = re.compile(r"Booting worker with pid: (\d+)")

Start = Callable[..., "Web"]


class Web:
    """One gunicorn at any free ports."""

    def __init__(self, folder: Path, *arguments: str, command: tuple[str, ...] = GUNICORN, **settings: str) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self._log = folder / "log"
        addresses = {"FLOTILLA_BIND": "127.0.0.1:0", "FLOTILLA_PRIVATE_BIND": "127.0.0.1:0"}
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, *arguments],
                cwd=ROOT,
                env=environment(HOME=str(self.home), **addresses | settings),
                stdout=log,
                stderr=log,
            )

    def log(self) -> str:
        return self._log.read_text()

    async def found(self, pattern: re.Pattern[str], times: int = 1) -> str:
        """What `pattern` names in the log, once it is there for the nth time."""
        await until(lambda: len(pattern.findall(self.log())) >= times, START_S)
        return str(pattern.findall(self.log())[times - 1])

    async def get(self, port: re.Pattern[str], path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of an answer."""
        address = f"127.0.0.1:{await self.found(port)}"
        with contextlib.closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read().decode()

    def ended(self) -> int:
        return self.process.wait(STOP_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a gunicorn, which ends with the test."""
    with contextlib.ExitStack() as ends:

        def started(*arguments: str, command: tuple[str, ...] = GUNICORN, **settings: str) -> Web:
            web = Web(tmp_path, *arguments, command=command, **settings)
            ends.callback(web.process.wait, STOP_S)
            ends.callback(web.process.terminate)
            return web

        yield started


@pytest.mark.parametrize("command", [GUNICORN, COMMAND])
async def test_it_serves_the_page_and_ends_with_zero(start: Start, command: tuple[str, ...]) -> None:
    """The page, its private port in the role web, one clean log, no file at home, and SIGTERM ends it."""
    web = start(command=command)
    status, headers, page = await web.get(LISTENING, "/")
    assert 200 == status
    assert "flotilla" == headers["Server"]
    assert "<flotilla-game" in page
    assert (200, "ok\n") == (await web.get(PRIVATE, "/livez"))[::2]
    assert (200, "ok\n") == (await web.get(PRIVATE, "/readyz"))[::2]
    assert re.search(r'flotilla_build_info\{.*role="web".*\} 1', (await web.get(PRIVATE, "/metrics"))[2])
    web.process.terminate()
    assert 0 == web.ended()
    assert not re.search("Traceback|ERROR|CRITICAL|GET /", web.log())
    assert [] == list(web.home.iterdir())


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"HEAD /nope HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET /ws/game/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"426"),
        (b"\x16\x03\x01 not http\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nSCRIPT_NAME: /x\r\n\r\n", b"200"),
    ],
)
async def test_strangers_get_an_answer_and_no_traceback(start: Start, request_bytes: bytes, status: bytes) -> None:
    """Whatever they send, it is no fault of this site."""
    web = start()
    port = int(await web.found(LISTENING))
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as peer:
        peer.sendall(request_bytes)
        assert status == peer.recv(4096).split()[1]
    web.process.terminate()
    assert 0 == web.ended()
    assert not re.search("Traceback|ERROR|CRITICAL", web.log())


async def test_the_command_listens_where_it_is_told(start: Start) -> None:
    """`--bind` counts more than the setting, also after a reload."""
    web = start("--bind", "127.0.0.1:0", command=COMMAND, FLOTILLA_BIND="127.0.0.1:1")
    assert 200 == (await web.get(LISTENING, "/"))[0]
    web.process.send_signal(signal.SIGHUP)
    await web.found(WORKER, times=2)
    assert 200 == (await web.get(LISTENING, "/"))[0]


@pytest.mark.parametrize(
    ("bind", "trusted", "said", "secure"),
    [
        ("127.0.0.1:0", "10.0.0.0/8", "https", False),
        ("127.0.0.1:0", "127.0.0.0/8", "https", True),
        ("127.0.0.1:0", "127.0.0.0/8", "http", False),
        ("[::]:0", "127.0.0.0/8", "https", True),  # where IPv4 comes in the clothes of IPv6
        ("[::]:0", "10.0.0.0/8,::1", "https", False),
    ],
)
async def test_only_trusted_proxies_are_believed_how_players_come(
    start: Start, bind: str, trusted: str, said: str, secure: bool
) -> None:
    """Anybody can write X-Forwarded-Proto: from a stranger it changes nothing, and the redirect to HTTPS stays."""
    settings = {"FLOTILLA_SSL_REDIRECT": "true", "FLOTILLA_HSTS_SECONDS": "60"}
    web = start(FLOTILLA_BIND=bind, FLOTILLA_TRUSTED_PROXIES=trusted, **settings)
    status, headers, _ = await web.get(LISTENING, "/", X_Forwarded_Proto=said)
    assert (200 if secure else 301) == status
    assert secure == ("Strict-Transport-Security" in headers)


async def test_its_log_has_our_form(start: Start) -> None:
    """Lines of gunicorn's own are events like all others."""
    web = start(FLOTILLA_LOG_FORMAT="json")
    await web.found(re.compile(r'"event": "Booting worker'))
    assert all(line.startswith('{"time": ') for line in web.log().splitlines())


@pytest.mark.parametrize(
    "settings", [{"FLOTILLA_ENV": "production"}, {"FLOTILLA_BIND": "nowhere"}, {"FLOTILLA_MAX_SHIPS": "-1"}]
)
def test_a_bad_configuration_is_one_sentence(start: Start, settings: dict[str, str]) -> None:
    """Exit code 4, once: nothing is started anew that cannot work."""
    web = start(**settings)
    assert 4 == web.ended()
    (sentence,) = web.log().splitlines()
    assert sentence.startswith("FLOTILLA_")


def test_more_workers_are_refused(start: Start) -> None:
    """Their counters would be each other's lies; the sentence says what to do instead."""
    web = start("--workers", "2")
    assert 1 == web.ended()
    assert "The web role runs one worker: start it more often instead.\n" in web.log()
    assert "Traceback" not in web.log()


async def test_a_private_port_that_is_taken_ends_it(start: Start, tmp_path: Path) -> None:
    """The operator chose it, so that it must be had: a sentence, and no server."""
    first = start()
    taken = await first.found(PRIVATE)
    (tmp_path / "second").mkdir()
    second = Web(tmp_path / "second", FLOTILLA_PRIVATE_BIND=f"127.0.0.1:{taken}")
    assert 1 == second.ended()
    assert f"Cannot open the private port at 127.0.0.1:{taken} (" in second.log()
    assert "Traceback" not in second.log()


async def test_a_worker_that_was_killed_is_replaced(start: Start) -> None:
    """The private port stays open meanwhile, and tells of the new one."""
    web = start()
    old = await web.found(WORKER)
    os.kill(int(old), signal.SIGKILL)
    assert old != await web.found(WORKER, times=2)
    assert 200 == (await web.get(PRIVATE, "/livez"))[0]
    assert 200 == (await web.get(LISTENING, "/"))[0]
