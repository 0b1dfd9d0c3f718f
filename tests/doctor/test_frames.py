"""What the doctor says when the socket opens and the world does not come."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from app.doctor import websocket
from app.doctor.finding import Verdict
from app.doctor.site import Site
from app.wire import outputs
from app.wire.outputs import Welcome

LANGUAGE = [Subprotocol("flotilla.v1")]
WELCOME = outputs.encode_welcome(Welcome(7, 1, 5, 0))


@contextlib.contextmanager
def gateway(*said: bytes | str, code: int | None = None, speaks: bool = True) -> Iterator[Site]:
    """A gateway that opens to everybody, says these messages after HELLO, then closes or is silent."""

    def play(socket: ServerConnection) -> None:
        socket.recv()
        for message in said:
            socket.send(message)
        if code is not None:
            socket.close(code, "as it is")
        socket.recv()

    with serve(play, "127.0.0.1", 0, subprotocols=LANGUAGE if speaks else None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site.parse(f"http://127.0.0.1:{server.socket.getsockname()[1]}/")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("said", "code", "seen", "remedy"),
    [
        ([], None, "no ship", "start a tick"),
        ([outputs.encode_status(paused=True)], None, "stands still", "start a tick"),
        (
            [outputs.encode_status(paused=True), WELCOME, outputs.encode_status(paused=False)],
            None,
            "no frame",
            "one Redis",
        ),
        ([], 4005, "4005 as it is", "docs/protocol.md"),
        (["{}"], None, "text_on_binary", "/ws/"),
        ([b""], None, "empty", "/ws/"),
        ([b"\x82\x01"], None, "length", "/ws/"),
    ],
)
def test_a_world_that_does_not_come_is_explained(
    monkeypatch: pytest.MonkeyPatch, said: list[bytes | str], code: int | None, seen: str, remedy: str
) -> None:
    """By what came instead of it."""
    monkeypatch.setattr(websocket, "TIMEOUT_S", 0.3)
    with gateway(*said, code=code) as site:
        opened, frame = websocket.look_at_socket(site)
        assert (Verdict.OK, Verdict.FAIL) == (opened.verdict, frame.verdict)
        assert seen in frame.seen
        assert remedy in frame.remedy


def test_a_server_of_another_language_fails() -> None:
    """A proxy may drop the header that asks for ours."""
    with gateway(speaks=False) as site:
        (found,) = websocket.look_at_socket(site)
        assert Verdict.FAIL is found.verdict
        assert "Sec-WebSocket-Protocol" in found.remedy


def test_a_gateway_that_opens_to_strangers_fails() -> None:
    """Every page could play in its visitors' name."""
    with gateway() as site:
        (found,) = websocket.look_at_origin(site)
        assert Verdict.FAIL is found.verdict
        assert "FLOTILLA_ALLOWED_ORIGINS" in found.remedy
