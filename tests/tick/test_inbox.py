from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.gateway.helm import Helm
from app.gateway.uplink import Uplink
from app.sim import world as sim
from app.sim.world import World
from app.tick.inbox import SILENCE_TICKS, Changes, Inbox, Newcomer
from app.wire import inputs, uplink
from app.wire.uplink import NO_SHIP, Answer, Batch, Berth, Entry
from tests.gateway.doubles import RecordingPlayer, helm_of

EPOCH = 7


def batch(
    gateway: str = "g", *, version: int = 1, roster: list[Entry] | None = None, steers: bytes = b"", epoch: int = EPOCH
) -> Batch:
    return Batch(uplink.FORMAT, gateway, f"to {gateway}", epoch, version, roster, steers)


def waiting(*sessions: int) -> list[Entry]:
    return [Entry(session, NO_SHIP, 0) for session in sessions]


def steer(ship: int, sequence: int, heading: int, *, thrusting: bool = False) -> bytes:
    return ship.to_bytes(2, "little") + inputs.encode_input(sequence, heading, thrusting=thrusting)


def seated(**ships: int) -> Inbox:
    """An inbox in which gateway `name` has session 1 with that ship, and knows it."""
    inbox = Inbox(EPOCH)
    for name, ship in ships.items():
        inbox.receive(batch(name, roster=waiting(1)))
        inbox.seat(inbox.drain().newcomers, [sim.Berth(ship, 0)])
        inbox.answers(1)
        inbox.receive(batch(name, roster=[Entry(1, ship, 0)]))
        assert [] == inbox.answers(1)
    return inbox


def steered(changes: Changes) -> dict[int, tuple[int, bool, int]]:
    told = changes.inputs
    return dict(
        zip(
            told.ids.tolist(),
            zip(told.heading.tolist(), told.thrusting.tolist(), told.sequence.tolist(), strict=True),
            strict=True,
        )
    )


def test_a_session_without_a_ship_is_a_newcomer() -> None:
    """At every drain, until it is seated."""
    inbox = Inbox(EPOCH)
    inbox.receive(batch(roster=waiting(4, 2)))
    assert [Newcomer("g", 2), Newcomer("g", 4)] == inbox.drain().newcomers == inbox.drain().newcomers


def test_a_seated_session_is_answered_until_its_roster_shows_it() -> None:
    """Once for each roster that does not."""
    inbox = Inbox(EPOCH)
    inbox.receive(batch(roster=waiting(4)))
    inbox.seat(inbox.drain().newcomers, [sim.Berth(9, 3)])
    told = ("to g", Answer(uplink.FORMAT, EPOCH, 50, [Berth(4, 9, 3)], False))
    assert [told] == inbox.answers(50)
    assert [] == inbox.answers(50)
    inbox.receive(batch(roster=waiting(4)))
    assert [told] == inbox.answers(50)
    inbox.receive(batch(roster=[Entry(4, 9, 3)]))
    assert [] == inbox.answers(50)
    assert [] == inbox.drain().newcomers


def test_of_a_full_world_a_session_hears_until_it_goes() -> None:
    """Its roster looks as if it had heard: no ship."""
    inbox = Inbox(EPOCH)
    inbox.receive(batch(roster=waiting(1, 2)))
    inbox.seat(inbox.drain().newcomers, [sim.Berth(9, 0)])
    for _ in range(2):
        ((_, answer),) = inbox.answers(50)
        assert Berth(2, NO_SHIP, 0) in answer.berths
        inbox.receive(batch(roster=[Entry(1, 9, 0), Entry(2, NO_SHIP, 0)]))
    inbox.receive(batch(roster=[Entry(1, 9, 0)]))
    assert [] == inbox.answers(50)
    assert [] == inbox.drain().departures


def test_a_ship_leaves_with_its_session() -> None:
    """Once."""
    inbox = seated(g=9)
    inbox.receive(batch(version=2, roster=[]))
    assert [9] == inbox.drain().departures
    assert [] == inbox.drain().departures


def test_a_silent_gateway_takes_its_ships_with_it() -> None:
    """After three seconds of ticks without any batch; the others stay."""
    inbox = seated(g=9, h=10)
    departures = []
    for _ in range(SILENCE_TICKS + 1):
        inbox.receive(batch("h"))
        departures += inbox.drain().departures
    assert [9] == departures


def test_a_gateway_that_speaks_again_is_asked_for_its_roster() -> None:
    """Its sessions get ships anew."""
    inbox = seated(g=9)
    for _ in range(SILENCE_TICKS + 1):
        inbox.drain()
    inbox.receive(batch(version=1))
    ((_, answer),) = inbox.answers(1)
    assert answer.roster_wanted
    inbox.receive(batch(roster=[Entry(1, 9, 0)]))
    assert [Newcomer("g", 1)] == inbox.drain().newcomers


def test_a_missed_roster_is_asked_for() -> None:
    """A batch of another version without the roster shows that one was lost."""
    inbox = seated(g=9)
    inbox.receive(batch(version=1))
    assert [] == inbox.answers(1)
    inbox.receive(batch(version=2))
    ((_, answer),) = inbox.answers(1)
    assert answer.roster_wanted


def test_the_newest_input_of_a_tick_counts() -> None:
    """Of one batch and of several; each is told once."""
    inbox = seated(g=9, h=10)
    inbox.receive(batch("g", steers=steer(9, 1, 10) + steer(9, 2, 20, thrusting=True)))
    inbox.receive(batch("h", steers=steer(10, 5, 50)))
    inbox.receive(batch("h", steers=steer(10, 6, 60)))
    assert {9: (20, True, 2), 10: (60, False, 6)} == steered(inbox.drain())
    assert {} == steered(inbox.drain())


