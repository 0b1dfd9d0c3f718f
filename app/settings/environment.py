"""Every setting that Flotilla takes from its environment is named, typed and explained here, and nowhere else.

`VARIABLES` is the table and `Environment` the result. To add a setting, add one row and the field of the same name
(lower case, without `FLOTILLA_`), then run `flotilla configuration --write docs/configuration.md`: that page is made
from the table, and tests hold the three together.

This module needs no Django settings, so every role can use it before anything else is set up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from app.settings.kinds import (
    ADDRESS,
    FLAG,
    HOSTS,
    INSECURE_KEY_MARK,
    NAMED_HOSTS,
    NETWORKS,
    NONE_IN_PRODUCTION,
    OFF,
    ORIGINS,
    PATH,
    PRODUCTION_KEY,
    REDIS,
    SECONDS,
    SECONDS_OR_ZERO,
    SECRET,
    WORD,
    Address,
    Kind,
    Network,
    choice,
    whole,
)

PREFIX: Final = "FLOTILLA_"
ENV: Final = "FLOTILLA_ENV"
LOCAL: Final = "local"
PRODUCTION: Final = "production"

REQUIRED: Final = None  # as a default: there is none, the variable must be set
SAME: Final = ""  # as a default in production: the same as elsewhere

DEVELOPMENT_KEY: Final = INSECURE_KEY_MARK + "flotilla-development-key-that-everybody-knows"
MAX_SHIP_IDS: Final = 32_767  # half of what the wire's u16 can name: no id is reused soon after its ship left
MAX_TEST_TICK_WORK_MS: Final = 1_000  # milliseconds; 20 ticks' time, with which no server is of use


class ConfigurationError(Exception):
    """The environment cannot be used; the message is one sentence for the operator and names the remedy."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the table. Defaults are written as in the environment, where an empty value counts as not set."""

    name: str
    kind: Kind
    default: str | None
    meaning: str
    production_default: str | None = SAME
    production_kind: Kind | None = None  # stricter rules for production
    unit: str = ""

    @property
    def field(self) -> str:
        """Name of the field of `Environment` that holds the value."""
        return self.name.removeprefix(PREFIX).lower()

    def default_in(self, env: str) -> str | None:
        """Default as text, or REQUIRED."""
        return self.default if env != PRODUCTION or self.production_default == SAME else self.production_default

    def kind_in(self, env: str) -> Kind:
        """Type of the value and its rules in that mode."""
        return self.production_kind if env == PRODUCTION and self.production_kind else self.kind

    def read(self, environ: Mapping[str, str], env: str) -> object:
        """Typed value, or its default. Raises ConfigurationError."""
        kind, default = self.kind_in(env), self.default_in(env)
        # Not `Env.get_value`: it takes a value that begins with `$` for another variable's name; a random secret may.
        text = environ.get(self.name, "").strip() or default
        if text is None:
            raise ConfigurationError(f"{self.name} is required when {ENV}={PRODUCTION}: {kind.remedy}.")
        try:
            return kind.parse(text)
        except ValueError as error:
            raise ConfigurationError(self._refusal(text, kind, default)) from error

    def _refusal(self, text: str, kind: Kind, default: str | None) -> str:
        found = "" if kind.secret else f", not {text!r}"
        remedy = kind.remedy or f"correct it, or unset it to get the default{f' ({default})' if default else ''}"
        return f"{self.name} must be {kind.label}{found}: {remedy}."


