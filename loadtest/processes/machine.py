"""Cores, clocks and memory from the kernel, and processes on a core of this machine that end with their block."""

import contextlib
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from loadtest.outcome import CannotRunError
from loadtest.processes.process import Process

SERVER_CORE: Final = 0
GENERATOR_CORE: Final = 1
FILES: Final = 16_384  # open files of a process: 8,000 sockets and a reserve
NICENESS: Final = -10  # of server and generator, where allowed

Started = TypeVar("Started", bound=Process)

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_IDLE_COLUMNS: Final = (3, 4)  # of /proc/stat: idle, iowait
_GUEST_COLUMNS: Final = 8  # columns from here on are included in earlier ones


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds at one moment: wall time, busy time of all cores, CPU time of one process and its children."""

    wall: float
    busy: float
    process: float


def clocks(pid: int) -> Clocks:
    return Clocks(time.monotonic(), busy_s(), sum(_cpu_s(one) for one in family(pid)))


def busy_s() -> float:
    """Return the busy seconds of all cores since the machine started."""
    columns = [int(column) for column in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    busy = sum(columns[:_GUEST_COLUMNS]) - sum(columns[column] for column in _IDLE_COLUMNS)
    return busy / _TICKS_PER_S


def rss_kib(pid: int) -> int:
    """Return the resident memory of a process and its children."""
    return sum(_rss_kib(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """Return `pid` and its descendants."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text(encoding="ascii").split()]
    return found


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def raise_file_limit() -> None:
    """Raise the limit of open files for this process and the processes that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def check_cores() -> None:
    """Raises CannotRunError if this process may not use both cores."""
    if not {SERVER_CORE, GENERATOR_CORE} <= os.sched_getaffinity(0):
        raise CannotRunError("The benchmark needs two cores: one for the server, one for the generator.")


def started(core: int, start: Callable[[], Started]) -> Started:
    """Return the process that `start` starts, with all its threads and children on one core."""
    with _on(core):  # inherited, so that no thread starts elsewhere
        process = start()
    _favour(process.pid)
    return process


@contextlib.contextmanager
def _on(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _favour(pid: int) -> None:
    # Linux divides the processor between sessions first, so the niceness of one process has little effect.
    # Without the permission, or without such groups, other programs disturb more. The report has their CPU time.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")


def _cpu_s(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    columns = stat.rpartition(")")[2].split()  # the name may have blanks
    return (int(columns[11]) + int(columns[12])) / _TICKS_PER_S  # utime and stime


def _rss_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
