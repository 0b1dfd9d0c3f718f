import pytest

from app.tick.inbox import SILENCE_TICKS, Changes, Inbox
from app.tick.players import Players
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.uplink import BERTHED, NO_SHIP, WORLD_FULL, Answer
from tests.tick.rosters import EPOCH, answered, batch, entry, steer, without_roster

TICK = 50


class Seating(Inbox):
    """An inbox that gives ships out itself, by session."""

    def __init__(self, **ships: int) -> None:
        """Start with gateways that have session 1 with that ship, and whose roster shows it."""
        self.players = Players(0)
        super().__init__(self.players, EPOCH)
        for name, ship in ships.items():
            self.receive(batch(name, entry(1)), TICK)
            self.seat(ship)
            self.receive(batch(name, entry(1, ship), version=2), TICK)
            assert [] == self.answers(TICK)

    def seat(self, *ships: int) -> Changes:
        """Drain, and give the newcomers these ships in order."""
        changes = self.drain(TICK)
        for newcomer, ship in zip(changes.newcomers, ships, strict=True):
            self.players.seat(newcomer, ship, 0)
        self.answers(TICK)
        return changes


def waiting(inbox: Inbox) -> list[tuple[str, int]]:
    return [(newcomer.seat.gateway, newcomer.seat.session) for newcomer in inbox.drain(TICK).newcomers]


def steered(changes: Changes) -> dict[int, tuple[int, bool, int]]:
    found = changes.inputs
    return dict(
        zip(
            found.ids.tolist(),
            zip(found.heading.tolist(), found.thrusting.tolist(), found.sequence.tolist(), strict=True),
            strict=True,
        )
    )


def wanted(inbox: Inbox) -> list[str]:
    return [reply for reply, answer in inbox.answers(TICK) if answer.roster_wanted]


def test_a_session_without_a_ship_is_a_newcomer() -> None:
    """At every drain, until it is seated."""
    inbox = Seating()
    inbox.receive(batch("g", entry(4), entry(2)), TICK)
    assert [("g", 2), ("g", 4)] == waiting(inbox) == waiting(inbox)


def test_a_seated_session_is_answered_until_its_roster_shows_it() -> None:
    """Once for each roster that does not."""
    inbox = Seating()
    inbox.receive(batch("g", entry(4)), TICK)
    (newcomer,) = inbox.drain(TICK).newcomers
    inbox.players.seat(newcomer, 9, 3)
    found = {"to.g": {4: (BERTHED, 9, 3, 0)}}
    assert found == answered(inbox.answers(TICK))
    assert [] == inbox.answers(TICK)
    inbox.receive(batch("g", entry(4)), TICK)
    assert found == answered(inbox.answers(TICK))
    inbox.receive(batch("g", entry(4, 9, arena=3), version=2), TICK)
    assert [] == inbox.answers(TICK)
    assert [] == inbox.drain(TICK).newcomers


def test_an_answer_has_its_tick_and_epoch() -> None:
    """In the newest format that its gateway reads."""
    inbox = Seating()
    inbox.receive(without_roster("g", reads=FORMAT + 1), TICK)
    inbox.receive(without_roster("h", reads=PREVIOUS), TICK)
    found = dict(inbox.answers(TICK))
    assert {
        "to.g": Answer(FORMAT, EPOCH, TICK, b"", True),
        "to.h": Answer(PREVIOUS, EPOCH, TICK, b"", True),
    } == found


def test_frames_are_for_all_gateways() -> None:
    """So they are written in a format that the oldest one reads; alone, the tick writes its own."""
    inbox = Seating()
    assert FORMAT == inbox.version
    inbox.receive(batch("g", reads=FORMAT + 1), TICK)
    assert FORMAT == inbox.version
    inbox.receive(batch("h", reads=PREVIOUS), TICK)
    assert PREVIOUS == inbox.version
    inbox.receive(batch("h", reads=FORMAT), TICK)
    assert FORMAT == inbox.version


