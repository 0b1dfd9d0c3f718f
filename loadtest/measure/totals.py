"""What all players of one process noted together: counts, gaps of this moment, histograms of the whole run."""

from collections import Counter
from typing import Final

from loadtest.measure.ages import Ages
from loadtest.measure.latencies import Latencies
from loadtest.players.people import TICK_S

LAG_PERIOD_S: Final = 0.01  # between looks at how late the loop is

WHOLE: Final = (  # distributions over the run, by their names in result.json
    *("handshake", "first_frame", "gap", "gap_uncorrected", "input_to_visible", "frame_age"),
    *("lag", "arrivals_late"),
)


class Ledger:
    """Counts and durations; durations are kept as they are until `turn`."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.frames = 0  # of this moment, as all below until `bytes_received`
        self.gaps: list[float] = []
        self.lag: list[float] = []
        self.failures = 0
        self.closes_now = 0
        self.reconnects_now = 0
        self.bytes_received = 0
        self.bytes_sent = 0
        self.decode_errors = 0
        self.closes: Counter[int] = Counter()
        self.refusals: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.visible: list[float] = []
        self.ages = Ages()
        self.whole = {name: Latencies() for name in WHOLE}

    def turn(self) -> tuple[Latencies, Latencies]:
        """Return gaps and lag (both corrected) of the moment that ends, and begin the next one."""
        gaps, lag = Latencies(), Latencies()
        gaps.add_all_paced(self.gaps, TICK_S)
        lag.add_all_paced(self.lag, LAG_PERIOD_S)  # one look after a stall stands for all that it kept from being taken
        self.whole["gap"].merge(gaps)
        self.whole["gap_uncorrected"].add_all(self.gaps)
        self.whole["lag"].merge(lag)
        self.whole["input_to_visible"].add_all(self.visible)
        for noted in (self.gaps, self.lag, self.visible):
            noted.clear()
        self.frames = self.failures = self.closes_now = self.reconnects_now = 0
        return gaps, lag

    def close_window(self) -> None:
        """Add the ages of the frames since the last time."""
        self.whole["frame_age"].add_all(self.ages.close())
