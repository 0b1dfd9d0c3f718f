from collections.abc import Callable

from app.gateway.player import ticket
from app.gateway.player.alignment import FREE_S
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import FIRST_ANSWER_S, FORGET_S, ROSTER_S, Uplink
from app.wire import formats, inputs
from app.wire.outputs import Welcome
from app.wire.uplink import BERTHED, NO_SHIP, SUPERSEDED, WORLD_FULL, Batch
from tests.gateway.doubles import EPOCH, RecordingPlayer, answer, rows, steers

BURN = inputs.encode_input(9, 64, thrusting=True)
COAST = inputs.encode_input(10, 65, thrusting=False)
REPLY = "relay"
ADA = 0xADA  # a player with a ticket


class Gateway:
    """An uplink with a clock that is set by hand, and the snapshots that it reports."""

    def __init__(self, *, greeted: bool = True) -> None:
        self.now = 1000.0
        self.shots: list[bytes] = []
        self.requested: list[int] = []
        self.uplink = Uplink(self._seen, lambda: self.now)
        if greeted:
            self.uplink.receive(answer())
            self.uplink.batch(REPLY)

    def join(self, session: int = 1, player: int = 0, generation: int = 0) -> RecordingPlayer:
        """Return a session that waits for its ship."""
        return RecordingPlayer(self.uplink, session, Ticket(player, generation))

    def seated(self, session: int = 1, ship: int = 5) -> RecordingPlayer:
        """Return a session with a ship, all of which was sent."""
        player = self.join(session)
        self.uplink.receive(answer((session, 1, ship, 0, BERTHED)))
        self.uplink.batch(REPLY)
        return player

    def next(self) -> Batch:
        """Return the next batch, which must exist."""
        batch = self.uplink.batch(REPLY)
        assert batch is not None
        return batch

    def later(self, seconds: float, before_each: Callable[[], object] = lambda: None) -> list[Batch]:
        """Return the batches of that time; `before_each` is called before each."""
        batches = []
        for _ in range(round(seconds / FREE_S)):
            self.now += FREE_S
            before_each()
            batches.append(self.uplink.batch(REPLY))
        return [batch for batch in batches if batch is not None]

    def receive_frame(self) -> None:
        self.uplink.note_epoch(self.uplink.epoch)

    def _seen(self, version: int) -> list[bytes]:
        self.requested.append(version)
        return self.shots


def test_a_gateway_without_players_sends_nothing() -> None:
    """After the first answer there is no batch without a session."""
    gateway = Gateway()
    assert [] == gateway.later(10, gateway.receive_frame)


def test_before_anything_else_there_is_a_greeting() -> None:
    """At most one each tick, until the tick answers with the formats that it reads."""
    gateway = Gateway(greeted=False)
    gateway.join()
    greetings = gateway.later(10 * FREE_S)
    assert 5 >= len(greetings) >= 3
    assert {(None, b"", formats.FORMAT, REPLY, 0)} == {
        (greeting.roster, greeting.steers, greeting.reads, greeting.reply, greeting.epoch) for greeting in greetings
    }
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.next()
    assert (formats.FORMAT, EPOCH) == (batch.format, batch.epoch)
    assert [(1, 0, 0, NO_SHIP, 0)] == rows(batch)


def test_a_gateway_without_players_greets_until_a_tick_answers() -> None:
    """One greeting a second, until there is an answer; then nothing."""
    gateway = Gateway(greeted=False)
    greetings = gateway.later(10)
    assert 9 <= len(greetings) <= 10
    assert {None} == {greeting.roster for greeting in greetings}
    gateway.uplink.receive(answer(roster_wanted=True))
    assert b"" == gateway.next().roster
    assert [] == gateway.later(10)


def test_any_tick_of_three_releases_in_a_row_reads_every_other_greeting() -> None:
    """The previous release reads our previous format, the next one our newest, and our own tick reads both."""
    gateway = Gateway(greeted=False)
    gateway.join()
    greeted = [greeting.format for greeting in gateway.later(1)]
    assert {formats.PREVIOUS, formats.FORMAT} == set(greeted[:2])
    assert greeted[:2] * 4 == greeted[:8]


def test_an_older_tick_receives_its_format() -> None:
    """Snapshots are encoded in it too. A newer tick after that receives our newest format."""
    gateway = Gateway(greeted=False)
    player = gateway.join(player=ADA, generation=3)
    gateway.uplink.receive(answer(reads=formats.PREVIOUS, roster_wanted=True))
    batch = gateway.next()
    assert (formats.PREVIOUS, [formats.PREVIOUS]) == (batch.format, gateway.requested)
    assert [(1, ADA, 3, NO_SHIP, 0)] == rows(batch)
    gateway.uplink.receive(answer((1, 4, 5, 2, BERTHED), reads=formats.PREVIOUS))
    (welcome,) = player.welcomes
    assert (5, 2, Ticket(ADA, 4)) == (welcome.ship, welcome.arena, ticket.decode(welcome.ticket))

    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.FORMAT + 1))
    batch = gateway.next()
    assert formats.FORMAT == batch.format
    assert [(1, ADA, 4, 5, 2)] == rows(batch)