def test_the_verdict_of_a_full_world_is_repeated_until_the_session_ends() -> None:
    """Its roster never shows it, since it has no ship before and after."""
    inbox = Seating()
    inbox.receive(batch("g", entry(1), entry(2)), TICK)
    inbox.seat(9, NO_SHIP)
    for _ in range(2):
        inbox.receive(batch("g", entry(1, 9), entry(2), version=2), TICK)
        assert {"to.g": {2: (WORLD_FULL, NO_SHIP, 0, 0)}} == answered(inbox.answers(TICK))
    inbox.receive(batch("g", entry(1, 9), version=3), TICK)
    assert [] == inbox.answers(TICK)
    assert [] == inbox.drain(TICK).departures


def test_a_ship_leaves_with_its_session() -> None:
    """It is reported once."""
    inbox = Seating(g=9)
    inbox.receive(batch("g", version=3), TICK)
    assert [9] == inbox.drain(TICK).departures
    assert [] == inbox.drain(TICK).departures


def test_a_roster_that_was_overtaken_is_ignored() -> None:
    """A session that ended does not come back, and a new one does not end."""
    inbox = Seating(g=9)
    inbox.receive(batch("g", entry(2), version=4), TICK)
    assert [9] == inbox.seat(10).departures
    for late in (batch("g", entry(1, 9), version=3), batch("g", version=1)):
        inbox.receive(late, TICK)
    assert [] == waiting(inbox)
    inbox.receive(batch("g", entry(2), version=4), TICK)
    assert {"to.g": {2: (BERTHED, 10, 0, 0)}} == answered(inbox.answers(TICK))


def test_a_silent_gateway_takes_its_ships_with_it() -> None:
    """After three seconds of ticks without any batch; the others stay."""
    inbox = Seating(g=9, h=10)
    departures: list[list[int]] = []
    for _ in range(SILENCE_TICKS + 1):
        inbox.receive(batch("h", entry(1, 10), version=2), TICK)
        inbox.count_silence(disconnected=False)
        departures.append(inbox.drain(TICK).departures)
    assert [[]] * SILENCE_TICKS + [[9]] == departures
    assert ["h"] == inbox.gateways


def test_a_disconnected_process_counts_no_silence() -> None:
    """The count restarts when batches arrive again."""
    inbox = Seating(g=9)
    for disconnected in [False] * SILENCE_TICKS + [True] * 1000 + [False] * SILENCE_TICKS:
        inbox.count_silence(disconnected=disconnected)
        assert [] == inbox.drain(TICK).departures
    inbox.count_silence(disconnected=False)
    assert [9] == inbox.drain(TICK).departures


def test_the_roster_of_a_gateway_that_returns_is_requested() -> None:
    """Its sessions get ships again, if possible the same ones."""
    inbox = Seating(g=9)
    for _ in range(SILENCE_TICKS + 1):
        inbox.count_silence(disconnected=False)
    inbox.drain(TICK)
    inbox.receive(without_roster("g", version=2), TICK)
    assert ["to.g"] == wanted(inbox)
    inbox.receive(batch("g", entry(1, 9, arena=3), version=2), TICK)
    assert [] == wanted(inbox)
    (newcomer,) = inbox.drain(TICK).newcomers
    assert (9, 3) == (newcomer.ship, newcomer.arena)


def test_a_missed_roster_is_requested() -> None:
    """A batch of another version without the roster shows that one was lost."""
    inbox = Seating(g=9)
    inbox.receive(without_roster("g", version=2), TICK)
    assert [] == wanted(inbox)
    inbox.receive(without_roster("g", version=3), TICK)
    assert ["to.g"] == wanted(inbox) == wanted(inbox)


