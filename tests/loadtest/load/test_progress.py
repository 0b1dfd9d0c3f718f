import io

from loadtest.load.progress import Progress
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Moment


def moment(t_s: float, **changes: object) -> Moment:
    given = {"t_s": t_s, "wanted": 9, "open": 8, "frames": 160, "gap": Spread(160, 50.0, 55.0, 58.4, 60.0)}
    return Moment(**{**given, **changes})


def lines(*moments: Moment) -> list[str]:
    stream = io.StringIO()
    with Progress(stream, 30.0) as progress:
        for one in moments:
            progress.show(one)
    return stream.getvalue().splitlines()


def test_without_a_terminal_a_line_is_printed_every_ten_seconds() -> None:
    """Also at the beginning and at the end."""
    printed = lines(*(moment(float(second)) for second in range(1, 31)))
    assert ["1 of 30 s", "11 of 30 s", "21 of 30 s", "30 of 30 s"] == [line.split("  ")[0] for line in printed]


def test_a_line_has_players_p99_and_all_errors_so_far() -> None:
    """And the server's ticks if they are known."""
    (_, last) = lines(moment(1.0, failures=2, closes=1), moment(30.0, failures=1, server_tick_p99_ms=4.06))
    assert "8 of 9 players  gap p99 58 ms  3 failed, 1 closed  server tick p99 4.1 ms" in last
