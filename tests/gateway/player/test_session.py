import json

from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player.session import BinarySession, TutorialSession
from app.wire import inputs, outputs, tutorial
from app.wire.inputs import Pause, Resume, Resync
from app.wire.outputs import Goodbye, Pong, Status, Welcome
from tests.gateway.doubles import RecordingActions

WELCOME = Welcome(epoch=7, tick=5, ship=17, arena=2)
PAUSE, RESUME, RESYNC = (inputs.encode_bare(message) for message in (Pause(), Resume(), Resync()))


def joined(actions: RecordingActions) -> TutorialSession:
    session = TutorialSession(actions)
    session.opened()
    return session


def greeted(*, full: bool = False, welcomed: bool = True) -> tuple[BinarySession, RecordingActions]:
    actions = RecordingActions()
    session = BinarySession(actions)
    session.receive_bytes(inputs.encode_hello(full=full))
    if welcomed:
        session.ship_assigned(WELCOME)
    actions.taken()
    return session, actions


def flying() -> tuple[TutorialSession, RecordingActions]:
    actions = RecordingActions()
    session = joined(actions)
    session.ship_assigned(WELCOME)
    actions.taken()
    return session, actions


def test_hello_requests_a_ship() -> None:
    """The player joins with HELLO, not with the connection. The ticket is passed on."""
    actions = RecordingActions()
    session = BinarySession(actions)
    assert [] == actions.taken()
    session.receive_bytes(inputs.encode_hello(ticket=b"of last time"))
    assert [("join", b"of last time")] == actions.taken()


def test_a_ship_is_welcomed_and_then_watched() -> None:
    """WELCOME is sent before any frame."""
    session, actions = greeted(full=True, welcomed=False)
    session.ship_assigned(WELCOME)
    assert [("send", outputs.encode_welcome(WELCOME)), ("watch", True)] == actions.taken()


def test_the_capabilities_decide_what_is_watched() -> None:
    """Also after RESYNC and RESUME."""
    actions = RecordingActions()
    session = BinarySession(actions)
    session.receive_bytes(inputs.encode_hello(sparse=True))
    session.ship_assigned(WELCOME)
    for message in (RESYNC, PAUSE, RESUME):
        session.receive_bytes(message)
    assert [("watch", "sparse")] * 3 == [call for call in actions.taken() if call[0] == "watch"]


def test_anything_before_hello_closes() -> None:
    """The first message must be HELLO."""
    actions = RecordingActions()
    BinarySession(actions).receive_bytes(inputs.encode_input(1, 2, thrusting=True))
    assert [("refuse", "hello_expected"), ("close", 4500, "malformed message: hello_expected")] == actions.taken()


def test_a_second_hello_closes() -> None:
    """HELLO may be sent once only."""
    session, actions = greeted()
    session.receive_bytes(inputs.encode_hello())
    assert [("refuse", "hello_repeated"), ("close", 4500, "malformed message: hello_repeated")] == actions.taken()


def test_text_on_a_binary_session_closes() -> None:
    """The protocol was chosen at the handshake."""
    session, actions = greeted()
    session.receive_text("{}")
    assert [("refuse", "text_on_binary"), ("close", 4500, "malformed message: text_on_binary")] == actions.taken()


def test_an_input_is_passed_on_as_it_came() -> None:
    """Before WELCOME and after it."""
    message = inputs.encode_input(9, 200, thrusting=True)
    for welcomed in (False, True):
        session, actions = greeted(welcomed=welcomed)
        session.receive_bytes(message)
        assert [("steer", message)] == actions.taken()


def test_a_ping_is_answered() -> None:
    """The answer is PONG with the same nonce."""
    session, actions = greeted(welcomed=False)
    session.receive_bytes(inputs.encode_ping(77))
    assert [Pong(77)] == outputs.decode(actions.sent[0])


def test_resync_watches_again() -> None:
    """A replica that is out of step gets a keyframe by joining its audience again."""
    session, actions = greeted()
    session.receive_bytes(RESYNC)
    assert [("watch", False)] == actions.taken()


def test_a_hidden_session_gets_no_frames() -> None:
    """PAUSE is valid until RESUME. Neither RESYNC nor a new ship starts frames before that."""
    session, actions = greeted()
    session.receive_bytes(PAUSE)
    assert [("unwatch",)] == actions.taken()
    session.receive_bytes(RESYNC)
    session.ship_assigned(WELCOME)
    assert [("send", outputs.encode_welcome(WELCOME))] == actions.taken()
    session.receive_bytes(RESUME)
    assert [("watch", False)] == actions.taken()


def test_resume_without_pause_does_nothing() -> None:
    """RESUME is idempotent."""
    session, actions = greeted()
    session.receive_bytes(RESUME)
    assert [] == actions.taken()