def test_the_tick_of_a_new_epoch_is_greeted_until_it_answers() -> None:
    """It may be of the previous release and read another format. Its frames do not show that."""
    gateway = Gateway()
    player = gateway.seated()
    gateway.uplink.note_epoch(EPOCH + 1)
    player.controls.steer(BURN)
    greetings = gateway.later(2 * FORGET_S, gateway.receive_frame)
    assert {(None, b"", EPOCH + 1)} == {(each.roster, each.steers, each.epoch) for each in greetings}
    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.PREVIOUS))
    batch = gateway.next()
    assert (formats.PREVIOUS, [(5, 9, 64, 1)]) == (batch.format, steers(batch))
    assert [(1, 0, 1, 5, 0)] == rows(batch)


def test_a_session_that_joins_is_in_the_roster_without_a_ship() -> None:
    """The next batch has it, with the reply channel and, for a player with a ticket, the identity."""
    gateway = Gateway()
    gateway.join(3)
    gateway.join(4, ADA, generation=7)
    batch = gateway.next()
    assert [(3, 0, 0, NO_SHIP, 0), (4, ADA, 7, NO_SHIP, 0)] == rows(batch)
    assert (REPLY, EPOCH) == (batch.reply, batch.epoch)
    assert gateway.uplink.batch(REPLY) is None
    assert gateway.uplink.waiting()


def test_an_answer_assigns_a_ship_and_changes_the_roster() -> None:
    """Repetitions have no effect. A session without a ticket receives none."""
    gateway = Gateway()
    player = gateway.join(3)
    for _ in range(3):
        gateway.uplink.receive(answer((3, 1, 5, 2, BERTHED)))
    assert [Welcome(EPOCH, 100, 5, 2)] == player.welcomes
    assert [(3, 0, 1, 5, 2)] == rows(gateway.next())
    assert gateway.uplink.batch(REPLY) is None
    assert not gateway.uplink.waiting()


def test_a_welcome_has_the_next_ticket() -> None:
    """The ticket has the player and the generation that the tick gave this connection."""
    gateway = Gateway()
    player = gateway.join(3, ADA, generation=7)
    gateway.uplink.receive(answer((3, 8, 5, 2, BERTHED)))
    assert [Ticket(ADA, 8)] == [ticket.decode(welcome.ticket) for welcome in player.welcomes]
    assert [(3, ADA, 8, 5, 2)] == rows(gateway.next())


def test_another_ship_is_a_new_welcome() -> None:
    """The tick may have to replace a ship."""
    gateway = Gateway()
    player = gateway.seated()
    gateway.uplink.receive(answer((1, 2, 6, 0, BERTHED)))
    assert [5, 6] == [welcome.ship for welcome in player.welcomes]
    assert [(1, 0, 2, 6, 0)] == rows(gateway.next())


def test_a_full_world_refuses_the_player() -> None:
    """Although its row in the roster has no ship before and after."""
    gateway = Gateway()
    player = gateway.join(3)
    gateway.uplink.receive(answer((3, 0, NO_SHIP, 0, WORLD_FULL)))
    assert player.turned_away
    assert [] == rows(gateway.next())


def test_a_newer_connection_of_the_player_ends_the_older_one() -> None:
    """Its session leaves the roster, so the tick need not repeat the verdict. The rest of the answer is applied."""
    gateway = Gateway()
    older, newer = gateway.join(3, ADA), gateway.join(4, ADA)
    gateway.uplink.receive(answer((3, 0, NO_SHIP, 0, SUPERSEDED), (4, 2, 5, 0, BERTHED)))
    assert older.replaced
    assert [5] == [welcome.ship for welcome in newer.welcomes]
    assert [(4, ADA, 2, 5, 0)] == rows(gateway.next())


def test_an_answer_for_a_session_that_left_is_ignored() -> None:
    """The player left before its ship arrived."""
    gateway = Gateway()
    player = gateway.join(3)
    gateway.uplink.leave(3)
    gateway.uplink.leave(3)
    gateway.uplink.receive(answer((3, 1, 5, 0, BERTHED)))
    assert [] == player.welcomes
    assert [] == rows(gateway.next())


def test_an_older_epoch_is_ignored() -> None:
    """If there are two ticks, only the one with the greater epoch counts."""
    gateway = Gateway()
    player = gateway.seated()
    assert not gateway.uplink.note_epoch(EPOCH - 1)
    gateway.uplink.receive(answer((1, 2, 6, 0, BERTHED), epoch=EPOCH - 1, roster_wanted=True))
    assert [5] == [welcome.ship for welcome in player.welcomes]
    assert gateway.uplink.batch(REPLY) is None


