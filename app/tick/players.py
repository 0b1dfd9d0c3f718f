"""Which player flies which ship, and through which gateway: rosters in, verdicts and departures out. Pure.

A roster is a state, not an event, so one may be lost or repeated without harm. Each session in a roster has a ship or
gets one. A ship whose session is in no roster leaves: at once if its player has no ticket, else after a grace period.
Within that period a newer session of the same player takes the ship over. The newest session of a player wins.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.sim.rules import MAX_ID
from app.wire.uplink import BERTH, BERTHED, NO_PLAYER, NO_SHIP, SUPERSEDED, WORLD_FULL, Rows

NO_OWNER: Final = 0  # in Players.owner: no gateway may steer the ship
CLAIM_TICKS: Final = 60  # 3 s in which gateways may claim the ships of their players after a takeover
GENERATIONS: Final = 1 << 32  # they travel as u32


@dataclass(frozen=True, slots=True)
class Seat:
    """A session of a gateway."""

    gateway: str
    session: int


@dataclass(slots=True)
class Pilot:
    """A ship and its player."""

    player: int
    generation: int
    ship: int
    arena: int
    seat: Seat | None = None
    left_at: int = 0  # the tick since which it has no seat


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A session that waits for a ship; `ship` and `arena` are the ones that it has according to its gateway."""

    seat: Seat
    player: int
    generation: int
    ship: int = NO_SHIP
    arena: int = 0


@dataclass(slots=True)
class _Sessions:
    """The sessions of one gateway; `owner` is its number in Players.owner."""

    owner: int
    pilots: dict[int, Pilot] = field(default_factory=dict)
    waiting: dict[int, Newcomer] = field(default_factory=dict)
    superseded: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    unconfirmed: set[int] = field(default_factory=set)  # sessions whose roster entry does not show their verdict yet
    verdicts_sent: bool = False  # since the last roster; then the next one is compared even if it is the same


