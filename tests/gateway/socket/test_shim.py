from typing import Any

from app.gateway.socket.shim import Shim


class Twisted:
    """The transport before the handover."""

    def getPeer(self) -> str:  # noqa: N802  # Twisted's name
        return "peer"

    def getHost(self) -> str:  # noqa: N802  # Twisted's name
        return "host"


class Stream:
    """The transport after the handover. It keeps each call."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def is_closing(self) -> bool:
        return "close" in self.done or "abort" in self.done

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")


def attached(shim: Shim) -> Stream:
    stream: Any = Stream()
    shim.attach(stream)
    return stream  # type: ignore[no-any-return]  # it stands for an asyncio transport


def test_what_is_written_during_the_handover_comes_first() -> None:
    """It waits in order. Later writes go out at once."""
    shim = Shim(Twisted())
    shim.write(b"a")
    shim.writeSequence([b"b", b"c"])
    stream = attached(shim)
    shim.write(b"d")
    assert [b"abc", b"d"] == stream.done


def test_an_end_during_the_handover_is_kept_until_after_the_writes() -> None:
    """A close frame written before is still sent."""
    shim = Shim(Twisted())
    shim.write(b"close frame")
    shim.loseConnection()
    assert [b"close frame", "close"] == attached(shim).done


def test_an_abort_is_an_abort() -> None:
    """Both before and after the handover."""
    early, late = Shim(Twisted()), Shim(Twisted())
    early.abortConnection()
    stream = attached(late)
    late.abortConnection()
    assert ["abort"] == attached(early).done == stream.done


def test_after_the_end_nothing_is_written() -> None:
    """A uvloop transport would log a warning."""
    shim = Shim(Twisted())
    stream = attached(shim)
    shim.loseConnection()
    shim.write(b"late")
    assert ["close"] == stream.done


def test_the_addresses_do_not_change() -> None:
    """Daphne and autobahn may read them at any time."""
    shim = Shim(Twisted())
    assert ("peer", "host") == (shim.getPeer(), shim.getHost())