def test_a_new_epoch_receives_everything_again() -> None:
    """Roster and inputs are repeated: the successor may have an older state."""
    gateway = Gateway()
    player = gateway.seated()
    player.controls.steer(BURN)
    gateway.next()
    gateway.uplink.receive(answer(epoch=EPOCH + 1))
    batch = gateway.next()
    assert ([(1, 0, 1, 5, 0)], EPOCH + 1, [(5, 9, 64, 1)]) == (rows(batch), batch.epoch, steers(batch))
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED), epoch=EPOCH + 1))
    assert [5] == [welcome.ship for welcome in player.welcomes]


def test_an_input_is_in_the_next_batch() -> None:
    """It is sent once, and without the roster, which did not change."""
    gateway = Gateway()
    player = gateway.seated()
    player.controls.steer(BURN)
    batch = gateway.next()
    assert batch.roster is None
    assert [(5, 9, 64, 1)] == steers(batch)
    assert gateway.uplink.batch(REPLY) is None


def test_the_newest_input_comes_last() -> None:
    """The tick uses the last row of each ship."""
    gateway = Gateway()
    player = gateway.seated()
    player.controls.steer(BURN)
    player.controls.steer(COAST)
    assert (5, 10, 65, 0) == steers(gateway.next())[-1]


def test_an_input_before_the_ship_waits_for_it() -> None:
    """Only the newest one is sent."""
    gateway = Gateway()
    player = gateway.join()
    player.controls.steer(COAST)
    player.controls.steer(BURN)
    assert b"" == gateway.next().steers
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED)))
    assert [(5, 9, 64, 1)] == steers(gateway.next())


def test_everything_is_repeated_once_a_second() -> None:
    """Roster and inputs: this is also the heartbeat."""
    gateway = Gateway()
    player = gateway.seated()
    player.controls.steer(BURN)
    gateway.next()
    batches = gateway.later(3 * ROSTER_S, gateway.receive_frame)
    assert [[(1, 0, 1, 5, 0)]] * 2 == [rows(batch) for batch in batches][:2]
    assert [[(5, 9, 64, 1)]] * 2 == [steers(batch) for batch in batches][:2]
    assert 3 >= len(batches) >= 2


def test_the_roster_is_sent_on_request() -> None:
    """With the newest snapshots. Its version changes only when a player comes, leaves or gets a ship."""
    gateway = Gateway()
    player = gateway.seated()
    gateway.shots = [b"arena 0", b"arena 1"]
    player.controls.steer(BURN)
    quiet = gateway.next()
    assert [] == quiet.seen
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.next()
    assert [(1, 0, 1, 5, 0)] == rows(batch)
    assert (quiet.roster_version, gateway.shots) == (batch.roster_version, batch.seen)
    gateway.uplink.leave(1)
    left = gateway.next()
    assert batch.roster_version < left.roster_version
    assert [] == left.seen


def test_after_a_long_silence_the_next_tick_is_greeted() -> None:
    """It may be of another release. After its answer everything is sent, with the inputs of that time."""
    gateway = Gateway()
    player = gateway.seated()
    gateway.later(FORGET_S + 2 * FREE_S)
    player.controls.steer(BURN)
    greetings = gateway.later(1)
    assert 20 >= len(greetings) >= 12
    assert {(None, b"")} == {(each.roster, each.steers) for each in greetings}
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.next()
    assert ([(1, 0, 1, 5, 0)], [(5, 9, 64, 1)]) == (rows(batch), steers(batch))


def test_frames_alone_keep_the_format() -> None:
    """The format of a tick that only publishes stays valid."""
    gateway = Gateway()
    gateway.seated()
    batches = gateway.later(2 * FORGET_S, gateway.receive_frame)
    assert {formats.FORMAT} == {batch.format for batch in batches}


def test_the_first_player_after_an_empty_time_needs_no_greeting() -> None:
    """The format of the last tick is used first."""
    gateway = Gateway()
    gateway.later(60)
    gateway.join()
    batch = gateway.next()
    assert formats.FORMAT == batch.format
    assert batch.roster


def test_the_first_player_after_an_empty_time_does_not_wait_for_a_tick_that_is_gone() -> None:
    """The gateway may have missed its replacement by a tick of the previous release, which reads another format."""
    gateway = Gateway()
    gateway.later(60)
    player = gateway.join()
    batches = gateway.later(2 * FIRST_ANSWER_S)
    greetings = [batch.format for batch in batches if batch.roster is None]
    assert {formats.PREVIOUS, formats.FORMAT} == set(greetings)
    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.PREVIOUS, roster_wanted=True))
    batch = gateway.next()
    assert (formats.PREVIOUS, [(1, 0, 0, NO_SHIP, 0)]) == (batch.format, rows(batch))
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED), epoch=EPOCH + 1, reads=formats.PREVIOUS))
    assert [5] == [welcome.ship for welcome in player.welcomes]
