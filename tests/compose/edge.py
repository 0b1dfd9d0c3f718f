"""A real nginx on loopback with the configuration of compose, and a name server in the place of Docker's."""

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from twisted.names import dns

from loadtest.paths import ROOT
from loadtest.processes.ports import HOST, free_port, listens
from loadtest.processes.process import Process, program

COMPOSE: Final = ROOT / ".compose"

Addresses = dict[str, Sequence[str]]


class Names:
    """A name server that returns addresses of loopback for services."""

    def __init__(self, addresses: Addresses) -> None:
        """`addresses` of each name may change while it runs."""
        self.addresses = addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", (HOST, self.port))  # an empty request ends the thread
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            request, peer = self._socket.recvfrom(4096)
            if not request:
                return
            self._socket.sendto(self._answer(request), peer)

    def _answer(self, request: bytes) -> bytes:
        message = dns.Message()
        message.fromStr(request)
        message.answer = True
        for query in message.queries:
            for address in self.addresses.get(query.name.name.decode(), ()):
                record = dns.Record_A(address, ttl=0)
                message.answers.append(dns.RRHeader(query.name.name, dns.A, dns.IN, 0, record))
        if not message.answers:
            message.rCode = dns.ENAME
        return bytes(message.toStr())


class Edge:
    """One nginx with the configuration of compose, other addresses and folders in it; both ports are free ones."""

    def __init__(self, folder: Path, names: Names, ports: Mapping[str, int]) -> None:
        """Prepare its files in `folder`. `ports` are the ports of the services."""
        self.plain_port, self.port = free_port(), free_port()
        self._folder = folder
        for name in ("tls", "secret"):
            (folder / name).mkdir()
        subprocess.run([COMPOSE / "prepare", "tls", "secret", f"localhost,{HOST}"], cwd=folder, check=True)
        self._configuration = folder / "nginx.conf"
        text = (COMPOSE / "nginx.conf").read_text(encoding="utf-8")
        for old, new in self._places(names, ports).items():
            assert old in text, f"nginx.conf has no {old!r}: adapt the replacement"
            text = text.replace(old, new)
        self._configuration.write_text(f"user root;\n{text}", encoding="utf-8")

    @property
    def secret_key(self) -> Path:
        """The file with the secret key beside the certificate."""
        return self._folder / "secret" / "secret-key"

    @property
    def trust(self) -> ssl.SSLContext:
        """A context that trusts this certificate only."""
        return ssl.create_default_context(cafile=self._folder / "tls" / "tls.crt")

    @property
    def socket_url(self) -> str:
        return f"wss://{HOST}:{self.port}/ws/game/"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run it within the block."""
        command = [program("nginx"), "-c", str(self._configuration), "-e", str(self._folder / "nginx-error.log")]
        nginx = Process("nginx", command, self._folder / "nginx.log", {"PATH": "/usr/bin:/bin"})
        try:
            nginx.wait_until(lambda: listens(self.port), "did not listen")
            yield
        finally:
            nginx.stop()

    def _places(self, names: Names, ports: Mapping[str, int]) -> dict[str, str]:
        return {
            "resolver 127.0.0.11 ": f"resolver {HOST}:{names.port} ",
            "listen 8080;": f"listen {HOST}:{self.plain_port};",
            "listen 8443 ": f"listen {HOST}:{self.port} ",
            "gateway:8000;": f"gateway:{ports['gateway']};",
            "web:8000;": f"web:{ports['web']};",
            "/tmp/": f"{self._folder}/",
            "/dev/stdout": f"{self._folder}/access.log",
            "/etc/flotilla/": f"{self._folder}/",
        }
