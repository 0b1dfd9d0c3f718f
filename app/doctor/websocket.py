"""The game's WebSocket from outside: handshake, ship and frame for the page's Origin, and refusal of another Origin."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from app.doctor import network_errors
from app.doctor.finding import Finding, fail, ok, skipped, warn
from app.doctor.site import Site
from app.wire import inputs, outputs
from app.wire.outputs import Keyframe, ServerMessage, Status, Welcome
from app.wire.refusal import Refused

HANDSHAKE: Final = "websocket"
FRAME: Final = "frame"
ORIGIN: Final = "foreign origin"

FOREIGN: Final = "https://origin.invalid"  # RFC 6761 reserves the domain
LANGUAGE: Final = Subprotocol("flotilla.v1")
TIMEOUT_S: Final = 5.0  # for the handshake, and again for the first frame
MAX_BYTES: Final = 1 << 20  # a keyframe of 60,000 ships
FORBIDDEN: Final = 403

_ELSEWHERE: Final = "browsers follow no redirect here: send /ws/ to the gateways, under the page's own scheme and name"
_NO_TICK: Final = "start a tick, and check that it has the lease"
_REMEDIES: Final = {
    **dict.fromkeys((301, 302, 303, 307, 308), _ELSEWHERE),
    200: "let the proxy pass Upgrade and Connection on, and send /ws/ to the gateways",
    400: "let the proxy pass Upgrade and Connection on (HTTP/1.1)",
    403: "add the page's host to FLOTILLA_ALLOWED_HOSTS, or its origin to FLOTILLA_ALLOWED_ORIGINS",
    404: "send /ws/ to the gateways",
    426: "let the proxy pass Upgrade and Connection on",
    502: "start the gateways, or correct their address in the proxy",
    503: "wait if the gateway drains, add gateways if it is full, or start one",
    504: "find out why the gateways do not answer the proxy",
}


def check_socket(site: Site) -> list[Finding]:
    """Find out whether a page of the site can play."""
    return asyncio.run(_play(site))


def check_origin(site: Site) -> list[Finding]:
    """Find out whether the gateways refuse a page of another site."""
    return [asyncio.run(_foreign(site))]


class _Direct(connect):
    """A connection that follows no redirect, as in browsers."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


def _connected(site: Site, origin: str) -> connect:
    host, port = site.reached_at
    return _Direct(
        site.game,
        host=host,
        port=port,
        origin=Origin(origin),
        subprotocols=[LANGUAGE],
        compression=None,
        proxy=None,  # players do not use this machine's proxies
        open_timeout=TIMEOUT_S,
        close_timeout=1,
        max_size=MAX_BYTES,
        ping_interval=None,
    )


async def _play(site: Site) -> list[Finding]:
    try:
        async with _connected(site, site.origin) as socket:
            if socket.subprotocol != LANGUAGE:
                remedy = "let the proxy pass Sec-WebSocket-Protocol on"
                return [fail(HANDSHAKE, f"{site.game} opens, but without the subprotocol {LANGUAGE}", remedy)]
            opened = ok(HANDSHAKE, f"{site.game} opens for {site.origin}")
            return [opened, await _first_frame(socket)]
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        return [_refused(error), skipped(FRAME, "there is no WebSocket")]


def _refused(error: Exception) -> Finding:
    if isinstance(error, websockets.InvalidStatus):
        status = error.response.status_code
        remedy = _REMEDIES.get(status, "see the logs of the proxy and of the gateways")
        return fail(HANDSHAKE, f"the handshake is answered with {status} {error.response.reason_phrase}", remedy)
    seen, remedy = network_errors.explain(error)
    return fail(HANDSHAKE, seen, remedy)


async def _first_frame(socket: ClientConnection) -> Finding:
    started = time.perf_counter()
    before = _Messages()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await socket.send(inputs.encode_hello())
            async for message in _decoded(socket):
                if isinstance(message, Keyframe):
                    took = (time.perf_counter() - started) * 1000
                    return ok(FRAME, f"a ship and a frame of {len(message.records)} ships after {took:.0f} ms")
                before.add(message)
    except TimeoutError:
        return before.no_frame()
    except Refused as refused:
        return fail(FRAME, f"not a message of {LANGUAGE} ({refused.reason})", "check where the proxy sends /ws/")
    except websockets.ConnectionClosed:
        pass
    seen = f"closed with {socket.close_code} {socket.close_reason}".strip()
    return fail(FRAME, seen, "see the close codes in docs/protocol.md")


async def _decoded(socket: ClientConnection) -> AsyncIterator[ServerMessage]:
    async for data in socket:
        if isinstance(data, str):
            raise Refused("text_on_binary")
        for message in outputs.decode(data):
            yield message


class _Messages:
    """The messages before the first frame, which explain why none comes."""

    def __init__(self) -> None:
        self._welcomed = False
        self._paused = False

    def add(self, message: ServerMessage) -> None:
        self._welcomed = self._welcomed or isinstance(message, Welcome)
        if isinstance(message, Status):
            self._paused = message.paused

    def no_frame(self) -> Finding:
        if self._paused:
            return fail(FRAME, "the gateway reports that the world is paused", _NO_TICK)
        if self._welcomed:
            seen = f"a ship, but no frame in {TIMEOUT_S:g} s"
            return fail(FRAME, seen, "check that gateways and tick use the same Redis")
        return fail(FRAME, f"no ship in {TIMEOUT_S:g} s", _NO_TICK)


async def _foreign(site: Site) -> Finding:
    try:
        async with _connected(site, FOREIGN):
            remedy = "let the proxy pass Origin on unchanged, and check FLOTILLA_ALLOWED_ORIGINS"
            return fail(ORIGIN, "a page of any other site can play for its visitors", remedy)
    except websockets.InvalidStatus as error:
        status = error.response.status_code
        if status == FORBIDDEN:
            return ok(ORIGIN, "refused")
        return warn(ORIGIN, f"refused, but with {status}", "find out which proxy refuses it: gateways answer with 403")
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        return skipped(ORIGIN, network_errors.explain(error)[0])
