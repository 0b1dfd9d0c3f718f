"""The cost of the parts of a gateway's tick: encoding, fan-out and inputs, each beside a naive version."""

import json
import math
import struct
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.gateway.fanout.pictures import Pictures
from app.sim.world import Inputs, World
from app.wire import delta, inputs, outputs
from app.wire.snapshot import Snapshot
from loadtest.bench.size import shot
from loadtest.report.tables import Table

SHIPS: Final = 1000
STEERING: Final = 0.26  # share of the ships with a new input at a tick: as people play (loadtest.bench.size)
REPEATS: Final = 5  # measurements of which the fastest counts: others only add disturbance

_RECORD: Final = struct.Struct("<HIIhhBBB")
_PICTURE: Final = struct.Struct("<HHHBB")


@dataclass(frozen=True, slots=True)
class Part:
    """A part whose call does `units` units of work."""

    title: str
    unit: str
    units: int
    ours: Callable[[], object]
    naive_title: str
    naive: Callable[[], object]


def table() -> Table:
    rows = []
    for part in _parts():
        ours, naive = (_seconds(work) / part.units for work in (part.ours, part.naive))
        cost, ratio = f"{ours * 1e9:,.0f} ns per {part.unit}", f"{naive / ours:.1f}"
        rows.append((part.title, cost, part.naive_title, ratio))
    title = f"Parts of a tick: {SHIPS:,} ships, {STEERING:.0%} of them steering"
    return Table(title, ("what", "cost", "naive", "times as long"), rows)


def _parts() -> list[Part]:
    before, after = _two_ticks()
    sinks = [_Sink() for _ in range(SHIPS)]
    audience = Pictures(_full)
    audience.advance(after)
    for sink in sinks:
        audience.add(sink)
    ships = [tuple(ship) for ship in after.records.tolist()]
    message, text = b"\x02\x07\xc0\x01", '{"type":"facing","playerId":"17","facing":-1.571}'
    return [
        Part(
            "encode keyframe",
            "ship",
            SHIPS,
            lambda: outputs.encode_keyframe(1, after.tick, after.records),
            "struct.pack for each ship",
            lambda: b"".join(_RECORD.pack(*ship) for ship in ships),
        ),
        Part(
            "encode picture",
            "ship",
            SHIPS,
            lambda: outputs.encode_full(1, after.tick, after.records),
            "struct.pack for each ship",
            lambda: b"".join(_PICTURE.pack(s[0], s[1] >> 4, s[2] >> 4, s[5], s[6]) for s in ships),
        ),
        Part(
            "encode delta",
            "ship",
            SHIPS,
            lambda: delta.encode(before, after),
            "compare ship by ship",
            lambda: _naive_delta(before, after),
        ),
        Part(
            "fan-out",
            "socket",
            SHIPS,
            lambda: audience.write(1, 1),
            "a WebSocket frame for each socket",
            lambda: _naive_fan_out(sinks, outputs.encode_full(1, after.tick, after.records)),
        ),
        Part("decode input", "input", 1, lambda: inputs.decode(message), "JSON", lambda: _naive_input(text)),
    ]


def _two_ticks() -> tuple[Snapshot, Snapshot]:
    random = Random(1)  # noqa: S311  # a game of chance
    world = World(arena_capacity=0, random=random)
    ids = np.array([berth.ship for berth in world.admit(SHIPS)], dtype=np.intp)
    before = shot(world)
    changed = ids[: int(SHIPS * STEERING)]
    headings = np.array([random.randrange(256) for _ in changed], dtype=np.uint8)
    ones = np.ones(changed.size)
    world.apply(Inputs(changed, headings, ones.astype(np.bool_), ones.astype(np.uint8)))
    world.step()
    return before, shot(world)


class _Sink:
    """Accepts frames and does nothing, so that only the fan-out is timed."""

    blocked_since: float | None = None
    pinged_since: float | None = None

    def ping(self) -> None:
        """Do nothing."""

    def pending(self) -> int:
        return 0

    def offer(self, frame: Frame) -> bool:  # noqa: ARG002  # a sink's signature
        return True

    def control(self, frame: Frame) -> None:
        """Do nothing."""

    def close(self, code: int, reason: str) -> None:
        """Do nothing."""


def _full(snapshot: Snapshot) -> Frame:
    return frame.binary(outputs.encode_full(snapshot.epoch, snapshot.tick, snapshot.records))


def _naive_fan_out(sinks: list[_Sink], payload: bytes) -> None:
    for sink in sinks:
        sink.offer(frame.binary(payload))


def _naive_delta(before: Snapshot, after: Snapshot) -> bytes:
    known = {ship[0]: ship for ship in before.records.tolist()}
    changed = [ship for ship in after.records.tolist() if ship[5:] != known[ship[0]][5:]]
    return b"".join(struct.pack("<HBBB", ship[0], *ship[5:]) for ship in changed)


def _naive_input(text: str) -> int:
    facing: float = json.loads(text)["facing"]
    return round(facing * 128 / math.pi) & 0xFF


def _seconds(work: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    timer = timeit.Timer(work)
    calls, _ = timer.autorange()  # so many that they take 0.2 s
    return min(timer.repeat(REPEATS, calls)) / calls
