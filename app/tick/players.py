"""Who flies which ship, and over which gateway: rosters come in, berths and departures come out. Pure.

Rosters are states, not events: one may be lost or repeated without harm. A session in a roster has or gets a ship. A
ship whose session is in no roster leaves: at once if its player has no ticket, after a grace period otherwise, in
which a newer session of the same player may take it over. The newest session of a player wins.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.sim.rules import MAX_ID
from app.wire.uplink import BERTH, BERTHED, NO_PLAYER, NO_SHIP, SUPERSEDED, WORLD_FULL, Rows

NOBODY: Final = 0  # as the owner of a ship: no gateway may steer it
CLAIM_TICKS: Final = 60  # 3 s: what a gateway has to claim the ships of its players after a takeover
GENERATIONS: Final = 1 << 32  # they travel as u32


@dataclass(frozen=True, slots=True)
class Seat:
    """One session of one gateway."""

    gateway: str
    session: int


@dataclass(slots=True)
class Pilot:
    """A ship and whoever flies it."""

    player: int
    generation: int
    ship: int
    arena: int
    seat: Seat | None = None
    left_at: int = 0  # tick at which the seat was left


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A session that waits for a ship; if it flew one by the word of its gateway, that one, if it can be had."""

    seat: Seat
    player: int
    generation: int
    ship: int = NO_SHIP
    arena: int = 0


@dataclass(slots=True)
class _Sessions:
    """What is known of the sessions of one gateway; `owner` is its number in Players.owner."""

    owner: int
    pilots: dict[int, Pilot] = field(default_factory=dict)
    waiting: dict[int, Newcomer] = field(default_factory=dict)
    superseded: set[int] = field(default_factory=set)
    turned_away: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)  # sessions whose roster entry does not show the decision yet
    told: bool = False  # whether a decision was said since the last roster, which then must be looked at


