from functools import partial

import pytest

from app.wire import inputs, records
from app.wire.inputs import Pause, Resume, Resync
from app.wire.outputs import Checksum, DeltaBody, Full, Keyframe, Pong, Status, Welcome
from tests.end_to_end.clients import ReplicaClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import Server
from tests.pacing import until


async def test_a_session_begins_with_welcome_keyframe_deltas(server: Server) -> None:
    """They come in this order, and the keyframe contains the client's ship."""
    async with ReplicaClient.connected(server) as client:
        await client.flown(5)
        first, second, *rest = [message for message in client.received if not isinstance(message, Status)]
        assert isinstance(first, Welcome)
        assert isinstance(second, Keyframe)
        assert first.ship in second.records["id"]
        assert first.epoch == second.epoch
        assert {DeltaBody} >= {type(message) for message in rest} - {Checksum}


async def test_the_replica_equals_a_requested_keyframe(server: Server, bystander: ReplicaClient) -> None:
    """A client that requests keyframes and a client with deltas only have the same bytes."""
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        for number in range(1, 9):
            await client.steer(number, number * 31 & 0xFF, thrusting=number % 3 > 0)
            await bystander.steer(number * 9 & 0xFF, number * 77 & 0xFF, thrusting=number % 2 > 0)
            await client.flown(2)
            await client.bare(Resync())
            await client.until(partial(has_keyframes, client, number + 1))
        await bystander.until(lambda: bystander.replica.tick >= client.replica.tick)
    common = client.history.keys() & bystander.history.keys()
    assert len(common) > 20
    assert {tick: bystander.history[tick] for tick in common} == {tick: client.history[tick] for tick in common}


def has_keyframes(client: ReplicaClient, count: int) -> bool:
    return client.count(Keyframe) == count


async def test_checksums_agree(server: Server, bystander: ReplicaClient) -> None:
    """The server's checksums, one per second, match the replica while a ship thrusts and turns."""
    await bystander.steer(1, 32, thrusting=True)
    await bystander.until(lambda: bystander.replica.checksums >= 2)


async def test_inputs_are_seen_by_all(server: Server, bystander: ReplicaClient) -> None:
    """Every replica shows heading, thrust and sequence of an INPUT."""
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        await client.steer(200, 77, thrusting=True)
        await bystander.until(lambda: bystander.ships[client.ship]["sequence"] == 200)
        ship = bystander.ships[client.ship]
        assert (77, 1) == (ship["heading"], ship["flags"])
        await bystander.until(lambda: bystander.ships[client.ship]["vx"] != 0)


async def test_an_input_before_welcome_waits_for_the_ship(server: Server, bystander: ReplicaClient) -> None:
    """INPUT right after HELLO applies to the ship's first ticks."""
    async with ReplicaClient.connected(server, hello=inputs.encode_hello()) as client:
        await client.steer(9, 111, thrusting=True)
        await client.until(lambda: client.own.get("sequence") == 9)
        assert (111, 1) == (client.own["heading"], client.own["flags"])


async def test_pause_and_resume(server: Server, bystander: ReplicaClient) -> None:
    """PAUSE stops frames but not pongs. RESUME continues with a keyframe. Both may be sent twice."""
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        await client.bare(Pause())
        await client.bare(Pause())
        await client.ping(1)
        await client.until(lambda: client.replica.pongs == [1])
        frames = client.frames
        await bystander.flown(5)
        await client.ping(2)
        await client.until(lambda: client.replica.pongs == [1, 2])
        assert frames == client.frames

        await client.bare(Resume())
        await client.bare(Resume())
        await client.flown()
        assert 2 == client.count(Keyframe)
        assert client.ship in client.ships


async def test_a_client_that_requests_full_frames_gets_no_others(server: Server, bystander: ReplicaClient) -> None:
    """With `full` in HELLO, all frames are FULL frames with ships in 1/64 units."""
    async with ReplicaClient.connected(server, hello=inputs.encode_hello(full=True)) as client:
        await client.until(lambda: client.count(Full) >= 3)
        assert 0 == client.count(Keyframe) + client.count(DeltaBody)
        full = client.replica.full
        assert full is not None
        await bystander.until(lambda: bystander.replica.tick >= full.tick)
    exact = records.read(bystander.history[full.tick])
    assert {bystander.ship, client.ship} == set(exact["id"].tolist())
    assert records.picture(exact) == full.pictures.tobytes()


async def test_ping_is_answered_with_its_nonce(server: Server) -> None:
    """Each PING gets a PONG, in order."""
    async with ReplicaClient.connected(server) as client:
        nonces = [0, 1, 0xFFFF_FFFF]
        for nonce in nonces:
            await client.ping(nonce)
        await client.until(lambda: client.count(Pong) == 3)
        assert nonces == client.replica.pongs


async def test_a_second_tab_is_a_second_ship(server: Server, bystander: ReplicaClient) -> None:
    """Two sockets without a ticket are two players."""
    async with ReplicaClient.connected(server) as one, ReplicaClient.connected(server) as other:
        await one.until(lambda: len(one.ships) == 3)
        await other.until(lambda: len(other.ships) == 3)
        assert 3 == len({one.ship, other.ship, bystander.ship})


async def test_a_ship_leaves_with_its_player(server: Server, bystander: ReplicaClient) -> None:
    """After a close, other players no longer receive the ship."""
    async with ReplicaClient.connected(server) as client:
        await bystander.until(lambda: len(bystander.ships) == 2)
        async with server.expecting(closes={1000: 1}):
            await client.socket.close()
    await bystander.until(lambda: [bystander.ship] == list(bystander.ships))


@pytest.mark.parametrize("full", [False, True])
async def test_a_hello_with_everything_is_welcome(server: Server, *, full: bool) -> None:
    """A name, an unknown ticket and all capabilities are accepted."""
    hello = inputs.encode_hello(name="Ada é€!", ticket=b"x" * 512, full=full)
    async with ReplicaClient.connected(server, hello=hello) as client:
        await client.flown()


async def test_without_players_nothing_is_published(serve: Serve) -> None:
    """Without players, nothing is published, but the tick counter continues."""
    server = serve()
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        tick = client.replica.tick
    await server.settle()
    published = server.counters()["flotilla_relay_age_seconds_count"]
    ticks = server.counters()["flotilla_tick_duration_seconds_count"]
    await until(lambda: server.counters()["flotilla_tick_duration_seconds_count"] >= ticks + 10)
    assert published == server.counters()["flotilla_relay_age_seconds_count"]

    async with ReplicaClient.connected(server) as client:
        await client.flown()
        assert client.replica.tick > tick


async def test_before_hello_no_frame_is_sent(server: Server, bystander: ReplicaClient) -> None:
    """A socket that has not sent HELLO has no ship, and WELCOME is its first message."""
    async with ReplicaClient.connected(server, hello=b"") as client:
        await bystander.flown(5)
        assert 0 == client.frames
        assert [bystander.ship] == list(bystander.ships)
        await client.socket.send(inputs.encode_hello())
        await client.flown()
        assert isinstance(client.received[0], Welcome)
