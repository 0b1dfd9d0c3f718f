import pytest

from app.gateway.limits import Limits
from app.gateway.socket.admission import Admission


class Clocked:
    """An admission whose clock is set by hand."""

    def __init__(self, limits: Limits) -> None:
        self.now = 1000.0
        self.admission = Admission(limits, lambda: self.now)

    def admitted(self, address: str, times: int) -> int:
        """How many of so many sockets of one address come in."""
        return sum(self.tried(address) is None for _ in range(times))

    def tried(self, address: str) -> str | None:
        """Let a socket in, or return why not."""
        reason = self.admission.refusal(address)
        if reason is None:
            self.admission.enter(address)
        return reason


def test_a_process_and_an_address_have_room_for_so_many() -> None:
    """The reason says which of the two is full; whoever leaves makes room."""
    clocked = Clocked(Limits(sockets_per_process=3, sockets_per_address=2))
    assert [None] * 3 == [clocked.tried(address) for address in ("a", "a", "b")]
    assert "process_full" == clocked.tried("c")
    clocked.admission.leave("b")
    assert "address_full" == clocked.tried("a")
    assert clocked.tried("b") is None


def test_zero_is_no_limit() -> None:
    """For the process, for the address and for the rate."""
    clocked = Clocked(Limits(sockets_per_process=0, sockets_per_address=0, accepts_per_second=0, accept_burst=1))
    assert 10_000 == clocked.admitted("a", 10_000)


def test_addresses_that_left_are_forgotten() -> None:
    """Asking about an address and leaving keep no entry."""
    admission = Clocked(Limits(sockets_per_address=1)).admission
    admission.refusal("asked only")
    admission.enter("a")
    admission.leave("a")
    assert {} == dict(admission._by_address)
    assert 0 == admission.sockets


def test_handshakes_come_at_a_rate() -> None:
    """A burst at once, then as many as the rate allows, and never more than a burst after a rest."""
    clocked = Clocked(Limits(sockets_per_process=0, accepts_per_second=12, accept_burst=4))
    assert 4 == clocked.admitted("a", 9)
    assert "accept_rate" == clocked.tried("a")
    clocked.now += 0.25
    assert 3 == clocked.admitted("a", 9)
    clocked.now += 3600
    assert 4 == clocked.admitted("a", 9)


def test_refused_handshakes_cost_nobody_the_rate() -> None:
    """An address that is full cannot use up what others may use."""
    clocked = Clocked(Limits(sockets_per_address=1, accepts_per_second=1, accept_burst=3))
    assert 1 == clocked.admitted("greedy", 100)
    assert clocked.tried("b") is None
    assert clocked.tried("c") is None
    assert "accept_rate" == clocked.tried("d")


@pytest.mark.parametrize(
    ("draining", "sockets", "rate", "reason"),
    [
        (True, 1, 1, "draining"),
        (False, 1, 1, "process_full"),
        (False, 9, 1, "accept_rate"),
        (False, 9, 9, "address_full"),
    ],
)
def test_the_first_reason_is_told(draining: bool, sockets: int, rate: int, reason: str) -> None:
    """From what concerns the whole process for long to what concerns one address."""
    clocked = Clocked(
        Limits(sockets_per_process=sockets, accepts_per_second=rate, accept_burst=rate, sockets_per_address=1)
    )
    assert clocked.tried("a") is None
    clocked.admission.draining = draining
    assert reason == clocked.tried("a")
