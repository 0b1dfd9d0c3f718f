"""The web role's gunicorn, as `flotilla web` starts it: the page and its files.

One worker with threads, on purpose: its counters and its health are then those of the role, and /metrics needs no files
shared between processes, which would cost the metrics of the process itself. A page is a few milliseconds of one core;
for more, start more of these processes, as for gateways. The private port belongs to gunicorn's parent process, so that
it outlives a worker, and is served by the worker, so that it tells of the one who does the work.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn ships no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # likewise
from gunicorn.http import wsgi  # type: ignore[import-untyped]  # likewise
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # likewise

from app.settings.environment import ConfigurationError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

try:
    from app.settings.django import ENVIRONMENT
except ConfigurationError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(Arbiter.APP_LOAD_ERROR) from None

from app.observability.health import Health
from app.observability.private_port import PrivatePortError
from app.processes.private_port import private_port
from app.settings.kinds import Network

EXIT_FAILED: Final = 1
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108  # the system's, in memory; the file in it is unlinked at once

_health: Final = Health()
_port: Final = private_port(ENVIRONMENT, _health, role="web")

wsgi.SERVER = "flotilla"  # as the gateways say; there is no setting for the name in the header


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's worker with threads, whose loop is the progress that /livez tells of."""

    def notify(self) -> None:
        """Note that the loop came round, for gunicorn and for the platform."""
        super().notify()
        _health.beat()


class WebLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logger without a format of its own: its lines are events like all others."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to the settings; also called at a reload."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def on_starting(server: Any) -> None:
    """Open the private port before there is a worker to serve it."""
    trouble = None if server.cfg.workers == 1 else "The web role runs one worker: start it more often instead."
    try:
        if trouble is None:
            _port.bind()
    except PrivatePortError as error:
        trouble = str(error)
    if trouble is not None:
        sys.stderr.write(f"{trouble}\n")
        sys.exit(EXIT_FAILED)


def _as_seen(network: Network) -> Iterator[str]:
    """Return the names of a network for gunicorn: a socket that listens to IPv6, too, sees IPv4 in its clothes."""
    yield str(network)
    if isinstance(network, ipaddress.IPv4Network):
        yield f"::ffff:{network.network_address}/{96 + network.prefixlen}"


def post_worker_init(worker: Any) -> None:
    """Serve the private port from the worker."""
    _health.beat()
    _health.ready = lambda: None if worker.alive else "draining"
    _port.serve()


bind = str(ENVIRONMENT.bind)
worker_class = WebWorker
workers = 1
threads = 8  # requests at once: they wait for slow clients more than for the CPU
preload_app = True  # what is wrong with the application is said once, before anything listens

timeout = 30  # seconds without a round of the worker's loop, after which it is killed and replaced
graceful_timeout = 20  # seconds for requests under way at a stop; below the 30 s after which platforms kill
keepalive = 75  # seconds that an idle connection may stay: longer than proxies keep theirs, so that they close first
max_requests = 100_000  # then the worker is replaced, in case something leaks; connections wait the while
max_requests_jitter = 20_000  # so that replicas do not do it at once
worker_tmp_dir = _SHARED_MEMORY if Path(_SHARED_MEMORY).is_dir() else None  # a heartbeat must not wait for a disk

if ENVIRONMENT.trusted_proxies:
    forwarded_allow_ips = ",".join(name for network in ENVIRONMENT.trusted_proxies for name in _as_seen(network))
forwarder_headers = ""  # nobody moves the site's paths by a header
control_socket_disable = True  # it would write a file into the home folder

logger_class = WebLogger
loglevel = ENVIRONMENT.log_level.lower()
accesslog = None  # the proxy in front has one
