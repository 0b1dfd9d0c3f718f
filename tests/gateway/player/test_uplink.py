from collections.abc import Callable

from app.gateway.player import ticket
from app.gateway.player.controls import Helm
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import BATCH_PERIOD_S, FIRST_ANSWER_S, FORGET_S, ROSTER_S, Uplink
from app.wire import formats, inputs
from app.wire.outputs import Welcome
from app.wire.uplink import BERTHED, NO_SHIP, SUPERSEDED, WORLD_FULL, Batch
from tests.gateway.doubles import EPOCH, RecordingPlayer, answer, helm_of, rows, steers

BURN = inputs.encode_input(9, 64, thrusting=True)
COAST = inputs.encode_input(10, 65, thrusting=False)
REPLY = "relay"
ADA = 0xADA  # a player with a ticket


class Gateway:
    """An uplink with a clock that is set by hand, and what it would announce to have seen."""

    def __init__(self, *, greeted: bool = True) -> None:
        self.now = 1000.0
        self.shots: list[bytes] = []
        self.asked: list[int] = []
        self.uplink = Uplink(self._seen, lambda: self.now)
        if greeted:
            self.uplink.receive(answer())
            self.uplink.batch(REPLY)

    def join(self, session: int = 1, player: int = 0, generation: int = 0) -> tuple[RecordingPlayer, Helm]:
        """A session that waits for its ship."""
        who, helm = RecordingPlayer(lambda: self.uplink.leave(session)), helm_of(self.uplink)
        self.uplink.join(session, who, helm, Ticket(player, generation))
        return who, helm

    def seated(self, session: int = 1, ship: int = 5) -> tuple[RecordingPlayer, Helm]:
        """A session that flies, with all of that said."""
        player, helm = self.join(session)
        self.uplink.receive(answer((session, 1, ship, 0, BERTHED)))
        self.uplink.batch(REPLY)
        return player, helm

    def says(self) -> Batch:
        """The next batch, which there must be."""
        batch = self.uplink.batch(REPLY)
        assert batch is not None
        return batch

    def later(self, seconds: float, hear: Callable[[], object] = lambda: None) -> list[Batch]:
        """The batches of that time; `hear` is called before each."""
        batches = []
        for _ in range(round(seconds / BATCH_PERIOD_S)):
            self.now += BATCH_PERIOD_S
            hear()
            batches.append(self.uplink.batch(REPLY))
        return [batch for batch in batches if batch is not None]

    def hears_frames(self) -> None:
        self.uplink.hear(self.uplink.epoch)

    def _seen(self, version: int) -> list[bytes]:
        self.asked.append(version)
        return self.shots


def test_who_has_nothing_to_say_is_silent() -> None:
    """No batch without a session, however long, once the tick knows it."""
    gateway = Gateway()
    assert [] == gateway.later(10, gateway.hears_frames)


def test_before_anything_else_there_is_a_greeting() -> None:
    """Once a tick at most, until the tick answers with what it reads."""
    gateway = Gateway(greeted=False)
    gateway.join()
    greetings = gateway.later(10 * BATCH_PERIOD_S)
    assert 5 >= len(greetings) >= 3
    assert {(None, b"", formats.FORMAT, REPLY, 0)} == {
        (greeting.roster, greeting.steers, greeting.reads, greeting.reply, greeting.epoch) for greeting in greetings
    }
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.says()
    assert (formats.FORMAT, EPOCH) == (batch.format, batch.epoch)
    assert [(1, 0, 0, NO_SHIP, 0)] == rows(batch)


def test_a_gateway_without_players_greets_until_a_tick_answers() -> None:
    """Once a second, so that it learns that there is one; then it has nothing more to say."""
    gateway = Gateway(greeted=False)
    greetings = gateway.later(10)
    assert 9 <= len(greetings) <= 10
    assert {None} == {greeting.roster for greeting in greetings}
    gateway.uplink.receive(answer(roster_wanted=True))
    assert b"" == gateway.says().roster
    assert [] == gateway.later(10)


