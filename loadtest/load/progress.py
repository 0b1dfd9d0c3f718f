"""One line about the running test: on a terminal it is updated in place, elsewhere printed every ten seconds."""

from typing import Final, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from loadtest.measure.result import Moment

QUIET_S: Final = 10.0  # between two lines that are not on a terminal


class Progress:
    """Prints the line within a block."""

    def __init__(self, stream: TextIO, seconds: float) -> None:
        """`seconds` is the length of the test."""
        self._console = Console(file=stream, highlight=False)
        self._seconds = seconds
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._printed_s = -QUIET_S  # so that the first moment is printed
        self._failures = self._closes = 0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """The last line stays on the terminal."""
        if self._live is not None:
            self._live.stop()

    def print(self, sentence: str) -> None:
        """Print a sentence above the line."""
        self._console.print(sentence, soft_wrap=True, markup=False)

    def show(self, moment: Moment) -> None:
        self._failures += moment.failures
        self._closes += moment.closes
        line = self._line(moment)  # the most important figures first: a narrow terminal cuts the end off
        if self._live is not None:
            self._live.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)
        elif moment.t_s >= self._printed_s + QUIET_S or moment.t_s >= self._seconds:
            self._printed_s = moment.t_s
            self.print(line)

    def _line(self, moment: Moment) -> str:
        parts = [
            f"{moment.t_s:.0f} of {self._seconds:.0f} s",
            f"{moment.open} of {moment.wanted} players",
            f"gap p99 {moment.gap.p99_ms:.0f} ms",
            f"{self._failures} failed, {self._closes} closed",
            f"generator late {moment.lag_p99_ms:.1f} ms",
        ]
        if moment.server_tick_p99_ms is not None:
            parts.insert(4, f"server tick p99 {moment.server_tick_p99_ms:.1f} ms")
        return "  ".join(parts)