VARIABLES: Final = (
    Variable(
        ENV, choice(LOCAL, PRODUCTION), LOCAL, "Which defaults and rules hold: your own machine, or a public site."
    ),
    Variable(
        "FLOTILLA_SECRET_KEY",
        SECRET,
        DEVELOPMENT_KEY,
        "Signs what players carry. The local default is public knowledge and refused in production.",
        production_default=REQUIRED,
        production_kind=PRODUCTION_KEY,
    ),
    Variable(
        "FLOTILLA_DEBUG",
        FLAG,
        "false",
        "Shows Django's error pages, which reveal settings; refused in production.",
        production_kind=OFF,
    ),
    Variable(
        "FLOTILLA_ALLOWED_HOSTS",
        HOSTS,
        "localhost,127.0.0.1,[::1]",
        "Host names under which the site answers. `.example.org` includes subdomains; `*` is refused in production.",
        production_default=REQUIRED,
        production_kind=NAMED_HOSTS,
    ),
    Variable(
        "FLOTILLA_ALLOWED_ORIGINS",
        ORIGINS,
        "",
        "Origins beside the site's own hosts whose pages may open the game's WebSocket, as `scheme://host[:port]`.",
    ),
    Variable(
        "FLOTILLA_ALLOW_MISSING_ORIGIN",
        FLAG,
        "true",
        "Lets in WebSocket clients that send no Origin header, which no browser does: load tests and bots.",
        production_default="false",
    ),
    Variable(
        "FLOTILLA_BIND",
        ADDRESS,
        "127.0.0.1:8000",
        "Where `flotilla run`, `flotilla gateway` and gunicorn listen. Port 0 takes any free port.",
    ),
    Variable(
        "FLOTILLA_PRIVATE_BIND",
        ADDRESS,
        "127.0.0.1:9000",
        "Where `/livez`, `/readyz` and `/metrics` are served, for operators only. Port 0 takes any free port.",
    ),
    Variable(
        "FLOTILLA_GATEWAY_SERVES_PAGE", FLAG, "false", "Gateways serve the page too: where no proxy leads `/` to web."
    ),
    Variable(
        "FLOTILLA_REDIS_URL",
        REDIS,
        "",
        "The Redis or Valkey between gateways and tick: `redis://`, `rediss://` (TLS), or `redis+sentinel://"
        "[:password@]host:port,host:port/service[/database][?sentinel_password=…]`. `flotilla run` needs none.",
    ),
    Variable(
        "FLOTILLA_REDIS_PREFIX",
        WORD,
        "flotilla",
        "What the names of all keys and channels in Redis begin with; one per release that shares a Redis.",
    ),
    Variable(
        "FLOTILLA_TRUSTED_PROXIES",
        NETWORKS,
        "",
        "Networks of the proxies in front of the gateways, like `10.0.0.0/8`. Only they are believed when they say, by "
        "`X-Forwarded-For`, for whom they ask, and by `X-Forwarded-Proto`, how; without it everybody behind a proxy "
        "counts as one address.",
    ),
    Variable(
        "FLOTILLA_ACCEPTS_PER_SECOND",
        whole(0),
        "500",
        "Handshakes that one process takes on in the long run, past which it answers 503; 0 is no limit.",
        unit="handshakes/s",
    ),
    Variable(
        "FLOTILLA_ACCEPT_BURST", whole(1), "1000", "Handshakes that one process takes on at once.", unit="handshakes"
    ),
    Variable(
        "FLOTILLA_RESUME_GRACE_SECONDS",
        SECONDS_OR_ZERO,
        "30",
        "How long the ship of a `flotilla.v1` player who lost the connection flies on and waits; 0: not at all.",
        unit="s",
    ),
    Variable(
        "FLOTILLA_DRAIN_WAIT_SECONDS",
        SECONDS_OR_ZERO,
        "0",
        "How long a gateway that was told to stop still takes new players: until the balancer has heard of it.",
        production_default="5",
        unit="s",
    ),
    Variable(
        "FLOTILLA_DRAIN_WINDOW_SECONDS",
        SECONDS_OR_ZERO,
        "0",
        "Over how long a stopping gateway spreads the goodbyes to its players, so that they do not all come at once.",
        production_default="10",
        unit="s",
    ),
    Variable(
        "FLOTILLA_ARENA_CAPACITY",
        whole(0),
        "200",
        "Ships in one arena before the next one opens; 0 is no limit. It bounds what one player costs.",
        unit="ships",
    ),
    Variable(
        "FLOTILLA_MAX_SHIPS",
        whole(1, MAX_SHIP_IDS),
        "20000",
        "Ships in the whole world; a player beyond it is told that the site is full.",
        unit="ships",
    ),
    Variable(
        "FLOTILLA_SOCKETS_PER_PROCESS",
        whole(0),
        "5000",
        "Open WebSockets in one process, past which the handshake is answered with 503; 0 is no limit.",
        unit="sockets",
    ),
    Variable(
        "FLOTILLA_SOCKETS_PER_ADDRESS",
        whole(0),
        "0",
        "Open WebSockets of one client address in one process; 0 is no limit.",
        production_default="64",
        unit="sockets",
    ),
    Variable(
        "FLOTILLA_SOCKET_MESSAGES_PER_SECOND",
        whole(1),
        "60",
        "Messages a client may send in the long run; the site's own client sends at most 20 inputs.",
        unit="messages/s",
    ),
    Variable(
        "FLOTILLA_SOCKET_MESSAGE_BURST",
        whole(1),
        "240",
        "Messages a client may send at once, so that a network that stalls and catches up is not taken for abuse.",
        unit="messages",
    ),
    Variable(
        "FLOTILLA_SOCKET_WRITE_BUFFER_BYTES",
        whole(1),
        "65536",
        "Unsent bytes of one client above which it skips frames.",
        unit="bytes",
    ),
    Variable(
        "FLOTILLA_SOCKET_STALL_SECONDS",
        SECONDS,
        "3.0",
        "How long a client may stay above the write buffer before it is closed with 4002.",
        unit="s",
    ),
    Variable(
        "FLOTILLA_HELLO_TIMEOUT_SECONDS",
        SECONDS,
        "5.0",
        "How long a `flotilla.v1` client may take to say HELLO before it is closed with 4004.",
        unit="s",
    ),
    Variable(
        "FLOTILLA_PING_INTERVAL_SECONDS",
        SECONDS,
        "20",
        "How often the server pings a silent WebSocket; keep it below the idle timeout of every proxy on the way.",
        unit="s",
    ),
    Variable(
        "FLOTILLA_PING_TIMEOUT_SECONDS",
        SECONDS,
        "30",
        "How long a silent WebSocket may leave a ping unanswered before it counts as lost.",
        unit="s",
    ),
    Variable(
        "FLOTILLA_TEST_TICK_WORK_MS",
        whole(0, MAX_TEST_TICK_WORK_MS),
        "0",
        "For tests of the load tests: makes every tick longer by so much work, so that a slow server can be had. "
        "Refused in production.",
        production_kind=NONE_IN_PRODUCTION,
        unit="ms",
    ),
    Variable(
        "FLOTILLA_LOG_LEVEL",
        choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "INFO",
        "The least serious events that are logged.",
    ),
    Variable(
        "FLOTILLA_LOG_FORMAT",
        choice("console", "json"),
        "console",
        "One line for people, or one JSON object, per event.",
        production_default="json",
    ),
    Variable(
        "FLOTILLA_STATIC_ROOT",
        PATH,
        "staticfiles",
        "Folder that `flotilla collectstatic` fills and production serves; relative to the working directory.",
    ),
    Variable(
        "FLOTILLA_HSTS_SECONDS",
        whole(0),
        "0",
        "How long browsers remember to come by HTTPS only; 0 sends no such header.",
        production_default="31536000",
        unit="s",
    ),
    Variable(
        "FLOTILLA_HSTS_SUBDOMAINS",
        FLAG,
        "false",
        "Extends that to all subdomains of the host and to browsers' preload lists; "
        "turn it off if one of them still needs plain HTTP.",
        production_default="true",
    ),
    Variable(
        "FLOTILLA_SSL_REDIRECT",
        FLAG,
        "false",
        "Answers plain HTTP with a redirect to HTTPS.",
        production_default="true",
    ),
    Variable(
        "FLOTILLA_TRUST_FORWARDED_PROTO",
        FLAG,
        "false",
        "Believes `X-Forwarded-Proto` of anybody; not needed where `FLOTILLA_TRUSTED_PROXIES` names the proxy. Turn it "
        "on when TLS ends at a proxy that cannot be named and always sets or strips this header, else redirects loop; "
        "never when clients reach the process directly.",
    ),
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one process; the fields are the rows of `VARIABLES`, in their order."""

    env: str
    secret_key: str = field(repr=False)
    debug: bool
    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    allow_missing_origin: bool
    bind: Address
    private_bind: Address
    gateway_serves_page: bool
    redis_url: str = field(repr=False)
    redis_prefix: str
    trusted_proxies: tuple[Network, ...]
    accepts_per_second: int
    accept_burst: int
    resume_grace_seconds: float
    drain_wait_seconds: float
    drain_window_seconds: float
    arena_capacity: int
    max_ships: int
    sockets_per_process: int
    sockets_per_address: int
    socket_messages_per_second: int
    socket_message_burst: int
    socket_write_buffer_bytes: int
    socket_stall_seconds: float
    hello_timeout_seconds: float
    ping_interval_seconds: float
    ping_timeout_seconds: float
    test_tick_work_ms: int
    log_level: str
    log_format: str
    static_root: str
    hsts_seconds: int
    hsts_subdomains: bool
    ssl_redirect: bool
    trust_forwarded_proto: bool

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every variable. Raises ConfigurationError for the first one that cannot be used."""
        env = str(VARIABLES[0].read(environ, LOCAL))
        values: dict[str, Any] = {variable.field: variable.read(environ, env) for variable in VARIABLES}
        return cls(**values)

    @property
    def production(self) -> bool:
        """Whether this is a public site."""
        return self.env == PRODUCTION
