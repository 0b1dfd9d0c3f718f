"""The site as players reach it: the addresses of page and WebSocket, and the origin."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from app.settings.address import Address

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # addresses to bind, and those to connect to instead

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """Scheme and host, with the port unless it is the scheme's own, as in an Origin header."""

    scheme: str
    netloc: str
    reach: Address | None = None  # connect here instead of resolving the name, like curl's --connect-to

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the site of a page's URL. Raises ValueError if it is not an HTTP URL or has a user name."""
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is not a port
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(url)
        return cls(parts.scheme, parts.netloc.lower())

    @classmethod
    def at(cls, address: Address) -> Self:
        """Return the site of a server on this machine. Raises ValueError if its port is 0."""
        if not address.port:
            raise ValueError(str(address))
        return cls("http", str(Address(_ANY.get(address.host, address.host), address.port)))

    @property
    def origin(self) -> str:
        """The Origin that browsers send for this site's page."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def page(self) -> str:
        return f"{self.origin}/"

    @property
    def game(self) -> str:
        """The URL of the WebSocket."""
        return f"{'wss' if self.scheme == 'https' else 'ws'}://{self.netloc}/ws/game/"

    @property
    def reached_at(self) -> Address:
        """The address to connect to."""
        parts = urlsplit(self.origin)
        return self.reach or Address(parts.hostname or "", parts.port or _PORTS[self.scheme])

    @property
    def local(self) -> bool:
        """Whether the site is on this machine."""
        host = urlsplit(self.origin).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")