def test_an_input_for_another_gateways_ship_is_ignored() -> None:
    """As for no ship at all, and for a ship that left."""
    inbox = seated(g=9, h=10)
    inbox.receive(batch("g", steers=steer(10, 1, 10) + steer(0, 1, 10) + steer(65535, 1, 10)))
    inbox.receive(batch("h", steers=steer(10, 1, 10)))
    inbox.receive(batch("h", version=2, roster=[]))
    inbox.receive(batch("h", version=2, steers=steer(10, 2, 10)))
    assert {} == steered(inbox.drain())


@pytest.mark.parametrize("epoch", [0, EPOCH - 1, EPOCH + 1])
def test_an_input_for_another_epoch_is_ignored(epoch: int) -> None:
    """Its ship may be another's now."""
    inbox = seated(g=9)
    inbox.receive(batch(steers=steer(9, 1, 10), epoch=epoch))
    assert {} == steered(inbox.drain())


GATEWAYS = 2
MAX_SHIPS = 6  # fewer than sessions may come, so that the world is full at times
LATEST_REPEAT_TICKS = 30  # a roster that came again late is corrected by the next one, a second later, and its answers
fates = st.sampled_from(["lost", "delivered", "delivered", "twice"])


class LossyUplink(RuleBasedStateMachine):
    """Gateways and a tick that hear each other badly: lost, twice, or again much later; the tick may start anew."""

    @initialize()
    def begin(self) -> None:
        self.uplinks = [Uplink() for _ in range(GATEWAYS)]
        self.players: dict[tuple[int, int], RecordingPlayer] = {}
        self.helms: dict[tuple[int, int], Helm] = {}
        self.controls: dict[tuple[int, int], bytes] = {}
        self.sent: list[Any] = []
        self.numbers = 0
        self.epoch = 0
        self.restart()

    @rule()
    def restart(self) -> None:
        """A tick without memory takes over."""
        self.epoch += 1
        self.inbox = Inbox(self.epoch)
        self.world = World(arena_capacity=2, random=Random(1), max_ships=MAX_SHIPS)

    @rule(gateway=st.integers(0, GATEWAYS - 1))
    def join(self, gateway: int) -> None:
        self.numbers += 1
        key = gateway, self.numbers
        self.players[key] = RecordingPlayer(lambda: self.leave_as(key))
        self.helms[key] = helm_of(self.uplinks[gateway])
        self.uplinks[gateway].join(self.numbers, self.players[key], self.helms[key])

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.players:
            self.leave_as(data.draw(st.sampled_from(sorted(self.players))))

    @rule(data=st.data(), sequence=st.integers(0, 255), heading=st.integers(0, 255), thrusting=st.booleans())
    def steer(self, data: st.DataObject, sequence: int, heading: int, *, thrusting: bool) -> None:
        if self.players:
            key = data.draw(st.sampled_from(sorted(self.players)))
            self.controls[key] = inputs.encode_input(sequence, heading, thrusting=thrusting)
            self.helms[key].steer(self.controls[key])

    @rule(gateway=st.integers(0, GATEWAYS - 1), fate=fates)
    def say(self, gateway: int, fate: str) -> None:
        said = self.uplinks[gateway].batch(str(gateway))
        if said is not None:
            self.travel(said, fate)

    @rule(fate=fates)
    def tick(self, fate: str) -> None:
        changes = self.inbox.drain()
        self.world.release(changes.departures)
        self.inbox.seat(changes.newcomers, self.world.admit(len(changes.newcomers)))
        self.world.apply(changes.inputs)
        self.world.step()
        for reply, answer in self.inbox.answers(self.world.tick):
            self.travel((int(reply), answer), fate)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.sent:
            self.arrive(data.draw(st.sampled_from(self.sent)))

    def leave_as(self, key: tuple[int, int]) -> None:
        del self.players[key]
        self.controls.pop(key, None)
        self.uplinks[key[0]].leave(key[1])

    def travel(self, message: Any, fate: str) -> None:
        self.sent.append(message)
        for _ in range({"lost": 0, "delivered": 1, "twice": 2}[fate]):
            self.arrive(message)

    def arrive(self, message: Any) -> None:
        if isinstance(message, Batch):
            self.inbox.receive(uplink.decode_batch(uplink.encode(message)))
        else:
            gateway, answer = message
            self.uplinks[gateway].receive(answer)

    def quiet(self, ticks: int) -> None:
        for _ in range(ticks):
            for gateway in range(GATEWAYS):
                self.say(gateway, "delivered")
                self.say(gateway, "delivered")
            self.tick("delivered")

    def teardown(self) -> None:
        """After a quiet time every session has a ship of its own that does what its player said; later nobody else."""
        self.quiet(LATEST_REPEAT_TICKS)
        ships = self.flown()
        assert NO_SHIP not in ships.values()
        assert len(set(ships.values())) == len(ships)
        assert set(ships.values()) <= set(self.world.id.tolist())
        self.quiet(SILENCE_TICKS + 2)
        assert ships == self.flown()
        assert sorted(ships.values()) == sorted(self.world.id.tolist())
        told = {ship: self.controls[key] for key, ship in ships.items() if key in self.controls}
        assert told == {ship: self.applied(ship) for ship in told}

    def flown(self) -> dict[tuple[int, int], int]:
        return {key: self.uplinks[key[0]]._members[key[1]].berth.ship for key in self.players}

    def applied(self, ship: int) -> bytes:
        (row,) = np.flatnonzero(self.world.id == ship)
        world = self.world
        return inputs.encode_input(
            int(world.sequence[row]), int(world.heading[row]), thrusting=bool(world.thrusting[row])
        )


TestLossyUplink = LossyUplink.TestCase
TestLossyUplink.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
