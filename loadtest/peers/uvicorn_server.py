"""A plain ASGI application under uvicorn: encodes once and awaits `send` for each socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn  # type: ignore[import-not-found]  # it is only in the benchmark's environment
import uvloop

from loadtest.peers.arena import Arena
from loadtest.peers.arguments import port
from loadtest.peers.deadlines import every_tick

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

arena = Arena()
sends: dict[int, Send] = {}


async def application(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    slot = arena.join()
    sends[slot] = send
    try:
        while (message := await receive())["type"] == "websocket.receive":
            arena.steer(slot, message.get("bytes") or b"")
    finally:
        sends.pop(slot, None)
        arena.leave(slot)


async def tick() -> None:
    arena.step()
    if not sends:
        return
    message = {"type": "websocket.send", "bytes": arena.picture()}
    for slot, send in list(sends.items()):
        try:
            await send(message)
        except Exception:  # noqa: BLE001  # a closed socket: its task removes the player
            sends.pop(slot, None)


async def main() -> None:
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port(),
        http="httptools",
        ws="websockets-sansio",
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
        backlog=1024,
    )
    ticking = asyncio.create_task(every_tick(tick))
    print("ready", flush=True)
    await uvicorn.Server(config).serve()
    ticking.cancel()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
