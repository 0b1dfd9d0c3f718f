"""A real nginx in a folder of its own: sockets to the gateways, everything else to the web role."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loadtest.processes.ports import HOST
from loadtest.processes.process import LOOK_AGAIN_S, START_S, Process, SiteError, program

CONNECTIONS: Final = 8192  # each player needs two: one to us, one to a gateway
FILES: Final = 16_384  # open files of a worker
GATEWAY_HEADER: Final = "X-Gateway"  # names the gateways that were tried, for the tests

# max_fails=0: a gateway that restarts is tried at once, not after the 10 s for which nginx would forget it; that it
# refuses costs a connection attempt on the same machine. http_503 hands the handshake that a draining gateway refuses
# to the next one, before the client sees it.
_CONFIGURATION: Final = """\
{user}daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream gateways {{
    least_conn;
{gateways}
  }}
  upstream web {{
    server {web} max_fails=0;
  }}
  proxy_http_version 1.1;
  server {{
    listen {host}:{port} backlog=4096;
    location /ws/ {{
      proxy_pass http://gateways;
{forwarded}
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_connect_timeout 2s;
      proxy_read_timeout 1d;
      proxy_send_timeout 1d;
      proxy_next_upstream error timeout http_503 non_idempotent;
      proxy_next_upstream_timeout 5s;
      add_header {header} $upstream_addr always;
    }}
    location / {{
      proxy_pass http://web;
{forwarded}
      proxy_set_header Connection "";
    }}
  }}
}}
"""

# In each location again: nginx forgets the headers of the level above where a level sets one of its own.
_FORWARDED: Final = """\
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;"""


class Nginx:
    """One nginx with one worker."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, port: int, gateways: Sequence[int], web: int
    ) -> None:
        """Start it at `port`, in front of those ports of this machine."""
        self.port = port
        configuration = folder / "nginx.conf"
        configuration.write_text(_configuration(folder, port, gateways, web), encoding="utf-8")
        command = [program("nginx"), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "nginx-error.log")]
        self.process = Process("nginx", command, folder / "nginx.log", environment)
        try:
            self._wait_for_worker(set())
        except BaseException:  # also a Ctrl-C: nobody else knows the process yet
            self.stop()
            raise

    def reload(self) -> None:
        """Read the configuration again: a new worker takes new connections, the old one keeps its own."""
        before = self._workers()
        self.process.signal(signal.SIGHUP)
        self._wait_for_worker(before)

    def stop(self) -> None:
        """End it kindly, then in any way."""
        self.process.stop()

    def _wait_for_worker(self, before: set[int]) -> None:
        deadline = time.monotonic() + START_S
        while not self._workers() - before:
            if not self.process.running or time.monotonic() > deadline:
                raise SiteError(f"nginx did not start a worker.\n{self.process.tail()}")
            time.sleep(LOOK_AGAIN_S)

    def _workers(self) -> set[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(word) for word in path.read_text(encoding="ascii").split()} if path.exists() else set()


def _configuration(folder: Path, port: int, gateways: Sequence[int], web: int) -> str:
    return _CONFIGURATION.format(
        user="user root;\n" if os.geteuid() == 0 else "",  # else its worker could not enter a folder of root's
        files=FILES,
        connections=CONNECTIONS,
        forwarded=_FORWARDED,
        folder=folder,
        gateways="\n".join(f"    server {HOST}:{gateway} max_fails=0;" for gateway in gateways),
        web=f"{HOST}:{web}",
        host=HOST,
        port=port,
        header=GATEWAY_HEADER,
    )
