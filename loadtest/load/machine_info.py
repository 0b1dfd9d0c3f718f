"""What a load was made on: so that two results can be compared, or not."""

import os
import platform

import msgspec

from loadtest.measure.result import Result
from loadtest.processes import machine


def surroundings() -> dict[str, str]:
    """Return the machine, and how busy it was before."""
    load, _, _ = os.getloadavg()
    return {
        "processor": machine.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load average before": f"{load:.2f}",
    }


def shared(found: Result, busy_s: float, seconds: float) -> Result:
    """Return the result of a server on this machine with what other programs used, if the server tells its own share.

    `busy_s` are the seconds that all cores worked in those seconds. What gathers and shows counts as another program.
    """
    own = found.generator.cpu
    if found.server is None or found.server.cpu is None or own is None or seconds <= 0:
        return found
    foreign = max(0.0, busy_s / seconds - own - found.server.cpu)
    return msgspec.structs.replace(found, generator=msgspec.structs.replace(found.generator, foreign_cpu=foreign))
