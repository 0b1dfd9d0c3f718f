from pathlib import Path

import pytest

from loadtest.load import target
from loadtest.load.target import Target
from loadtest.outcome import CannotRunError


def parsed(url: str, **options: str | None) -> Target:
    return target.parse(url, host_header=options.get("host_header"), origin=options.get("origin"), ca=None)


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("ws://127.0.0.1:8000/ws/game/", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("wss://localhost/ws/game/", "localhost", "https://localhost"),
        ("wss://localhost:443/ws/game/", "localhost", "https://localhost"),
        ("ws://[::1]:8000/", "[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_origin_is_the_page_at_the_same_host(url: str, host: str, origin: str) -> None:
    """A browser sends the same."""
    aim = parsed(url)
    assert (host, origin) == (aim.host_header, aim.origin)


def test_another_host_header_brings_its_origin_and_another_origin_stays() -> None:
    """A given origin overrides the URL's."""
    assert "https://game.example" == parsed("wss://127.0.0.1/", host_header="game.example").origin
    assert "https://a.example" == parsed("wss://127.0.0.1/", host_header="b.example", origin="https://a.example").origin


def test_players_connect_by_address_and_name_the_host() -> None:
    """All reach the servers that were checked, and the certificate is checked against the name."""
    door = parsed("wss://localhost:8443/ws/?a=1").door(("127.0.0.1", "::1"))
    assert ["wss://127.0.0.1:8443/ws/?a=1", "wss://[::1]:8443/ws/?a=1"] == door.urls
    assert ("localhost", ("Host", "localhost:8443")) == (door.server_name, door.headers[0])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://127.0.0.1/",
        "ws://",
        "ws://:80/",
        "ws://127.0.0.1:port/",
        "ws://127.0.0.1:99999/",
        "ws://[::1/",
        "ws://me:secret@127.0.0.1/",
        "ws://127.0.0.1/#there",
        "ws://127.0.0.1/a b",
        "ws://127.0.0.1/\r\nX: y",
        "ws://bücher.example/",
    ],
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    """The error shows it."""
    with pytest.raises(CannotRunError, match=r"^'.*' (is no URL|has a user)"):
        parsed(url)


def test_an_unknown_name_is_reported() -> None:
    """The error shows it."""
    with pytest.raises(CannotRunError, match=r"The name nowhere\.invalid cannot be looked up"):
        parsed("ws://nowhere.invalid/")


@pytest.mark.parametrize(("option", "value"), [("origin", "http://a\r\nb"), ("host_header", "a\nb")])
def test_an_option_cannot_add_a_header(option: str, value: str) -> None:
    """Only text of a header value is accepted."""
    with pytest.raises(CannotRunError, match="cannot be the value of a header"):
        parsed("ws://127.0.0.1/", **{option: value})


def test_another_machine_needs_permission() -> None:
    """Loopback does not; one other address among several is enough."""
    here = parsed("ws://127.0.0.1/")
    target.require_owner(here, owned=False)
    there = Target("ws://x/", "x", 80, ("127.0.0.1", "192.0.2.1"), "/", secure=False, host_header="x", origin="")
    target.require_owner(there, owned=True)
    with pytest.raises(CannotRunError, match=r"x is not this machine .*192\.0\.2\.1.*--i-own-this-target"):
        target.require_owner(there, owned=False)


def test_an_authority_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    """A missing file, or a file without a certificate."""
    (tmp_path / "text.pem").write_text("hello")
    for name, why in (("missing.pem", "No such file"), ("text.pem", "no certificate")):
        with pytest.raises(CannotRunError, match=why):
            target.parse("wss://127.0.0.1/", host_header=None, origin=None, ca=tmp_path / name)
