"""The test vectors of docs/protocol.md, which the TypeScript client reads too."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from app.wire import inputs, outputs
from app.wire.inputs import Hello
from app.wire.outputs import Full, Keyframe, Status, Welcome
from app.wire.records import Records
from app.wire.refusal import Refused
from loadtest.players.replica import Replica
from tests.golden import extract
from tests.wire.client_messages import encoded

BLOCKS = json.loads(extract.VECTORS.read_text())


def vectors(direction: str, kind: str) -> list[Any]:
    """Return the vectors of one kind, each named in the test's id."""
    found = [v for block in BLOCKS if block["direction"] == direction for v in block.get(kind, [])]
    assert found
    return [pytest.param(v, id=v["name"]) for v in found]


def plain_ships(records: Records) -> list[dict[str, Any]]:
    return [
        {
            **{name: int(row[name]) for name in ("id", "x", "y", "vx", "vy", "heading", "sequence")},
            "thrusting": bool(row["flags"]),
        }
        for row in records
    ]


def plain_pictures(message: Full) -> list[dict[str, Any]]:
    return [
        {**{name: int(row[name]) for name in ("id", "x", "y", "heading")}, "thrusting": bool(row["flags"])}
        for row in message.pictures
    ]


FIXED = {"version": 1, "tick_rate": 20, "subunits": 1024, "size": 1024000}
PLAIN: dict[type, Callable[[Any], dict[str, Any]]] = {
    Hello: lambda m: {
        "name": m.name,
        "ticket": m.ticket.hex(),
        "full": m.full,
        **({"sparse": True} if m.sparse else {}),  # absent is false
    },
    Keyframe: lambda m: {"epoch": m.epoch, "tick": m.tick, "ships": plain_ships(m.records)},
    Full: lambda m: {"epoch": m.epoch, "tick": m.tick, "ships": plain_pictures(m)},
    Welcome: lambda m: {**FIXED, **asdict(m), "ticket": m.ticket.hex()},
    Status: lambda m: {"state": "paused" if m.paused else "live"},
}


def plain(message: Any) -> dict[str, Any]:
    return {"type": type(message).__name__.lower(), **PLAIN.get(type(message), asdict)(message)}


def test_the_vectors_are_those_of_the_page() -> None:
    """protocol.json is what `python -m tests.golden.extract` takes from docs/protocol.md."""
    assert extract.extracted() == extract.VECTORS.read_text()


@pytest.mark.parametrize("vector", vectors("client", "messages"))
def test_client_messages_decode(vector: dict[str, Any]) -> None:
    """A client message has the value of the page."""
    assert vector["value"] == plain(inputs.decode(bytes.fromhex(vector["hex"])))


@pytest.mark.parametrize("vector", [v for v in vectors("client", "messages") if "ignored" not in v.id])
def test_client_messages_encode(vector: dict[str, Any]) -> None:
    """Writing what was read gives the same bytes."""
    raw = bytes.fromhex(vector["hex"])
    assert raw == encoded(inputs.decode(raw))


@pytest.mark.parametrize("vector", vectors("client", "refused"))
def test_client_messages_are_refused_by_name(vector: dict[str, Any]) -> None:
    """A damaged client message is refused for the reason on the page."""
    with pytest.raises(Refused) as refused:
        inputs.decode(bytes.fromhex(vector["hex"]))
    assert vector["reason"] == refused.value.reason


@pytest.mark.parametrize("vector", vectors("server", "messages"))
def test_server_messages_decode(vector: dict[str, Any]) -> None:
    """A server message has the value of the page; unknown types are skipped."""
    assert vector["value"] == [plain(message) for message in outputs.decode(bytes.fromhex(vector["hex"]))]


@pytest.mark.parametrize("vector", vectors("server", "refused"))
def test_server_messages_are_refused_by_name(vector: dict[str, Any]) -> None:
    """A damaged server message is refused for the reason on the page."""
    with pytest.raises(Refused) as refused:
        outputs.decode(bytes.fromhex(vector["hex"]))
    assert vector["reason"] == refused.value.reason


def test_the_history_plays() -> None:
    """A replica that applies the frames of the example has the ships of the page after each."""
    replica = Replica()
    for parameter in vectors("server", "history"):
        frame: Any = parameter.values[0]
        replica.apply(bytes.fromhex(frame["hex"]))
        assert (frame["tick"], frame["ships"]) == (replica.tick, plain_ships(replica.records))
    assert replica.in_step
    assert 1 == replica.checksums