def test_any_tick_of_three_releases_in_a_row_reads_every_other_greeting() -> None:
    """The one before reads our previous format, the next one our newest, our own tick both."""
    gateway = Gateway(greeted=False)
    gateway.join()
    said = [greeting.format for greeting in gateway.later(1)]
    assert {formats.PREVIOUS, formats.FORMAT} == set(said[:2])
    assert said[:2] * 4 == said[:8]


def test_an_older_tick_is_spoken_to_in_its_format() -> None:
    """What was seen is said in it too; a newer tick after that hears the newest format that is ours."""
    gateway = Gateway(greeted=False)
    player, _ = gateway.join(player=ADA, generation=3)
    gateway.uplink.receive(answer(reads=formats.PREVIOUS, roster_wanted=True))
    batch = gateway.says()
    assert (formats.PREVIOUS, [formats.PREVIOUS]) == (batch.format, gateway.asked)
    assert [(1, ADA, 3, NO_SHIP, 0)] == rows(batch)
    gateway.uplink.receive(answer((1, 4, 5, 2, BERTHED), reads=formats.PREVIOUS))
    (welcome,) = player.welcomes
    assert (5, 2, Ticket(ADA, 4)) == (welcome.ship, welcome.arena, ticket.decode(welcome.ticket))

    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.FORMAT + 1))
    batch = gateway.says()
    assert formats.FORMAT == batch.format
    assert [(1, ADA, 4, 5, 2)] == rows(batch)


def test_the_tick_of_a_new_epoch_is_greeted_unless_it_spoke_first() -> None:
    """It may be of the release before, and read nothing that the last one read: its frames alone do not tell."""
    gateway = Gateway()
    _, helm = gateway.seated()
    gateway.uplink.hear(EPOCH + 1)
    helm.steer(BURN)
    greetings = gateway.later(2 * FORGET_S, gateway.hears_frames)
    assert {(None, b"", EPOCH + 1)} == {(each.roster, each.steers, each.epoch) for each in greetings}
    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.PREVIOUS))
    batch = gateway.says()
    assert (formats.PREVIOUS, [(5, 9, 64, 1)]) == (batch.format, steers(batch))
    assert [(1, 0, 1, 5, 0)] == rows(batch)


def test_a_session_that_joins_is_in_the_roster_without_a_ship() -> None:
    """With the next batch, which names the gateway's reply channel and, for a player with a ticket, its bearer."""
    gateway = Gateway()
    gateway.join(3)
    gateway.join(4, ADA, generation=7)
    batch = gateway.says()
    assert [(3, 0, 0, NO_SHIP, 0), (4, ADA, 7, NO_SHIP, 0)] == rows(batch)
    assert (REPLY, EPOCH) == (batch.reply, batch.epoch)
    assert gateway.uplink.batch(REPLY) is None
    assert gateway.uplink.waiting()


def test_an_answer_welcomes_and_shows_in_the_roster() -> None:
    """Once, however often it is repeated; a session without a ticket gets none."""
    gateway = Gateway()
    player, _ = gateway.join(3)
    for _ in range(3):
        gateway.uplink.receive(answer((3, 1, 5, 2, BERTHED)))
    assert [Welcome(EPOCH, 100, 5, 2)] == player.welcomes
    assert [(3, 0, 1, 5, 2)] == rows(gateway.says())
    assert gateway.uplink.batch(REPLY) is None
    assert not gateway.uplink.waiting()


def test_a_welcome_carries_the_ticket_to_come_back_with() -> None:
    """It names the player and the generation that the tick gave this connection."""
    gateway = Gateway()
    player, _ = gateway.join(3, ADA, generation=7)
    gateway.uplink.receive(answer((3, 8, 5, 2, BERTHED)))
    assert [Ticket(ADA, 8)] == [ticket.decode(welcome.ticket) for welcome in player.welcomes]
    assert [(3, ADA, 8, 5, 2)] == rows(gateway.says())


