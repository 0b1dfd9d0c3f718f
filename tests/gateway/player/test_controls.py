from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player.controls import Helm, MessageBudget
from app.wire import inputs
from tests.gateway.doubles import RecordingReceiver

BURN = inputs.encode_input(9, 64, thrusting=True)
COAST = inputs.encode_input(10, 64, thrusting=False)


def made(burst: float = 5.0) -> tuple[Helm, bytearray, RecordingReceiver]:
    steers, others = bytearray(), RecordingReceiver()
    return Helm(10.0, burst, 0.0, steers=steers, others=others), steers, others


def test_a_burst_is_allowed_at_once_and_no_more() -> None:
    """A full budget lets `burst` messages through."""
    budget = MessageBudget(10, 5, now=0.0)
    assert [True] * 5 + [False] * 2 == [budget.take() for _ in range(7)]


def test_time_refills_up_to_the_burst() -> None:
    """At the rate, and never beyond the burst."""
    budget = MessageBudget(10, 5, now=0.0)
    assert all(budget.take() for _ in range(5))
    budget.refill(0.25)
    assert [True, True, False] == [budget.take() for _ in range(3)]
    budget.refill(1000.0)
    assert [True] * 5 + [False] == [budget.take() for _ in range(6)]


def test_a_budget_that_ended_allows_nothing_for_ever() -> None:
    """A closed socket is not looked at again."""
    budget = MessageBudget(10, 5, now=0.0)
    budget.end()
    budget.refill(1000.0)
    assert not budget.take()


@given(st.floats(0.5, 100), st.integers(1, 50), st.lists(st.tuples(st.floats(0, 2), st.integers(0, 60)), max_size=40))
def test_no_pattern_beats_the_budget(rate: float, burst: int, pattern: list[tuple[float, int]]) -> None:
    """Over any time, at most burst + rate * time messages get through; whoever keeps to the rate never fails."""
    budget = MessageBudget(rate, burst, now=0.0)
    now, taken = 0.0, 0
    for pause, attempts in pattern:
        now += pause
        budget.refill(now)
        taken += sum(budget.take() for _ in range(attempts))
        assert taken <= burst + rate * now + 1e-6


@given(st.floats(0.5, 100), st.integers(1, 50), st.integers(1, 200))
def test_whoever_keeps_to_the_rate_is_never_refused(rate: float, burst: int, count: int) -> None:
    """One message each 1/rate seconds passes, for ever."""
    budget = MessageBudget(rate, burst, now=0.0)
    for number in range(count):
        budget.refill(number / rate * (1 + 1e-9))
        assert budget.take()


def test_an_input_goes_up_behind_the_ship() -> None:
    """Row by row, as they came."""
    helm, steers, others = made()
    helm.ship = b"\x05\x00"
    helm.receive_bytes(BURN)
    helm.receive_bytes(COAST)
    assert b"\x05\x00" + BURN + b"\x05\x00" + COAST == bytes(steers)
    assert [] == others.heard


def test_before_there_is_a_ship_the_newest_input_waits() -> None:
    """Then it is said, and may be said again."""
    helm, steers, _ = made()
    helm.receive_bytes(COAST)
    helm.receive_bytes(BURN)
    assert b"" == bytes(steers)
    helm.ship = b"\x05\x00"
    helm.say()
    helm.say()
    assert (b"\x05\x00" + BURN) * 2 == bytes(steers)


def test_a_player_who_never_steered_has_nothing_to_say() -> None:
    """A ship alone makes no row."""
    helm, steers, _ = made()
    helm.ship = b"\x05\x00"
    helm.say()
    assert b"" == bytes(steers)


@given(st.binary(max_size=6) | st.just(BURN[:3] + b"\x02"))
def test_whatever_is_no_input_is_passed_on(data: bytes) -> None:
    """Pings, damage, text: others judge it."""
    helm, steers, others = made()
    helm.ship = b"\x05\x00"
    helm.receive_bytes(data)
    helm.receive_text("text")
    if inputs.is_input(data):
        assert (b"\x05\x00" + data, ["text"]) == (bytes(steers), others.heard)
    else:
        assert (b"", [data, "text"]) == (bytes(steers), others.heard)


def test_an_input_over_the_budget_is_passed_on_to_be_refused() -> None:
    """The connection counts again, and closes the socket."""
    helm, steers, others = made(burst=1.0)
    helm.ship = b"\x05\x00"
    helm.receive_bytes(BURN)
    helm.receive_bytes(COAST)
    assert (b"\x05\x00" + BURN, [COAST]) == (bytes(steers), others.heard)
    assert not helm.take()
