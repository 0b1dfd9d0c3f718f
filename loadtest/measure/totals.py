"""What all players of one process record together: counts, gaps of this moment, histograms of the whole run."""

from collections import Counter
from typing import Final

from loadtest.measure.ages import Ages
from loadtest.measure.latencies import Latencies
from loadtest.players.people import TICK_S

LAG_PERIOD_S: Final = 0.01  # between two measurements of how late the event loop is

WHOLE: Final = (  # distributions over the run, by their names in result.json
    *("handshake", "first_frame", "gap", "gap_uncorrected", "input_to_visible", "frame_age"),
    *("lag", "arrivals_late"),
)


class Totals:
    """Counts and durations; gaps and lag are kept as they are until `next_moment`."""

    def __init__(self) -> None:
        self.frames = 0  # of this moment, as are the next five
        self.gaps: list[float] = []
        self.lag: list[float] = []
        self.failures = 0
        self.closes_now = 0
        self.reconnects_now = 0
        self.bytes_sent = 0
        self.decode_errors = 0
        self.closes: Counter[int] = Counter()
        self.refusals: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.visible: list[float] = []
        self.ages = Ages()
        self.whole = {name: Latencies() for name in WHOLE}

    def next_moment(self) -> tuple[Latencies, Latencies]:
        """Return gaps and lag of the moment that ends, both corrected, and begin the next one."""
        gaps, lag = Latencies(), Latencies()
        gaps.add_all_paced(self.gaps, TICK_S)
        lag.add_all_paced(self.lag, LAG_PERIOD_S)
        self.whole["gap"].merge(gaps)
        self.whole["gap_uncorrected"].add_all(self.gaps)
        self.whole["lag"].merge(lag)
        self.whole["input_to_visible"].add_all(self.visible)
        for durations in (self.gaps, self.lag, self.visible):
            durations.clear()
        self.frames = self.failures = self.closes_now = self.reconnects_now = 0
        return gaps, lag

    def close_window(self) -> None:
        """Add the ages of the frames since the last call."""
        self.whole["frame_age"].add_all(self.ages.close())
