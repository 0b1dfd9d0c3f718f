"""The shape that tutorials teach, under stock Daphne: a consumer per socket in the channel layer, JSON by each of them.

One task steps the players and sends all of them, as dictionaries, to the group; every consumer makes its own text.
"""

import asyncio
import json
import math
import uuid
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a benchmark has no secrets",  # noqa: S106  # likewise
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402  # Django is set up first
from channels.layers import get_channel_layer  # noqa: E402  # as above
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # as above
from daphne.cli import CommandLineInterface  # noqa: E402  # as above
from django.urls import path  # noqa: E402  # as above

from loadtest.peers.arguments import port  # noqa: E402  # as above
from loadtest.peers.deadlines import every_tick  # noqa: E402  # as above

GROUP = "players"
THRUST = 0.2  # units per tick and tick
CAP = 5.0  # units per tick

Ship = dict[str, Any]
fleet: dict[str, Ship] = {}
ticking: list[asyncio.Task[None]] = []  # a reference, because the event loop keeps none


class Player(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    async def connect(self) -> None:
        """Add a ship; the first player starts the ticks."""
        self.ship_id = str(uuid.uuid4())
        await self.accept()
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.send(text_data=json.dumps({"type": "playerId", "playerId": self.ship_id}))
        centre = {"x": 500.0, "y": 500.0, "dx": 0.0, "dy": 0.0}
        fleet[self.ship_id] = {"id": self.ship_id, **centre, "facing": 0.0, "thrusting": False}
        if not ticking:
            ticking.append(asyncio.create_task(every_tick(tick)))

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  # Channels' signature
        fleet.pop(self.ship_id, None)
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002  # as above
        message = json.loads(text_data or "{}")
        ship = fleet.get(message.get("playerId"))
        if ship is None:
            return
        match message["type"]:
            case "facing":
                ship["facing"] = message["facing"]
            case "mouseDown" | "mouseUp" as button:
                ship["thrusting"] = button == "mouseDown"

    async def state_update(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"type": "stateUpdate", "objects": event["objects"]}))


async def tick() -> None:
    """Move every ship and send all ships to the group."""
    for ship in fleet.values():
        move(ship)
    await get_channel_layer().group_send(GROUP, {"type": "state_update", "objects": list(fleet.values())})


def move(ship: Ship) -> None:
    if ship["thrusting"]:
        dx = ship["dx"] + THRUST * math.cos(ship["facing"])
        dy = ship["dy"] + THRUST * math.sin(ship["facing"])
        brake = min(1.0, CAP / (math.hypot(dx, dy) or CAP))
        ship["dx"], ship["dy"] = dx * brake, dy * brake
    ship["x"] += ship["dx"]
    ship["y"] += ship["dy"]


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/game/", Player.as_asgi())])})

if __name__ == "__main__":
    address = ["-b", "127.0.0.1", "-p", str(port())]
    print("ready", flush=True)
    # Daphne imports __main__: this `application`, and not a second one.
    CommandLineInterface().run([*address, "-v", "0", "__main__:application"])