class Players:
    """All pilots and all sessions that wait."""

    def __init__(self, grace_ticks: int) -> None:
        """Take for how many ticks a ship waits for its player."""
        self._grace_ticks = grace_ticks
        self.owner = np.full(MAX_ID + 1, NOBODY, dtype=np.int32)  # by ship: which gateway may steer it
        self._owners = NOBODY
        self._gateways: dict[str, _Sessions] = {}
        self._waiting: dict[int, Newcomer] = {}  # by player
        self._by_player: dict[int, Pilot] = {}
        self._by_ship: dict[int, Pilot] = {}
        self._absent: dict[int, Pilot] = {}  # by ship: those whose seat is empty
        self._departures: list[int] = []
        self._coasting: set[int] = set()
        self._unclaimed: set[int] = set()  # ships of a checkpoint that fly on until `_claimed_by`
        self._claimed_by = 0

    def __len__(self) -> int:
        """Return the number of ships that have a pilot, present or not."""
        return len(self._by_ship)

    def pilot_of(self, ship: int) -> Pilot | None:
        """Return who flies `ship`, or flew it and may come back."""
        return self._by_ship.get(ship)

    def restore(self, pilots: Iterable[Pilot], tick: int) -> None:
        """Take over pilots whose sessions are not known yet; their grace begins at `tick`."""
        for pilot in pilots:
            self._enrol(pilot)
            self._vacate(pilot, tick)
        self._unclaimed, self._coasting = self._coasting, set()  # most of them still hold what they held
        self._claimed_by = tick + CLAIM_TICKS

    def keep_ships(self, ships: Collection[int], tick: int) -> None:
        """Forget pilots whose ships are gone, and give gateways time to claim the others."""
        for pilot in [pilot for pilot in self._by_ship.values() if pilot.ship not in ships]:
            self._strand(pilot)
        self._claimed_by = tick + CLAIM_TICKS
        leaves = self._claimed_by - self._grace_ticks
        for pilot in self._absent.values():
            pilot.left_at = leaves if pilot.player == NO_PLAYER else max(pilot.left_at, leaves)

    def reconcile(self, gateway: str, roster: Rows, tick: int) -> None:
        """Take in the whole roster of a gateway."""
        sessions = self._sessions(gateway)
        present = set(roster["session"].tolist())
        for session in [session for session in sessions.pilots if session not in present]:
            self._leave(sessions.pilots.pop(session), tick)
        for session in [session for session in sessions.waiting if session not in present]:
            self._stop_waiting(sessions, session)
        sessions.superseded &= present
        sessions.turned_away &= present
        sessions.unseen, sessions.told = set(), False
        for session, player, generation, ship, arena in roster.tolist():
            pilot = sessions.pilots.get(session)
            if pilot is None:
                self._look_at(sessions, Pilot(player, generation, ship, arena, Seat(gateway, session)))
            elif (pilot.ship, pilot.arena, pilot.generation) != (ship, arena, generation):
                sessions.unseen.add(session)

    def unsettled(self, gateway: str) -> bool:
        """Tell whether the next roster of a gateway matters even if it is the same as the last."""
        sessions = self._gateways.get(gateway)
        return sessions is None or sessions.told or bool(sessions.unseen)

    def keep_only(self, gateways: Collection[str], tick: int) -> None:
        """Lose all other gateways."""
        for gateway in [gateway for gateway in self._gateways if gateway not in gateways]:
            self.lose(gateway, tick)

    def lose(self, gateway: str, tick: int) -> None:
        """Forget a gateway that is gone; its players have left."""
        sessions = self._gateways.pop(gateway, None)
        if sessions is not None:
            for session in list(sessions.waiting):
                self._stop_waiting(sessions, session)
            for pilot in sessions.pilots.values():
                self._leave(pilot, tick)

    def newcomers(self) -> list[Newcomer]:
        """Return the sessions that wait for a ship: first those that flew one, then by gateway and session."""
        waiting = [newcomer for sessions in self._gateways.values() for _, newcomer in sorted(sessions.waiting.items())]
        return sorted(waiting, key=lambda newcomer: newcomer.ship == NO_SHIP)

    def seat(self, newcomer: Newcomer, ship: int, arena: int) -> None:
        """Give a ship to a session that waited; NO_SHIP when the world is full."""
        sessions = self._gateways[newcomer.seat.gateway]
        session = newcomer.seat.session
        self._stop_waiting(sessions, session)
        if ship == NO_SHIP:
            sessions.turned_away.add(session)
            sessions.unseen.add(session)
            return
        kept = ship == newcomer.ship
        generation = newcomer.generation if kept else (newcomer.generation + 1) % GENERATIONS
        if newcomer.player == NO_PLAYER:
            generation = 0  # without a ticket there is nothing to count
        pilot = Pilot(newcomer.player, generation, ship, arena)
        self._enrol(pilot)
        self._sit(sessions, pilot, newcomer.seat)
        if not kept or arena != newcomer.arena:
            sessions.unseen.add(session)

    def departures(self, tick: int) -> list[int]:
        """Return the ships that have left since the last call, those whose grace is over by `tick` included."""
        for pilot in [p for p in self._absent.values() if tick - p.left_at >= self._grace_ticks]:
            self._depart(pilot)
        if self._unclaimed and tick >= self._claimed_by:
            self._coasting |= self._unclaimed
            self._unclaimed = set()
        departures, self._departures = self._departures, []
        return departures

    def make_room(self, ships: int) -> list[int]:
        """Give up at most so many ships, those that wait longest for their players first, and return them.

        Who is here goes before who may come back: else anybody could fill the world by coming and going.
        """
        waiting = [pilot for pilot in self._absent.values() if pilot.ship not in self._unclaimed]
        for pilot in sorted(waiting, key=lambda pilot: pilot.left_at)[: max(0, ships)]:
            self._depart(pilot)
        departures, self._departures = self._departures, []
        return departures

    def coasting(self) -> list[int]:
        """Return the ships that changed hands or were left since the last call: nobody holds the button any more."""
        coasting, self._coasting = self._coasting, set()
        return sorted(coasting)

    def owner_of(self, gateway: str) -> int:
        """Return the number by which `owner` names a gateway; NOBODY if it has said nothing yet."""
        sessions = self._gateways.get(gateway)
        return NOBODY if sessions is None else sessions.owner

    def verdicts(self, gateway: str) -> bytes:
        """Return as rows of BERTH what a gateway has not shown to know, once: its next roster brings the rest back."""
        sessions = self._gateways.get(gateway)
        if sessions is None or not sessions.unseen:
            return b""
        rows = [self._verdict(sessions, session) for session in sorted(sessions.unseen)]
        sessions.unseen, sessions.told = set(), True
        return np.array(rows, dtype=BERTH).tobytes()

    def _look_at(self, sessions: _Sessions, shown: Pilot) -> None:
        """Bring the entry of a session that flies nothing, and what is known of it, together."""
        assert shown.seat is not None
        session = shown.seat.session
        if session in sessions.superseded or session in sessions.turned_away:
            sessions.unseen.add(session)  # of that a session hears until it goes
        elif session not in sessions.waiting:
            self._arrive(sessions, shown)

    def _arrive(self, sessions: _Sessions, shown: Pilot) -> None:
        """Decide on a session that was not known."""
        assert shown.seat is not None
        pilot = self._known(shown)
        if pilot is None:
            self._wait(sessions, shown)
        elif shown.ship == NO_SHIP:
            # A new connection of a player who has a ship: it wins, whatever became of the older one.
            self._take_over(sessions, pilot, shown.seat, max(pilot.generation, shown.generation) + 1)
            self._coasting.add(pilot.ship)
            sessions.unseen.add(shown.seat.session)
        elif shown.generation > pilot.generation or (pilot.seat is None and shown.generation == pilot.generation):
            # A connection that another tick has berthed.
            self._take_over(sessions, pilot, shown.seat, shown.generation)
            if (pilot.ship, pilot.arena) != (shown.ship, shown.arena):
                sessions.unseen.add(shown.seat.session)
        else:
            self._supersede(sessions, shown.seat.session)

    def _known(self, shown: Pilot) -> Pilot | None:
        """Return the pilot who is meant: by the player, or for a session without a ticket by its ship."""
        if shown.player != NO_PLAYER:
            return self._by_player.get(shown.player)
        pilot = self._by_ship.get(shown.ship)
        return pilot if pilot is not None and pilot.player == NO_PLAYER and pilot.seat is None else None

    def _wait(self, sessions: _Sessions, shown: Pilot) -> None:
        assert shown.seat is not None
        newcomer = Newcomer(shown.seat, shown.player, shown.generation, shown.ship, shown.arena)
        rival = self._waiting.get(shown.player)
        if rival is not None:
            if _age(rival) > _age(newcomer):
                self._supersede(sessions, shown.seat.session)
                return
            self._supersede(self._gateways[rival.seat.gateway], rival.seat.session)
        sessions.waiting[shown.seat.session] = newcomer
        if shown.player != NO_PLAYER:
            self._waiting[shown.player] = newcomer

    def _stop_waiting(self, sessions: _Sessions, session: int) -> None:
        newcomer = sessions.waiting.pop(session)
        if self._waiting.get(newcomer.player) is newcomer:
            del self._waiting[newcomer.player]

    def _supersede(self, sessions: _Sessions, session: int) -> None:
        if session in sessions.waiting:
            self._stop_waiting(sessions, session)
        sessions.pilots.pop(session, None)
        sessions.superseded.add(session)
        sessions.unseen.add(session)

    def _take_over(self, sessions: _Sessions, pilot: Pilot, seat: Seat, generation: int) -> None:
        if pilot.seat is not None:
            self._supersede(self._gateways[pilot.seat.gateway], pilot.seat.session)
        self._absent.pop(pilot.ship, None)
        pilot.generation = generation % GENERATIONS
        self._sit(sessions, pilot, seat)

    def _sit(self, sessions: _Sessions, pilot: Pilot, seat: Seat) -> None:
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

    def _leave(self, pilot: Pilot, tick: int) -> None:
        """Empty a seat."""
        if pilot.player == NO_PLAYER:
            self._depart(pilot)
        else:
            self._vacate(pilot, tick)

    def _strand(self, pilot: Pilot) -> None:
        """Take a ship away from its pilot; a session that flew it waits for another."""
        self._depart(pilot)
        if pilot.seat is not None:
            sessions = self._gateways[pilot.seat.gateway]
            del sessions.pilots[pilot.seat.session]
            self._wait(sessions, Pilot(pilot.player, pilot.generation, NO_SHIP, 0, pilot.seat))

    def _vacate(self, pilot: Pilot, tick: int) -> None:
        pilot.seat = None
        pilot.left_at = tick
        self._absent[pilot.ship] = pilot
        self._coasting.add(pilot.ship)
        self.owner[pilot.ship] = NOBODY

    def _depart(self, pilot: Pilot) -> None:
        self._absent.pop(pilot.ship, None)
        self._coasting.discard(pilot.ship)
        self._unclaimed.discard(pilot.ship)
        del self._by_ship[pilot.ship]
        self.owner[pilot.ship] = NOBODY
        if pilot.player != NO_PLAYER:
            del self._by_player[pilot.player]
        self._departures.append(pilot.ship)

    def _enrol(self, pilot: Pilot) -> None:
        self._by_ship[pilot.ship] = pilot
        if pilot.player != NO_PLAYER:
            self._by_player[pilot.player] = pilot

    @staticmethod
    def _verdict(sessions: _Sessions, session: int) -> tuple[int, int, int, int, int]:
        pilot = sessions.pilots.get(session)
        if pilot is not None:
            return session, pilot.generation, pilot.ship, pilot.arena, BERTHED
        return session, 0, NO_SHIP, 0, SUPERSEDED if session in sessions.superseded else WORLD_FULL


def _age(newcomer: Newcomer) -> tuple[bool, int]:
    """Return how new a connection is beside others of its player: one without a ship came after all that have one."""
    fresh = newcomer.ship == NO_SHIP
    return fresh, 0 if fresh else newcomer.generation
