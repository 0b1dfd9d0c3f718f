from app.gateway.limits import Admission, Limits


def test_a_process_and_an_address_have_room_for_so_many() -> None:
    """The reason says which of the two is full."""
    admission = Admission(Limits(sockets_per_process=3, sockets_per_address=2))
    for address in ("a", "a", "b"):
        assert admission.refusal(address) is None
        admission.enter(address)
    assert "process_full" == admission.refusal("c")
    admission.leave("b")
    assert "address_full" == admission.refusal("a")
    assert admission.refusal("b") is None


def test_zero_is_no_limit() -> None:
    """For the process and for the address."""
    admission = Admission(Limits(sockets_per_process=0, sockets_per_address=0))
    for _ in range(10):
        admission.enter("a")
    assert admission.refusal("a") is None


def test_addresses_that_left_are_forgotten() -> None:
    """Asking about an address and leaving keep no entry."""
    admission = Admission(Limits(sockets_per_address=1))
    admission.refusal("asked only")
    admission.enter("a")
    admission.leave("a")
    assert {} == dict(admission._by_address)
