"""What a load was made on: so that two results can be compared, or not."""

import os
import platform

from loadtest.bench.capacity import machine


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
