"""app/processes/asgi.py: the game in any ASGI server, without the extension of its own."""

from channels.testing import WebsocketCommunicator

from app.processes.asgi import application
from app.wire import inputs, outputs
from app.wire.outputs import Keyframe

HEADERS = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
LIMIT_S = 5


async def test_a_player_gets_a_ship_and_a_frame() -> None:
    """The first socket starts gateway and tick."""
    socket = WebsocketCommunicator(application, "/ws/game/", headers=HEADERS, subprotocols=["flotilla.v1"])
    assert (True, "flotilla.v1") == await socket.connect(LIMIT_S)
    await socket.send_to(bytes_data=inputs.encode_hello())
    while not any(isinstance(message, Keyframe) for message in outputs.decode(await socket.receive_from(LIMIT_S))):
        pass
    await socket.disconnect(timeout=LIMIT_S)
