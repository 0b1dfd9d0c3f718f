"""Gateways and a tick that lose and repeat messages, and ticks that are replaced, also by other releases.

After a quiet time the state is correct.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.gateway.player.alignment import FREE_S
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, Uplink
from app.sim.world import World
from app.tick import capture, recovery
from app.tick.inbox import SILENCE_TICKS, Inbox
from app.tick.lease import Always
from app.tick.loop import Clock, TickLoop
from app.tick.players import CLAIM_TICKS, Players
from app.tick.schedule import Due
from app.wire import checkpoint, inputs, snapshot, uplink
from app.wire.channels import BATCH_TYPE
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.snapshot import Snapshot
from app.wire.uplink import NO_SHIP, Answer, Batch
from tests.gateway.doubles import RecordingPlayer

GATEWAYS = 3
PLAYERS = 3  # with tickets; fewer than sessions may come, so that they supersede each other
MAX_SHIPS = 6  # fewer than sessions may come, so that the world is full at times
GRACE_TICKS = 15
LATEST_REPEAT_TICKS = 45  # what came again late is corrected by the next roster, a second later, and its answers
fates = st.sampled_from(["lost", "delivered", "delivered", "twice"])


class Outbox:
    """The messages of a tick, kept for a test to deliver."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Answer]] = []
        self.newest: dict[int, Snapshot] = {}

    def publish(self, shots: Sequence[Snapshot], answers: list[tuple[str, Answer]], version: int = 0) -> None:
        self.answers += answers
        self.newest |= {shot.arena: shot for shot in shots}

    def seen(self, version: int) -> list[bytes]:
        return [snapshot.encode(shot, version) for shot in self.newest.values()]

    def taken(self) -> list[tuple[str, Answer]]:
        answers, self.answers = self.answers, []
        return answers


class Leaver(RecordingPlayer):
    """A player whose state machine forgets it when it is refused."""

    def __init__(self, machine: "LossyUplink", key: tuple[int, int], who: Ticket) -> None:
        self._machine = machine
        self._key = key
        super().__init__(machine.uplinks[key[0]], key[1], who)

    def leave(self) -> None:
        super().leave()
        self._machine.forget(self._key)


