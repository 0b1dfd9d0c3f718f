"""What both generators share while they run: checks before the load, scraping, progress, interruption, the result."""

import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from loadtest.load import machine_info, messages, result_builder
from loadtest.load.interruption import Interruption
from loadtest.load.order import Order
from loadtest.load.progress import Progress
from loadtest.load.result_builder import Circumstances
from loadtest.measure.result import Moment, Result, Step
from loadtest.measure.scraper import Scraper

Checked = TypeVar("Checked")


class Session:
    """One test from the end of its checks to its result."""

    def __init__(self, order: Order, progress: Progress, interruption: Interruption, scraper: Scraper) -> None:
        self.order = order
        self.progress = progress
        self.interruption = interruption
        self.scraper = scraper

    def begin(self) -> None:
        """Record time and machine just before the load begins."""
        self.begun = time.monotonic()
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._machine = machine_info.describe()

    def print_interrupted(self) -> None:
        self.progress.print("Interrupted: the figures up to now are written.")

    def result(
        self, generator: str, finals: Sequence[messages.Final], series: list[Moment], steps: list[Step]
    ) -> Result:
        """Scrape a last time, which takes a while, and return the result."""
        about = Circumstances(generator, self._started_at, self.interruption.came, self._machine, self.scraper.server())
        return result_builder.build(self.order, finals, series, steps, about)


@contextlib.asynccontextmanager
async def session(
    order: Order, progress: Progress, check: Coroutine[Any, Any, Checked]
) -> AsyncIterator[tuple[Session, Checked]]:
    """Check the target, then scrape and handle signals within the block; raises CannotRunError."""
    with Interruption() as interruption:
        checked = await interruption.unless(check)
        with Scraper(order.metrics, order.seconds) as scraper:
            yield Session(order, progress, interruption, scraper), checked