def test_nothing_is_watched_before_there_is_a_ship() -> None:
    """A session that waits for its ship has no arena to watch."""
    session, actions = greeted(welcomed=False)
    for message in (RESYNC, PAUSE, RESUME):
        session.receive_bytes(message)
    assert [("unwatch",)] == actions.taken()


def test_only_a_session_without_hello_times_out() -> None:
    """It is closed with 4004."""
    session, actions = greeted(welcomed=False)
    session.hello_timed_out()
    assert [] == actions.taken()
    silent = RecordingActions()
    BinarySession(silent).hello_timed_out()
    assert [("refuse", "no_hello"), ("close", 4004, "no HELLO in time")] == silent.taken()


def test_status_and_goodbye_are_sent_in_v1() -> None:
    """Both are messages of the protocol."""
    session, actions = greeted()
    session.send_status(paused=True)
    session.send_goodbye(250)
    assert [[Status(paused=True)], [Goodbye(250)]] == [outputs.decode(sent) for sent in actions.sent]


def test_a_player_of_the_tutorial_joins_by_connecting() -> None:
    """The tutorial has no HELLO and no tickets, and no time limit for HELLO."""
    actions = RecordingActions()
    joined(actions).hello_timed_out()
    assert [("join", None)] == actions.taken()


def test_a_player_of_the_tutorial_receives_its_id_first() -> None:
    """Frames follow."""
    actions = RecordingActions()
    joined(actions).ship_assigned(WELCOME)
    assert [("join", None), ("send", b'{"type": "playerId", "playerId": "17"}'), ("watch", False)] == actions.taken()


def test_commands_of_the_tutorial_become_inputs() -> None:
    """Facing and thrust keep their values. Each command increments the sequence."""
    session, actions = flying()
    for kind, fields in (("mouseDown", {}), ("facing", {"facing": 1.5707}), ("mouseUp", {})):
        session.receive_text(json.dumps({"type": kind, "playerId": "17", **fields}))
    expected = [
        inputs.encode_input(1, 0, thrusting=True),
        inputs.encode_input(2, 64, thrusting=True),
        inputs.encode_input(3, 64, thrusting=False),
    ]
    assert [("steer", message) for message in expected] == actions.taken()


def test_one_wrong_value_is_refused_but_not_closed() -> None:
    """Another player's id, or a facing that is not a number."""
    session, actions = flying()
    session.receive_text('{"type": "mouseDown", "playerId": "18"}')
    session.receive_text('{"type": "facing", "playerId": "17", "facing": NaN}')
    assert [
        ("refuse", "not_your_ship"),
        ("send", tutorial.encode_refusal("not_your_ship").encode()),
        ("refuse", "facing"),
        ("send", tutorial.encode_refusal("facing").encode()),
    ] == actions.taken()


def test_another_protocol_closes_the_tutorials() -> None:
    """A binary message, or text that is not JSON."""
    session, actions = flying()
    session.receive_bytes(b"")
    session.receive_text("hello")
    assert [4500, 4500] == [call[1] for call in actions.taken() if call[0] == "close"]


def test_the_tutorial_has_no_message_for_a_pause() -> None:
    """It has one for the goodbye."""
    session, actions = flying()
    session.send_status(paused=True)
    session.send_goodbye(250)
    assert [("send", b'{"type": "goodbye", "reconnectAfterMs": 250}')] == actions.taken()


HELLOS = [inputs.encode_hello(), inputs.encode_hello(full=True), inputs.encode_hello(sparse=True)]
COMMANDS = ['{"type":"facing","playerId":"17","facing":1e999}', '{"type":"mouseUp","playerId":"17"}', "[[", "1"]
EVENTS = ["ship", "timeout", "status", "goodbye"]
any_message = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40),
    st.sampled_from([*HELLOS, *COMMANDS, PAUSE, RESUME, RESYNC, inputs.encode_ping(1)]),
    st.builds(inputs.encode_input, st.integers(0, 255), st.integers(0, 255), thrusting=st.booleans()),
    st.tuples(st.sampled_from(EVENTS)),
)


@given(st.lists(any_message), st.booleans())
def test_no_message_raises(messages: list[bytes | str | tuple[str]], binary: bool) -> None:
    """Any messages in any order end in calls of Actions. Every refusal closes the socket or is answered."""
    actions = RecordingActions()
    session = BinarySession(actions) if binary else TutorialSession(actions)
    session.opened()
    events = {
        "ship": lambda: session.ship_assigned(WELCOME),
        "timeout": session.hello_timed_out,
        "status": lambda: session.send_status(paused=True),
        "goodbye": lambda: session.send_goodbye(1),
    }
    for message in messages:
        if isinstance(message, tuple):
            events[message[0]]()
        elif isinstance(message, bytes):
            session.receive_bytes(message)
        else:
            session.receive_text(message)
    refusals = [index for index, call in enumerate(actions.calls) if call[0] == "refuse"]
    assert all(actions.calls[index + 1][0] in {"close", "send"} for index in refusals)
