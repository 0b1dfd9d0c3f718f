"""app/doctor/websocket.py: findings if the WebSocket opens but no frame arrives."""

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

SUBPROTOCOLS = [Subprotocol("flotilla.v1")]
WELCOME = outputs.encode_welcome(Welcome(7, 1, 5, 0))


@contextlib.contextmanager
def gateway(*messages: bytes | str, code: int | None = None, subprotocol: bool = True) -> Iterator[Site]:
    """Run a gateway that accepts every origin, sends these messages after HELLO, then closes or stays silent."""

    def play(socket: ServerConnection) -> None:
        socket.recv()
        for message in messages:
            socket.send(message)
        if code is not None:
            socket.close(code, "as it is")
        socket.recv()

    with serve(play, "127.0.0.1", 0, subprotocols=SUBPROTOCOLS if subprotocol else None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site.parse(f"http://127.0.0.1:{server.socket.getsockname()[1]}/")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("messages", "code", "seen", "remedy"),
    [
        ([], None, "no ship", "start a tick"),
        ([outputs.encode_status(paused=True)], None, "world is paused", "start a tick"),
        (
            [outputs.encode_status(paused=True), WELCOME, outputs.encode_status(paused=False)],
            None,
            "no frame",
            "the same Redis",
        ),
        ([], 4005, "4005 as it is", "docs/protocol.md"),
        (["{}"], None, "text_on_binary", "/ws/"),
        ([b""], None, "empty", "/ws/"),
        ([b"\x82\x01"], None, "length", "/ws/"),
    ],
)
def test_a_missing_frame_is_explained(
    monkeypatch: pytest.MonkeyPatch, messages: list[bytes | str], code: int | None, seen: str, remedy: str
) -> None:
    """The messages before it decide the finding."""
    monkeypatch.setattr(websocket, "TIMEOUT_S", 0.3)
    with gateway(*messages, code=code) as site:
        opened, frame = websocket.check_socket(site)
        assert (Verdict.OK, Verdict.FAIL) == (opened.verdict, frame.verdict)
        assert seen in frame.seen
        assert remedy in frame.remedy


def test_a_server_without_the_subprotocol_fails() -> None:
    """A proxy may drop the header that requests it."""
    with gateway(subprotocol=False) as site:
        (found,) = websocket.check_socket(site)
        assert Verdict.FAIL is found.verdict
        assert "Sec-WebSocket-Protocol" in found.remedy


def test_a_gateway_that_accepts_a_foreign_origin_fails() -> None:
    """Any page could play for its visitors."""
    with gateway() as site:
        (found,) = websocket.check_origin(site)
        assert Verdict.FAIL is found.verdict
        assert "FLOTILLA_ALLOWED_ORIGINS" in found.remedy
