"""One open game socket: carries out what its session decides, on the sink, the hub and the uplink."""

from collections.abc import Callable
from typing import Final, Protocol

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.hub import Audience, Hub
from app.gateway.fanout.pace import DENSE, SPARSE
from app.gateway.limits import Limits
from app.gateway.player import ticket as tickets
from app.gateway.player.controls import BinaryControls, Controls
from app.gateway.player.session import SUBPROTOCOL, BinarySession, EndedSession, Session, TutorialSession
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, Uplink
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire.close_codes import CloseCode
from app.wire.outputs import Welcome

_GOLDEN: Final = 0.618034  # multiples of the golden ratio, modulo 1, are spread evenly


class GatewayContext(Protocol):
    """What a connection needs of its gateway."""

    hub: Hub
    uplink: Uplink
    limits: Limits
    clock: Callable[[], float]
    paused: bool

    def wants_changed(self) -> None:
        """Report that the arenas with local players may have changed."""


class Connection:
    """A socket from accept to close. Its messages go to `controls`; it changes the ship of these controls itself."""

    def __init__(self, gateway: GatewayContext, sink: Sink, *, number: int, subprotocol: str | None) -> None:
        """Start the session of an accepted socket. `number` is unique in this process."""
        self.close_code: int | None = None
        self._gateway = gateway
        self._sink = sink
        self._number = number
        self._arena: int | None = None
        self._audience: Audience | None = None
        self._opened = gateway.clock()
        # Sockets that opened at the same moment are pinged at moments spread over the interval.
        self._pinged = self._opened - gateway.limits.ping_interval_s * (number * _GOLDEN % 1)
        self._binary = subprotocol == SUBPROTOCOL
        self._session: Session = BinarySession(self) if self._binary else TutorialSession(self)
        self.controls: Controls = (BinaryControls if self._binary else Controls)(
            (gateway.limits.messages_per_second, gateway.limits.message_burst),
            self._opened,
            rows=gateway.uplink.input_rows,
            session=self._session,
            on_flood=self._flooded,
        )
        self._session.opened()

    def check(self, now: float) -> None:
        """Enforce the time limits and refill the budget. Call it a few times a second; `now` is the gateway's clock."""
        active = self.controls.spent()
        self.controls.refill(now)
        if self.close_code is not None:
            return
        limits, sink = self._gateway.limits, self._sink
        if sink.blocked_since is not None and now - sink.blocked_since > limits.stall_s:
            self.close(CloseCode.TOO_SLOW, "frames were not read")
        elif sink.blocked_since is not None and sink.pending() > limits.overflow_bytes:
            self.close(CloseCode.TOO_SLOW, "answers were not read")
        elif sink.pinged_since is not None and now - sink.pinged_since > limits.ping_timeout(active=active):
            self.close(CloseCode.TOO_SLOW, "pings were not answered")
        elif now - self._pinged >= limits.ping_interval(active=active):
            self._pinged = now
            sink.ping()
        elif now - self._opened > limits.hello_timeout_s:
            self._session.hello_timed_out()

    def send_status(self, *, paused: bool) -> None:
        """Send the player whether the world is paused."""
        self._session.send_status(paused=paused)

    def restart(self, reconnect_after_ms: int) -> None:
        """Send GOODBYE and close for a restart of the server."""
        if self.close_code is None:
            self._session.send_goodbye(reconnect_after_ms)
            self.close(CloseCode.RESTART, "service restart")

    def end(self, code: int) -> None:
        """Release everything after the socket closed. `code` is the peer's; it counts unless this side closed first."""
        self._leave()
        metrics.CLOSES.labels(_label(code if self.close_code is None else self.close_code)).inc()
        self.close_code = code
        # Session, controls and connection refer to each other. Without these cuts only a full collection finds them.
        self._session = EndedSession()
        self.controls.release()

    def ship_assigned(self, welcome: Welcome) -> None:
        self.unwatch()
        self._arena = welcome.arena
        self.controls.assign(welcome.ship)
        self._session.ship_assigned(welcome)

    def world_full(self) -> None:
        self.refuse("world_full")
        self.close(CloseCode.WORLD_FULL, "the world is full, try again later")

    def superseded(self) -> None:
        self.close(CloseCode.SUPERSEDED, "you are flying from another window")

    def join(self, ticket: bytes | None) -> None:
        """Request a ship. An invalid ticket is counted, and its owner becomes a new player."""
        self._gateway.uplink.join(self._number, self, self._identified(ticket))
        if self._gateway.paused:
            self._session.send_status(paused=True)

    def steer(self, message: bytes) -> None:
        self.controls.steer(message)

    def send(self, frame: Frame) -> None:
        self._sink.control(frame)

    def watch(self, *, full: bool, sparse: bool = False) -> None:
        """Join the audience that fits the protocol of the socket."""
        if self._arena is None:
            return
        arena = self._gateway.hub.arena(self._arena)
        if self._binary and not full:
            arena.replicas.add(self._sink, SPARSE if sparse else DENSE)
            self._audience = arena.replicas
        else:
            pictures = arena.pictures if self._binary else arena.tutorial
            pictures.add(self._sink)
            self._audience = pictures
        self._gateway.wants_changed()

    def unwatch(self) -> None:
        if self._audience is not None:
            self._audience.remove(self._sink)
            self._audience = None
            self._gateway.wants_changed()

    def refuse(self, reason: str) -> None:
        metrics.REFUSALS.labels(reason).inc()

    def close(self, code: CloseCode, reason: str) -> None:
        """Release everything and start the closing handshake. Only the first call counts."""
        if self.close_code is None:
            self.close_code = code
            self._leave()
            self.controls.end()
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

    def _leave(self) -> None:
        self.unwatch()
        self.controls.unassign()
        self._gateway.uplink.leave(self._number)


_CODES = frozenset(int(code) for code in CloseCode) | {1001, 1002, 1003, 1005, 1006, 1007}


def _label(code: int) -> str:
    """Return the code as a label. A peer may send any code, so that all others share one label."""
    return str(code) if code in _CODES else "other"
