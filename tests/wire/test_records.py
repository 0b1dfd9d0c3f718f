"""app.wire.records: a ship that breaks the rules of the world is refused."""

import numpy as np
import pytest

from app.wire import records
from app.wire.records import CAP, SHIP, SIZE
from app.wire.refusal import Refused


def ship(**fields: int) -> bytes:
    row = np.zeros(1, dtype=SHIP)
    for name, value in {"id": 1, **fields}.items():
        row[name] = value
    return row.tobytes()


@pytest.mark.parametrize(
    "fields",
    [
        {"x": SIZE - 1, "y": SIZE - 1},
        {"vx": CAP},
        {"vy": -CAP},
        {"vx": 3072, "vy": 4096},  # exactly the cap: 3, 4, 5
        {"flags": 1},
    ],
)
def test_a_ship_at_the_limits_is_read(fields: dict[str, int]) -> None:
    """The last position, the greatest speed and the only flag."""
    assert [1] == records.read(ship(**fields))["id"].tolist()


@pytest.mark.parametrize(
    "fields",
    [{"x": SIZE}, {"y": SIZE}, {"vx": CAP + 1}, {"vy": -CAP - 1}, {"vx": 3072, "vy": 4097}, {"flags": 2}],
)
def test_a_ship_beyond_a_limit_is_refused(fields: dict[str, int]) -> None:
    """By one in any field."""
    with pytest.raises(Refused, match="range"):
        records.read(ship(**fields))


@pytest.mark.parametrize("data", [ship(id=0), ship(id=2) + ship(id=2), ship(id=2) + ship(id=1)])
def test_ids_ascend_from_one(data: bytes) -> None:
    """Unique, and none is 0."""
    with pytest.raises(Refused, match="order"):
        records.read(data)


def test_half_a_record_is_refused() -> None:
    """Of either kind."""
    for read in (records.read, records.read_pictures):
        with pytest.raises(Refused, match="length"):
            read(ship()[:-2])
