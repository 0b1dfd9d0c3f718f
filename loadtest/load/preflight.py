"""One player comes before all others, so that what cannot work at all is a sentence and not a measurement."""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random
from typing import Final

from picows import WSUpgradeResponse

from loadtest.load.crew import KINDS
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
    """Return the door by those addresses at which a player sees the world; raises CannotRunError if there is none."""
    complaints: list[str] = []
    fine = []
    for address in target.addresses:
        complaint = await _tried(target, target.door((address,)), protocol)
        if complaint is None:
            fine.append(address)
        else:
            complaints.append(complaint)
    if not fine:
        raise CannotRunError(complaints[0])
    return target.door(tuple(fine))


async def listening(target: Target) -> None:
    """Raise CannotRunError unless somebody takes connections there; what it speaks only the load will tell."""
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            _, writer = await asyncio.open_connection(target.addresses[0], target.port)
    except (OSError, TimeoutError):
        raise CannotRunError(f"Nobody listens at {target.url}: is the server running?") from None
    writer.close()


async def _tried(target: Target, door: Door, protocol: str) -> str | None:
    """Return what went wrong, or None."""
    scout = _Scout(target, protocol)
    player = KINDS[protocol][0](door, 0, Hand(Random(0), None), scout, Random(0))  # noqa: S311  # no secret
    life = asyncio.create_task(player.live())
    try:
        async with asyncio.timeout(HANDSHAKE_S + FRAME_S):
            return await scout.outcome
    except TimeoutError:
        return (
            f"{target.url} opens a socket, but shows no frame of the world within {FRAME_S:g} s: does it speak"
            f" {protocol} (see --protocol), and does its world run?"
        )
    finally:
        player.leave(kindly=True)
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life


class _Scout(Observer):
    """Learns how the first socket fares: None, or a sentence."""

    def __init__(self, target: Target, protocol: str) -> None:
        self.outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._protocol = protocol

    def connected(self, response: WSUpgradeResponse) -> None:
        chosen = response.headers.get("Sec-WebSocket-Protocol")
        if self._protocol == "v1" and chosen != "flotilla.v1":
            self._end(f"{self._target.url} does not speak flotilla.v1: try --protocol json.")

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:  # noqa: ARG002  # that it came is enough
        self._end(None)
        return False

    def refused(self, error: DoorError) -> None:
        url, host = self._target.url, self._target.host
        sentences: dict[str, Callable[[], str]] = {
            TLS: lambda: f"TLS with {host} failed: is it {url.partition(':')[0]}, and its authority known (see --ca)?",
            TIMEOUT: lambda: f"{url} did not answer the handshake within {HANDSHAKE_S:g} s.",
            PROTOCOL: lambda: f"What listens at {url} is no WebSocket server.",
            NAME: lambda: f"The name {host} cannot be looked up.",
        }
        if error.status != NO_ANSWER:
            hint = _HINTS.get(error.status, "so no WebSocket is there")
            self._end(f"{url} answers {error.status} instead of opening a socket: {hint}.")
        else:
            self._end(sentences.get(error.kind, lambda: f"Nobody listens at {url}: is the server running?")())

    def closed(self, code: int) -> None:
        how = "without a word" if code == GONE else f"with {code}"
        self._end(f"{self._target.url} opened a socket and closed it {how} before the first frame of the world.")

    def undecodable(self) -> None:
        self._end(f"{self._target.url} says what {self._protocol} does not have: see --protocol.")

    def _end(self, outcome: str | None) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)
