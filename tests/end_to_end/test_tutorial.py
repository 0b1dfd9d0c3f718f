import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from app.wire import records
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.server import Server

ROUNDING = math.pi / 256 + 0.001  # half a heading, and the rounding of the JSON
DRIFT = 0.3  # radians by which the sine of the time may change during a round trip


@contextlib.asynccontextmanager
async def playing(server: Server) -> AsyncIterator[TutorialClient]:
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.player_id)
        steering = asyncio.create_task(client.steer_forever())
        try:
            yield client
        finally:
            steering.cancel()


async def test_a_client_of_the_tutorial_flies(server: Server, bystander: ReplicaClient) -> None:
    """A client without Origin and subprotocol gets an id, and its ship follows facing and button."""
    async with playing(server) as client:
        await client.until(lambda: abs(client.own.get("facing", 9) - client.sent_facing) < ROUNDING + DRIFT)
        assert (0, 0, False) == (client.own["dx"], client.own["dy"], client.own["thrusting"])
        start = client.own["x"], client.own["y"]

        await client.send_message("mouseDown")
        await client.until(lambda: client.own["thrusting"] and math.hypot(client.own["dx"], client.own["dy"]) > 1)
        await client.send_message("mouseUp")
        await client.until(lambda: not client.own["thrusting"])

        coasting = client.own["dx"], client.own["dy"]
        await client.until(lambda: math.dist(start, (client.own["x"], client.own["y"])) > 20)
        assert coasting == (client.own["dx"], client.own["dy"])
        assert [] == client.others


async def test_facing_follows_every_change(server: Server) -> None:
    """The ship takes on the client's last facing."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.player_id)
        for facing in (0.5, -0.5, 3.0, -3.1, 100.0, 0):
            await client.send_message("facing", facing=facing)
            await client.until(partial(faces, client, facing))


def faces(client: TutorialClient, facing: float) -> bool:
    return bool(client.own) and abs(math.remainder(client.own["facing"] - facing, math.tau)) < ROUNDING


async def test_clients_of_the_tutorial_see_each_other(server: Server) -> None:
    """Each of two clients sees both ships, the other's turn and thrust, and its departure."""
    async with playing(server) as one:
        async with playing(server) as other:
            assert one.player_id != other.player_id
            await one.until(lambda: {one.player_id, other.player_id} <= set(one.ships))
            await other.until(lambda: {one.player_id, other.player_id} <= set(other.ships))
            await other.send_message("mouseDown")
            await one.until(lambda: one.ships[other.player_id or ""]["thrusting"])
            await one.until(lambda: one.ships[other.player_id or ""]["dx"] != 0)
        await one.until(lambda: other.player_id not in one.ships)


async def test_a_ship_in_json_has_the_tutorials_shape(server: Server) -> None:
    """Ids are strings, and there are no other fields."""
    async with TutorialClient.connected(server) as client:
        await client.until(lambda: client.own)
        kinds = {name: type(value) for name, value in client.own.items()}
    numbers = dict.fromkeys(("x", "y", "facing", "dx", "dy"), float)
    assert {"id": str, "thrusting": bool} | numbers == kinds


async def test_both_languages_agree_exactly(server: Server, bystander: ReplicaClient) -> None:
    """The JSON client received the rounded states of a replica without a gap."""
    async with playing(server) as client:
        await client.send_message("mouseDown")
        await client.until(lambda: client.updates > 20)
        await bystander.flown()
    ship = int(client.player_id or 0)
    replicas = [state for ships in bystander.history.values() if (state := in_json(ships, ship))]
    seen = [update[str(ship)] for update in client.history]
    first = replicas.index(seen[0])
    assert replicas[first : first + len(seen)] == seen


def in_json(ships: bytes, ship: int) -> dict[str, Any] | None:
    rows = records.read(ships)
    for row in rows[rows["id"] == ship]:
        facing = row["heading"] * math.tau / 256
        return {
            "id": str(ship),
            "x": round(int(row["x"]) / 1024, 3),
            "y": round(int(row["y"]) / 1024, 3),
            "facing": round(facing - math.tau if row["heading"] > 128 else facing, 3),
            "dx": round(int(row["vx"]) / 1024, 3),
            "dy": round(int(row["vy"]) / 1024, 3),
            "thrusting": bool(row["flags"]),
        }
    return None
