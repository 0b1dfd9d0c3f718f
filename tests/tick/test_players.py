import pytest

from app.tick.players import CLAIM_TICKS, GENERATIONS, NO_OWNER, Newcomer, Pilot, Players, Seat
from app.wire.uplink import BERTHED, NO_SHIP, SUPERSEDED, WORLD_FULL
from tests.tick.rosters import Verdicts, entry, rows, verdicts_in

GRACE = 600
ANN, BOB = 2**64 - 1, 7  # players with tickets


class Seated(Players):
    """Players among whom newcomers can be seated by session."""

    def __init__(self, grace_ticks: int = GRACE) -> None:
        super().__init__(grace_ticks)

    def send(self, gateway: str, *entries: tuple[int, int, int, int, int], tick: int = 0) -> None:
        self.reconcile(gateway, rows(*entries), tick)

    def sit(self, **ships: int) -> None:
        """Give every newcomer the ship that is named for its gateway."""
        for newcomer in self.newcomers():
            self.seat(newcomer, ships[newcomer.seat.gateway], 0)

    def verdicts_of(self, gateway: str) -> Verdicts:
        return verdicts_in(self.verdicts(gateway))


def flying(**ships: int) -> Seated:
    """Ann flies each of these ships by session 1 of its gateway, or Bob if it is the second."""
    players = Seated()
    for (gateway, ship), player in zip(ships.items(), (ANN, BOB), strict=False):
        players.send(gateway, entry(1, player=player))
        players.sit(**{gateway: ship})
        assert {1: (BERTHED, ship, 0, 1)} == players.verdicts_of(gateway)
        players.send(gateway, entry(1, ship, player=player, generation=1))
        assert {} == players.verdicts_of(gateway)
    return players


def test_a_session_without_a_ticket_has_no_generation() -> None:
    """Its player cannot come back."""
    players = Seated()
    players.send("g", entry(4))
    assert [Newcomer(Seat("g", 4), 0, 0)] == players.newcomers()
    players.sit(g=9)
    assert {4: (BERTHED, 9, 0, 0)} == players.verdicts_of("g")
    assert Pilot(0, 0, 9, 0, Seat("g", 4)) == players.pilot_of(9)


def test_those_who_flew_come_before_newcomers() -> None:
    """Else a newcomer could get the place of a player who had one."""
    players = Seated()
    players.send("g", entry(1), entry(2, 9, player=ANN, generation=3))
    players.send("h", entry(3, 8, arena=2))
    assert [9, 8, NO_SHIP] == [newcomer.ship for newcomer in players.newcomers()]


def test_a_session_that_gets_the_ship_it_shows_gets_no_answer() -> None:
    """Only another ship or another arena needs one."""
    players = Seated()
    players.send("g", entry(1, 9, player=ANN, generation=3), entry(2, 10, player=BOB, generation=5), entry(3, 11))
    for newcomer, (ship, arena) in zip(players.newcomers(), ((9, 0), (20, 0), (11, 4)), strict=True):
        players.seat(newcomer, ship, arena)
    assert {2: (BERTHED, 20, 0, 6), 3: (BERTHED, 11, 4, 0)} == players.verdicts_of("g")


def test_the_ship_of_a_player_waits_for_a_while() -> None:
    """No gateway may steer it, it coasts, and it leaves when the grace period is over."""
    players = flying(g=9)
    owner = players.owner_of("g")
    assert owner == players.owner[9] != NO_OWNER
    players.send("g", tick=100)
    assert [9] == players.coasting()
    assert [] == players.coasting()
    assert NO_OWNER == players.owner[9]
    assert [] == players.departures(100 + GRACE - 1)
    assert [9] == players.departures(100 + GRACE)
    assert (0, None) == (len(players), players.pilot_of(9))


def test_the_ship_of_a_session_without_a_ticket_leaves_at_once() -> None:
    """Its player cannot come back."""
    players = Seated()
    players.send("g", entry(1))
    players.sit(g=9)
    players.send("g")
    assert [9] == players.departures(0)
    assert [] == players.coasting()


@pytest.mark.parametrize("gateway", ["g", "h"])
def test_a_player_comes_back_to_the_same_ship(gateway: str) -> None:
    """Through any gateway, with a new generation; the thrust ends until the new connection sends an input."""
    players = flying(g=9)
    players.send("g", tick=5)
    players.send(gateway, entry(2, player=ANN, generation=1), tick=6)
    assert [9] == players.coasting()
    assert [] == players.newcomers()
    assert {2: (BERTHED, 9, 0, 2)} == players.verdicts_of(gateway)
    assert players.owner_of(gateway) == players.owner[9]
    assert [] == players.departures(10 * GRACE)


