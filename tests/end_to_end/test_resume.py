from app.wire import inputs
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve, undisturbed
from tests.end_to_end.server import Server

GRACE = {"FLOTILLA_RESUME_GRACE_SECONDS": "30"}


def ticket_of(client: ReplicaClient) -> bytes:
    assert client.replica.welcome is not None
    assert client.replica.welcome.ticket
    return client.replica.welcome.ticket


def bearing(ticket: bytes) -> bytes:
    return inputs.encode_hello(ticket=ticket)


async def left_flying(server: Server) -> tuple[int, bytes]:
    """Connect a player who disconnects while thrusting. Return the ship and its ticket."""
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        await client.steer(7, 32, thrusting=True)
        await client.until(lambda: client.own["vx"] > 1024)
        return client.ship, ticket_of(client)


async def test_a_player_who_reconnects_gets_the_same_ship(serve: Serve) -> None:
    """The ship coasted without thrust in the meantime."""
    server = serve(**GRACE)
    async with undisturbed(server) as bystander:
        ship, ticket = await left_flying(server)
        await bystander.until(lambda: bystander.ships[ship]["flags"] == 0)
        coasting = bystander.ships[ship]
        await bystander.flown(5)
        now = bystander.ships[ship]
        assert coasting["vx"] > 1024
        assert [coasting[name] for name in ("vx", "vy", "heading")] == [now[name] for name in ("vx", "vy", "heading")]
        assert (coasting["x"], coasting["y"]) != (now["x"], now["y"])
        async with server.expecting(closes={1000: 1}), ReplicaClient.connected(server, hello=bearing(ticket)) as client:
            await client.flown()
            assert ship == client.ship
            assert (now["vx"], now["vy"], 0) == (client.own["vx"], client.own["vy"], client.own["flags"])
            assert {ship, bystander.ship} == set(client.ships)
            await client.steer(8, 99, thrusting=True)
            await bystander.until(lambda: bystander.ships[ship]["heading"] == 99)


async def test_the_newest_connection_wins(serve: Serve) -> None:
    """The older connection is closed with 4504, with any ticket of the player."""
    server = serve(**GRACE)
    async with undisturbed(server), ReplicaClient.connected(server) as first:
        await first.flown()
        ship, ticket = first.ship, ticket_of(first)
        counted = server.expecting(closes={4504: 2, 1000: 1})
        async with counted, ReplicaClient.connected(server, hello=bearing(ticket)) as second:
            assert 4504 == await first.close_code()
            await second.flown()
            assert ticket != ticket_of(second)
            async with ReplicaClient.connected(server, hello=bearing(ticket)) as third:
                assert 4504 == await second.close_code()
                await third.flown()
                assert [ship, ship] == [second.ship, third.ship]


async def test_two_at_once_share_nothing(serve: Serve) -> None:
    """Of two simultaneous connections with one ticket, one gets the ship and the other 4504."""
    server = serve(**GRACE)
    async with undisturbed(server):
        ship, ticket = await left_flying(server)
        async with (
            ReplicaClient.connected(server, hello=bearing(ticket)) as one,
            ReplicaClient.connected(server, hello=bearing(ticket)) as other,
        ):
            await other.flown()
            assert ship == other.ship
            assert 4504 == await one.close_code()
            assert other.socket.close_code is None


async def test_an_invalid_ticket_gives_a_new_player(serve: Serve) -> None:
    """A foreign or modified ticket is counted, and its player gets a new ship."""
    server = serve(**GRACE)
    async with undisturbed(server) as bystander:
        ship, ticket = await left_flying(server)
        for forged in (b"x" * 512, b"\xff\x00", ticket[:-1] + bytes([ticket[-1] ^ 1])):
            counted = server.expecting(refusals={"ticket": 1}, closes={1000: 1})
            async with counted, ReplicaClient.connected(server, hello=bearing(forged)) as client:
                await client.flown()
                assert client.ship not in {ship, bystander.ship}
                assert ticket_of(client) != ticket


async def test_after_the_grace_there_is_a_new_ship(serve: Serve) -> None:
    """The old ship is gone, but the ticket is valid."""
    server = serve(FLOTILLA_RESUME_GRACE_SECONDS="0.5")
    async with undisturbed(server) as bystander:
        ship, ticket = await left_flying(server)
        await bystander.until(lambda: ship not in bystander.ships)
        async with server.expecting(closes={1000: 1}), ReplicaClient.connected(server, hello=bearing(ticket)) as client:
            await client.flown()
            assert ship != client.ship
            assert 0 == client.own["vx"]


async def test_a_ship_of_the_tutorial_leaves_with_its_socket(serve: Serve) -> None:
    """JSON players have no ticket and cannot resume."""
    server = serve(**GRACE)
    async with undisturbed(server) as bystander:
        async with TutorialClient.connected(server) as client:
            await client.until(lambda: client.own)
            await bystander.until(lambda: len(bystander.ships) == 2)
        await bystander.until(lambda: [bystander.ship] == list(bystander.ships))
