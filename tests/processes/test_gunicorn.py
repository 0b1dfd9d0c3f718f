"""app/processes/gunicorn.py and web.py: the web role as a real gunicorn, from start to exit."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.server import ROOT, START_S, STOP_S, environment
from tests.pacing import PATIENCE_S

GUNICORN = ("-m", "gunicorn", "-c", "python:app.processes.gunicorn", "app.processes.wsgi")
COMMAND = ("-m", "app", "web")
LISTENING = re.compile(r"Listening at: http://(?:127\.0\.0\.1|\[::\]):(\d+)")
PRIVATE = re.compile(r"private_port_open address=127\.0\.0\.1:(\d+)")
WORKER = re.compile(r"Booting worker with pid: (\d+)")

Start = Callable[..., "Web"]


class Web:
    """One gunicorn on free ports."""

    def __init__(self, folder: Path, *arguments: str, command: tuple[str, ...] = GUNICORN, **settings: str) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.log = ""
        self._new_line = threading.Condition()
        addresses = {"FLOTILLA_BIND": "127.0.0.1:0", "FLOTILLA_PRIVATE_BIND": "127.0.0.1:0"}
        self.process = subprocess.Popen(
            [sys.executable, *command, *arguments],
            cwd=ROOT,
            env=environment(HOME=str(self.home), **addresses | settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                with self._new_line:
                    self.log += line
                    self._new_line.notify_all()

    def found(self, pattern: re.Pattern[str], times: int = 1) -> str:
        """Return the group of the nth match of `pattern` in the log, once it is there."""
        with self._new_line:
            assert self._new_line.wait_for(lambda: len(pattern.findall(self.log)) >= times, START_S), self.log
            return str(pattern.findall(self.log)[times - 1])

    def get(self, port: re.Pattern[str], path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body."""
        address = f"127.0.0.1:{self.found(port)}"
        with contextlib.closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read().decode()

    def exit_code(self) -> int:
        """Return the exit code. The log is then complete."""
        code = self.process.wait(STOP_S)
        self._reader.join(STOP_S)
        return code

    def end(self) -> None:
        self.process.terminate()
        self.exit_code()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a gunicorn, which ends with the test."""
    with contextlib.ExitStack() as ends:

        def started(*arguments: str, command: tuple[str, ...] = GUNICORN, **settings: str) -> Web:
            web = Web(tmp_path, *arguments, command=command, **settings)
            ends.callback(web.end)
            return web

        yield started


@pytest.mark.parametrize("command", [GUNICORN, COMMAND])
def test_it_serves_the_page_and_ends_with_zero(start: Start, command: tuple[str, ...]) -> None:
    """Page and private port answer, the log has no errors, no file is left in HOME, and SIGTERM exits with 0."""
    web = start(command=command)
    status, headers, page = web.get(LISTENING, "/")
    assert 200 == status
    assert "flotilla" == headers["Server"]
    assert "<flotilla-game" in page
    assert (200, "ok\n") == (web.get(PRIVATE, "/livez"))[::2]
    assert (200, "ok\n") == (web.get(PRIVATE, "/readyz"))[::2]
    assert re.search(r'flotilla_build_info\{.*role="web".*\} 1', (web.get(PRIVATE, "/metrics"))[2])
    web.process.terminate()
    assert 0 == web.exit_code()
    assert not re.search("Traceback|ERROR|CRITICAL|GET /", web.log)
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
def test_faulty_requests_get_an_answer_and_no_traceback(start: Start, request_bytes: bytes, status: bytes) -> None:
    """They are faults of the client, and are not logged as errors."""
    web = start()
    port = int(web.found(LISTENING))
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as peer:
        peer.sendall(request_bytes)
        assert status == peer.recv(4096).split()[1]
    web.process.terminate()
    assert 0 == web.exit_code()
    assert not re.search("Traceback|ERROR|CRITICAL", web.log)


def test_the_option_bind_overrides_the_setting(start: Start) -> None:
    """This holds after a reload, too."""
    web = start("--bind", "127.0.0.1:0", command=COMMAND, FLOTILLA_BIND="127.0.0.1:1")
    assert 200 == (web.get(LISTENING, "/"))[0]
    web.process.send_signal(signal.SIGHUP)
    web.found(WORKER, times=2)
    assert 200 == (web.get(LISTENING, "/"))[0]


@pytest.mark.parametrize(
    ("bind", "trusted", "forwarded", "secure"),
    [
        ("127.0.0.1:0", "10.0.0.0/8", "https", False),
        ("127.0.0.1:0", "127.0.0.0/8", "https", True),
        ("127.0.0.1:0", "127.0.0.0/8", "http", False),
        ("[::]:0", "127.0.0.0/8", "https", True),  # an IPv6 socket, which receives IPv4 clients as mapped addresses
        ("[::]:0", "10.0.0.0/8,::1", "https", False),
    ],
)
def test_x_forwarded_proto_is_accepted_only_from_trusted_proxies(
    start: Start, bind: str, trusted: str, forwarded: str, secure: bool
) -> None:
    """From other clients the header changes nothing, and the redirect to HTTPS stays."""
    settings = {"FLOTILLA_SSL_REDIRECT": "true", "FLOTILLA_HSTS_SECONDS": "60"}
    web = start(FLOTILLA_BIND=bind, FLOTILLA_TRUSTED_PROXIES=trusted, **settings)
    status, headers, _ = web.get(LISTENING, "/", X_Forwarded_Proto=forwarded)
    assert (200 if secure else 301) == status
    assert secure == ("Strict-Transport-Security" in headers)


def test_gunicorn_s_log_has_the_common_format(start: Start) -> None:
    """Its own lines are JSON events, too."""
    web = start(FLOTILLA_LOG_FORMAT="json")
    web.found(re.compile(r'"event": "Booting worker'))
    assert all(line.startswith('{"time": ') for line in web.log.splitlines())


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"FLOTILLA_ENV": "production"}, ["FLOTILLA_SECRET_KEY", "FLOTILLA_ALLOWED_HOSTS"]),
        ({"FLOTILLA_BIND": "nowhere"}, ["FLOTILLA_BIND"]),
        ({"FLOTILLA_MAX_SHIPS": "-1"}, ["FLOTILLA_MAX_SHIPS"]),
    ],
)
@pytest.mark.parametrize("command", [GUNICORN, COMMAND])
def test_each_wrong_setting_is_one_line(
    start: Start, command: tuple[str, ...], settings: dict[str, str], named: list[str]
) -> None:
    """At exit code 4 gunicorn does not restart the worker. The command exits with 2, like every role."""
    web = start(command=command, **settings)
    assert (4 if command is GUNICORN else 2) == web.exit_code()
    assert named == [line.split()[0] for line in web.log.splitlines()]


def test_more_workers_are_refused(start: Start) -> None:
    """Each worker would report only its own metrics."""
    web = start("--workers", "2")
    assert 1 == web.exit_code()
    assert "The web role runs one worker: start more processes instead.\n" in web.log
    assert "Traceback" not in web.log


def test_a_private_port_that_is_taken_ends_it(start: Start, tmp_path: Path) -> None:
    """The operator set the address, so the server exits with a sentence if it cannot open."""
    first = start()
    taken = first.found(PRIVATE)
    (tmp_path / "second").mkdir()
    second = Web(tmp_path / "second", FLOTILLA_PRIVATE_BIND=f"127.0.0.1:{taken}")
    assert 1 == second.exit_code()
    assert f"Cannot open the private port at 127.0.0.1:{taken} (" in second.log
    assert "Traceback" not in second.log


def test_a_worker_that_was_killed_is_replaced(start: Start) -> None:
    """The private port stays open meanwhile, and reports the new worker."""
    web = start()
    old = web.found(WORKER)
    os.kill(int(old), signal.SIGKILL)
    assert old != web.found(WORKER, times=2)
    assert 200 == (web.get(PRIVATE, "/livez"))[0]
    assert 200 == (web.get(LISTENING, "/"))[0]