def test_another_ship_is_welcomed_again() -> None:
    """The tick had to give a new one."""
    gateway = Gateway()
    player, _ = gateway.seated()
    gateway.uplink.receive(answer((1, 2, 6, 0, BERTHED)))
    assert [5, 6] == [welcome.ship for welcome in player.welcomes]
    assert [(1, 0, 2, 6, 0)] == rows(gateway.says())


def test_a_full_world_turns_the_player_away() -> None:
    """Though its roster already says that it has no ship."""
    gateway = Gateway()
    player, _ = gateway.join(3)
    gateway.uplink.receive(answer((3, 0, NO_SHIP, 0, WORLD_FULL)))
    assert player.turned_away
    assert [] == rows(gateway.says())


def test_a_newer_connection_of_the_player_ends_the_older_one() -> None:
    """Its session leaves the roster, so that the tick need not repeat it; others in the same answer are heard."""
    gateway = Gateway()
    older, newer = gateway.join(3, ADA)[0], gateway.join(4, ADA)[0]
    gateway.uplink.receive(answer((3, 0, NO_SHIP, 0, SUPERSEDED), (4, 2, 5, 0, BERTHED)))
    assert older.replaced
    assert [5] == [welcome.ship for welcome in newer.welcomes]
    assert [(4, ADA, 2, 5, 0)] == rows(gateway.says())


def test_an_answer_for_a_session_that_left_is_ignored() -> None:
    """The player is gone before its ship came."""
    gateway = Gateway()
    player, _ = gateway.join(3)
    gateway.uplink.leave(3)
    gateway.uplink.leave(3)
    gateway.uplink.receive(answer((3, 1, 5, 0, BERTHED)))
    assert [] == player.welcomes
    assert [] == rows(gateway.says())


def test_an_older_epoch_is_ignored() -> None:
    """Two ticks at once: the one with the greater epoch is believed."""
    gateway = Gateway()
    player, _ = gateway.seated()
    assert not gateway.uplink.hear(EPOCH - 1)
    gateway.uplink.receive(answer((1, 2, 6, 0, BERTHED), epoch=EPOCH - 1, roster_wanted=True))
    assert [5] == [welcome.ship for welcome in player.welcomes]
    assert gateway.uplink.batch(REPLY) is None


def test_a_new_epoch_hears_everything_again() -> None:
    """Who is here with which ships, and how they steer: the successor may know less than this gateway."""
    gateway = Gateway()
    player, helm = gateway.seated()
    helm.steer(BURN)
    gateway.says()
    gateway.uplink.receive(answer(epoch=EPOCH + 1))
    batch = gateway.says()
    assert ([(1, 0, 1, 5, 0)], EPOCH + 1, [(5, 9, 64, 1)]) == (rows(batch), batch.epoch, steers(batch))
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED), epoch=EPOCH + 1))
    assert [5] == [welcome.ship for welcome in player.welcomes]


def test_an_input_goes_up_with_the_next_batch() -> None:
    """Once, and alone: the roster is as it was."""
    gateway = Gateway()
    _, helm = gateway.seated()
    helm.steer(BURN)
    batch = gateway.says()
    assert batch.roster is None
    assert [(5, 9, 64, 1)] == steers(batch)
    assert gateway.uplink.batch(REPLY) is None


def test_the_newest_input_comes_last() -> None:
    """So that the tick, which takes the last row of a ship, takes the newest."""
    gateway = Gateway()
    _, helm = gateway.seated()
    helm.steer(BURN)
    helm.steer(COAST)
    assert (5, 10, 65, 0) == steers(gateway.says())[-1]


def test_an_input_before_the_ship_waits_for_it() -> None:
    """Only the newest of them."""
    gateway = Gateway()
    _, helm = gateway.join()
    helm.steer(COAST)
    helm.steer(BURN)
    assert b"" == gateway.says().steers
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED)))
    assert [(5, 9, 64, 1)] == steers(gateway.says())


