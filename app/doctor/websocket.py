"""The game's WebSocket from outside, with the page's own Origin: the handshake, a ship, a frame; strangers stay out."""

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

STRANGER: Final = "https://origin.invalid"  # RFC 6761: nobody has it
LANGUAGE: Final = Subprotocol("flotilla.v1")
TIMEOUT_S: Final = 5.0  # for the handshake, and again for the first frame
MAX_BYTES: Final = 1 << 20  # a keyframe of 60,000 ships
FORBIDDEN: Final = 403

_ELSEWHERE: Final = "browsers follow no redirect here: lead /ws/ to the gateways, under the page's own scheme and name"
_REMEDIES: Final = {
    **dict.fromkeys((301, 302, 303, 307, 308), _ELSEWHERE),
    200: "let the proxy pass Upgrade and Connection on, and lead /ws/ to the gateways",
    400: "let the proxy pass Upgrade and Connection on (HTTP/1.1)",
    403: "add the page's host to FLOTILLA_ALLOWED_HOSTS, or its origin to FLOTILLA_ALLOWED_ORIGINS",
    404: "lead /ws/ to the gateways",
    426: "let the proxy pass Upgrade and Connection on",
    502: "start the gateways, or correct their address in the proxy",
    503: "wait if it drains, add gateways if it is full, or start one",
    504: "look why the gateways do not answer the proxy",
}


def look_at_socket(site: Site) -> list[Finding]:
    """Return whether a page of the site can play."""
    return asyncio.run(_play(site))


def look_at_origin(site: Site) -> list[Finding]:
    """Return whether a page of another site is kept out."""
    return [asyncio.run(_intrude(site))]


class _Direct(connect):
    """A connection that no redirect leads elsewhere, as those of browsers."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Leave the answer as it is."""
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
        proxy=None,  # the machine's proxies are not on the players' way
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
                return [fail(HANDSHAKE, f"{site.game} opens, but does not speak {LANGUAGE}", remedy)]
            opened = ok(HANDSHAKE, f"{site.game} opens for {site.origin}")
            return [opened, await _first_frame(socket)]
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        return [_refused(error), skipped(FRAME, "there is no WebSocket")]


def _refused(error: Exception) -> Finding:
    if isinstance(error, websockets.InvalidStatus):
        status = error.response.status_code
        remedy = _REMEDIES.get(status, "look into the log of the proxy and of the gateways")
        return fail(HANDSHAKE, f"the handshake is answered with {status} {error.response.reason_phrase}", remedy)
    seen, remedy = network_errors.explain(error)
    return fail(HANDSHAKE, seen, remedy)


async def _first_frame(socket: ClientConnection) -> Finding:
    started = time.perf_counter()
    news = _News()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await socket.send(inputs.encode_hello())
            async for message in _messages(socket):
                if isinstance(message, Keyframe):
                    took = (time.perf_counter() - started) * 1000
                    return ok(FRAME, f"a ship and a frame of {len(message.records)} ships after {took:.0f} ms")
                news.take(message)
    except TimeoutError:
        return news.silence()
    except Refused as refused:
        return fail(FRAME, f"not a message of {LANGUAGE} ({refused.reason})", "look where /ws/ leads to")
    except websockets.ConnectionClosed:
        pass
    seen = f"closed with {socket.close_code} {socket.close_reason}".strip()
    return fail(FRAME, seen, "docs/protocol.md says what the code means")


async def _messages(socket: ClientConnection) -> AsyncIterator[ServerMessage]:
    async for data in socket:
        if isinstance(data, str):
            raise Refused("text_on_binary")
        for message in outputs.decode(data):
            yield message


class _News:
    """What came before the first frame, for who waits for it in vain."""

    def __init__(self) -> None:
        self._welcomed = False
        self._paused = False

    def take(self, message: ServerMessage) -> None:
        """Note a message."""
        self._welcomed = self._welcomed or isinstance(message, Welcome)
        if isinstance(message, Status):
            self._paused = message.paused

    def silence(self) -> Finding:
        """Return what it means that no frame came."""
        if self._paused:
            return fail(
                FRAME,
                "the gateway says that the world stands still",
                "start a tick, and look whether it holds the lease",
            )
        if self._welcomed:
            return fail(
                FRAME, f"a ship, but no frame in {TIMEOUT_S:g} s", "look whether gateways and tick share one Redis"
            )
        return fail(FRAME, f"no ship in {TIMEOUT_S:g} s", "start a tick, and look whether it holds the lease")


async def _intrude(site: Site) -> Finding:
    try:
        async with _connected(site, STRANGER):
            remedy = "let the proxy pass Origin on unchanged, and look into FLOTILLA_ALLOWED_ORIGINS"
            return fail(ORIGIN, "a page of any other site can play in its visitors' name", remedy)
    except websockets.InvalidStatus as error:
        status = error.response.status_code
        if status == FORBIDDEN:
            return ok(ORIGIN, "refused")
        return warn(ORIGIN, f"refused, but with {status}", "look who refuses it: the gateways answer with 403")
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        return skipped(ORIGIN, network_errors.explain(error)[0])
