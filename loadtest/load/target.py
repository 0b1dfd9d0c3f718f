"""The target of a load test: a WebSocket URL on this machine, or on another one with its owner's permission."""

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from loadtest.outcome import CannotRunError
from loadtest.players.door import Door

PORTS: Final = {"ws": 80, "wss": 443}
PAGES: Final = {"ws": "http", "wss": "https"}  # the scheme of the page that opens such a socket


@dataclass(frozen=True, slots=True)
class Target:
    """A URL with its addresses and headers."""

    url: str
    host: str  # as in the certificate
    port: int
    addresses: tuple[str, ...]
    path: str  # with its query
    secure: bool
    host_header: str
    origin: str
    ca: str | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether all addresses are this machine."""
        return all(ipaddress.ip_address(address).is_loopback for address in self.addresses)

    def door(self, addresses: tuple[str, ...] | None = None) -> Door:
        """Return how players connect: by address, so that all reach the servers that were checked."""
        scheme = "wss" if self.secure else "ws"
        urls = [f"{scheme}://{_bracketed(one)}:{self.port}{self.path}" for one in addresses or self.addresses]
        return Door(urls, [("Host", self.host_header), ("Origin", self.origin)], self.ca, self.host)


def parse(url: str, *, host_header: str | None, origin: str | None, ca: Path | None) -> Target:
    """Return the target, its name looked up; raises CannotRunError."""
    parts, port = _split(url)
    host = parts.hostname or ""
    default = port == PORTS[parts.scheme]
    netloc = host_header or (_bracketed(host) if default else f"{_bracketed(host)}:{port}")
    _check_ca(ca)
    return Target(
        url=url,
        host=host,
        port=port,
        addresses=_addresses(host, port),
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        secure=parts.scheme == "wss",
        host_header=_header("--host-header", netloc),
        origin=_header("--origin", origin or f"{PAGES[parts.scheme]}://{netloc}"),
        ca=str(ca) if ca else None,
    )


def require_owner(target: Target, *, owned: bool) -> None:
    """Raise CannotRunError for another machine unless the user states that load on it is permitted."""
    if not target.is_loopback and not owned:
        raise CannotRunError(
            f"{target.host} is not this machine ({', '.join(target.addresses)}): if you may put load on it, add"
            " --i-own-this-target."
        )


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise CannotRunError(f"{url!r} is no URL: {error}.") from None
    if parts.scheme not in PORTS or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise CannotRunError(f"{url!r} is no URL of a WebSocket: it looks like ws://127.0.0.1:8000/ws/game/.")
    if parts.username is not None or parts.fragment:
        raise CannotRunError(f"{url!r} has a user or a fragment, with which no socket opens.")
    return parts, port


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotRunError(f"The name {host} cannot be looked up: {reason}.") from None
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _check_ca(ca: Path | None) -> None:
    if ca is None:
        return
    try:
        ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "no certificate is in it"
        raise CannotRunError(f"The authority {ca} cannot be read: {reason}.") from None


def _header(option: str, value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise CannotRunError(f"{option} {value!r} cannot be the value of a header.")
    return value


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