class LossyUplink(RuleBasedStateMachine):
    """Messages are lost, come twice, or again much later; the tick may restart, with or without a checkpoint."""

    @initialize()
    def begin(self) -> None:
        self.now = 1000.0
        self.outbox = Outbox()
        self.uplinks = [Uplink(self.outbox.seen, clock=lambda: self.now) for _ in range(GATEWAYS)]
        self.players: dict[tuple[int, int], RecordingPlayer] = {}
        self.controls: dict[tuple[int, int], bytes] = {}
        self.sent: list[Any] = []
        self.numbers = 0
        self.epoch = 0
        self.kept: bytes | None = None
        self.restart(remembers=False, connected=False, release=FORMAT)

    @rule(remembers=st.booleans(), connected=st.booleans(), release=st.sampled_from([PREVIOUS, FORMAT, FORMAT + 1]))
    def restart(self, *, remembers: bool, connected: bool, release: int) -> None:
        """Another tick takes over, from a checkpoint or from nothing, and waits for gateways or does not."""
        self.epoch += 1
        self.release = release
        kept = checkpoint.decode(self.kept) if remembers and self.kept is not None else None
        players = Players(GRACE_TICKS)
        world = World(arena_capacity=2, random=Random(1), max_ships=MAX_SHIPS)
        outbox: Any = self.outbox
        clock = Clock(lambda: self.now, lambda: self.now)
        self.loop = TickLoop(
            world, players, Inbox(players, self.epoch), outbox, authority=Always(self.epoch), clock=clock
        )
        if kept is not None:
            players.restore(capture.pilots_of(kept), kept.tick)
        if connected:
            for _ in range(2):
                self.all_say()
                self.loop.publish_answers()
                self.answer("delivered")
        self.loop.resume(recovery.recover(kept, recovery.decode_readable(self.loop.inbox.seen())))

    @rule()
    def keep(self) -> None:
        """A checkpoint, from which a later tick may start."""
        loop = self.loop
        self.kept = checkpoint.encode(capture.to_checkpoint(loop.world, loop.players, epoch=self.epoch, gateways=[]))

    @rule(gateway=st.integers(0, GATEWAYS - 1), player=st.integers(0, PLAYERS), generation=st.integers(0, 3))
    def join(self, gateway: int, player: int, generation: int) -> None:
        self.numbers += 1
        key = gateway, self.numbers
        who = Ticket(player, generation) if player else ANONYMOUS
        self.players[key] = Leaver(self, key, who)

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.players:
            self.players[data.draw(st.sampled_from(sorted(self.players)))].leave()

    @rule(data=st.data(), sequence=st.integers(0, 255), heading=st.integers(0, 255), thrusting=st.booleans())
    def steer(self, data: st.DataObject, sequence: int, heading: int, *, thrusting: bool) -> None:
        if self.players:
            key = data.draw(st.sampled_from(sorted(self.players)))
            self.controls[key] = inputs.encode_input(sequence, heading, thrusting=thrusting)
            self.players[key].controls.steer(self.controls[key])

    @rule(gateway=st.integers(0, GATEWAYS - 1), fate=fates)
    def send(self, gateway: int, fate: str) -> None:
        self.now += FREE_S / GATEWAYS
        sent = self.uplinks[gateway].batch(str(gateway))
        if sent is not None:
            self.travel(sent, fate)

    @rule(fate=fates)
    def tick(self, fate: str) -> None:
        self.loop.inbox.count_silence(disconnected=False)
        self.loop.tick(Due(1, 0, 0.0))
        self.answer(fate)
        if fate != "lost":
            for gateway in self.uplinks:
                gateway.note_epoch(self.epoch)  # by a frame

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.sent:
            self.arrive(data.draw(st.sampled_from(self.sent)))

    def answer(self, fate: str) -> None:
        for reply, answer in self.outbox.taken():
            self.travel((int(reply), answer), fate)

    def forget(self, key: tuple[int, int]) -> None:
        self.players.pop(key, None)
        self.controls.pop(key, None)

    def travel(self, message: Any, fate: str) -> None:
        self.sent.append(message)
        for _ in range({"lost": 0, "delivered": 1, "twice": 2}[fate]):
            self.arrive(message)

    def arrive(self, message: Any) -> None:
        if isinstance(message, Batch):
            if message.format in {self.release - 1, self.release}:  # what else comes it refuses
                self.loop.receive({"type": BATCH_TYPE, "data": uplink.encode(message)})
        else:
            gateway, answer = message
            sent = msgspec.structs.replace(answer, format=min(self.release, FORMAT), reads=self.release)
            self.uplinks[gateway].receive(uplink.decode_answer(uplink.encode(sent)))

    def all_say(self) -> None:
        for gateway in range(GATEWAYS):
            self.send(gateway, "delivered")

    def quiet(self, ticks: int) -> None:
        for _ in range(ticks):
            self.all_say()
            self.all_say()
            self.tick("delivered")

    def teardown(self) -> None:
        """After a quiet time every session has one ship with the input of its player, and there are no other ships."""
        self.quiet(LATEST_REPEAT_TICKS)
        ships = self.flown()
        assert NO_SHIP not in ships.values()
        assert len(set(ships.values())) == len(ships)
        assert set(ships.values()) <= set(self.loop.world.id.tolist())
        tickets = [player for player in map(self.player_of, ships) if player]
        assert len(set(tickets)) == len(tickets)
        self.quiet(max(SILENCE_TICKS, CLAIM_TICKS, GRACE_TICKS) + 2)
        assert ships == self.flown()
        assert sorted(ships.values()) == sorted(self.loop.world.id.tolist())
        expected = {ship: self.controls[key] for key, ship in ships.items() if key in self.controls}
        assert expected == {ship: self.applied(ship) for ship in expected}

    def flown(self) -> dict[tuple[int, int], int]:
        return {(gateway, number): self.entry((gateway, number))[3] for gateway, number in self.players}

    def player_of(self, key: tuple[int, int]) -> int:
        return self.entry(key)[1]

    def entry(self, key: tuple[int, int]) -> tuple[int, ...]:
        return self.uplinks[key[0]]._members[key[1]].entry

    def applied(self, ship: int) -> bytes:
        world = self.loop.world
        (row,) = np.flatnonzero(world.id == ship)
        return inputs.encode_input(
            int(world.sequence[row]), int(world.heading[row]), thrusting=bool(world.thrusting[row])
        )


TestLossyUplink = LossyUplink.TestCase
TestLossyUplink.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
