import json
import struct

import pytest

from app.wire import inputs
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.raw import BINARY, CLOSE, PING, PONG, TEXT, Peer, frame
from tests.end_to_end.server import Server

V1 = ("Sec-WebSocket-Protocol", "flotilla.v1")
HELLO = inputs.encode_hello()
OURS = "?"  # stands for the client's own id


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        ("{", "not_json"),
        ("[" * 1000, "not_json"),
        ("null", "shape"),
        ("[]", "shape"),
        ("7", "shape"),
        ("{}", "shape"),
        ('{"type": 7, "playerId": "?"}', "shape"),
        ('{"type": "facing", "facing": 1}', "shape"),
        ('{"type": "fire", "playerId": "?"}', "unknown_type"),
        (b"", "binary_on_text"),
        (HELLO, "binary_on_text"),
    ],
)
async def test_a_malformed_json_message_closes(
    server: Server, bystander: ReplicaClient, message: str | bytes, reason: str
) -> None:
    """Invalid JSON, JSON of another shape, and binary messages close with 4500 and the reason in the close frame."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        message = message.replace(OURS, str(client.player_id)) if isinstance(message, str) else message
        async with server.expecting(refusals={reason: 1}, closes={4500: 1}):
            await client.socket.send(message)
            assert 4500 == await client.close_code()
            assert f"malformed message: {reason}" == client.socket.close_reason


STRANGE_FACINGS = ["NaN", "Infinity", "-Infinity", "1e999", '"0.5"', "null", "true", "[]", "{}", "9" * 500]


@pytest.mark.parametrize("facing", STRANGE_FACINGS)
async def test_an_invalid_facing_is_refused(server: Server, bystander: ReplicaClient, facing: str) -> None:
    """NaN, infinity, strings and other values are refused by name. Ship and socket do not change."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        await client.send_message("facing", facing=1)
        await client.until(lambda: client.own["facing"] != 0)
        before = client.own["facing"]
        async with server.expecting(refusals={"facing": 1}):
            await client.socket.send(f'{{"type": "facing", "playerId": "{client.player_id}", "facing": {facing}}}')
            await client.until(lambda: client.others)
        assert [{"type": "refusal", "reason": "facing"}] == client.others
        seen = client.updates
        await client.until(lambda: client.updates > seen + 2)
        assert before == client.own["facing"]


async def test_a_facing_that_is_missing_is_refused(server: Server, bystander: ReplicaClient) -> None:
    """The reason is the same as for null."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        async with server.expecting(refusals={"facing": 1}):
            await client.send_message("facing")
            await client.until(lambda: client.others)


@pytest.mark.parametrize("player_id", ["other", "", None, 1, "01", [], {}])
async def test_another_players_id_is_refused(server: Server, bystander: ReplicaClient, player_id: object) -> None:
    """A player cannot steer another player's ship. The message is refused by name, and the socket stays open."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        victim = str(bystander.ship) if player_id == "other" else player_id
        async with server.expecting(refusals={"not_your_ship": 1}):
            await client.socket.send(json.dumps({"type": "mouseDown", "playerId": victim}))
            await client.until(lambda: client.others)
        await bystander.flown()
        assert [{"type": "refusal", "reason": "not_your_ship"}] == client.others
        assert 0 == bystander.own["flags"]
        assert not client.own["thrusting"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "text_on_binary"),
        ("{}", "text_on_binary"),
        (b"", "empty"),
        (b"\x07", "unknown_type"),
        (b"\x81", "unknown_type"),
        (b"\x02\x07\xc0", "length"),
        (b"\x02\x07\xc0\x02", "reserved_bits"),
        (HELLO, "hello_repeated"),
        (b"\x02" * 1024, "length"),
    ],
)
async def test_a_malformed_v1_message_closes(
    server: Server, bystander: ReplicaClient, message: str | bytes, reason: str
) -> None:
    """Text, an empty message, an unknown type or a wrong length closes with 4500 and the reason in the close frame."""
    async with ReplicaClient.connected(server) as client:
        await client.flown(1)
        async with server.expecting(refusals={reason: 1}, closes={4500: 1}):
            await client.socket.send(message)
            assert 4500 == await client.close_code()
            assert f"malformed message: {reason}" == client.socket.close_reason