def test_a_gateway_has_announced_when_it_answers_this_epoch() -> None:
    """Only then it sends what it saw; an earlier roster is applied but does not count."""
    inbox = Seating()
    inbox.receive(batch("g", entry(1), epoch=EPOCH - 1), TICK)
    assert [("g", 1)] == waiting(inbox)
    assert not inbox.has_roster("g")
    assert ["to.g"] == wanted(inbox)
    inbox.receive(batch("g", entry(1), seen=[b"a", b"b"]), TICK)
    assert inbox.has_roster("g")
    assert not inbox.has_roster("h")
    assert [b"a", b"b"] == inbox.seen()
    inbox.receive(batch("g", entry(1)), TICK)
    assert [b"a", b"b"] == inbox.seen()
    inbox.forget_seen()
    assert [] == inbox.seen()


def test_who_only_listens_learns_whom_to_ask() -> None:
    """And which epochs there were, but no roster."""
    directory = Inbox(Players(0))
    directory.register(batch("g", entry(1), epoch=EPOCH - 1, reads=PREVIOUS))
    directory.register(without_roster("h", epoch=3))
    assert [] == waiting(directory)
    inbox = Seating()
    inbox.add_gateways(directory)
    assert (["g", "h"], [], EPOCH - 1, PREVIOUS) == (
        inbox.gateways,
        inbox.gateways_with_sessions,
        inbox.newest_epoch,
        inbox.version,
    )
    assert ["to.g", "to.h"] == wanted(inbox)
    inbox.receive(batch("g", entry(1)), TICK)
    assert ["g"] == inbox.gateways_with_sessions
    inbox.receive(batch("g", version=2), TICK)
    assert [] == inbox.gateways_with_sessions


def test_the_newest_input_of_a_tick_counts() -> None:
    """Of one batch and of several; each is returned once."""
    inbox = Seating(g=9, h=10)
    inbox.receive(without_roster("g", version=2, steers=steer(9, 1, 10) + steer(9, 2, 20, thrusting=True)), TICK)
    inbox.receive(without_roster("h", version=2, steers=steer(10, 5, 50)), TICK)
    inbox.receive(without_roster("h", version=2, steers=steer(10, 6, 60)), TICK)
    assert {9: (20, True, 2), 10: (60, False, 6)} == steered(inbox.drain(TICK))
    assert {} == steered(inbox.drain(TICK))


def test_an_input_for_another_gateways_ship_is_ignored() -> None:
    """As for no ship at all, and for a ship that left; an unknown gateway steers no ship either."""
    inbox = Seating(g=9, h=10)
    inbox.receive(without_roster("g", version=2, steers=steer(10, 1, 10) + steer(0, 1, 10) + steer(65535, 1, 10)), TICK)
    inbox.receive(without_roster("stranger", steers=steer(9, 1, 10) + steer(5, 1, 10)), TICK)
    inbox.receive(without_roster("h", version=2, steers=steer(10, 1, 10)), TICK)
    inbox.receive(batch("h", version=3), TICK)
    inbox.receive(without_roster("h", version=3, steers=steer(10, 2, 10)), TICK)
    assert [10] == list(steered(changes := inbox.drain(TICK)))
    assert [10] == changes.departures
    inbox.receive(without_roster("h", version=3, steers=steer(10, 2, 10)), TICK)
    assert {} == steered(inbox.drain(TICK))


@pytest.mark.parametrize("epoch", [0, EPOCH - 1, EPOCH + 1])
def test_an_input_for_another_epoch_is_ignored(epoch: int) -> None:
    """Its ship may be another's now."""
    inbox = Seating(g=9)
    inbox.receive(without_roster("g", version=2, steers=steer(9, 1, 10), epoch=epoch), TICK)
    assert {} == steered(inbox.drain(TICK))
    assert max(epoch, EPOCH) == max(inbox.newest_epoch, EPOCH)


def test_a_greeting_is_answered_whatever_is_known() -> None:
    """Also one of a gateway whose first roster was empty."""
    inbox = Seating()
    inbox.receive(batch("g", version=0), TICK)
    assert [] == wanted(inbox)
    inbox.receive(without_roster(version=0), TICK)
    assert 1 == len(wanted(inbox))
