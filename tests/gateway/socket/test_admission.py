import pytest

from app.gateway.socket.admission import Admission
from tests.gateway.doubles import limits


class Clocked:
    """An admission whose clock is set by hand."""

    def __init__(self, **changed_limits: float) -> None:
        self.now = 1000.0
        self.admission = Admission(limits(**changed_limits), lambda: self.now)

    def admitted(self, address: str, times: int) -> int:
        """Return how many of `times` sockets of one address are admitted."""
        return sum(self.tried(address) is None for _ in range(times))

    def tried(self, address: str) -> str | None:
        """Admit a socket, or return the reason to refuse it."""
        reason = self.admission.refusal(address)
        if reason is None:
            self.admission.enter(address)
        return reason


def test_a_process_and_an_address_have_limits() -> None:
    """The reason names the limit. A socket that closes makes room."""
    clocked = Clocked(sockets_per_process=3, sockets_per_address=2)
    assert [None] * 3 == [clocked.tried(address) for address in ("a", "a", "b")]
    assert "process_full" == clocked.tried("c")
    clocked.admission.leave("b")
    assert "address_full" == clocked.tried("a")
    assert clocked.tried("b") is None


def test_an_overloaded_process_refuses_all() -> None:
    """Until it has time again."""
    clocked = Clocked()
    clocked.admission.overloaded = True
    assert "overloaded" == clocked.tried("a")
    clocked.admission.overloaded = False
    assert clocked.tried("a") is None


def test_zero_is_no_limit() -> None:
    """This holds for the process, for the address and for the rate."""
    clocked = Clocked(sockets_per_process=0, sockets_per_address=0, accepts_per_second=0, accept_burst=1)
    assert 10_000 == clocked.admitted("a", 10_000)


def test_addresses_without_sockets_are_removed() -> None:
    """Neither a check nor a closed socket keeps an entry."""
    admission = Clocked(sockets_per_address=1).admission
    admission.refusal("checked only")
    admission.enter("a")
    admission.leave("a")
    assert {} == dict(admission._by_address)
    assert 0 == admission.sockets


def test_handshakes_come_at_a_rate() -> None:
    """First a burst, then as many as the rate allows, and after a long time a burst again."""
    clocked = Clocked(sockets_per_process=0, accepts_per_second=12, accept_burst=4)
    assert 4 == clocked.admitted("a", 9)
    assert "accept_rate" == clocked.tried("a")
    clocked.now += 0.25
    assert 3 == clocked.admitted("a", 9)
    clocked.now += 3600
    assert 4 == clocked.admitted("a", 9)


def test_refused_handshakes_do_not_use_up_the_rate() -> None:
    """An address that is full cannot block the others."""
    clocked = Clocked(sockets_per_address=1, accepts_per_second=1, accept_burst=3)
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
def test_the_first_reason_is_returned(draining: bool, sockets: int, rate: int, reason: str) -> None:
    """Reasons of the whole process come before reasons of one address."""
    clocked = Clocked(sockets_per_process=sockets, accepts_per_second=rate, accept_burst=rate, sockets_per_address=1)
    assert clocked.tried("a") is None
    clocked.admission.draining = draining
    assert reason == clocked.tried("a")
