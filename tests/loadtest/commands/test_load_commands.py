"""`python -m loadtest` as a person runs it, against the real server and against scripted ones."""

import asyncio
import contextlib
import http
import os
import resource
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.typing import Subprotocol

from loadtest.__main__ import main
from loadtest.measure.result import Result, read
from loadtest.outcome import ExitCode
from tests.end_to_end.server import Server, serving
from tests.loadtest.commands.command import run, running, trouble
from tests.pacing import pace

V1 = {"subprotocols": [Subprotocol("flotilla.v1")]}
QUICK = ("--rate", "50", "--to", "10", "--hold", "2")
Handler = Callable[[ServerConnection], Awaitable[None]]
LENIENT = """
title = "It plays at all"
[objectives]
join_success = { at_least = 1.0 }
abnormal_closes = { at_most = 0 }
decode_errors = { at_most = 0 }
[conclusive]
lag_p99_ms = 10000
cpu_max = 1
arrivals_late_p99_ms = 10000
arrivals_dropped = 0
gaps_min = 1
step_gaps_min = 1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real `flotilla run` for all of these tests, with production's rule about origins."""
    with serving(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.fixture
def slo(tmp_path: Path) -> str:
    """Objectives that a busy machine cannot break: these tests are about the tool."""
    path = tmp_path / "lenient.toml"
    path.write_text(LENIENT)
    return str(path)


def at(url: str, out: Path) -> list[str]:
    return ["--url", url, "--out", str(out)]


def playing(*words: str, url: str, out: Path) -> contextlib.AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """Run a ramp within the block, which begins when five players have been seen for a moment."""
    return running("5 of 5 players", "ramp", "--rate", "500", "--to", "5", *words, *at(url, out))


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def result(out: Path) -> Result:
    return read(out / "result.json")


def assert_trouble(done: "subprocess.CompletedProcess[str]", sentence: str, out: Path) -> None:
    """One sentence on stderr, exit code 2, no traceback, and nothing left behind."""
    assert ExitCode.COULD_NOT_RUN == done.returncode
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert 1 == len(done.stderr.strip().splitlines())
    assert not out.exists()


@pytest.mark.parametrize("protocol", ["v1", "json"])
def test_players_of_both_protocols_are_measured(server: Server, tmp_path: Path, slo: str, protocol: str) -> None:
    """From two processes, at a known rate: every figure is measured and no player fails."""
    out = tmp_path / "out"
    done = run("ramp", *QUICK, "--processes", "2", "--protocol", protocol, "--slo", slo, *at(server.url, out))
    assert (ExitCode.PASS, "") == (done.returncode, done.stderr if "Traceback" in done.stderr else "")
    found = result(out)
    assert (10, 0, 10, 0) == (found.joins, found.joins_failed, len(found.players), found.decode_errors)
    assert list(range(10)) == [player.number for player in found.players]
    assert all(player.handshake_ms is not None and player.first_frame_ms is not None for player in found.players)
    assert 45 < found.gap.p50_ms < 55
    assert found.gap.count == sum(player.gap.count for player in found.players)
    assert 10 == found.series[-1].open
    assert [(0.0, 0.2), (0.2, 2.2)][1:] == [(step.from_s, step.to_s) for step in found.steps][-1:]
    assert found.input_to_visible is not None
    assert (protocol == "v1") == (found.frame_age is not None)
    assert found.bytes_received > found.bytes_sent > 0
    assert (2, {}, {}) == (found.generator.processes, found.closes, found.errors)
    assert {"result.json", "report.html", "report.md", "ramp.png"} == {path.name for path in out.iterdir()}


def test_machines_steer_at_their_rate(server: Server, tmp_path: Path, slo: str) -> None:
    """20 inputs a second of 10 bytes each, from each of ten players."""
    out = tmp_path / "out"
    assert ExitCode.PASS == run("ramp", *QUICK, "--inputs", "20/s", "--slo", slo, *at(server.url, out)).returncode
    assert 10 * 2 * 20 * 10 * 0.8 < result(out).bytes_sent < 10 * 2.4 * 20 * 10 * 1.2


def test_the_compiled_generator_fills_the_same_result(server: Server, tmp_path: Path, slo: str) -> None:
    """Step by step; its players are not listed one by one."""
    out = tmp_path / "out"
    words = ("--machine-players", "20", "--steps", "10,20", "--hold", "2", "--slo", slo)
    done = run("ramp", *words, *at(server.url, out))
    assert ExitCode.PASS == done.returncode, done.stderr
    found = result(out)
    assert ("native", 20, 0, []) == (found.plan.generator, found.joins, found.joins_failed, found.players)
    assert [10, 20] == [step.players for step in found.steps]
    assert [10, 20] == [found.series[0].open, found.series[-1].open]
    assert 45 < found.gap.p50_ms < 55


@pytest.mark.parametrize(
    ("scenario", "profile", "came", "said"),
    [
        ("storm", "", 5, ""),
        ("churn", "churn = 5", 15, ""),
        ("slow-readers", "non-readers = 3", 5, "3 peers send now, and never read."),
        ("rolling", "", 5, "Roll the gateways now."),
    ],
)
def test_each_scenario_plays(
    server: Server, tmp_path: Path, slo: str, scenario: str, profile: str, came: int, said: str
) -> None:
    """All players come, those who leave are replaced, and it ends by itself without a closed socket."""
    file, out = tmp_path / "profile.toml", tmp_path / "out"
    file.write_text(f"to = 5\nhold = 2\n{profile}")
    done = run(scenario, "--profile", str(file), "--slo", slo, *at(server.url, out))
    assert ExitCode.PASS == done.returncode, done.stdout + done.stderr
    assert said in done.stderr
    found = result(out)
    assert (scenario, came) == (found.plan.scenario, len(found.players))
    assert ({}, {}, 0) == (found.closes, found.errors, found.decode_errors)
    assert 5 == found.series[-1].wanted


async def test_a_release_under_players_is_counted(tmp_path: Path, slo: str) -> None:
    """Each player is sent on with the drain's code, comes back once, and its freeze goes on over both sockets."""
    out, folders = tmp_path / "out", (tmp_path / "old", tmp_path / "new")
    for folder in folders:
        folder.mkdir()
    with serving(folders[0]) as old:
        async with playing("--hold", "600", "--slo", slo, url=old.url, out=out) as process:
            old.terminate()
            await asyncio.to_thread(old.wait)
            with serving(folders[1], port=old.port) as new:
                await new.settle(5)
                process.send_signal(signal.SIGINT)
                said, _ = await process.communicate()
    assert b"5 \xc3\x97 1012" in said
    found = result(out)
    assert ({"1012": 5}, 0) == (found.closes, found.joins_failed)
    assert (5, 1) == (found.reconnects, found.reconnects_max)
    assert all(player.freeze_ms > 100 for player in found.players)


async def test_a_freeze_of_two_seconds_is_in_p99(server: Server, tmp_path: Path, slo: str) -> None:
    """A server that stands still hides the frames that were due; the corrected figure has every player's wait."""
    out = tmp_path / "out"
    async with playing("--hold", "12", "--slo", slo, url=server.url, out=out) as process:
        server.send_signal(signal.SIGSTOP)
        await pace(2.0)
        server.send_signal(signal.SIGCONT)
        await process.communicate()
    found = result(out)
    assert found.gap.p99_ms > 1500
    assert found.gap_uncorrected.p99_ms < 1000
    assert 2000 <= found.freeze.p50_ms < 5000
    assert max(moment.gap.p99_ms for moment in found.series) > 1500


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_run_writes_what_there_is(
    server: Server, tmp_path: Path, slo: str, number: signal.Signals
) -> None:
    """The terminal and the result show the interruption, and the run ends at once."""
    out = tmp_path / "out"
    async with playing("--hold", "600", "--slo", slo, url=server.url, out=out) as process:
        process.send_signal(number)
        said, complained = await process.communicate()
    assert b"Interrupted: the figures up to now are written." in complained
    assert (ExitCode.INCONCLUSIVE, True) == (process.returncode, b"interrupted" in said)
    found = result(out)
    assert (True, 5, 0) == (found.interrupted, found.joins, found.joins_failed)
    assert found.seconds < 60


async def test_a_process_of_players_that_dies_is_a_sentence(server: Server, tmp_path: Path) -> None:
    """Not a wait, and not a result without its players."""
    out = tmp_path / "out"
    async with playing("--hold", "600", url=server.url, out=out) as process:
        os.kill(child_of(process.pid), signal.SIGKILL)
        assert "A process of players ended by itself." in await trouble(process)
    assert not out.exists()


def test_a_wrong_origin_is_reported_with_the_option_for_it(server: Server, tmp_path: Path) -> None:
    """As production would refuse it."""
    done = run("ramp", *QUICK[2:], "--origin", "http://evil.example", *at(server.url, tmp_path / "out"))
    assert_trouble(done, "answers 403 instead of opening a socket: its origin", tmp_path / "out")


@pytest.mark.parametrize(
    ("words", "url", "sentence"),
    [
        ((), "ws://127.0.0.1:1/", "Nothing listens at ws://127.0.0.1:1/"),
        ((), "http://127.0.0.1/", "is no URL of a WebSocket"),
        ((), "ws://nowhere.invalid/", "The name nowhere.invalid cannot be looked up"),
        ((), "ws://192.0.2.1/", "--i-own-this-target"),
        (("--profile", "/missing.toml"), "ws://127.0.0.1:1/", "The profile /missing.toml cannot be read"),
        (("--profile", "README.md"), "ws://127.0.0.1:1/", "The profile README.md is not TOML"),
        (("--slo", "nothing"), "ws://127.0.0.1:1/", "There are no objectives nothing"),
        (("--inputs", "99/s"), "ws://127.0.0.1:1/", "Inputs are people, or a rate"),
        (("--processes", "0"), "ws://127.0.0.1:1/", "--processes is 1 to"),
        (("--to", "20001"), "ws://127.0.0.1:1/", "a test has at most 20000"),
        (("--machine-players", "20"), "wss://127.0.0.1:1/", "Machine players load this machine only"),
        (("--machine-players", "20"), "ws://127.0.0.1:1/", "Nothing listens at"),
        (("--protocol", "bare"), "ws://127.0.0.1:1/", "--protocol bare is for --machine-players only"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: tuple[str, ...], url: str, sentence: str, tmp_path: Path) -> None:
    """Exit code 2, and no folder."""
    assert_trouble(run("ramp", *words, *at(url, tmp_path / "out")), sentence, tmp_path / "out")


def test_sizes_that_are_not_numbers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the option's format, not the program's types."""
    with pytest.raises(SystemExit) as ended:
        main(["ramp", "--steps", "a,b"])
    assert ExitCode.COULD_NOT_RUN == ended.value.code
    assert "sizes are whole numbers, as in 50,100,200; not 'a,b'" in capsys.readouterr().err


def test_a_soak_without_metrics_is_refused_before_it_takes_hours(tmp_path: Path) -> None:
    """Its result would prove nothing."""
    assert_trouble(run("soak", *at("ws://127.0.0.1:1/", tmp_path / "out")), "--metrics URL", tmp_path / "out")


def test_a_full_disk_is_reported_before_the_load(server: Server, tmp_path: Path) -> None:
    """With the reason that the system gives."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    done = run("ramp", *QUICK, *at(server.url, tmp_path / "out"), preexec_fn=limited)
    assert_trouble(done, "Results cannot be written to", tmp_path / "out")


async def closing(socket: ServerConnection) -> None:
    await socket.close(4501)


async def silent(socket: ServerConnection) -> None:
    await socket.send('{"type":"playerId","playerId":"1"}')
    await socket.wait_closed()


def answer(socket: ServerConnection, _: Request) -> Response:
    return socket.respond(http.HTTPStatus.OK, "a page")


@pytest.mark.parametrize(
    ("handler", "options", "sentence"),
    [
        (closing, V1, "closed it with 4501"),
        (silent, {}, "does not support flotilla.v1"),
        (silent, V1, "sends messages that v1 does not have"),
        (silent, {"process_request": answer}, "answers 200 instead of opening a socket"),
    ],
)
async def test_a_server_that_does_not_send_the_world_is_reported(
    handler: Handler, options: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    """It closes, sends another protocol, or is not a WebSocket server."""
    async with serve(handler, "127.0.0.1", 0, compression=None, **options) as one:
        url = f"ws://127.0.0.1:{one.sockets[0].getsockname()[1]}/ws/game/"
        done = await asyncio.to_thread(run, "ramp", *at(url, tmp_path / "out"))
    assert_trouble(done, sentence, tmp_path / "out")
