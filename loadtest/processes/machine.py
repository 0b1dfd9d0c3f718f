"""Cores, clocks and memory as the kernel tells them; every process that is started here ends with its block."""

import contextlib
import os
import platform
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

SERVER_CORE: Final = 0
GENERATOR_CORE: Final = 1
FILES: Final = 16_384  # open files of a process: 8,000 sockets and a reserve
NICENESS: Final = -10  # of server and generator alike, where allowed
STOP_S: Final = 10.0  # from SIGTERM to SIGKILL
LOOK_AGAIN_S: Final = 0.02

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_IDLE_COLUMNS: Final = (3, 4)  # of /proc/stat: idle, iowait
_GUEST_COLUMNS: Final = 8  # columns from here on are counted in earlier ones already


class TooFewCoresError(Exception):
    """The machine cannot keep server and generator apart."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds at one moment: the wall's, the whole machine's busy ones, and those of one process with its children."""

    wall: float
    busy: float
    process: float


def clocks(pid: int) -> Clocks:
    """Read all clocks at once."""
    return Clocks(time.monotonic(), busy_s(), sum(_cpu_s(one) for one in family(pid)))


def busy_s() -> float:
    """Seconds that all cores were busy since the machine started."""
    columns = [int(column) for column in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    busy = sum(columns[:_GUEST_COLUMNS]) - sum(columns[column] for column in _IDLE_COLUMNS)
    return busy / _TICKS_PER_S


def rss_kib(pid: int) -> int:
    """Memory of a process and its children."""
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
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def raise_file_limit() -> None:
    """Let this process and those that it starts open enough sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def check_cores() -> None:
    """Raise TooFewCoresError unless there are two to pin to."""
    if not {SERVER_CORE, GENERATOR_CORE} <= os.sched_getaffinity(0):
        raise TooFewCoresError("The benchmark needs two cores: one for the server, one for the generator.")


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    core: int,
    environment: Mapping[str, str],
    folder: Path,
    log: IO[bytes],
    piped: bool = False,
) -> Iterator[subprocess.Popen[str]]:
    """Run `command` on one core within the block, all its threads and children included."""
    pipe = subprocess.PIPE if piped else subprocess.DEVNULL
    with _on(core):  # inherited, so that no thread starts elsewhere
        process = subprocess.Popen(  # noqa: S603  # the benchmark's own command lines
            command,
            stdin=pipe,
            stdout=pipe if piped else log,
            stderr=log,
            env=dict(environment),
            cwd=folder,
            text=True,
            start_new_session=True,  # for the scheduler, a group of its own
        )
    _favour(process.pid)
    try:
        yield process
    finally:
        _stop(process)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(process: subprocess.Popen[str], port: int, patience_s: float) -> bool:
    """Return whether `process` accepts connections before it ends or the time is over."""
    deadline = time.monotonic() + patience_s
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(LOOK_AGAIN_S)
    return False


@contextlib.contextmanager
def _on(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _favour(pid: int) -> None:
    # Linux shares the processor out between sessions first, so that the niceness of a single process means little.
    # Without the right, or without such groups, other programs disturb more; the report says how much they ran.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _cpu_s(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    columns = stat.rpartition(")")[2].split()  # the name may hold blanks
    return (int(columns[11]) + int(columns[12])) / _TICKS_PER_S  # utime and stime


def _rss_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
