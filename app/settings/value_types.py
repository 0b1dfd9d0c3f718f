"""Types of values that a setting can have: how the text is parsed, and what the error message advises."""

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

from environ import Env

from app.settings import json_schema
from app.settings.address import HOST, Address, parse_address
from app.settings.json_schema import JsonSchema

INSECURE_KEY_MARK: Final = "django-insecure-"  # the prefix by which Django's deployment check finds a development key
MIN_KEY_LENGTH: Final = 50  # characters; the minimum of Django's deployment check (security.W009)
MIN_KEY_VARIETY: Final = 5  # different characters; likewise

TRUE_WORDS: Final = Env.BOOLEAN_TRUE_STRINGS
FALSE_WORDS: Final = ("false", "off", "n", "no", "0")

SENTINEL: Final = "redis+sentinel"  # the URL scheme for a Redis whose address the sentinels provide

_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ValueType(Generic[T]):
    """A type of value. `label` completes the sentence "X must be …"; `remedy` follows it, where there is one."""

    label: str
    parse: Callable[[str], T]  # raises ValueError
    remedy: str = ""
    secret: bool = False  # never printed
    schema: JsonSchema | None = None  # accepts the same values as `parse`; None accepts any text


def choice(*names: str) -> ValueType[str]:
    def parse(text: str) -> str:
        return _require(text, text in names)

    return ValueType(" or ".join((", ".join(names[:-1]), names[-1])), parse, schema=json_schema.one_of(names))


def whole(minimum: int, maximum: int | None = None) -> ValueType[int]:
    """Return the type of integers from `minimum`, which is 0 or 1, to `maximum`, if there is one."""

    def parse(text: str) -> int:
        number: int = Env.parse_value(text, int)
        return _require(number, minimum <= number and (maximum is None or number <= maximum))

    bounds = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    return ValueType(f"a whole number {bounds}", parse, schema=json_schema.whole(minimum, maximum))


def parse_flag(text: str) -> bool:
    """Parse a truth value. Unlike django-environ, which reads any unknown word as false, raise ValueError for it."""
    word = text.lower()
    return _require(word in TRUE_WORDS, word in TRUE_WORDS or word in FALSE_WORDS)


def parse_seconds(text: str) -> float:
    """Parse a duration above zero. django-environ would drop every other character than digits and read `3m` as 3."""
    seconds = float(text)
    return _require(seconds, math.isfinite(seconds) and seconds > 0)


def parse_seconds_or_zero(text: str) -> float:
    seconds = float(text)
    return _require(seconds, math.isfinite(seconds) and seconds >= 0)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Parse comma-separated networks or single addresses, like 10.0.0.0/8 or ::1."""
    return tuple(ipaddress.ip_network(item) for item in _items(text))


def parse_redis(text: str) -> str:
    """Check the URL of a Redis, of a Redis with TLS, or of sentinels. The empty text means that there is none."""
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme == SENTINEL:
        return _require(text, _names_a_service(parts))
    _ = parts.port  # raises ValueError if it is not a port
    return _require(text, parts.scheme in {"redis", "rediss"} and bool(parts.hostname))


def _names_a_service(parts: SplitResult) -> bool:
    """Return True if a URL of sentinels has at least one host, a service, and no database or a number for it."""
    service, _, database = parts.path.removeprefix("/").partition("/")
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    ports = [host.port for host in hosts]  # raises ValueError if one is not a port
    named = all(host.hostname for host in hosts) and 0 not in ports
    return named and bool(service) and (not database or (database.isascii() and database.isdigit()))


def parse_word(text: str) -> str:
    return _require(text, bool(_WORD.fullmatch(text)))


def parse_hosts(text: str) -> tuple[str, ...]:
    """Parse comma-separated host names without scheme and port. `.example.org` includes subdomains, `*` is any host."""
    return tuple(_require(host, host == "*" or bool(HOST.fullmatch(host))) for host in _items(text))


def parse_origins(text: str) -> tuple[str, ...]:
    """Parse comma-separated `scheme://host[:port]`, and return them in lower case, as browsers send them."""
    return tuple(_parse_origin(item.lower()) for item in _items(text))


def _parse_origin(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError if it is not a port
    bare = text == f"{parts.scheme}://{parts.netloc}" and not parts.netloc.endswith(":") and "@" not in parts.netloc
    host = parts.hostname or ""
    host = str(ipaddress.IPv6Address(host)) if ":" in host else _require(host, bool(HOST.fullmatch(host)))
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


SECRET: Final = ValueType("a secret text", str, secret=True)
PRODUCTION_KEY: Final = ValueType(
    f"a secret of at least {MIN_KEY_LENGTH} characters that is not the development key",
    _parse_production_key,
    'set it to a random one, as printed by python -c "import secrets; print(secrets.token_urlsafe(64))"',
    secret=True,
)
FLAG: Final = ValueType("true or false", parse_flag, schema=json_schema.flag((*TRUE_WORDS, *FALSE_WORDS)))
OFF: Final = ValueType("false in production", _parse_off, "unset it, or use FLOTILLA_ENV=local on your own machine")
ZERO: Final = ValueType("0 in production", _parse_zero, "unset it: it is for tests")
PATH: Final = ValueType("a path", str)
SECONDS: Final = ValueType("a number of seconds above zero", parse_seconds, schema=json_schema.SECONDS)
SECONDS_OR_ZERO: Final = ValueType(
    "a number of seconds of at least zero", parse_seconds_or_zero, schema=json_schema.SECONDS_OR_ZERO
)
WORD: Final = ValueType("a name of at most 64 letters, digits, `.`, `_` and `-`", parse_word)
NETWORKS: Final = ValueType(
    "a list of networks",
    parse_networks,
    "separate them by commas and write each like 10.0.0.0/8, 192.0.2.7 or fd00::/8",
)
REDIS: Final = ValueType(
    "the URL of a Redis",
    parse_redis,
    "write it like redis://host:6379/0, rediss://:password@host:6379/0 or redis+sentinel://host:26379,host:26379/name",
    secret=True,
)
ADDRESS: Final[ValueType[Address]] = ValueType("host:port", parse_address, "write it like 127.0.0.1:8000 or [::1]:8000")
HOSTS: Final = ValueType(
    "a list of host names without scheme and port",
    parse_hosts,
    "separate names by commas, like flotilla.example.org,www.example.org",
)
NAMED_HOSTS: Final = ValueType(
    "a list of host names (no scheme, no port, no *)",
    _parse_named_hosts,
    "set it to the names by which players reach the site, like flotilla.example.org",
)
ORIGINS: Final = ValueType(
    "a list of origins",
    parse_origins,
    "separate them by commas and write each as scheme://host[:port] with nothing after it, like https://www.example.org",
)
