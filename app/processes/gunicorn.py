"""The configuration of gunicorn for the role `web`: the page and its files.

There is one worker with threads, so its metrics and its health are the role's. Several workers would need files shared
between processes for /metrics, without the metrics of the process itself. A page costs a few milliseconds of one core;
for more capacity start more processes, as with gateways. gunicorn's parent process opens the private port, so that it
outlives a worker. The worker serves it, so that it reports the worker's state.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn ships no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # likewise
from gunicorn.http import wsgi  # type: ignore[import-untyped]  # likewise
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # likewise

from app.settings.configuration_error import ConfigurationError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

try:
    from app.settings.django import ENVIRONMENT
except ConfigurationError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(Arbiter.APP_LOAD_ERROR) from None

from app.observability.health import Health
from app.observability.private_port import PrivatePortError
from app.processes.private_port import private_port
from app.settings.value_types import Network

EXIT_FAILED: Final = 1
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108  # in memory; gunicorn unlinks its file at once

_health: Final = Health()
_port: Final = private_port(ENVIRONMENT, _health, role="web")

wsgi.SERVER = "flotilla"  # the header Server, as at gateways; gunicorn has no setting for it


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's worker with threads. Each round of its loop is progress for /livez."""

    def notify(self) -> None:
        super().notify()
        _health.beat()


class WebLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logger without its handlers, so that its lines have the format of all others."""

    def setup(self, cfg: Any) -> None:
        """Remove the handlers; gunicorn also calls this at a reload."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def on_starting(server: Any) -> None:
    """Open the private port before the worker that serves it starts."""
    if server.cfg.workers != 1:
        _fail("The web role runs one worker: start more processes instead.")
    try:
        _port.bind()
    except PrivatePortError as error:
        _fail(str(error))


def _fail(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(EXIT_FAILED)


def _gunicorn_networks(network: Network) -> Iterator[str]:
    """Yield a network as gunicorn sees its addresses: an IPv6 socket receives IPv4 clients as mapped addresses."""
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
threads = 8  # concurrent requests: most wait for slow clients, not for the CPU
preload_app = True  # an error in the application is reported once, before the port opens

timeout = 30  # seconds without a round of the worker's loop until it is killed and replaced
graceful_timeout = 20  # seconds for running requests at a stop; below the 30 s after which platforms kill
keepalive = 75  # seconds for an idle connection: longer than in proxies, so that they close first
max_requests = 100_000  # then the worker is replaced, in case of memory leaks; new connections wait meanwhile
max_requests_jitter = 20_000  # so that replicas do not restart together
worker_tmp_dir = _SHARED_MEMORY if Path(_SHARED_MEMORY).is_dir() else None  # the heartbeat must not wait for a disk

if ENVIRONMENT.trusted_proxies:
    forwarded_allow_ips = ",".join(
        name for network in ENVIRONMENT.trusted_proxies for name in _gunicorn_networks(network)
    )
forwarder_headers = ""  # no header may change the site's paths
control_socket_disable = True  # it would write a file into the home folder

logger_class = WebLogger
loglevel = ENVIRONMENT.log_level.lower()
accesslog = None  # the proxy in front has one
