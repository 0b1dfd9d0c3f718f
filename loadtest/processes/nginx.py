"""A real nginx: it proxies sockets to the gateways and everything else to the web role."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loadtest.processes.ports import HOST
from loadtest.processes.process import program
from loadtest.processes.service import Service

CONNECTIONS: Final = 8192  # two for each player: one to the player, one to a gateway
FILES: Final = 16_384  # open files of a worker
GATEWAY_HEADER: Final = "X-Gateway"  # names the gateways that nginx tried

# max_fails=0: nginx tries a restarted gateway at once, not after 10 s. A refused attempt on the same machine is cheap.
# http_503: nginx sends a handshake that a draining gateway refuses to the next one. The client does not see it.
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

# Repeated in each location: a location that sets a header inherits none from the level above.
_FORWARDED: Final = """\
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;"""


class Nginx(Service):
    """One nginx with one worker, in front of ports of this machine."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, port: int, gateways: Sequence[int], web: int
    ) -> None:
        """Start it at `port`."""
        self.port = port
        self._before: set[int] = set()  # workers before the last reload
        configuration = folder / "nginx.conf"
        configuration.write_text(_configuration(folder, port, gateways, web), encoding="utf-8")
        command = [program("nginx"), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "nginx-error.log")]
        super().__init__("nginx", command, folder, environment)

    def reload(self) -> None:
        """Read the configuration again: a new worker takes new connections, the old one keeps its connections."""
        self._before = self._workers()
        self.process.signal(signal.SIGHUP)
        self.wait_until_up()

    def wait_until_up(self) -> None:
        self.process.wait_until(lambda: self._workers() - self._before, "did not start a worker")

    def _workers(self) -> set[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(word) for word in path.read_text(encoding="ascii").split()} if path.exists() else set()


def _configuration(folder: Path, port: int, gateways: Sequence[int], web: int) -> str:
    return _CONFIGURATION.format(
        user="user root;\n" if os.geteuid() == 0 else "",  # otherwise the worker cannot read a folder of root
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
