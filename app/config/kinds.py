"""The types of value that a setting can have: what each is called, how it is read, what to advise when that fails."""

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from environ import Env

INSECURE_KEY_MARK: Final = "django-insecure-"  # the prefix by which Django's deployment check knows a development key
MIN_KEY_LENGTH: Final = 50  # characters; what Django's deployment check (security.W009) asks for
MIN_KEY_VARIETY: Final = 5  # different characters; likewise
MAX_PORT: Final = 65_535  # ports are 16 bits wide

TRUE_WORDS: Final = frozenset(Env.BOOLEAN_TRUE_STRINGS)
FALSE_WORDS: Final = frozenset({"false", "off", "n", "no", "0"})

_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)

T = TypeVar("T")


class Address(NamedTuple):
    """Where to listen: `host` is a name or an IP address without brackets, `port` 0 (any free one) to 65535."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value: what to call it, how to read it (`parse` raises ValueError), what to advise when that fails."""

    label: str
    parse: Callable[[str], object]
    remedy: str = ""
    secret: bool = False


def choice(*names: str) -> Kind:
    """One of a few words."""

    def parse(text: str) -> str:
        return _require(text, text in names)

    return Kind(" or ".join((", ".join(names[:-1]), names[-1])), parse)


def whole(minimum: int, maximum: int | None = None) -> Kind:
    """An integer in bounds, both included."""

    def parse(text: str) -> int:
        number: int = Env.parse_value(text, int)
        return _require(number, minimum <= number and (maximum is None or number <= maximum))

    return Kind(f"a whole number {f'from {minimum} to {maximum}' if maximum else f'of at least {minimum}'}", parse)


def parse_flag(text: str) -> bool:
    """Truth value. django-environ takes any word it does not know for false; here a slip of the pen is an error."""
    word = text.lower()
    return _require(word in TRUE_WORDS, word in TRUE_WORDS | FALSE_WORDS)


def parse_seconds(text: str) -> float:
    """Duration above zero. django-environ drops what is not a digit, so that `3m` would mean 3; here it is an error."""
    seconds = float(text)
    return _require(seconds, math.isfinite(seconds) and seconds > 0)


def parse_address(text: str) -> Address:
    """Read `host:port`, an IPv6 host in brackets. Raises ValueError."""
    host, separator, port = text.rpartition(":")
    _require(port, bool(separator) and port.isascii() and port.isdigit() and int(port) <= MAX_PORT)
    if host.startswith("[") and host.endswith("]"):
        return Address(str(ipaddress.IPv6Address(host[1:-1])), int(port))
    return Address(_require(host, bool(_HOST.fullmatch(host))), int(port))


def parse_hosts(text: str) -> tuple[str, ...]:
    """Comma-separated names of the site, without scheme and port; `.example.org` includes subdomains, `*` is any."""
    return tuple(_require(host, host == "*" or bool(_HOST.fullmatch(host))) for host in _items(text))


def parse_origins(text: str) -> tuple[str, ...]:
    """Comma-separated `scheme://host[:port]`, in lower case as browsers send them."""
    return tuple(_parse_origin(item.lower()) for item in _items(text))


def _parse_origin(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError when it is not a port
    bare = text == f"{parts.scheme}://{parts.netloc}" and not parts.netloc.endswith(":") and "@" not in parts.netloc
    host = parts.hostname or ""
    host = str(ipaddress.IPv6Address(host)) if ":" in host else _require(host, bool(_HOST.fullmatch(host)))
    return _require(text, bare and parts.scheme in {"http", "https"} and not host.startswith("."))


def _parse_off(text: str) -> bool:
    return _require(parse_flag(text), not parse_flag(text))


def _parse_named_hosts(text: str) -> tuple[str, ...]:
    return _require(parse_hosts(text), "*" not in parse_hosts(text))


def _parse_production_key(text: str) -> str:
    strong = len(text) >= MIN_KEY_LENGTH and len(set(text)) >= MIN_KEY_VARIETY
    return _require(text, strong and not text.startswith(INSECURE_KEY_MARK))


def _items(text: str) -> list[str]:
    return [item.strip() for item in Env.parse_value(text, list) if item.strip()]


def _require(value: T, condition: bool) -> T:
    if not condition:
        raise ValueError(value)
    return value


SECRET: Final = Kind("a secret text", str, secret=True)
PRODUCTION_KEY: Final = Kind(
    f"a secret of at least {MIN_KEY_LENGTH} characters that is not the development key",
    _parse_production_key,
    'set it to a random one, as printed by python -c "import secrets; print(secrets.token_urlsafe(64))"',
    secret=True,
)
FLAG: Final = Kind("true or false", parse_flag)
OFF: Final = Kind("false in production", _parse_off, "unset it, or use FLOTILLA_ENV=local on your own machine")
PATH: Final = Kind("a path", str)
SECONDS: Final = Kind("a number of seconds above zero", parse_seconds)
ADDRESS: Final = Kind("host:port", parse_address, "write it like 127.0.0.1:8000 or [::1]:8000")
HOSTS: Final = Kind(
    "a list of host names without scheme and port",
    parse_hosts,
    "separate names by commas, like flotilla.example.org,www.example.org",
)
NAMED_HOSTS: Final = Kind(
    "a list of host names (no scheme, no port, no *)",
    _parse_named_hosts,
    "set it to the names by which players reach the site, like flotilla.example.org",
)
ORIGINS: Final = Kind(
    "a list of origins",
    parse_origins,
    "separate them by commas and write each as scheme://host[:port] with nothing after it, like https://www.example.org",
)
