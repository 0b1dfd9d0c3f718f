"""`make run-distributed`: Redis, two gateways, a tick, the page and nginx, until Ctrl-C."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Final

from loadtest.processes.process import SiteError
from loadtest.sites.local import Cluster, Layout, running

PORT: Final = 8000
WATCH_S: Final = 1  # between looks whether all still run


class _Stopped(Exception):  # noqa: N818  # nothing went wrong
    """Somebody wants it to end."""


def main(words: list[str]) -> int:
    """Run until a signal; 1 if a process ended by itself."""
    options = _options(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with tempfile.TemporaryDirectory(prefix="flotilla-", ignore_cleanup_errors=True) as scratch:
        folder = options.logs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        layout = Layout(gateways=options.gateways, ticks=options.ticks, web=True, port=options.port)
        try:
            with running(folder.resolve(), layout) as cluster:
                _tell(cluster)
                return _watch(cluster)
        except _Stopped:
            return 0
        except SiteError as error:
            print(error, file=sys.stderr)
            return 1


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run-distributed", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"of nginx (default {PORT})")
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--ticks", type=int, default=1, help="from the second on they wait to take over")
    parser.add_argument("--logs", type=Path, help="where the logs go and stay (default: a folder that goes with us)")
    return parser.parse_args(words)


def _tell(cluster: Cluster) -> None:
    for role in cluster.roles:
        print(f"  {role.name}: process {role.pid}, log {role.process.log}")
    print(f"Flotilla is flying at http://{cluster.address}/ - open it in a browser; Ctrl-C stops it.", flush=True)


def _watch(cluster: Cluster) -> int:
    """Return when a process ended by itself."""
    processes = [cluster.redis.process, cluster.nginx.process, *(role.process for role in cluster.roles)]
    while True:
        for process in processes:
            if not process.running:
                print(f"{process.name} ended by itself.\n{process.tail()}", file=sys.stderr)
                return 1
        time.sleep(WATCH_S)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends already, and each step of that is bounded
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
