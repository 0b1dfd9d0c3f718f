import numpy as np

from app.gateway.helm import Helm
from app.gateway.uplink import ROSTER_BATCHES, Uplink
from app.wire import inputs, uplink
from app.wire.outputs import Welcome
from app.wire.uplink import Answer, Batch, Berth, Entry
from tests.gateway.doubles import EPOCH, RecordingPlayer, helm_of

BURN = inputs.encode_input(9, 64, thrusting=True)
REPLY = "relay"


def answer(*berths: Berth, epoch: int = EPOCH, roster_wanted: bool = False) -> Answer:
    return Answer(uplink.FORMAT, epoch, 100, list(berths), roster_wanted)


def said(batch: Batch | None) -> Batch:
    assert batch is not None
    return batch


def steers(batch: Batch) -> list[tuple[int, ...]]:
    rows = np.frombuffer(batch.steers, dtype=uplink.STEER)
    return [tuple(row) for row in rows[["ship", "sequence", "heading", "thrusting"]].tolist()]


def seated(session: int = 1, ship: int = 5) -> tuple[Uplink, RecordingPlayer, Helm]:
    gateway, player = Uplink(), RecordingPlayer()
    helm = helm_of(gateway)
    gateway.join(session, player, helm)
    gateway.receive(answer(Berth(session, ship, 0)))
    gateway.batch(REPLY)
    return gateway, player, helm


def test_who_has_nothing_to_say_is_silent() -> None:
    """No batch without a session, however long."""
    assert [None] * 100 == [Uplink().batch(REPLY) for _ in range(100)]


def test_a_session_that_joins_is_in_the_roster_without_a_ship() -> None:
    """With the next batch, which names the gateway's reply channel."""
    gateway = Uplink()
    gateway.join(3, RecordingPlayer(), helm_of(gateway))
    batch = said(gateway.batch(REPLY))
    assert [Entry(3, uplink.NO_SHIP, 0)] == batch.roster
    assert (REPLY, 0) == (batch.reply, batch.epoch)
    assert gateway.batch(REPLY) is None


def test_an_answer_welcomes_and_shows_in_the_roster() -> None:
    """Once, however often it is repeated."""
    gateway, player = Uplink(), RecordingPlayer()
    gateway.join(3, player, helm_of(gateway))
    for _ in range(3):
        gateway.receive(answer(Berth(3, 5, 2)))
    assert [Welcome(EPOCH, 100, 5, 2)] == player.welcomes
    batch = said(gateway.batch(REPLY))
    assert [Entry(3, 5, 2)] == batch.roster
    assert EPOCH == batch.epoch


def test_another_ship_is_welcomed_again() -> None:
    """The tick had to give a new one."""
    gateway, player, _ = seated()
    gateway.receive(answer(Berth(1, 6, 0)))
    assert [5, 6] == [welcome.ship for welcome in player.welcomes]


def test_a_full_world_turns_the_player_away() -> None:
    """Though its roster already says that it has no ship."""
    gateway, player = Uplink(), RecordingPlayer()
    gateway.join(3, player, helm_of(gateway))
    gateway.receive(answer(Berth(3, uplink.NO_SHIP, 0)))
    assert player.turned_away


def test_an_answer_for_a_session_that_left_is_ignored() -> None:
    """The player is gone before its ship came."""
    gateway, player = Uplink(), RecordingPlayer()
    gateway.join(3, player, helm_of(gateway))
    gateway.leave(3)
    gateway.receive(answer(Berth(3, 5, 0)))
    assert [] == player.welcomes
    assert [] == said(gateway.batch(REPLY)).roster


def test_an_older_epoch_is_ignored() -> None:
    """Two ticks at once: the one with the greater epoch is believed."""
    gateway, player, _ = seated()
    gateway.receive(answer(Berth(1, 6, 0), epoch=EPOCH - 1))
    assert [5] == [welcome.ship for welcome in player.welcomes]


def test_a_new_epoch_gives_every_ship_anew() -> None:
    """Until then the roster shows none, and inputs wait."""
    gateway, player, helm = seated()
    helm.steer(BURN)
    gateway.receive(answer(epoch=EPOCH + 1))
    batch = said(gateway.batch(REPLY))
    assert ([Entry(1, uplink.NO_SHIP, 0)], EPOCH + 1, b"") == (batch.roster, batch.epoch, batch.steers)
    gateway.receive(answer(Berth(1, 8, 0), epoch=EPOCH + 1))
    assert [(8, 9, 64, 1)] == steers(said(gateway.batch(REPLY)))
    assert [5, 8] == [welcome.ship for welcome in player.welcomes]


def test_an_input_goes_up_with_the_next_batch() -> None:
    """Once, and alone: the roster is as it was."""
    gateway, _, helm = seated()
    helm.steer(BURN)
    batch = said(gateway.batch(REPLY))
    assert batch.roster is None
    assert [(5, 9, 64, 1)] == steers(batch)
    assert gateway.batch(REPLY) is None


def test_the_newest_input_comes_last() -> None:
    """So that the tick, which takes the last row of a ship, takes the newest."""
    gateway, _, helm = seated()
    helm.steer(BURN)
    helm.steer(inputs.encode_input(10, 65, thrusting=False))
    assert (5, 10, 65, 0) == steers(said(gateway.batch(REPLY)))[-1]


def test_an_input_before_the_ship_waits_for_it() -> None:
    """Only the newest of them."""
    gateway = Uplink()
    helm = helm_of(gateway)
    gateway.join(1, RecordingPlayer(), helm)
    helm.steer(inputs.encode_input(8, 1, thrusting=False))
    helm.steer(BURN)
    assert b"" == said(gateway.batch(REPLY)).steers
    gateway.receive(answer(Berth(1, 5, 0)))
    assert [(5, 9, 64, 1)] == steers(said(gateway.batch(REPLY)))


def test_an_input_of_nobody_is_ignored() -> None:
    """A message may come behind the close."""
    gateway, _, helm = seated()
    gateway.leave(1)
    gateway.batch(REPLY)
    helm.steer(BURN)
    assert gateway.batch(REPLY) is None


def test_everything_is_said_again_once_a_second() -> None:
    """Roster and inputs: that is also the heartbeat."""
    gateway, _, helm = seated()
    helm.steer(BURN)
    gateway.batch(REPLY)
    batches = [batch for _ in range(2 * ROSTER_BATCHES) if (batch := gateway.batch(REPLY)) is not None]
    assert [[Entry(1, 5, 0)]] * 2 == [batch.roster for batch in batches]
    assert [[(5, 9, 64, 1)]] * 2 == [steers(batch) for batch in batches]


def test_the_roster_is_said_on_request() -> None:
    """With its version, which moves only when somebody comes, goes or gets a ship."""
    gateway, _, helm = seated()
    helm.steer(BURN)
    version = said(gateway.batch(REPLY)).roster_version
    gateway.receive(answer(roster_wanted=True))
    batch = said(gateway.batch(REPLY))
    assert [Entry(1, 5, 0)] == batch.roster
    assert version == batch.roster_version
    gateway.leave(1)
    assert version < said(gateway.batch(REPLY)).roster_version