class Players:
    """All pilots, and all sessions that wait for a ship."""

    def __init__(self, grace_ticks: int) -> None:
        """Keep the ship of a player with a ticket for `grace_ticks` after its session ended."""
        self._grace_ticks = grace_ticks
        self.owner = np.full(MAX_ID + 1, NO_OWNER, dtype=np.int32)  # by ship: which gateway may steer it
        self._owners = NO_OWNER
        self._gateways: dict[str, _Sessions] = {}
        self._waiting: dict[int, Newcomer] = {}  # by player
        self._by_player: dict[int, Pilot] = {}
        self._by_ship: dict[int, Pilot] = {}
        self._absent: dict[int, Pilot] = {}  # by ship: those without a seat
        self._departures: list[int] = []
        self._coasting: set[int] = set()
        self._unclaimed: set[int] = set()  # ships of a checkpoint that keep their thrust until `_claimed_by`
        self._claimed_by = 0

    def __len__(self) -> int:
        """Return the number of pilots, with or without a seat."""
        return len(self._by_ship)

    def pilot_of(self, ship: int) -> Pilot | None:
        """Return the pilot of `ship`, with or without a seat."""
        return self._by_ship.get(ship)

    def restore(self, pilots: Iterable[Pilot], tick: int) -> None:
        """Add pilots without seats; their grace period begins at `tick`."""
        for pilot in pilots:
            self._add_pilot(pilot)
            self._empty_seat(pilot, tick)
        self._unclaimed, self._coasting = self._coasting, set()  # most of these players still hold the button
        self._claimed_by = tick + CLAIM_TICKS

    def keep_ships(self, ships: Collection[int], tick: int) -> None:
        """Remove the pilots of ships that are gone, and give gateways CLAIM_TICKS to claim the others."""
        for pilot in [pilot for pilot in self._by_ship.values() if pilot.ship not in ships]:
            self._take_ship_away(pilot)
        self._claimed_by = tick + CLAIM_TICKS
        leaves = self._claimed_by - self._grace_ticks
        for pilot in self._absent.values():
            pilot.left_at = leaves if pilot.player == NO_PLAYER else max(pilot.left_at, leaves)

    def reconcile(self, gateway: str, roster: Rows, tick: int) -> None:
        """Apply the whole roster of a gateway."""
        sessions = self._sessions(gateway)
        present = set(roster["session"].tolist())
        for session in [session for session in sessions.pilots if session not in present]:
            self._end_session(sessions.pilots.pop(session), tick)
        for session in [session for session in sessions.waiting if session not in present]:
            self._remove_waiting(sessions, session)
        sessions.superseded &= present
        sessions.refused &= present
        sessions.unconfirmed, sessions.verdicts_sent = set(), False
        for session, player, generation, ship, arena in roster.tolist():
            pilot = sessions.pilots.get(session)
            if pilot is None:
                self._compare(sessions, Pilot(player, generation, ship, arena, Seat(gateway, session)))
            elif (pilot.ship, pilot.arena, pilot.generation) != (ship, arena, generation):
                sessions.unconfirmed.add(session)

    def unsettled(self, gateway: str) -> bool:
        """Return True if the next roster of a gateway must be reconciled even if it equals the last one."""
        sessions = self._gateways.get(gateway)
        return sessions is None or sessions.verdicts_sent or bool(sessions.unconfirmed)

    def remove_other_gateways(self, gateways: Collection[str], tick: int) -> None:
        for gateway in [gateway for gateway in self._gateways if gateway not in gateways]:
            self.remove_gateway(gateway, tick)

    def remove_gateway(self, gateway: str, tick: int) -> None:
        """Remove a gateway and end its sessions."""
        sessions = self._gateways.pop(gateway, None)
        if sessions is not None:
            for session in list(sessions.waiting):
                self._remove_waiting(sessions, session)
            for pilot in sessions.pilots.values():
                self._end_session(pilot, tick)

    def newcomers(self) -> list[Newcomer]:
        """Return the sessions that wait for a ship: first those that had one, then by gateway and session."""
        waiting = [newcomer for sessions in self._gateways.values() for _, newcomer in sorted(sessions.waiting.items())]
        return sorted(waiting, key=lambda newcomer: newcomer.ship == NO_SHIP)

    def seat(self, newcomer: Newcomer, ship: int, arena: int) -> None:
        """Assign a ship to a session that waits; NO_SHIP if the world is full."""
        sessions = self._gateways[newcomer.seat.gateway]
        session = newcomer.seat.session
        self._remove_waiting(sessions, session)
        if ship == NO_SHIP:
            sessions.refused.add(session)
            sessions.unconfirmed.add(session)
            return
        kept = ship == newcomer.ship
        generation = newcomer.generation if kept else (newcomer.generation + 1) % GENERATIONS
        if newcomer.player == NO_PLAYER:
            generation = 0  # only tickets carry a generation
        pilot = Pilot(newcomer.player, generation, ship, arena)
        self._add_pilot(pilot)
        self._seat(sessions, pilot, newcomer.seat)
        if not kept or arena != newcomer.arena:
            sessions.unconfirmed.add(session)

    def departures(self, tick: int) -> list[int]:
        """Return the ships that left since the last call, including those whose grace period is over by `tick`."""
        for pilot in [p for p in self._absent.values() if tick - p.left_at >= self._grace_ticks]:
            self._remove_pilot(pilot)
        if self._unclaimed and tick >= self._claimed_by:
            self._coasting |= self._unclaimed
            self._unclaimed = set()
        departures, self._departures = self._departures, []
        return departures

    def make_room(self, ships: int) -> list[int]:
        """Remove at most `ships` ships without a seat, the longest absent first, and return them.

        A present player comes before an absent one. Otherwise one client could fill the world by joining and leaving.
        """
        waiting = [pilot for pilot in self._absent.values() if pilot.ship not in self._unclaimed]
        for pilot in sorted(waiting, key=lambda pilot: pilot.left_at)[: max(0, ships)]:
            self._remove_pilot(pilot)
        departures, self._departures = self._departures, []
        return departures

    def coasting(self) -> list[int]:
        """Return the ships that lost their session or changed it since the last call: their thrust ends."""
        coasting, self._coasting = self._coasting, set()
        return sorted(coasting)

    def owner_of(self, gateway: str) -> int:
        """Return the number of a gateway in `owner`; NO_OWNER before its first roster."""
        sessions = self._gateways.get(gateway)
        return NO_OWNER if sessions is None else sessions.owner

    def verdicts(self, gateway: str) -> bytes:
        """Return the unconfirmed verdicts as rows of BERTH, once: a roster without one makes it unconfirmed again."""
        sessions = self._gateways.get(gateway)
        if sessions is None or not sessions.unconfirmed:
            return b""
        rows = [self._verdict(sessions, session) for session in sorted(sessions.unconfirmed)]
        sessions.unconfirmed, sessions.verdicts_sent = set(), True
        return np.array(rows, dtype=BERTH).tobytes()

    def _compare(self, sessions: _Sessions, shown: Pilot) -> None:
        """Compare the roster entry of a session without a pilot with the known state of the session."""
        assert shown.seat is not None
        session = shown.seat.session
        if session in sessions.superseded or session in sessions.refused:
            sessions.unconfirmed.add(session)  # repeated until the session ends
        elif session not in sessions.waiting:
            self._decide(sessions, shown)

    def _decide(self, sessions: _Sessions, shown: Pilot) -> None:
        """Decide on a session that is new here."""
        assert shown.seat is not None
        pilot = self._existing_pilot(shown)
        if pilot is None:
            self._add_waiting(sessions, shown)
        elif shown.ship == NO_SHIP:
            # A new connection of a player who has a ship: it wins, with or without an older one.
            self._take_over(sessions, pilot, shown.seat, max(pilot.generation, shown.generation) + 1)
            self._coasting.add(pilot.ship)
            sessions.unconfirmed.add(shown.seat.session)
        elif shown.generation > pilot.generation or (pilot.seat is None and shown.generation == pilot.generation):
            # A connection that got its berth from another tick.
            self._take_over(sessions, pilot, shown.seat, shown.generation)
            if (pilot.ship, pilot.arena) != (shown.ship, shown.arena):
                sessions.unconfirmed.add(shown.seat.session)
        else:
            self._supersede(sessions, shown.seat.session)

    def _existing_pilot(self, shown: Pilot) -> Pilot | None:
        """Return the pilot of the entry: found by its player, or without a ticket by its ship."""
        if shown.player != NO_PLAYER:
            return self._by_player.get(shown.player)
        pilot = self._by_ship.get(shown.ship)
        return pilot if pilot is not None and pilot.player == NO_PLAYER and pilot.seat is None else None

    def _add_waiting(self, sessions: _Sessions, shown: Pilot) -> None:
        assert shown.seat is not None
        newcomer = Newcomer(shown.seat, shown.player, shown.generation, shown.ship, shown.arena)
        rival = self._waiting.get(shown.player)
        if rival is not None:
            if _recency(rival) > _recency(newcomer):
                self._supersede(sessions, shown.seat.session)
                return
            self._supersede(self._gateways[rival.seat.gateway], rival.seat.session)
        sessions.waiting[shown.seat.session] = newcomer
        if shown.player != NO_PLAYER:
            self._waiting[shown.player] = newcomer

    def _remove_waiting(self, sessions: _Sessions, session: int) -> None:
        newcomer = sessions.waiting.pop(session)
        if self._waiting.get(newcomer.player) is newcomer:
            del self._waiting[newcomer.player]

    def _supersede(self, sessions: _Sessions, session: int) -> None:
        if session in sessions.waiting:
            self._remove_waiting(sessions, session)
        sessions.pilots.pop(session, None)
        sessions.superseded.add(session)
        sessions.unconfirmed.add(session)

    def _take_over(self, sessions: _Sessions, pilot: Pilot, seat: Seat, generation: int) -> None:
        if pilot.seat is not None:
            self._supersede(self._gateways[pilot.seat.gateway], pilot.seat.session)
        self._absent.pop(pilot.ship, None)
        pilot.generation = generation % GENERATIONS
        self._seat(sessions, pilot, seat)

    def _seat(self, sessions: _Sessions, pilot: Pilot, seat: Seat) -> None:
        pilot.seat = seat
        self._coasting.discard(pilot.ship)
        self._unclaimed.discard(pilot.ship)
        sessions.pilots[seat.session] = pilot
        self.owner[pilot.ship] = sessions.owner

    def _sessions(self, gateway: str) -> _Sessions:
        if gateway not in self._gateways:
            self._owners += 1
            self._gateways[gateway] = _Sessions(self._owners)
        return self._gateways[gateway]

    def _end_session(self, pilot: Pilot, tick: int) -> None:
        if pilot.player == NO_PLAYER:
            self._remove_pilot(pilot)
        else:
            self._empty_seat(pilot, tick)

    def _take_ship_away(self, pilot: Pilot) -> None:
        """Remove a pilot whose ship is gone; its session, if any, waits for another ship."""
        self._remove_pilot(pilot)
        if pilot.seat is not None:
            sessions = self._gateways[pilot.seat.gateway]
            del sessions.pilots[pilot.seat.session]
            self._add_waiting(sessions, Pilot(pilot.player, pilot.generation, NO_SHIP, 0, pilot.seat))

    def _empty_seat(self, pilot: Pilot, tick: int) -> None:
        pilot.seat = None
        pilot.left_at = tick
        self._absent[pilot.ship] = pilot
        self._coasting.add(pilot.ship)
        self.owner[pilot.ship] = NO_OWNER

    def _remove_pilot(self, pilot: Pilot) -> None:
        self._absent.pop(pilot.ship, None)
        self._coasting.discard(pilot.ship)
        self._unclaimed.discard(pilot.ship)
        del self._by_ship[pilot.ship]
        self.owner[pilot.ship] = NO_OWNER
        if pilot.player != NO_PLAYER:
            del self._by_player[pilot.player]
        self._departures.append(pilot.ship)

    def _add_pilot(self, pilot: Pilot) -> None:
        self._by_ship[pilot.ship] = pilot
        if pilot.player != NO_PLAYER:
            self._by_player[pilot.player] = pilot

    @staticmethod
    def _verdict(sessions: _Sessions, session: int) -> tuple[int, int, int, int, int]:
        pilot = sessions.pilots.get(session)
        if pilot is not None:
            return session, pilot.generation, pilot.ship, pilot.arena, BERTHED
        return session, 0, NO_SHIP, 0, SUPERSEDED if session in sessions.superseded else WORLD_FULL


def _recency(newcomer: Newcomer) -> tuple[bool, int]:
    """Return the order among connections of a player: one without a ship is newer than all that have one."""
    fresh = newcomer.ship == NO_SHIP
    return fresh, 0 if fresh else newcomer.generation
