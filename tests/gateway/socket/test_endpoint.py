import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from app.gateway.gateway import Gateway
from app.gateway.player.session import SUBPROTOCOL
from app.gateway.socket.endpoint import EXTENSION, NO_PAGE, Endpoint, refuse_http, refuse_path
from app.layer.local import LocalChannelLayer
from tests.gateway.doubles import Counting, RecordingSink, limits, turns


class Socket:
    """The server's side of one ASGI WebSocket."""

    def __init__(self, gateway: Gateway, *subprotocols: str, extension: Any = None) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        extensions = {EXTENSION: extension} if extension else {}
        self.scope = {"subprotocols": list(subprotocols), "client": ["192.0.2.1", 1], "extensions": extensions}
        self.gateway = gateway

    async def serve(self, *events: dict[str, Any]) -> None:
        """Serve the socket until these events are read."""
        for event in ({"type": "websocket.connect"}, *events):
            self.events.put_nowait(event)
        await Endpoint(lambda: self.gateway)(self.scope, self.events.get, self.send)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


class Extension:
    """A double of the server's extension."""

    def __init__(self) -> None:
        self.given = RecordingSink()
        self.receiver: Any = None

    def open_sink(self) -> RecordingSink:
        return self.given

    def deliver_to(self, receiver: Any) -> None:
        self.receiver = receiver


def gone(code: int | None) -> dict[str, Any]:
    return {"type": "websocket.disconnect", "code": code}


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(LocalChannelLayer(), limits(sockets_per_address=1), clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("offered", "chosen"), [((), None), ((SUBPROTOCOL,), SUBPROTOCOL), (("other", SUBPROTOCOL), SUBPROTOCOL)]
)
async def test_the_protocol_is_chosen_at_accept(gateway: Gateway, offered: tuple[str, ...], chosen: str | None) -> None:
    """flotilla.v1 if it is offered, the tutorial's JSON if none is offered."""
    socket = Socket(gateway, *offered)
    await socket.serve(gone(1000))
    assert {"type": "websocket.accept", "subprotocol": chosen} == socket.sent[0]


async def test_other_protocols_are_refused(gateway: Gateway) -> None:
    """The refusal comes before the accept and is counted."""
    counting, socket = Counting(), Socket(gateway, "other")
    await socket.serve()
    assert [{"type": "websocket.close"}] == socket.sent
    assert {"subprotocol": 1} == counting.moved()


async def test_messages_reach_the_session(gateway: Gateway) -> None:
    """Text and bytes, also empty ones. A server may send both keys, one of them None."""
    for event, reason in (
        ({"text": ""}, "text_on_binary"),
        ({"bytes": b"", "text": None}, "empty"),
        ({"bytes": None, "text": "{}"}, "text_on_binary"),
    ):
        counting = Counting()
        await Socket(gateway, SUBPROTOCOL).serve({"type": "websocket.receive", **event}, gone(1000))
        assert {reason: 1, "4500": 1} == counting.moved()


async def test_the_portable_sink_carries_a_close(gateway: Gateway) -> None:
    """Code and reason are sent by ASGI's send."""
    socket = Socket(gateway, SUBPROTOCOL)
    serving = asyncio.create_task(socket.serve({"type": "websocket.receive", "text": "?"}))
    await turns(lambda: len(socket.sent) == 2)
    assert {"type": "websocket.close", "code": 4500, "reason": "malformed message: text_on_binary"} == socket.sent[1]
    socket.events.put_nowait(gone(4500))
    await serving


@pytest.mark.parametrize(("code", "label"), [(1000, "1000"), (None, "1006")])
async def test_the_end_is_counted(gateway: Gateway, code: int | None, label: str) -> None:
    """The label is the peer's code, or 1006 without one."""
    counting = Counting()
    await Socket(gateway).serve(gone(code))
    assert {label: 1} == counting.moved()
    assert not gateway._connections


async def test_a_server_that_is_cancelled_leaves_nothing(gateway: Gateway) -> None:
    """The connection ends with its task."""
    serving = asyncio.create_task(Socket(gateway).serve())
    await turns(lambda: gateway._connections)
    serving.cancel()
    await asyncio.wait([serving])
    assert not gateway._connections
    assert gateway.admission.refusal("192.0.2.1") is None


async def test_without_the_extension_the_endpoint_admits(gateway: Gateway) -> None:
    """One socket of an address is the limit here. A socket that closes makes room."""
    first = asyncio.create_task((one := Socket(gateway)).serve())
    await turns(lambda: one.sent)
    counting, late = Counting(), Socket(gateway)
    await late.serve()
    assert [{"type": "websocket.close"}] == late.sent
    assert {"address_full": 1} == counting.moved()
    one.events.put_nowait(gone(1000))
    await first
    await (again := Socket(gateway)).serve(gone(1000))
    assert "websocket.accept" == again.sent[0]["type"]


async def test_a_proxy_forwards_the_addresses_of_its_clients(gateway: Gateway) -> None:
    """Each client counts as one address, and one of them is full."""
    gateway.limits = limits(trusted_proxies=(ip_network("192.0.2.0/24"),))
    gateway.admission.enter("198.51.100.1")
    for client, moved in (("198.51.100.1", {"address_full": 1}), ("198.51.100.2", {"1000": 1})):
        counting, socket = Counting(), Socket(gateway)
        socket.scope["headers"] = [(b"x-forwarded-for", b"6.6.6.6"), (b"X-Forwarded-For", client.encode())]
        await socket.serve(gone(1000))
        assert moved == counting.moved()


async def test_the_extension_is_used_if_it_is_offered(gateway: Gateway) -> None:
    """Its sink sends the answers, and messages go directly to the controls."""
    extension = Extension()
    socket = Socket(gateway, SUBPROTOCOL, extension=extension)
    serving = asyncio.create_task(socket.serve())
    await turns(lambda: extension.receiver)
    extension.receiver.receive_text("?")
    assert (4500, "malformed message: text_on_binary") == extension.given.closed
    socket.events.put_nowait(gone(1000))
    await serving


async def test_there_is_no_page_here() -> None:
    """A browser gets an explanation, and the request is counted."""
    sent: list[Any] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    counting = Counting()
    await refuse_http({"type": "http"}, asyncio.Queue().get, send)
    assert [404, NO_PAGE] == [sent[0]["status"], sent[1]["body"]]
    assert {"http": 1} == counting.moved()


async def test_a_path_without_a_game_is_refused() -> None:
    """The refusal is counted."""
    events: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        events.append(message)

    counting = Counting()
    await refuse_path({}, receive, send)
    assert [{"type": "websocket.close"}] == events
    assert {"path": 1} == counting.moved()
