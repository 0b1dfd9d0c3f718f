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
from loadtest.sites.local import LocalLayout, LocalSite, running

PORT: Final = 8000
WATCH_S: Final = 1  # between looks at the processes


def main(words: list[str]) -> int:
    """Run until a signal. Return 1 if a process ended without one."""
    options = _options(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with tempfile.TemporaryDirectory(prefix="flotilla-", ignore_cleanup_errors=True) as scratch:
        folder = options.logs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        layout = LocalLayout(gateways=options.gateways, ticks=options.ticks, web=True, port=options.port)
        try:
            with running(folder.resolve(), layout) as site:
                for role in site.roles:
                    print(f"  {role.name}: process {role.pid}, log {role.process.log}")
                print(f"Flotilla runs at http://{site.address}/ - open it in a browser; Ctrl-C stops it.", flush=True)
                return _watch(site)
        except SiteError as error:
            print(error, file=sys.stderr)
            return 1


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run-distributed", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"port of nginx (default {PORT})")
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--ticks", type=int, default=1, help="the second and later ones wait to take over")
    parser.add_argument("--logs", type=Path, help="folder that keeps the logs (default: a temporary one)")
    return parser.parse_args(words)


def _watch(site: LocalSite) -> int:
    services = [site.redis, site.nginx, *site.roles]
    while True:
        for service in services:
            if not service.running:
                print(f"{service.name} ended without a signal.\n{service.process.tail()}", file=sys.stderr)
                return 1
        time.sleep(WATCH_S)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the end has begun, and each step of it is bounded
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
