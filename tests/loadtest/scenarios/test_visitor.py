from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from loadtest.players.door import Door
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import SiteError
from loadtest.scenarios import visitor
from tests.end_to_end.server import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server."""
    with serving(tmp_path_factory.mktemp("visited")) as server:
        yield server


def test_a_visitor_flies_in_both_protocols(server: Server) -> None:
    """Each sees its own ship move."""
    door = Door([server.url])
    visitor.fly_as_in_the_tutorial(door)
    visitor.fly_v1(door)
    visitor.first_frame(door, patience_s=5)


def test_the_host_and_the_origin_are_those_of_the_door(server: Server) -> None:
    """A foreign origin is refused."""
    visitor.fly_v1(Door([server.url], headers=[("Host", "localhost"), ("Origin", "http://localhost")]))
    with pytest.raises(InvalidStatus, match="403"):
        visitor.fly_v1(Door([server.url], headers=[("Origin", "https://elsewhere.example")]))


def test_a_missing_first_frame_is_an_error(tmp_path: Path) -> None:
    """It has the last reason."""
    with pytest.raises(SiteError, match=r"No player got a frame within 0\.3 s: ConnectionRefusedError"):
        visitor.first_frame(Door([f"ws://{HOST}:{free_port()}/ws/game/"]), patience_s=0.3)
