"""picows, the fastest WebSocket library of Python: its listener, on uvloop."""

import asyncio

import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)

from loadtest.peers.arena import Arena
from loadtest.peers.arguments import port
from loadtest.peers.deadlines import every_tick

HEADROOM = 14  # bytes before the message, into which picows writes the WebSocket header without a copy


class Server:
    def __init__(self) -> None:
        self.arena = Arena()
        self.transports: set[WSTransport] = set()

    def listener(self, _request: WSUpgradeRequest) -> "Listener":
        return Listener(self)

    def tick(self) -> None:
        self.arena.step()
        if not self.transports:
            return
        frame = bytearray(HEADROOM) + self.arena.picture()
        for transport in self.transports:
            transport.send_reuse_external_bytearray(WSMsgType.BINARY, frame, HEADROOM)


class Listener(WSListener):
    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self._slot = server.arena.join()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._server.transports.add(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            self._server.arena.steer(self._slot, frame.get_payload_as_memoryview())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._server.transports.discard(transport)
        self._server.arena.leave(self._slot)


async def main() -> None:
    server = Server()
    await ws_create_server(server.listener, "127.0.0.1", port(), backlog=1024, use_aiofastnet=False)
    print("ready", flush=True)
    await every_tick(server.tick)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
