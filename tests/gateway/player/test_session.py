import json

from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player.session import BinarySession, TutorialSession
from app.wire import inputs, outputs, tutorial
from app.wire.inputs import Pause, Resume, Resync
from app.wire.outputs import Goodbye, Pong, Status, Welcome
from tests.gateway.doubles import RecordingPort

WELCOME = Welcome(epoch=7, tick=5, ship=17, arena=2)
PAUSE, RESUME, RESYNC = (inputs.encode_bare(message) for message in (Pause(), Resume(), Resync()))


def greeted(*, full: bool = False, welcomed: bool = True) -> tuple[BinarySession, RecordingPort]:
    port = RecordingPort()
    session = BinarySession(port)
    session.receive_bytes(inputs.encode_hello(full=full))
    if welcomed:
        session.berthed(WELCOME)
    port.taken()
    return session, port


def berthed() -> tuple[TutorialSession, RecordingPort]:
    port = RecordingPort()
    session = TutorialSession(port)
    session.berthed(WELCOME)
    port.taken()
    return session, port


def test_hello_asks_for_a_ship() -> None:
    """The player joins with HELLO, not with the connection, and shows the ticket that it has."""
    port = RecordingPort()
    session = BinarySession(port)
    assert [] == port.taken()
    session.receive_bytes(inputs.encode_hello(ticket=b"of last time"))
    assert [("join", b"of last time")] == port.taken()


def test_a_ship_is_welcomed_and_then_watched() -> None:
    """WELCOME goes before any frame."""
    session, port = greeted(full=True, welcomed=False)
    session.berthed(WELCOME)
    assert [("send", outputs.encode_welcome(WELCOME)), ("watch", True)] == port.taken()


def test_anything_before_hello_closes() -> None:
    """The first message is HELLO or the last one."""
    port = RecordingPort()
    BinarySession(port).receive_bytes(inputs.encode_input(1, 2, thrusting=True))
    assert [("refuse", "hello_expected"), ("close", 4500, "malformed message: hello_expected")] == port.taken()


def test_a_second_hello_closes() -> None:
    """HELLO comes once."""
    session, port = greeted()
    session.receive_bytes(inputs.encode_hello())
    assert [("refuse", "hello_repeated"), ("close", 4500, "malformed message: hello_repeated")] == port.taken()


def test_text_on_a_binary_session_closes() -> None:
    """The language was chosen at the handshake."""
    session, port = greeted()
    session.receive_text("{}")
    assert [("refuse", "text_on_binary"), ("close", 4500, "malformed message: text_on_binary")] == port.taken()


def test_an_input_is_passed_on_as_it_came() -> None:
    """Before WELCOME as after it."""
    message = inputs.encode_input(9, 200, thrusting=True)
    for welcomed in (False, True):
        session, port = greeted(welcomed=welcomed)
        session.receive_bytes(message)
        assert [("steer", message)] == port.taken()


def test_a_ping_is_answered() -> None:
    """PONG with the same nonce."""
    session, port = greeted(welcomed=False)
    session.receive_bytes(inputs.encode_ping(77))
    assert [Pong(77)] == outputs.decode(port.sent[0])


def test_resync_watches_anew() -> None:
    """A replica that lost step gets a keyframe by joining its audience again."""
    session, port = greeted()
    session.receive_bytes(RESYNC)
    assert [("watch", False)] == port.taken()


def test_a_hidden_session_gets_no_frames() -> None:
    """PAUSE holds until RESUME: no resync and no new ship brings frames in between."""
    session, port = greeted()
    session.receive_bytes(PAUSE)
    assert [("unwatch",)] == port.taken()
    session.receive_bytes(RESYNC)
    session.berthed(WELCOME)
    assert [("send", outputs.encode_welcome(WELCOME))] == port.taken()
    session.receive_bytes(RESUME)
    assert [("watch", False)] == port.taken()


def test_resume_without_pause_does_nothing() -> None:
    """It is idempotent."""
    session, port = greeted()
    session.receive_bytes(RESUME)
    assert [] == port.taken()


def test_nothing_is_watched_before_there_is_a_ship() -> None:
    """RESYNC and RESUME of a session that waits find no arena."""
    session, port = greeted(welcomed=False)
    for message in (RESYNC, PAUSE, RESUME):
        session.receive_bytes(message)
    assert [("unwatch",)] == port.taken()


