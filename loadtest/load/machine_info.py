"""The machine that a load ran on: only results of the same machine can be compared."""

import os
import platform

import msgspec

from loadtest.measure.result import Result
from loadtest.processes import machine


def describe() -> dict[str, str]:
    """Return the machine and its load average, by what makes two results incomparable."""
    load, _, _ = os.getloadavg()
    return {
        "processor": machine.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load average before": f"{load:.2f}",
    }


def with_foreign_cpu(found: Result, busy_s: float, seconds: float) -> Result:
    """Return the result with the cores that other programs used, if the server is on this machine and was scraped.

    `busy_s` is the sum of the busy times of all cores during `seconds`. This process counts as another program.
    """
    own = found.generator.cpu
    if found.server is None or found.server.cpu is None or own is None or seconds <= 0:
        return found
    foreign = max(0.0, busy_s / seconds - own - found.server.cpu)
    return msgspec.structs.replace(found, generator=msgspec.structs.replace(found.generator, foreign_cpu=foreign))
