"""The site as players reach it: the address of its page, of its WebSocket, and its origin."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from app.settings.kinds import Address

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # addresses to connect to instead, not to bind

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """Scheme and host, with the port where it is not the usual one, as in an Origin header."""

    scheme: str
    netloc: str
    reach: Address | None = None  # where to connect instead of where the name leads, as curl's --connect-to

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the URL of a page; raises ValueError if it is none of a site."""
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError when it is not a port
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(url)
        return cls(parts.scheme, parts.netloc.lower())

    @classmethod
    def at(cls, address: Address) -> Self:
        """Return the site of a server of this machine; raises ValueError if its port is not known."""
        if not address.port:
            raise ValueError(str(address))
        return cls("http", str(Address(_ANY.get(address.host, address.host), address.port)))

    @property
    def origin(self) -> str:
        """What browsers send as the Origin of this site's page."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"{self.origin}/"

    @property
    def game(self) -> str:
        """The address of the WebSocket."""
        return f"{'wss' if self.scheme == 'https' else 'ws'}://{self.netloc}/ws/game/"

    @property
    def reached_at(self) -> Address:
        """Where to connect."""
        parts = urlsplit(self.origin)
        return self.reach or Address(parts.hostname or "", parts.port or _PORTS[self.scheme])

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.origin).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")