def test_an_input_of_nobody_is_ignored() -> None:
    """A message may come behind the close."""
    gateway = Gateway()
    _, helm = gateway.seated()
    gateway.uplink.leave(1)
    gateway.says()
    helm.steer(BURN)
    assert gateway.uplink.batch(REPLY) is None


def test_everything_is_said_again_once_a_second() -> None:
    """Roster and inputs: that is also the heartbeat."""
    gateway = Gateway()
    _, helm = gateway.seated()
    helm.steer(BURN)
    gateway.says()
    batches = gateway.later(3 * ROSTER_S, gateway.hears_frames)
    assert [[(1, 0, 1, 5, 0)]] * 2 == [rows(batch) for batch in batches][:2]
    assert [[(5, 9, 64, 1)]] * 2 == [steers(batch) for batch in batches][:2]
    assert 3 >= len(batches) >= 2


def test_the_roster_is_said_on_request() -> None:
    """With its version, which moves only when somebody comes, goes or gets a ship, and with what was seen last."""
    gateway = Gateway()
    _, helm = gateway.seated()
    gateway.shots = [b"arena 0", b"arena 1"]
    helm.steer(BURN)
    quiet = gateway.says()
    assert [] == quiet.seen
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.says()
    assert [(1, 0, 1, 5, 0)] == rows(batch)
    assert (quiet.roster_version, gateway.shots) == (batch.roster_version, batch.seen)
    gateway.uplink.leave(1)
    left = gateway.says()
    assert batch.roster_version < left.roster_version
    assert [] == left.seen


def test_after_a_long_silence_the_next_tick_is_greeted() -> None:
    """It may be of another release; when it answers, all is said to it, what was steered meanwhile included."""
    gateway = Gateway()
    _, helm = gateway.seated()
    gateway.later(FORGET_S + 2 * BATCH_PERIOD_S)
    helm.steer(BURN)
    greetings = gateway.later(1)
    assert 20 >= len(greetings) >= 12
    assert {(None, b"")} == {(each.roster, each.steers) for each in greetings}
    gateway.uplink.receive(answer(roster_wanted=True))
    batch = gateway.says()
    assert ([(1, 0, 1, 5, 0)], [(5, 9, 64, 1)]) == (rows(batch), steers(batch))


def test_frames_alone_keep_the_format() -> None:
    """A tick that only publishes is not forgotten."""
    gateway = Gateway()
    gateway.seated()
    batches = gateway.later(2 * FORGET_S, gateway.hears_frames)
    assert {formats.FORMAT} == {batch.format for batch in batches}


def test_the_first_player_after_a_lonely_time_needs_no_greeting() -> None:
    """What the last tick read is taken for granted: nobody was there to hear of another."""
    gateway = Gateway()
    gateway.later(60)
    gateway.join()
    said = gateway.says()
    assert formats.FORMAT == said.format
    assert said.roster


def test_the_first_player_after_a_lonely_time_waits_for_no_tick_that_is_gone() -> None:
    """Nobody was there to hear that it was replaced: a release before reads nothing that is said to the last tick."""
    gateway = Gateway()
    gateway.later(60)
    player, _ = gateway.join()
    said = gateway.later(2 * FIRST_ANSWER_S)
    greetings = [batch.format for batch in said if batch.roster is None]
    assert {formats.PREVIOUS, formats.FORMAT} == set(greetings)
    gateway.uplink.receive(answer(epoch=EPOCH + 1, reads=formats.PREVIOUS, roster_wanted=True))
    batch = gateway.says()
    assert (formats.PREVIOUS, [(1, 0, 0, NO_SHIP, 0)]) == (batch.format, rows(batch))
    gateway.uplink.receive(answer((1, 1, 5, 0, BERTHED), epoch=EPOCH + 1, reads=formats.PREVIOUS))
    assert [5] == [welcome.ship for welcome in player.welcomes]