@pytest.mark.parametrize(
    ("message", "reason"), [(inputs.encode_ping(1), "hello_expected"), (b"\x01\x05A", "length"), (b"", "empty")]
)
async def test_v1_begins_with_hello(server: Server, bystander: ReplicaClient, message: bytes, reason: str) -> None:
    """Any other first message closes with 4500."""
    async with (
        ReplicaClient.connected(server, hello=b"") as client,
        server.expecting(refusals={reason: 1}, closes={4500: 1}),
    ):
        await client.socket.send(message)
        assert 4500 == await client.close_code()


async def test_no_hello_in_time_closes(server: Server, bystander: ReplicaClient) -> None:
    """A silent v1 client is closed with 4004 after the time for HELLO. JSON clients need no HELLO."""
    async with TutorialClient.connected(server) as silent, ReplicaClient.connected(server, hello=b"") as client:
        async with server.expecting(refusals={"no_hello": 1}, closes={4004: 1}):
            assert 4004 == await client.close_code()
        seen = silent.updates
        await silent.until(lambda: silent.updates > seen)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [1025, 60_000])
async def test_an_oversized_message_closes(server: Server, bystander: ReplicaClient, opcode: int, size: int) -> None:
    """Messages of more than 1 KB close with 1009."""
    async with Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(refusals={"too_big": 1}, closes={1009: 1}):
            await peer.send(frame(opcode, b" " * size))
            assert 1009 == await peer.close_code()
            await peer.end()


async def test_an_oversized_message_in_fragments_closes(server: Server, bystander: ReplicaClient) -> None:
    """The limit applies to the whole message."""
    async with Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(refusals={"too_big": 1}, closes={1009: 1}):
            await peer.send(frame(TEXT, b" " * 600, final=False) + frame(0, b" " * 600))
            assert 1009 == await peer.close_code()
            await peer.end()


async def test_a_message_of_the_maximum_size_is_accepted(server: Server, bystander: ReplicaClient) -> None:
    """The message is 1,024 bytes of JSON with an unknown key, which is ignored."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        message = {"type": "mouseDown", "playerId": client.player_id, "more": ""}
        message["more"] = "x" * (1024 - len(json.dumps(message)))
        async with server.expecting():
            await client.socket.send(json.dumps(message))
            await client.until(lambda: client.own["thrusting"])


async def test_a_fragmented_message_is_put_together(server: Server, bystander: ReplicaClient) -> None:
    """Fragments are legal, also empty ones and with a ping between them."""
    async with Peer.connected(server) as peer:
        await peer.handshake(V1)
        await peer.send(frame(BINARY, HELLO[:2], final=False) + frame(0, b"", final=False) + frame(PING, b"?"))
        await peer.send(frame(0, HELLO[2:]))
        assert (PONG, b"?") == await peer.frame()
        assert (await peer.data())[0] in (0x81, 0x87)


def violations() -> dict[str, tuple[bytes, int, str]]:
    text = b'{"type": "mouseDown"}'
    broken, invalid = "protocol_error", "invalid_utf8"
    return {
        "unmasked": (frame(TEXT, text, masked=False), 1002, broken),
        "unknown data opcode": (frame(0x3, text), 1002, broken),
        "unknown control opcode": (frame(0xB, b""), 1002, broken),
        "reserved bit": (frame(TEXT, text, reserved=4), 1002, broken),
        "continuation of nothing": (frame(0, text), 1002, broken),
        "new message inside another": (frame(TEXT, text, final=False) + frame(TEXT, text), 1002, broken),
        "fragmented control frame": (frame(PING, b"", final=False), 1002, broken),
        "long control frame": (frame(PING, b" " * 126), 1002, broken),
        "length not in its shortest form": (b"\x81\xfe\x00\x05" + b"\0\0\0\0hello", 1002, broken),
        "invalid UTF-8": (frame(TEXT, b"\xff\xfe"), 1007, invalid),
        "half a character": (frame(TEXT, "é".encode()[:1]), 1007, invalid),
        "half a character, then an end": (frame(TEXT, b"\xc3", final=False) + frame(0, b"("), 1007, invalid),
    }


@pytest.mark.parametrize(("data", "code", "reason"), violations().values(), ids=violations())
async def test_a_violation_of_rfc_6455_closes(
    server: Server, bystander: ReplicaClient, data: bytes, code: int, reason: str
) -> None:
    """A frame that the standard forbids closes with the standard's code."""
    async with Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(refusals={reason: 1}, closes={code: 1}):
            await peer.send(data)
            assert code == await peer.close_code()
            await peer.end()


