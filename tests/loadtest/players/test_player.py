import asyncio
import json
from collections import Counter

import pytest
from picows import WSUpgradeResponse
from websockets.asyncio.server import ServerConnection

from app.wire import outputs
from loadtest.players.door import DoorError
from loadtest.players.observer import Observer
from loadtest.players.tutorial import TutorialPlayer, facing, heading_of
from loadtest.players.v1 import V1Player
from tests.loadtest.players.sites import SHIPS, playing, site
from tests.pacing import until


class Notes(Observer):
    """Counts events."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.bytes = 0
        self.name = ""
        self.moments: list[tuple[int, int]] = []

    def connected(self, response: WSUpgradeResponse) -> None:
        self.counts["connected"] += 1

    def received(self, size: int) -> None:
        self.bytes += size

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:
        self.moments.append((epoch, tick))
        return False

    def named(self, name: str) -> None:
        self.name = name

    def closed(self, code: int) -> None:
        self.counts[f"closed {code}"] += 1

    def refused(self, error: DoorError) -> None:
        self.counts[f"refused {error.kind} {error.status}"] += 1

    def undecodable(self) -> None:
        self.counts["undecodable"] += 1

    def misfitted(self) -> None:
        self.counts["misfitted"] += 1


async def test_a_fragmented_frame_is_one() -> None:
    """Its bytes are the sum of its fragments."""
    frame = outputs.encode_keyframe(3, 9, SHIPS)
    notes = Notes()

    async def cutting(socket: ServerConnection) -> None:
        await socket.send([frame[:1], frame[1:4], frame[4:]])
        await socket.wait_closed()

    async with site(cutting, v1=True) as port, playing(V1Player, port, notes):
        await until(lambda: bool(notes.moments))
    assert [(3, 9)] == notes.moments
    assert len(frame) + 3 * 2 <= notes.bytes <= len(frame) + 4 * 2  # the end of the parts may come as one more


async def test_a_message_that_no_server_sends_is_counted_and_the_player_stays() -> None:
    """Text, an unknown envelope, half a message."""
    notes = Notes()

    async def raving(socket: ServerConnection) -> None:
        for rubbish in ("hello", b"", b"\x86", b"\x82\x03abc", b"\xff\xff\xff\xff\xff\xff"):
            await socket.send(rubbish)
        await socket.send(outputs.encode_keyframe(1, 1, SHIPS))
        await socket.wait_closed()

    async with site(raving, v1=True) as port, playing(V1Player, port, notes) as player:
        await until(lambda: bool(notes.moments))
        assert player.connected
    assert 5 == notes.counts["undecodable"]


async def test_a_delta_that_does_not_fit_requests_a_keyframe() -> None:
    """With RESYNC."""
    notes, heard = Notes(), []
    note = heard.append

    async def skipping(socket: ServerConnection) -> None:
        await socket.send(outputs.encode_keyframe(1, 1, SHIPS))
        await socket.send(bytes([outputs.DELTA, 2, 9, 1]))
        async for message in socket:
            note(message)

    async with site(skipping, v1=True) as port, playing(V1Player, port, notes):
        await until(lambda: b"\x04" in heard)
    assert 1 == notes.counts["misfitted"]


async def test_the_tutorials_player_steers_as_its_hand_does() -> None:
    """It sends nothing before it has an id; then its facing, and the button on change, all with its id."""
    notes, heard = Notes(), []
    note, named = heard.append, asyncio.Event()

    async def listening(socket: ServerConnection) -> None:
        await named.wait()
        await socket.send(json.dumps({"type": "playerId", "playerId": "17"}))
        async for message in socket:
            note(json.loads(message))

    async with site(listening) as port, playing(TutorialPlayer, port, notes, per_s=20.0) as player:
        await until(lambda: player.connected)
        player.steer()
        named.set()
        await until(lambda: bool(heard))
        assert ["facing"] == [message["type"] for message in heard]
        for _ in range(100):
            player.steer()
        await until(lambda: len(heard) > 100)
    assert "17" == notes.name
    assert {"17"} == {message["playerId"] for message in heard}
    kinds = [message["type"] for message in heard]
    assert {"facing", "mouseDown", "mouseUp"} >= set(kinds)
    assert "mouseDown" in kinds


async def test_the_tutorials_player_sees_states_and_nothing_else() -> None:
    """Other messages are not frames; text that is not JSON is an error."""
    notes = Notes()

    async def telling(socket: ServerConnection) -> None:
        for message in ({"type": "stateUpdate", "objects": []}, {"type": "refusal"}, {"type": "stateUpdate"}):
            await socket.send(json.dumps(message))
        await socket.send("{")
        await socket.wait_closed()

    async with site(telling) as port, playing(TutorialPlayer, port, notes):
        await until(lambda: notes.counts["undecodable"] == 1)
    assert [(0, 0), (0, 0)] == notes.moments


async def test_a_port_without_a_listener_is_refused_and_tried_again() -> None:
    """By the reconnect rule."""
    notes = Notes()
    async with playing(V1Player, 1, notes):
        await until(lambda: notes.counts["refused refused 0"] >= 2)


async def test_a_server_that_closes_in_the_handshake_is_not_a_websocket_server() -> None:
    """Its kind differs from the one of a port without a listener."""
    notes = Notes()

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with playing(V1Player, port, notes):
            await until(lambda: bool(notes.counts))
    assert {"refused protocol 0"} == set(notes.counts)


@pytest.mark.parametrize("heading", [0, 1, 64, 128, 129, 200, 255])
def test_an_angle_leads_back_to_its_heading(heading: int) -> None:
    """With the three decimals of the message."""
    assert heading == heading_of(facing(heading))
