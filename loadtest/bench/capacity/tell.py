"""One line on stderr for each step, as it ends."""

import sys

from loadtest.bench.capacity.contestants import Contestant
from loadtest.measure.step import Step


def tell(contestant: Contestant, step: Step) -> None:
    """Print what a step found."""
    load = step.load
    marks = (" (the generator was late or busy)" if step.generator_limited else "") + (
        f" (others used {step.foreign_cpu:.0%} of a core)" if step.disturbed else ""
    )
    print(
        f"{contestant.name:13} {load.target:5} p50 {load.gap.p50_ms:5.1f} p99 {load.gap.p99_ms:6.1f}"
        f" max {load.gap.max_ms:6.1f} ms, core {step.server_cpu:4.0%}, {step.kib_per_connection:5.1f} KiB/conn,"
        f" tick late {load.tick_lateness.p99_ms:5.1f} ms, generator late {load.lag.p99_ms:4.1f} ms {load.cpu:3.0%}:"
        f" {', '.join(step.complaints) or 'held'}{marks}",
        file=sys.stderr,
        flush=True,
    )