@pytest.mark.parametrize("gateway", ["g", "h"])
def test_the_newest_connection_of_a_player_wins(gateway: str) -> None:
    """The older one gets the verdict until it ends; the thrust ends."""
    players = flying(g=9)
    players.send(
        gateway, *[entry(1, 9, player=ANN, generation=1)] * (gateway == "g"), entry(2, player=ANN, generation=1)
    )
    assert [9] == players.coasting()
    verdicts = players.verdicts_of("g") | players.verdicts_of(gateway)
    assert {1: (SUPERSEDED, NO_SHIP, 0, 0), 2: (BERTHED, 9, 0, 2)} == verdicts
    shown = [entry(1, 9, player=ANN, generation=1)]
    if gateway == "g":
        shown.append(entry(2, 9, player=ANN, generation=2))
    players.send("g", *shown)
    assert {1: (SUPERSEDED, NO_SHIP, 0, 0)} == players.verdicts_of("g")
    players.send("g", *shown[1:])
    assert not players.unsettled("g")
    assert Seat(gateway, 2) == getattr(players.pilot_of(9), "seat", None)


def test_a_generation_is_above_all_that_were_seen() -> None:
    """Those of tickets included; after the last one comes 0."""
    players = flying(g=9)
    players.send("h", entry(2, player=ANN, generation=40))
    assert {2: (BERTHED, 9, 0, 41)} == players.verdicts_of("h")
    players.send("g", entry(3, player=ANN, generation=GENERATIONS - 1))
    assert {3: (BERTHED, 9, 0, 0)} == players.verdicts_of("g")
    assert 0 == getattr(players.pilot_of(9), "generation", None)


def test_of_two_that_wait_the_new_connection_wins() -> None:
    """Whichever roster comes first: who has no ship connected after the one that has; else the later one."""
    had, fresh = entry(1, 9, player=ANN, generation=4), entry(2, player=ANN, generation=4)
    for first, second in ((("g", had), ("h", fresh)), (("h", fresh), ("g", had))):
        players = Seated()
        players.send(*first)
        players.send(*second)
        assert [Seat("h", 2)] == [newcomer.seat for newcomer in players.newcomers()]
        assert {1: (SUPERSEDED, NO_SHIP, 0, 0)} == players.verdicts_of("g")
    players = Seated()
    players.send("g", fresh)
    players.send("h", fresh)
    assert [Seat("h", 2)] == [newcomer.seat for newcomer in players.newcomers()]


def test_of_two_that_had_the_ship_the_newer_generation_wins() -> None:
    """The other one was superseded by another tick, and its gateway has not received that."""
    older, newer = ("g", entry(1, 9, player=ANN, generation=4)), ("h", entry(2, 9, player=ANN, generation=5))
    for first, second in ((older, newer), (newer, older)):
        for kept in ([], [Pilot(ANN, 4, 9, 0)], [Pilot(ANN, 5, 9, 0)]):
            players = Seated()
            players.restore(list(kept), 0)
            players.send(*first)
            players.send(*second)
            if not kept:
                players.sit(g=9, h=9)
            assert Seat("h", 2) == getattr(players.pilot_of(9), "seat", None)
            assert {1: (SUPERSEDED, NO_SHIP, 0, 0)} == players.verdicts_of("g")
            assert {} == players.verdicts_of("h")


def test_the_verdict_of_a_full_world_is_repeated() -> None:
    """Another session of the same player may get a ship."""
    players = Seated()
    players.send("g", entry(1, player=ANN))
    players.sit(g=NO_SHIP)
    for _ in range(2):
        assert {1: (WORLD_FULL, NO_SHIP, 0, 0)} == players.verdicts_of("g")
        assert {} == players.verdicts_of("g")
        players.send("g", entry(1, player=ANN))
    players.send("g", entry(2, player=ANN))
    players.sit(g=9)
    assert {2: (BERTHED, 9, 0, 1)} == players.verdicts_of("g")


def test_a_verdict_lasts_as_long_as_its_session() -> None:
    """A session with the number of one that ended is a new one, and nothing is remembered for ever."""
    players = flying(g=9)
    players.send("h", entry(1, player=ANN, generation=1))
    players.send("g")
    players.send("g", entry(1, player=BOB))
    assert [BOB] == [newcomer.player for newcomer in players.newcomers()]
    players.sit(g=NO_SHIP)
    players.send("g")
    players.send("g", entry(1))
    assert [Seat("g", 1)] == [newcomer.seat for newcomer in players.newcomers()]


