import pytest

from app.gateway.socket.origins import GameOriginValidator
from tests.gateway.doubles import Counting


def validator(*, allow_missing: bool = False) -> GameOriginValidator:
    async def application(scope: object, receive: object, send: object) -> str:
        return "served"

    allowed = ["flotilla.example", ".wild.example", "[::1]", "https://friends.example", "http://friends.example:8080"]
    return GameOriginValidator(application, allowed=allowed, allow_missing=allow_missing)


@pytest.mark.parametrize(
    "origin",
    [
        "https://flotilla.example",
        "http://flotilla.example:1234",
        "https://FLOTILLA.example",
        "https://wild.example",
        "https://deep.in.wild.example",
        "http://[::1]:8000",
        "https://friends.example",
        "https://friends.example:443",
        "http://friends.example:8080",
    ],
)
def test_own_hosts_and_listed_origins_pass(origin: str) -> None:
    """Hosts match with any scheme and port, origins exactly."""
    assert validator().refusal([origin.encode()]) is None


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://flotilla.example.evil.example",
        "https://notwild.example",
        "http://friends.example",
        "https://friends.example:8080",
        "null",
        "",
        "flotilla.example",
        "https://",
        "http://[",
        "http://friends.example:99999",
        "http://friends.example:http",
        "\xff\xfe",
        "https://flotilla.example,https://evil.example",
    ],
)
def test_all_others_are_refused(origin: str) -> None:
    """Foreign and malformed ones have the same reason, and nothing raises."""
    assert "origin" == validator().refusal([origin.encode("latin-1")])


def test_two_origins_are_refused() -> None:
    """Also if both are allowed."""
    assert "origin" == validator().refusal([b"https://flotilla.example"] * 2)


@pytest.mark.parametrize(("allow_missing", "reason"), [(True, None), (False, "origin_missing")])
def test_a_setting_decides_about_a_missing_origin(allow_missing: bool, reason: str | None) -> None:
    """A peer without an Origin is not a browser."""
    assert reason == validator(allow_missing=allow_missing).refusal([])


async def test_a_refused_handshake_is_closed_and_counted() -> None:
    """This happens after the connect event and before the application."""
    events: list[object] = []

    async def receive() -> None:
        events.append("connect")

    async def send(message: object) -> None:
        events.append(message)

    counting = Counting()
    await validator()({"type": "websocket", "headers": [(b"origin", b"https://evil.example")]}, receive, send)
    assert ["connect", {"type": "websocket.close"}] == events
    assert {"origin": 1} == counting.moved()


async def test_an_allowed_handshake_reaches_the_application() -> None:
    """The scope is passed on unchanged."""
    scope = {"type": "websocket", "headers": [(b"origin", b"https://flotilla.example")]}
    assert "served" == await validator()(scope, None, None)
