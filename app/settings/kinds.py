"""The types of value that a setting can have: what each is called, how it is read, what to advise when that fails."""

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from environ import Env

INSECURE_KEY_MARK: Final = "django-insecure-"  # the prefix by which Django's deployment check knows a development key
MIN_KEY_LENGTH: Final = 50  # characters; what Django's deployment check (security.W009) asks for
MIN_KEY_VARIETY: Final = 5  # different characters; likewise
MAX_PORT: Final = 65_535  # ports are 16 bits wide

TRUE_WORDS: Final = frozenset(Env.BOOLEAN_TRUE_STRINGS)
FALSE_WORDS: Final = frozenset({"false", "off", "n", "no", "0"})

SENTINEL: Final = "redis+sentinel"  # the scheme for a Redis that its sentinels tell the address of

_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
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


def parse_seconds_or_zero(text: str) -> float:
    """Duration of at least zero."""
    seconds = float(text)
    return _require(seconds, math.isfinite(seconds) and seconds >= 0)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Comma-separated networks or single addresses, like 10.0.0.0/8 or ::1."""
    return tuple(ipaddress.ip_network(item) for item in _items(text))


def parse_redis(text: str) -> str:
    """URL of a Redis, a Redis with TLS, or the sentinels of one; "" is none."""
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme == SENTINEL:
        return _require(text, _names_a_service(parts))
    _ = parts.port  # raises ValueError when it is not a port
    return _require(text, parts.scheme in {"redis", "rediss"} and bool(parts.hostname))


def _names_a_service(parts: SplitResult) -> bool:
    """Tell whether the URL of sentinels has a host at least, a service, and a database only if it is a number."""
    service, _, database = parts.path.removeprefix("/").partition("/")
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    ports = [host.port for host in hosts]  # raises ValueError when one is not a port
    named = all(host.hostname for host in hosts) and 0 not in ports
    return named and bool(service) and (not database or (database.isascii() and database.isdigit()))


def parse_word(text: str) -> str:
    """A name of letters, digits, `.`, `_` and `-`."""
    return _require(text, bool(_WORD.fullmatch(text)))


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


def _parse_zero(text: str) -> int:
    return _require(0, text == "0")


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
NONE_IN_PRODUCTION: Final = Kind("0 in production", _parse_zero, "unset it: it is for tests")
PATH: Final = Kind("a path", str)
SECONDS: Final = Kind("a number of seconds above zero", parse_seconds)
SECONDS_OR_ZERO: Final = Kind("a number of seconds of at least zero", parse_seconds_or_zero)
WORD: Final = Kind("a name of at most 64 letters, digits, `.`, `_` and `-`", parse_word)
NETWORKS: Final = Kind(
    "a list of networks",
    parse_networks,
    "separate them by commas and write each like 10.0.0.0/8, 192.0.2.7 or fd00::/8",
)
REDIS: Final = Kind(
    "the URL of a Redis",
    parse_redis,
    "write it like redis://host:6379/0, rediss://:password@host:6379/0 or redis+sentinel://host:26379,host:26379/name",
    secret=True,
)
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
