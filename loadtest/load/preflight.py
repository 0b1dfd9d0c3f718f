"""Connects one player before the load, so that a wrong setting is reported in a sentence instead of measured."""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random
from typing import Final

from picows import WSUpgradeResponse

from loadtest.load.group import KINDS
from loadtest.load.target import Target
from loadtest.outcome import CannotRunError
from loadtest.players.door import HANDSHAKE_S, NAME, NO_ANSWER, PROTOCOL, TIMEOUT, TLS, Door, DoorError
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.player import GONE

FRAME_S: Final = 10.0  # longest wait for the first frame of the world
_HINTS: Final = {
    403: "its origin, path or subprotocol is not allowed there (see --origin, --protocol)",
    404: "there is no game socket at that path",
    421: "it does not serve that host (see --host-header)",
    503: "it is full or about to stop",
}


async def reachable(target: Target, protocol: str) -> Door:
    """Return the door with the addresses at which a player gets a frame; raises CannotRunError if there is none."""
    errors: list[str] = []
    working = []
    for address in target.addresses:
        error = await _tried(target, target.door((address,)), protocol)
        if error is None:
            working.append(address)
        else:
            errors.append(error)
    if not working:
        raise CannotRunError(errors[0])
    return target.door(tuple(working))


async def listening(target: Target) -> None:
    """Raise CannotRunError unless the target accepts connections; its protocol is not checked."""
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            _, writer = await asyncio.open_connection(target.addresses[0], target.port)
    except (OSError, TimeoutError):
        raise CannotRunError(f"Nothing listens at {target.url}: is the server running?") from None
    writer.close()


async def _tried(target: Target, door: Door, protocol: str) -> str | None:
    """Return a sentence about the failure, or None."""
    probe = _Probe(target, protocol)
    player = KINDS[protocol](door, 0, Hand(Random(0), None), probe, Random(0))  # noqa: S311  # no secret
    life = asyncio.create_task(player.live())
    try:
        async with asyncio.timeout(HANDSHAKE_S + FRAME_S):
            return await probe.outcome
    except TimeoutError:
        return (
            f"{target.url} opens a socket, but sends no frame of the world within {FRAME_S:g} s: does it support"
            f" {protocol} (see --protocol), and does its world run?"
        )
    finally:
        player.leave(kindly=True)
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life


class _Probe(Observer):
    """Resolves `outcome` with None after the first frame, or with a sentence about the failure."""

    def __init__(self, target: Target, protocol: str) -> None:
        self.outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._protocol = protocol

    def connected(self, response: WSUpgradeResponse) -> None:
        chosen = response.headers.get("Sec-WebSocket-Protocol")
        if self._protocol == "v1" and chosen != "flotilla.v1":
            self._end(f"{self._target.url} does not support flotilla.v1: try --protocol json.")

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:  # noqa: ARG002  # its arrival is enough
        self._end(None)
        return False

    def refused(self, error: DoorError) -> None:
        url, host = self._target.url, self._target.host
        sentences: dict[str, Callable[[], str]] = {
            TLS: lambda: (
                f"TLS with {host} failed: is it {url.partition(':')[0]}, and its authority trusted (see --ca)?"
            ),
            TIMEOUT: lambda: f"{url} did not answer the handshake within {HANDSHAKE_S:g} s.",
            PROTOCOL: lambda: f"The program that listens at {url} is not a WebSocket server.",
            NAME: lambda: f"The name {host} cannot be looked up.",
        }
        if error.status != NO_ANSWER:
            hint = _HINTS.get(error.status, "no WebSocket is there")
            self._end(f"{url} answers {error.status} instead of opening a socket: {hint}.")
        else:
            self._end(sentences.get(error.kind, lambda: f"Nothing listens at {url}: is the server running?")())

    def closed(self, code: int) -> None:
        how = "without a close frame" if code == GONE else f"with {code}"
        self._end(f"{self._target.url} opened a socket and closed it {how} before the first frame of the world.")

    def undecodable(self) -> None:
        self._end(f"{self._target.url} sends messages that {self._protocol} does not have: see --protocol.")

    def _end(self, outcome: str | None) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)
