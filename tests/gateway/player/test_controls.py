from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player.controls import BinaryControls, Controls, MessageBudget
from app.wire import inputs
from tests.gateway.doubles import RecordingReceiver

BURN = inputs.encode_input(9, 64, thrusting=True)
COAST = inputs.encode_input(10, 64, thrusting=False)
SHIP = b"\x05\x00"


class Made:
    """Controls with their neighbours."""

    def __init__(self, burst: float = 5.0, *, kind: type[Controls] = BinaryControls, ship: int | None = 5) -> None:
        self.rows = bytearray()
        self.session = RecordingReceiver()
        self.floods = 0
        self.controls = kind((10.0, burst), 0.0, rows=self.rows, session=self.session, on_flood=self._flooded)
        if ship is not None:
            self.controls.assign(ship)

    def _flooded(self) -> None:
        self.floods += 1


def test_a_burst_is_allowed_at_once() -> None:
    """A full budget allows `burst` messages, and the next one is refused."""
    budget = MessageBudget(10, 5, now=0.0)
    assert [True] * 5 + [False] * 2 == [budget.take() for _ in range(7)]


def test_time_refills_up_to_the_burst() -> None:
    """The budget grows at the rate, and never above the burst."""
    budget = MessageBudget(10, 5, now=0.0)
    assert all(budget.take() for _ in range(5))
    budget.refill(0.25)
    assert [True, True, False] == [budget.take() for _ in range(3)]
    budget.refill(1000.0)
    assert [True] * 5 + [False] == [budget.take() for _ in range(6)]


def test_a_budget_that_ended_allows_nothing() -> None:
    """Time does not refill it. A closed socket gets no more messages through."""
    budget = MessageBudget(10, 5, now=0.0)
    budget.end()
    budget.refill(1000.0)
    assert not budget.take()


@given(st.floats(0.5, 100), st.integers(1, 50), st.lists(st.tuples(st.floats(0, 2), st.integers(0, 60)), max_size=40))
def test_no_pattern_exceeds_the_budget(rate: float, burst: int, pattern: list[tuple[float, int]]) -> None:
    """Over any time, at most burst + rate * time messages pass."""
    budget = MessageBudget(rate, burst, now=0.0)
    now, taken = 0.0, 0
    for pause, attempts in pattern:
        now += pause
        budget.refill(now)
        taken += sum(budget.take() for _ in range(attempts))
        assert taken <= burst + rate * now + 1e-6


@given(st.floats(0.5, 100), st.integers(1, 50), st.integers(1, 200))
def test_a_peer_that_keeps_to_the_rate_is_never_refused(rate: float, burst: int, count: int) -> None:
    """One message each 1/rate seconds always passes."""
    budget = MessageBudget(rate, burst, now=0.0)
    for number in range(count):
        budget.refill(number / rate * (1 + 1e-9))
        assert budget.take()


def test_an_input_becomes_a_row() -> None:
    """The row is the ship and the message. Rows keep the order of arrival."""
    made = Made()
    made.controls.receive_bytes(BURN)
    made.controls.receive_bytes(COAST)
    assert SHIP + BURN + SHIP + COAST == bytes(made.rows)
    assert [] == made.session.received


def test_before_there_is_a_ship_the_newest_input_waits() -> None:
    """The ship makes a row of it; it can be read again to repeat it."""
    made = Made(ship=None)
    made.controls.steer(COAST)
    made.controls.steer(BURN)
    assert (b"", b"") == (bytes(made.rows), made.controls.row())
    made.controls.assign(5)
    assert (SHIP + BURN, SHIP + BURN) == (bytes(made.rows), made.controls.row())


def test_without_a_ship_the_session_judges_every_message() -> None:
    """An INPUT before HELLO must be refused, and only the session has that state."""
    made = Made(ship=None)
    made.controls.receive_bytes(BURN)
    assert (b"", [BURN]) == (bytes(made.rows), made.session.received)


def test_after_the_ship_is_gone_there_are_no_rows() -> None:
    """A message may arrive after the close."""
    made = Made()
    made.controls.receive_bytes(BURN)
    made.rows.clear()
    made.controls.unassign()
    made.controls.steer(COAST)
    made.controls.receive_bytes(COAST)
    assert (b"", b"") == (bytes(made.rows), made.controls.row())


def test_a_ship_without_an_input_makes_no_row() -> None:
    """A player who never steered has nothing to repeat."""
    made = Made()
    assert (b"", b"") == (bytes(made.rows), made.controls.row())


@given(st.binary(max_size=6) | st.just(BURN[:3] + b"\x02"))
def test_other_messages_go_to_the_session(data: bytes) -> None:
    """Pings, damage and text are the session's to judge."""
    made = Made()
    made.controls.receive_bytes(data)
    made.controls.receive_text("text")
    if inputs.is_input(data):
        assert (SHIP + data, ["text"]) == (bytes(made.rows), made.session.received)
    else:
        assert (b"", [data, "text"]) == (bytes(made.rows), made.session.received)


def test_the_controls_of_the_tutorial_pass_every_message_on() -> None:
    """Bytes that look like an INPUT are refused by its session."""
    made = Made(kind=Controls)
    made.controls.receive_bytes(BURN)
    assert (b"", [BURN]) == (bytes(made.rows), made.session.received)


def test_messages_over_the_budget_reach_nothing() -> None:
    """Inputs, other bytes and text count alike, and each message too many is reported."""
    for kind in (BinaryControls, Controls):
        made = Made(burst=3.0, kind=kind)
        made.controls.receive_text("one")
        made.controls.receive_bytes(b"two")
        made.controls.receive_bytes(b"three")
        made.controls.receive_bytes(BURN)
        made.controls.receive_bytes(b"five")
        made.controls.receive_text("six")
        assert (b"", ["one", b"two", b"three"], 3) == (bytes(made.rows), made.session.received, made.floods)


def test_inputs_are_counted() -> None:
    """They use up the budget like any other message."""
    made = Made(burst=1.0)
    made.controls.receive_bytes(BURN)
    made.controls.receive_bytes(COAST)
    assert (SHIP + BURN, [], 1) == (bytes(made.rows), made.session.received, made.floods)
    assert not made.controls.take()
