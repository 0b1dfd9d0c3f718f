"""app.wire.uplink: batches and answers between gateway and tick."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import uplink
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.refusal import Refused
from app.wire.uplink import BERTH, ENTRY, STEER, Answer, Batch
from tests.wire.damage import damaged

u32 = st.integers(0, 0xFFFF_FFFF)
versions = st.integers(0, 2**63)
of_either_format = st.sampled_from([PREVIOUS, FORMAT])


def rows(dtype: np.dtype[Any]) -> st.SearchStrategy[bytes]:
    return st.lists(st.binary(min_size=dtype.itemsize, max_size=dtype.itemsize), max_size=4).map(b"".join)


batches = st.builds(
    Batch,
    format=of_either_format,
    gateway=st.text(max_size=9),
    reply=st.text("aZ0_.-", min_size=1, max_size=9).map(lambda name: f"{name}!x"),
    epoch=u32,
    roster_version=versions,
    roster=st.none() | rows(ENTRY),
    steers=rows(STEER),
    seen=st.lists(st.binary(max_size=9), max_size=3),
    reads=st.integers(1, 99),
)
answers = st.builds(
    Answer,
    format=of_either_format,
    epoch=u32,
    tick=u32,
    berths=rows(BERTH),
    roster_wanted=st.booleans(),
    reads=st.integers(1, 99),
)


def batch(**fields: Any) -> Batch:
    return msgspec.structs.replace(Batch(FORMAT, "g", "r", 1, 1, None, b""), **fields)


def answer(**fields: Any) -> Answer:
    return msgspec.structs.replace(Answer(FORMAT, 1, 1, b"", False), **fields)


@given(batches, answers)
def test_what_is_written_is_read(batch: Batch, answer: Answer) -> None:
    """Both directions survive the way through the channel layer, in either format."""
    assert batch == uplink.decode_batch(uplink.encode(batch))
    assert answer == uplink.decode_answer(uplink.encode(answer))


@given(
    st.binary(max_size=60)
    | damaged(batches, of_either_format, lambda batch, version: msgspec.structs.replace(batch, format=version))
    | damaged(answers, of_either_format, lambda answer, version: msgspec.structs.replace(answer, format=version))
)
def test_any_bytes_are_a_message_or_a_refusal_by_name(data: bytes) -> None:
    """No bytes raise anything but Refused, and a decoded message can be read and encoded again."""
    for decode, look in ((uplink.decode_batch, look_at_batch), (uplink.decode_answer, look_at_answer)):
        try:
            message: Any = decode(data)
        except Refused as refused:
            assert refused.reason in {"format", "shape"}
        else:
            look(message)
            uplink.encode(message)


def look_at_batch(batch: Batch) -> None:
    assert 0 <= batch.epoch <= 0xFFFF_FFFF
    assert 1 <= batch.reads
    uplink.entries(batch.roster or b"")
    np.frombuffer(batch.steers, dtype=STEER)


def look_at_answer(answer: Answer) -> None:
    assert 0 <= answer.epoch <= 0xFFFF_FFFF
    assert 0 <= answer.tick <= 0xFFFF_FFFF
    uplink.berths(answer)


@pytest.mark.parametrize(
    "data",
    [
        uplink.encode(batch(steers=b"123")),
        uplink.encode(batch(roster=b"123")),
        uplink.encode(answer(berths=b"123")),
        msgspec.msgpack.encode(batch(epoch=-1)),
        msgspec.msgpack.encode(batch(epoch=1 << 32)),
        msgspec.msgpack.encode(batch(reads=0)),
        msgspec.msgpack.encode(batch(reply="")),
        msgspec.msgpack.encode(batch(reply="a b")),
        msgspec.msgpack.encode(batch(reply="a\n")),
        msgspec.msgpack.encode(batch(reply="ä")),
        msgspec.msgpack.encode(batch(reply="a" * 100)),
        msgspec.msgpack.encode(answer(epoch=1 << 32)),
        msgspec.msgpack.encode(answer(tick=1 << 32)),
        msgspec.msgpack.encode([PREVIOUS, "g", "r", 1, 1, [[1, 0, 0]], b""]),
        msgspec.msgpack.encode([PREVIOUS, 1, 1, [[1, 5, 0]], False]),
        b"\x92\x02" + b"\x91" * 100_000,
        b"",
    ],
)
def test_a_message_without_use_is_refused(data: bytes) -> None:
    """Half a row, an epoch or tick that no frame can carry, an answer to nowhere, lists for rows, endless nesting."""
    for decode in (uplink.decode_batch, uplink.decode_answer):
        with pytest.raises(Refused, match="shape"):
            decode(data)


@pytest.mark.parametrize("version", [FORMAT + 1, PREVIOUS - 1, 0, 255])
def test_another_format_is_refused_as_such(version: int) -> None:
    """A message of a newer release is distinct from a damaged one, in any shape."""
    for newer in ([version, {"all": "new"}], batch(format=version), answer(format=version)):
        data = msgspec.msgpack.encode(newer)
        for decode in (uplink.decode_batch, uplink.decode_answer):
            with pytest.raises(Refused, match="format"):
                decode(data)


def test_who_reads_ignores_what_a_newer_release_appends() -> None:
    """So that a format may grow at its end."""
    longer = [*msgspec.to_builtins(batch(roster=b"", steers=b"")), "more"]
    longer[5], longer[6] = b"", b""
    assert batch(roster=b"") == uplink.decode_batch(msgspec.msgpack.encode(longer))