@pytest.mark.parametrize(
    ("payload", "label"),
    [
        (b"", 1005),
        (struct.pack(">H", 1000), 1000),
        (struct.pack(">H", 1001) + b"going away", 1001),
        (struct.pack(">H", 3000), "other"),
        (struct.pack(">H", 4999), "other"),
    ],
)
async def test_a_peers_close_is_answered(
    server: Server, bystander: ReplicaClient, payload: bytes, label: int | str
) -> None:
    """A legal close frame is answered with 1000. Application codes share one metric label."""
    async with Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(closes={label: 1}):
            await peer.send(frame(CLOSE, payload))
            assert 1000 == await peer.close_code()
            await peer.end()


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        (b"\x03", 1002, "protocol_error"),
        (struct.pack(">H", 999), 1002, "protocol_error"),
        (struct.pack(">H", 1005), 1002, "protocol_error"),
        (struct.pack(">H", 1006), 1002, "protocol_error"),
        (struct.pack(">H", 5000), 1002, "protocol_error"),
        (struct.pack(">H", 1000) + b"\xff", 1007, "invalid_utf8"),
    ],
)
async def test_a_damaged_close_frame_ends_the_connection(
    server: Server, bystander: ReplicaClient, payload: bytes, code: int, reason: str
) -> None:
    """An illegal close frame is counted by its fault, and the connection ends."""
    async with Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(refusals={reason: 1}, closes={code: 1}):
            await peer.send(frame(CLOSE, payload))
            await peer.end()


@pytest.mark.parametrize("vanishes", [True, False], ids=["reset", "end of stream"])
async def test_a_peer_without_a_close_frame_is_removed(
    server: Server, bystander: ReplicaClient, *, vanishes: bool
) -> None:
    """Its ship is removed, and the close counts as 1006."""
    async with server.expecting(closes={1006: 1}):
        async with Peer.connected(server) as peer:
            await peer.handshake()
            await bystander.until(lambda: len(bystander.ships) == 2)
            if vanishes:
                peer.vanish()
        await bystander.until(lambda: len(bystander.ships) == 1)


async def test_a_peer_that_resets_right_after_the_handshake_is_removed(
    server: Server, bystander: ReplicaClient
) -> None:
    """Many such peers leave no ship behind."""
    for _ in range(20):
        async with Peer.connected(server) as peer:
            await peer.handshake(V1)
            await peer.send(frame(BINARY, HELLO))
            peer.vanish()
    await bystander.until(lambda: len(bystander.ships) == 1)


@pytest.mark.parametrize("headers", [(V1,), ()], ids=["v1", "tutorial"])
async def test_a_flood_closes(server: Server, bystander: ReplicaClient, headers: tuple[tuple[str, str], ...]) -> None:
    """Of 1,000 messages at once, the first one above the limit closes with 4505, and the rest is dropped."""
    ping, up = frame(BINARY, inputs.encode_ping(1)), frame(TEXT, b'{"type": "mouseUp", "playerId": ""}')
    async with Peer.connected(server) as peer:
        await peer.handshake(*headers)
        async with server.expecting(refusals={"flood": 1}, closes={4505: 1}):
            await peer.send(frame(BINARY, HELLO) + ping * 999 if headers else up * 1000)
            assert 4505 == await peer.close_code()
            await peer.end()
