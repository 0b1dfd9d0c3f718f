"""One open game socket: joins its session (what is said) to sink, hub and uplink (what is done)."""

from collections.abc import Callable
from typing import Protocol

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.hub import Audience, Hub
from app.gateway.limits import Limits
from app.gateway.player import ticket as tickets
from app.gateway.player.controls import Helm, Receiver
from app.gateway.player.session import SUBPROTOCOL, BinarySession, Session, TutorialSession
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, Uplink
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire.close_codes import CloseCode
from app.wire.outputs import Welcome


class Surroundings(Protocol):
    """What a connection needs of its gateway."""

    hub: Hub
    uplink: Uplink
    limits: Limits
    clock: Callable[[], float]
    paused: bool

    def wants_changed(self) -> None:
        """The arenas with local players may have changed."""


class Connection:
    """A socket from accept to close; it is the Port of its session and the Player of the uplink."""

    def __init__(
        self,
        gateway: Surroundings,
        sink: Sink,
        *,
        number: int,
        subprotocol: str | None,
        deliver_to: Callable[[Receiver], None] = lambda _receiver: None,
    ) -> None:
        """Begin the session of an accepted socket; `number` is unique in this process.

        `deliver_to` gives the socket's messages to another receiver: to the helm, as soon as there is a player.
        """
        self.close_code: int | None = None
        self._gateway = gateway
        self._sink = sink
        self._number = number
        self._deliver_to = deliver_to
        self._arena: int | None = None
        self._audience: Audience | None = None
        self._opened = gateway.clock()
        # Sockets that came in one moment are pinged at moments spread evenly (by the golden ratio) over the interval.
        self._pinged = self._opened - gateway.limits.ping_interval_s * (number * 0.618034 % 1)
        self._helm = Helm(
            gateway.limits.messages_per_second,
            gateway.limits.message_burst,
            self._opened,
            steers=gateway.uplink.steers,
            others=self,
        )
        self._binary = subprotocol == SUBPROTOCOL
        self._session: Session = BinarySession(self) if self._binary else TutorialSession(self)

    def receive_bytes(self, data: bytes) -> None:
        """Take in one binary message from the peer."""
        if self._helm.take():
            self._session.receive_bytes(data)
        else:
            self._flooded()

    def receive_text(self, text: str) -> None:
        """Take in one text message from the peer."""
        if self._helm.take():
            self._session.receive_text(text)
        else:
            self._flooded()

    def check(self, now: float) -> None:
        """Enforce what depends on time; called a few times a second with the gateway's clock."""
        talks = self._helm.spent()
        self._helm.refill(now)
        if self.close_code is not None:
            return
        limits, sink = self._gateway.limits, self._sink
        if sink.blocked_since is not None and now - sink.blocked_since > limits.stall_s:
            self.close(CloseCode.TOO_SLOW, "frames were not read")
        elif sink.blocked_since is not None and sink.pending() > limits.overflow_bytes:
            self.close(CloseCode.TOO_SLOW, "answers were not read")
        elif sink.pinged_since is not None and now - sink.pinged_since > limits.ping_timeout(talks=talks):
            self.close(CloseCode.TOO_SLOW, "pings were not answered")
        elif now - self._pinged >= limits.ping_interval(talks=talks):
            self._pinged = now
            sink.ping()
        elif now - self._opened > limits.hello_timeout_s:
            self._session.overdue()

    def paused(self, *, paused: bool) -> None:
        """Tell the player that the world stands still, or moves again."""
        self._session.paused(paused=paused)

    def restart(self, reconnect_after_ms: int) -> None:
        """Say goodbye and close for a restart of the server."""
        if self.close_code is None:
            self._session.goodbye(reconnect_after_ms)
            self.close(CloseCode.RESTART, "service restart")

    def end(self, code: int) -> None:
        """Leave everything: the socket is gone. `code` is the peer's unless this side closed first."""
        self._depart()
        metrics.CLOSES.labels(_label(code if self.close_code is None else self.close_code)).inc()
        self.close_code = code

    def berthed(self, welcome: Welcome) -> None:
        """Move to the arena of the new ship."""
        self.unwatch()
        self._arena = welcome.arena
        self._session.berthed(welcome)

    def world_full(self) -> None:
        """Close: there is no ship to be had."""
        self.refuse("world_full")
        self.close(CloseCode.WORLD_FULL, "the world is full, try again later")

    def superseded(self) -> None:
        """Close: the player came again, by another connection."""
        self.close(CloseCode.SUPERSEDED, "you are flying from another window")

    def join(self, ticket: bytes | None) -> None:
        """Ask for a ship; a ticket that is none of ours is counted, and its bearer is somebody new."""
        self._gateway.uplink.join(self._number, self, self._helm, self._identified(ticket))
        if self._binary:
            self._deliver_to(self._helm)
            if self._gateway.paused:
                self._session.paused(paused=True)

    def steer(self, message: bytes) -> None:
        """Pass the controls on."""
        self._helm.steer(message)

    def send(self, frame: Frame) -> None:
        """Write to the socket."""
        self._sink.control(frame)

    def watch(self, *, full: bool) -> None:
        """Join the audience that fits the language."""
        if self._arena is None:
            return
        arena = self._gateway.hub.arena(self._arena)
        if not self._binary:
            self._audience = arena.tutorial
        else:
            self._audience = arena.pictures if full else arena.replicas
        self._audience.add(self._sink)
        self._gateway.wants_changed()

    def unwatch(self) -> None:
        """Leave the audience."""
        if self._audience is not None:
            self._audience.remove(self._sink)
            self._audience = None
            self._gateway.wants_changed()

    def refuse(self, reason: str) -> None:
        """Count a refused message."""
        metrics.REFUSALS.labels(reason).inc()

    def close(self, code: CloseCode, reason: str) -> None:
        """Leave everything and begin the closing handshake."""
        if self.close_code is None:
            self.close_code = code
            self._depart()
            self._helm.end()
            self._sink.close(code, reason)

    def _identified(self, ticket: bytes | None) -> Ticket:
        if ticket is None:
            return ANONYMOUS
        known = tickets.decode(ticket) if ticket else None
        if ticket and known is None:
            self.refuse("ticket")
        return known or tickets.fresh()

    def _flooded(self) -> None:
        if self.close_code is None:
            self.refuse("flood")
            self.close(CloseCode.FLOOD, "too many messages")

    def _depart(self) -> None:
        self.unwatch()
        self._gateway.uplink.leave(self._number)


_CODES = frozenset(int(code) for code in CloseCode) | {1001, 1002, 1003, 1005, 1006, 1007}


def _label(code: int) -> str:
    """Return the code as a label; peers may send any number, a metric may not have any label."""
    return str(code) if code in _CODES else "other"