def test_only_a_session_without_hello_is_overdue() -> None:
    """4004 for the silent one."""
    session, port = greeted(welcomed=False)
    session.overdue()
    assert [] == port.taken()
    silent = RecordingPort()
    BinarySession(silent).overdue()
    assert [("refuse", "no_hello"), ("close", 4004, "no HELLO in time")] == silent.taken()


def test_status_and_goodbye_are_said_in_v1() -> None:
    """As messages of the protocol."""
    session, port = greeted()
    session.paused(paused=True)
    session.goodbye(250)
    assert [[Status(paused=True)], [Goodbye(250)]] == [outputs.decode(sent) for sent in port.sent]


def test_a_player_of_the_tutorial_joins_by_connecting() -> None:
    """It has no HELLO, and none is missed; nor has it a ticket."""
    port = RecordingPort()
    TutorialSession(port).overdue()
    assert [("join", None)] == port.taken()


def test_a_player_of_the_tutorial_learns_its_id_first() -> None:
    """Then the frames begin."""
    port = RecordingPort()
    TutorialSession(port).berthed(WELCOME)
    assert [("join", None), ("send", b'{"type": "playerId", "playerId": "17"}'), ("watch", False)] == port.taken()


def test_commands_of_the_tutorial_become_inputs() -> None:
    """Facing and thrust are levels that hold; each command raises the sequence."""
    session, port = berthed()
    for kind, fields in (("mouseDown", {}), ("facing", {"facing": 1.5707}), ("mouseUp", {})):
        session.receive_text(json.dumps({"type": kind, "playerId": "17", **fields}))
    said = [
        inputs.encode_input(1, 0, thrusting=True),
        inputs.encode_input(2, 64, thrusting=True),
        inputs.encode_input(3, 64, thrusting=False),
    ]
    assert [("steer", message) for message in said] == port.taken()


def test_one_wrong_value_is_refused_but_not_closed() -> None:
    """Another player's id, or a facing that is no number."""
    session, port = berthed()
    session.receive_text('{"type": "mouseDown", "playerId": "18"}')
    session.receive_text('{"type": "facing", "playerId": "17", "facing": NaN}')
    assert [
        ("refuse", "not_your_ship"),
        ("send", tutorial.encode_refusal("not_your_ship").encode()),
        ("refuse", "facing"),
        ("send", tutorial.encode_refusal("facing").encode()),
    ] == port.taken()


def test_another_language_closes_the_tutorials() -> None:
    """A binary message, or text that is no JSON."""
    session, port = berthed()
    session.receive_bytes(b"")
    session.receive_text("hello")
    assert [4500, 4500] == [call[1] for call in port.taken() if call[0] == "close"]


def test_the_tutorial_has_no_word_for_a_pause() -> None:
    """But one for the goodbye."""
    session, port = berthed()
    session.paused(paused=True)
    session.goodbye(250)
    assert [("send", b'{"type": "goodbye", "reconnectAfterMs": 250}')] == port.taken()


HELLOS = [inputs.encode_hello(), inputs.encode_hello(full=True)]
COMMANDS = ['{"type":"facing","playerId":"17","facing":1e999}', '{"type":"mouseUp","playerId":"17"}', "[[", "1"]
EVENTS = ["berthed", "overdue", "paused", "goodbye"]
messages = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40),
    st.sampled_from([*HELLOS, *COMMANDS, PAUSE, RESUME, RESYNC, inputs.encode_ping(1)]),
    st.builds(inputs.encode_input, st.integers(0, 255), st.integers(0, 255), thrusting=st.booleans()),
    st.tuples(st.sampled_from(EVENTS)),
)


@given(st.lists(messages), st.booleans())
def test_no_message_raises(said: list[bytes | str | tuple[str]], binary: bool) -> None:
    """Whatever comes in whatever order ends in calls of the Port; every refusal closes or is answered."""
    port = RecordingPort()
    session = BinarySession(port) if binary else TutorialSession(port)
    events = {
        "berthed": lambda: session.berthed(WELCOME),
        "overdue": session.overdue,
        "paused": lambda: session.paused(paused=True),
        "goodbye": lambda: session.goodbye(1),
    }
    for message in said:
        if isinstance(message, tuple):
            events[message[0]]()
        elif isinstance(message, bytes):
            session.receive_bytes(message)
        else:
            session.receive_text(message)
    refusals = [index for index, call in enumerate(port.calls) if call[0] == "refuse"]
    assert all(port.calls[index + 1][0] in {"close", "send"} for index in refusals)
