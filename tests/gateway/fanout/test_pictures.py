from app.gateway.fanout import frame
from app.gateway.fanout.pictures import Pictures
from tests.gateway.doubles import Counting, RecordingSink, snapshot


def test_with_several_phases_each_socket_gets_a_part_of_the_frames() -> None:
    """Each frame is whole, so the others are skipped and counted."""
    pictures, sinks = Pictures(lambda shot: frame.text(str(shot.tick))), [RecordingSink() for _ in range(12)]
    for sink in sinks:
        pictures.add(sink)
        pictures.add(sink)
    counting = Counting()
    for turn in range(6):
        pictures.advance(snapshot(100 + turn, 1))
        pictures.write(turn, 3)
    assert {2} == {len(sink.frames) for sink in sinks}
    assert {"overload": 6 * 8} == counting.moved()


def test_before_the_first_snapshot_nothing_is_written() -> None:
    """The arena is not known yet."""
    pictures, sink = Pictures(lambda shot: frame.text(str(shot.tick))), RecordingSink()
    pictures.add(sink)
    pictures.write(0, 1)
    assert [] == sink.frames
