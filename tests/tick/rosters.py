"""Batches of gateways and answers of ticks in a short notation for tests."""

from typing import Any

import numpy as np

from app.wire import formats, inputs, uplink
from app.wire.uplink import BERTH, ENTRY, NO_PLAYER, NO_SHIP, Answer, Batch

EPOCH = 7

Verdicts = dict[int, tuple[int, int, int, int]]
"""By session: (verdict, ship, arena, generation)."""


def entry(
    session: int, ship: int = NO_SHIP, *, arena: int = 0, player: int = NO_PLAYER, generation: int = 0
) -> tuple[int, int, int, int, int]:
    return session, player, generation, ship, arena


def roster(*entries: tuple[int, int, int, int, int]) -> bytes:
    return np.array(list(entries), dtype=ENTRY).tobytes()


def rows(*entries: tuple[int, int, int, int, int]) -> uplink.Rows:
    """Return a roster as its reader gets it."""
    return uplink.entries(roster(*entries))


def batch(
    gateway: str = "g",
    *entries: tuple[int, int, int, int, int],
    version: int = 1,
    steers: bytes = b"",
    epoch: int = EPOCH,
    **more: Any,
) -> Batch:
    """Return a batch with a roster; `more` are fields of Batch."""
    fields = {"roster": roster(*entries), **more}
    return Batch(formats.FORMAT, gateway, f"to.{gateway}", epoch, version, steers=steers, **fields)


def without_roster(gateway: str = "g", **more: Any) -> Batch:
    """Return a batch without a roster, which means an unchanged one."""
    return batch(gateway, roster=None, **more)


def steer(ship: int, sequence: int, heading: int, *, thrusting: bool = False) -> bytes:
    """Return an input as it travels."""
    return ship.to_bytes(2, "little") + inputs.encode_input(sequence, heading, thrusting=thrusting)


def verdicts_in(berths: bytes) -> Verdicts:
    return {
        session: (verdict, ship, arena, generation)
        for session, generation, ship, arena, verdict in np.frombuffer(berths, dtype=BERTH).tolist()
    }


def answered(answers: list[tuple[str, Answer]]) -> dict[str, Verdicts]:
    return {reply: verdicts_in(answer.berths) for reply, answer in answers}
