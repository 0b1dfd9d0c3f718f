"""Any history of gateways, rosters and takeovers, beside a model of each gateway's view."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.tick.players import CLAIM_TICKS, NO_OWNER, Pilot, Players
from app.wire.uplink import BERTHED, NO_PLAYER, NO_SHIP, SUPERSEDED
from tests.tick.rosters import entry, rows, verdicts_in

GATEWAYS = ("a", "b", "c")
TICKETS = 3  # players with one
ROOM = 5  # ships in the world: fewer than sessions may come
GRACE = 20  # ticks
ROUNDS = 6  # of rosters and verdicts until nothing changes

gateways = st.sampled_from(GATEWAYS)


@dataclass
class Session:
    player: int
    generation: int
    ship: int = NO_SHIP
    arena: int = 0
    verdicts: set[int] = field(default_factory=set)  # received since it is quiet


class AnyHistory(RuleBasedStateMachine):
    """Rosters are lost, repeated and late; gateways are lost and come back; the tick is replaced."""

    @initialize()
    def begin(self) -> None:
        self.players = Players(GRACE)
        self.believed: dict[str, dict[int, Session]] = {gateway: {} for gateway in GATEWAYS}
        self.sent: list[tuple[str, list[tuple[int, ...]]]] = []
        self.ships: dict[int, int] = {}  # the world: arena by ship
        self.tick = 0
        self.sessions = 0
        self.last_ship = 0
        self.quiet = False

    @rule(gateway=gateways, player=st.integers(NO_PLAYER, TICKETS), generation=st.integers(0, 3))
    def join(self, gateway: str, player: int, generation: int) -> None:
        """A connection comes, without a ticket or with one, even an old one."""
        self.sessions += 1
        self.believed[gateway][self.sessions] = Session(player, generation if player else 0)

    @rule(gateway=gateways, data=st.data())
    def leave(self, gateway: str, data: st.DataObject) -> None:
        if self.believed[gateway]:
            del self.believed[gateway][data.draw(st.sampled_from(sorted(self.believed[gateway])))]

    @rule(gateway=gateways, arrives=st.booleans())
    def say(self, gateway: str, *, arrives: bool) -> None:
        """A roster arrives, or is lost."""
        entries = [
            entry(number, session.ship, arena=session.arena, player=session.player, generation=session.generation)
            for number, session in self.believed[gateway].items()
        ]
        self.sent.append((gateway, entries))
        if arrives:
            self.players.reconcile(gateway, rows(*entries), self.tick)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def say_late(self, data: st.DataObject) -> None:
        """An old roster arrives, perhaps again."""
        gateway, entries = data.draw(st.sampled_from(self.sent))
        self.players.reconcile(gateway, rows(*entries), self.tick)

    @rule(gateway=gateways, arrives=st.booleans())
    def answer(self, gateway: str, *, arrives: bool) -> None:
        """The verdicts arrive, or are lost."""
        verdicts = verdicts_in(self.players.verdicts(gateway))
        for number, (verdict, ship, arena, generation) in verdicts.items():
            session = self.believed[gateway].get(number)
            if session is None or not arrives:
                continue
            if self.quiet:
                session.verdicts.add(verdict)
            if verdict == BERTHED:
                session.ship, session.arena, session.generation = ship, arena, generation
            else:
                assert (NO_SHIP, 0) == (ship, arena)
                assert verdict != SUPERSEDED or session.player != NO_PLAYER
                del self.believed[gateway][number]

    @rule(ticks=st.integers(1, GRACE))
    def step(self, ticks: int) -> None:
        """Time passes: absent ships leave, waiting sessions get ships."""
        self.tick += ticks
        for ship in self.players.departures(self.tick):
            self.ships.pop(ship, None)
        self.players.coasting()
        for newcomer in self.players.newcomers():
            if newcomer.ship != NO_SHIP and newcomer.ship in self.ships and not self.players.pilot_of(newcomer.ship):
                self.players.seat(newcomer, newcomer.ship, self.ships[newcomer.ship])
            elif len(self.ships) < ROOM:
                self.last_ship += 1
                self.ships[self.last_ship] = self.last_ship % 2
                self.players.seat(newcomer, self.last_ship, self.ships[self.last_ship])
            else:
                self.players.seat(newcomer, NO_SHIP, 0)

    @rule(gateway=gateways)
    def lose(self, gateway: str) -> None:
        """A gateway is silent for too long; it may still be there."""
        self.players.remove_other_gateways(set(GATEWAYS) - {gateway}, self.tick)

    @rule(data=st.data(), announced=st.booleans())
    def take_over(self, data: st.DataObject, *, announced: bool) -> None:
        """Another tick continues from the checkpoint, with or without a roster of each gateway; some ships are gone."""
        kept = [self.players.pilot_of(ship) for ship in self.ships]
        self.players = Players(GRACE)
        pilots = [Pilot(pilot.player, pilot.generation, pilot.ship, pilot.arena) for pilot in kept if pilot]
        self.players.restore(pilots, self.tick)
        if announced:
            for gateway in GATEWAYS:
                self.say(gateway, arrives=True)
        gone = data.draw(st.sets(st.sampled_from(sorted(self.ships)), max_size=2)) if self.ships else set()
        self.ships = {ship: arena for ship, arena in self.ships.items() if ship not in gone}
        self.players.keep_ships(self.ships.keys(), self.tick)
        self.ships = {ship: arena for ship, arena in self.ships.items() if self.players.pilot_of(ship)}

    @invariant()
    def a_ship_has_at_most_one_seat(self) -> None:
        """And its owner is the gateway of that seat; a pilot without a seat is absent, and its ship has no owner."""
        players = self.players
        seats = [
            (gateway, number, pilot)
            for gateway, sessions in players._gateways.items()
            for number, pilot in sessions.pilots.items()
        ]
        assert len({pilot.ship for *_, pilot in seats}) == len(seats)
        for gateway, number, pilot in seats:
            assert pilot.seat is not None
            assert (gateway, number) == (pilot.seat.gateway, pilot.seat.session)
            assert players._by_ship[pilot.ship] is pilot
            assert players.owner_of(gateway) == players.owner[pilot.ship] != NO_OWNER
        assert len(seats) == np.count_nonzero(players.owner)
        assert {ship for ship, pilot in players._by_ship.items() if pilot.seat is None} == set(players._absent)

    @invariant()
    def a_player_has_at_most_one_ship(self) -> None:
        """Or waits for one, in one place."""
        players = self.players
        assert {pilot.player: pilot for pilot in players._by_ship.values() if pilot.player} == players._by_player
        assert all(pilot is players._by_ship[pilot.ship] for pilot in players._by_player.values())
        waiting = [
            newcomer
            for sessions in players._gateways.values()
            for newcomer in sessions.waiting.values()
            if newcomer.player != NO_PLAYER
        ]
        assert {newcomer.player: newcomer for newcomer in waiting} == players._waiting
        assert len(waiting) == len(players._waiting)
        assert not players._waiting.keys() & players._by_player.keys()

    @invariant()
    def a_session_is_one_thing(self) -> None:
        """It flies, waits, was superseded, or was refused because the world is full."""
        for sessions in self.players._gateways.values():
            lots: list[Any] = [*sessions.pilots, *sessions.waiting, *sessions.superseded, *sessions.refused]
            assert len(lots) == len(set(lots))

    @invariant()
    def pilots_have_ships(self) -> None:
        """And each ship has a pilot, except for those that are about to leave."""
        assert self.players._by_ship.keys() <= self.ships.keys()
        assert self.ships.keys() - self.players._by_ship.keys() <= set(self.players._departures)

    def teardown(self) -> None:
        """Once it is quiet, every session gets at most one verdict, and flies; when all have ended, nothing is left."""
        self.quiet = True
        for _ in range(ROUNDS):
            self.settle()
        sessions = [session for believed in self.believed.values() for session in believed.values()]
        assert all(len(session.verdicts) <= 1 for session in sessions)
        for gateway, believed in self.believed.items():
            assert not self.players.unsettled(gateway)
            assert {number: session.ship for number, session in believed.items()} == {
                number: pilot.ship for number, pilot in self.players._gateways[gateway].pilots.items()
            }
        tickets = [session.player for session in sessions if session.player]
        assert len(set(tickets)) == len(tickets)
        self.all_leave()

    def settle(self) -> None:
        for gateway in GATEWAYS:
            self.say(gateway, arrives=True)
        self.step(1)
        for gateway in GATEWAYS:
            self.answer(gateway, arrives=True)

    def all_leave(self) -> None:
        for believed in self.believed.values():
            believed.clear()
        self.settle()
        self.step(max(GRACE, CLAIM_TICKS) + 1)
        self.players.remove_other_gateways((), self.tick)
        players = self.players
        left = (players._gateways, players._waiting, players._by_player, players._by_ship, players._absent)
        assert [{}] * 5 == list(left)
        assert {} == self.ships
        assert not players.owner.any()
        assert not players._departures
        assert not players._coasting
        assert not players._unclaimed


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
