import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.wire import inputs
from app.wire.inputs import Hello, Input
from loadtest.load.compiler import build
from loadtest.outcome import CannotRunError
from tests.loadtest.load.generator.servers import TICK_S, at, picture, running, world

CLIENTS = 7
TIMEOUT_S = 10


def header_size(payload: int) -> int:
    return 2 if payload < 126 else 4 if payload < 65_536 else 10


async def test_every_frame_and_byte_is_counted_at_any_length(generator: Path) -> None:
    """Short, long and very long frames, with pings between them: none is lost, none counted twice."""
    sizes = [0, 80, 130, 3_000, 5_000, 65_000, 70_000, 200]
    async with world() as server, running(generator, server.port, "--inputs", "idle") as run:
        await run.step(f"step {CLIENTS} 1.0")
        for number, size in enumerate(sizes):
            await server.send(picture(1 + number, size))
            pongs = [await socket.ping() for socket in server.sockets]
            await asyncio.gather(*pongs)
        found = await run.line()

    lengths = [len(picture(1 + number, size)) for number, size in enumerate(sizes)]
    expected = sum(length + header_size(length) for length in lengths) + len(sizes) * (2 + 4)  # a ping carries 4 bytes
    assert CLIENTS * len(sizes) == found["frames"]
    assert CLIENTS * expected == found["bytes"]
    assert CLIENTS == found["clients"]
    assert {} == found["closes"]


async def test_a_fragmented_message_is_one_frame_of_the_world(generator: Path) -> None:
    """A fragmented message counts once; a message without a frame does not count."""
    whole = picture(1, 6_000)
    async with world() as server, running(generator, server.port, "--inputs", "idle") as run:
        await run.step("step 3 0.5")
        await server.send([whole[:1], whole[1:9], whole[9:5_000], whole[5_000:]])
        await server.send(b"\x86\x04\x00\x00\x00\x00")
        await server.send(picture(2))
        found = await run.line()

    assert 6 == found["frames"]


async def test_seconds_and_buckets_are_the_step_in_pieces(generator: Path) -> None:
    """With --series each second is reported; the buckets of a step have all its gaps, the ones of a second its own."""
    async with world() as server, running(generator, server.port, "--inputs", "idle", "--series", "1") as run:
        await run.step("step 3 2.4")
        async for number in at([TICK_S * n for n in range(1, 46)]):
            await server.send(picture(1 + number))
        reports = [await run.line()]
        while reports[-1]["event"] == "second":
            reports.append(await run.line())

    *seconds, step = reports
    assert len(seconds) >= 2
    assert step["frames"] >= sum(second["frames"] for second in seconds) > 0
    assert all(second["frames"] == sum(count for _, count in second["gap_buckets"]) for second in seconds)
    counted = sum(count for _, count in step["gap_buckets"])
    assert step["frames"] <= counted <= step["frames"] + 3  # a late gap that is open at the end counts, for each client


async def test_a_freeze_of_two_seconds_shows(generator: Path) -> None:
    """The gap is in the maximum and in p99; p50 stays at the tick."""
    moments = [TICK_S * n for n in range(1, 12)] + [0.55 + 2.0 + TICK_S * n for n in range(8)]
    async with world() as server, running(generator, server.port, "--inputs", "idle") as run:
        await run.step(f"step {CLIENTS} 3.2")
        async for number in at(moments):
            await server.send(picture(1 + number))
        found = await run.line()

    assert 1_950 < found["gap"]["p99_ms"] <= found["gap"]["max_ms"] < 2_500
    assert 40 < found["gap"]["p50_ms"] < 70


async def test_a_freeze_that_lasts_beyond_the_end_shows(generator: Path) -> None:
    """A server that stopped has one long gap, not none."""
    async with world() as server, running(generator, server.port, "--inputs", "idle") as run:
        await run.step(f"step {CLIENTS} 0.5")
        found = await run.line()

    assert 0 == found["frames"]
    assert found["gap"]["p50_ms"] > 450


async def test_inputs_are_sent_at_the_rate_and_as_the_protocol_has_them(generator: Path) -> None:
    """HELLO first, then 20 inputs a second and client, each with the next sequence."""
    async with (
        world(subprotocols=["flotilla.v1"]) as server,
        running(generator, server.port, "--language", "full") as run,
    ):
        await run.step("step 1 1.0")
        found = await run.line()

    first, *rest = [inputs.decode(bytes(message)) for message in server.received if isinstance(message, bytes)]
    assert Hello(name="", ticket=b"", full=True) == first
    steered = [message for message in rest if isinstance(message, Input)]
    assert [(n + 1) % 256 for n in range(len(steered))] == [message.sequence for message in steered]
    assert 19 <= found["inputs"] <= 22


async def test_the_tutorials_player_steers_by_the_id_it_was_given(generator: Path) -> None:
    """JSON both ways: frames are stateUpdate messages, inputs carry the id."""
    greeting = '{"type": "playerId", "playerId": "abc-7"}'
    async with world(greeting=greeting) as server, running(generator, server.port, "--language", "json") as run:
        asked = asyncio.create_task(run.step("step 2 0.5"))
        async for _ in at([TICK_S * n for n in range(1, 5)]):
            await server.send('{"type": "stateUpdate", "objects": []}')
        await asked
        await server.send('{"type": "stateUpdate", "objects": []}')
        found = await run.line()

    assert found["frames"] >= 2
    assert all('"playerId":"abc-7"' in str(message) for message in server.received)
    assert server.received


async def test_a_close_is_counted_by_its_code(generator: Path) -> None:
    """A closed client is missing, and the report has its close code."""
    async with world() as server, running(generator, server.port) as run:
        await run.step("step 3 0.5")
        await server.sockets[0].close(4002)
        found = await run.line()

    assert {"4002": 1} == found["closes"]
    assert 2 == found["clients"]


async def test_a_refusal_is_counted_by_its_status(generator: Path) -> None:
    """A full server refuses by HTTP."""

    def full(connection: Any, request: Any) -> Any:
        return connection.respond(503, "full")

    async with world(process_request=full) as server, running(generator, server.port) as run:
        await run.step("step 3 0.1")
        found = await run.line()

    assert {"503": 3} == found["refusals"]
    assert 0 == found["clients"]


async def test_it_ends_by_itself(generator: Path) -> None:
    """Without a command."""
    async with world() as server, running(generator, server.port, "--max-seconds", "1") as run:
        await run.step("step 1 1")
        async with asyncio.timeout(TIMEOUT_S):
            await run.process.wait()

    assert 0 == run.process.returncode


@pytest.mark.parametrize(
    "words",
    [
        ["--port", "80", "--address", "192.0.2.1"],
        ["--port", "80", "--address", "0.0.0.0"],
        ["--port", "80", "--address", "localhost"],
        ["--port", "80", "--max-clients", "8001"],
        ["--port", "80", "--max-seconds", "3601"],
        ["--port", "80", "--unknown", "1"],
        ["--port"],
        [],
    ],
)
def test_other_hosts_and_loads_without_bounds_are_refused(generator: Path, words: list[str]) -> None:
    """It loads this machine only, and reports the reason in one sentence."""
    done = subprocess.run([generator, *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    assert 2 == done.returncode
    assert 1 == done.stderr.count("\n")


def test_a_missing_compiler_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error names the package to install."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotRunError, match="needs a C compiler: install"):
        build("generator", tmp_path / "build")
