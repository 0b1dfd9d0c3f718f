"""Runs nginx with the configuration of compose on loopback, with a DNS server that replaces Docker's."""

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
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import START_S, Process, program
from tests.pacing import wait_until

COMPOSE: Final = ROOT / ".compose"

Addresses = dict[str, Sequence[str]]


class Names:
    """A DNS server that resolves services to addresses of loopback."""

    def __init__(self, addresses: Addresses) -> None:
        """`addresses` may change while the server runs."""
        self.addresses = addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", (HOST, self.port))  # an empty message ends the thread
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, peer = self._socket.recvfrom(4096)
            if not query:
                return
            self._socket.sendto(self._answer(query), peer)

    def _answer(self, query: bytes) -> bytes:
        message = dns.Message()
        message.fromStr(query)
        message.answer = True
        for question in message.queries:
            for address in self.addresses.get(question.name.name.decode(), ()):
                record = dns.Record_A(address, ttl=0)
                message.answers.append(dns.RRHeader(question.name.name, dns.A, dns.IN, 0, record))
        if not message.answers:
            message.rCode = dns.ENAME
        return bytes(message.toStr())


class Edge:
    """An nginx with the configuration of compose, in which addresses, ports and folders are replaced."""

    def __init__(self, folder: Path, names: Names, ports: Mapping[str, int]) -> None:
        """Write its files into `folder`. `ports` maps services to ports."""
        self.plain_port, self.port = free_port(), free_port()
        self._folder = folder
        for name in ("tls", "secret"):
            (folder / name).mkdir()
        subprocess.run([COMPOSE / "prepare", "tls", "secret", f"localhost,{HOST}"], cwd=folder, check=True)
        self._configuration = folder / "nginx.conf"
        text = (COMPOSE / "nginx.conf").read_text(encoding="utf-8")
        for old, new in self._places(names, ports).items():
            assert old in text, f"nginx.conf does not contain {old!r}: adapt this test"
            text = text.replace(old, new)
        self._configuration.write_text(f"user root;\n{text}", encoding="utf-8")

    @property
    def secret_key(self) -> Path:
        return self._folder / "secret" / "secret-key"

    @property
    def trust(self) -> ssl.SSLContext:
        """A TLS context that only trusts nginx's certificate."""
        return ssl.create_default_context(cafile=self._folder / "tls" / "tls.crt")

    @property
    def socket_url(self) -> str:
        return f"wss://{HOST}:{self.port}/ws/game/"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run nginx within the block."""
        log = self._folder / "nginx.log"
        command = [program("nginx"), "-c", str(self._configuration), "-e", str(self._folder / "nginx-error.log")]
        nginx = Process("nginx", command, log, {"PATH": "/usr/bin:/bin"})
        try:
            wait_until(lambda: _listens(self.port) or not nginx.running, START_S)
            assert nginx.running, nginx.tail()
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


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