def test_of_two_that_show_the_same_ship_and_generation_the_seated_one_stays() -> None:
    """One of the rosters is old or false: the ship must not change hands with each of them."""
    players = flying(g=9)
    players.send("h", entry(2, 9, player=ANN, generation=1))
    assert {2: (SUPERSEDED, NO_SHIP, 0, 0)} == players.verdicts_of("h")
    assert Seat("g", 1) == getattr(players.pilot_of(9), "seat", None)


def test_a_full_world_gives_up_no_ship_that_a_gateway_may_still_claim() -> None:
    """Right after a takeover no gateway has had the time to show its sessions."""
    players = Seated()
    players.restore([Pilot(ANN, 3, 9, 0)], 1000)
    players.keep_ships({9}, 1000)
    assert [] == players.make_room(1)
    assert [] == players.departures(1000 + CLAIM_TICKS)
    assert [9] == players.make_room(1)


def test_a_roster_with_another_generation_is_corrected() -> None:
    """Else its player would get a ticket that is worth less than the last one."""
    players = flying(g=9)
    players.send("g", entry(1, 9, player=ANN, generation=0))
    assert {1: (BERTHED, 9, 0, 1)} == players.verdicts_of("g")


def test_a_gateway_that_is_lost_takes_its_sessions_with_it() -> None:
    """Waiting sessions end too; when it is back, its players have their ships again."""
    players = flying(g=9, h=10)
    players.send("g", entry(1, 9, player=ANN, generation=1), entry(2))
    players.remove_other_gateways({"h"}, 50)
    assert ([], [], NO_OWNER) == (players.newcomers(), players.departures(51), players.owner_of("g"))
    players.send("g", entry(1, 9, player=ANN, generation=1), tick=60)
    assert {} == players.verdicts_of("g")
    assert players.owner_of("g") == players.owner[9]
    players.remove_gateway("unknown", 60)


def test_pilots_of_a_checkpoint_wait_for_their_gateways() -> None:
    """Who has no ticket shorter than who has one; those who are claimed go on as if nothing had been."""
    players = Seated()
    players.restore([Pilot(ANN, 3, 9, 0), Pilot(0, 0, 10, 0), Pilot(BOB, 1, 11, 0), Pilot(0, 0, 12, 0)], 1000)
    players.send("g", entry(1, 9, player=ANN, generation=3), entry(2, 10), tick=1000)
    players.keep_ships({9, 10, 11, 12}, 1010)
    assert {} == players.verdicts_of("g")
    assert [] == players.departures(1010 + CLAIM_TICKS - 1)
    assert [] == players.coasting()
    assert [12] == players.departures(1010 + CLAIM_TICKS)
    assert [11] == players.coasting()
    assert [] == players.departures(1000 + GRACE - 1)
    assert [11] == players.departures(1000 + GRACE)
    assert 2 == len(players)


def test_without_grace_gateways_have_time_to_claim_all_the_same() -> None:
    """Players do not lose their ships because a gateway was late."""
    players = Seated(grace_ticks=0)
    players.restore([Pilot(ANN, 3, 9, 0), Pilot(0, 0, 10, 0)], 1000)
    players.keep_ships({9, 10}, 1000)
    assert [] == players.departures(1000 + CLAIM_TICKS - 1)
    assert [9, 10] == sorted(players.departures(1000 + CLAIM_TICKS))


def test_a_session_whose_ship_is_gone_waits_for_another() -> None:
    """The session gets an answer; an absent player is forgotten."""
    players = Seated()
    players.restore([Pilot(ANN, 3, 9, 0), Pilot(BOB, 1, 11, 0)], 1000)
    players.send("g", entry(1, 9, player=ANN, generation=3))
    players.keep_ships(set(), 1000)
    assert [9, 11] == sorted(players.departures(1000))
    assert [Newcomer(Seat("g", 1), ANN, 3)] == players.newcomers()
    players.sit(g=20)
    assert {1: (BERTHED, 20, 0, 4)} == players.verdicts_of("g")
    assert [20] == [ship for ship in range(30) if players.pilot_of(ship)]


def test_a_session_that_a_roster_repeats_is_one_session() -> None:
    """A roster may be damaged by a bug elsewhere."""
    players = Seated()
    players.send("g", entry(1), entry(1, player=ANN), entry(1))
    assert 1 == len(players.newcomers())


def test_a_full_world_gives_up_those_who_wait_longest_for_their_players() -> None:
    """A present player comes before an absent one, and no present player loses a ship."""
    players = flying(g=5, h=6)
    players.send("g", tick=10)
    assert [] == players.make_room(0)
    players.send("h", tick=20)
    assert [5] == players.make_room(1)
    players.send("g", entry(2, player=ANN), tick=30)
    assert [ANN] == [newcomer.player for newcomer in players.newcomers()]
    players.send("h", entry(9, player=BOB), tick=40)
    assert [] == players.make_room(7)
