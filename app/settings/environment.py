"""Every setting, with its type, default and meaning. Each is stated here and nowhere else.

To add a setting, add a field to `Environment`. Its variable has the same name in capitals, after `FLOTILLA_`. `make
check-docs` then names the generated files that are out of date and prints the command that updates them.

This module needs no Django settings, so that every program can import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from app.settings.address import Address
from app.settings.reader import read
from app.settings.value_types import (
    ADDRESS,
    FLAG,
    HOSTS,
    INSECURE_KEY_MARK,
    NAMED_HOSTS,
    NETWORKS,
    OFF,
    ORIGINS,
    PATH,
    PRODUCTION_KEY,
    REDIS,
    SECONDS,
    SECONDS_OR_ZERO,
    SECRET,
    WORD,
    ZERO,
    Network,
    choice,
    whole,
)
from app.settings.variable import LOCAL, PRODUCTION, REQUIRED, Chart, setting, variables_of

DEVELOPMENT_KEY: Final = INSECURE_KEY_MARK + "flotilla-development-key-that-everybody-knows"
MAX_SHIP_IDS: Final = 32_767  # half of the ids in the wire's u16: no id is used again soon after its ship left
MAX_TEST_TICK_WORK_MS: Final = 1_000  # the time of 20 ticks; with more, a server is of no use


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one process."""

    # Mode, keys and hosts

    env: str = setting(
        choice(LOCAL, PRODUCTION),
        LOCAL,
        "The mode: `local` for your own machine, `production` for a public site. Defaults and rules depend on it.",
        chart=Chart.DERIVED,
    )
    secret_key: str = setting(
        SECRET,
        DEVELOPMENT_KEY,
        "The key that signs the tickets of players. The local default is public; production refuses it.",
        production_default=REQUIRED,
        production_type=PRODUCTION_KEY,
        chart=Chart.DERIVED,
    )
    debug: bool = setting(
        FLAG,
        "false",
        "Show Django's error pages, which reveal settings. Production refuses it.",
        production_type=OFF,
        chart=Chart.DERIVED,
    )
    allowed_hosts: tuple[str, ...] = setting(
        HOSTS,
        "localhost,127.0.0.1,[::1]",
        "Host names of the site. `.example.org` includes subdomains. Production refuses `*`.",
        production_default=REQUIRED,
        production_type=NAMED_HOSTS,
        chart=Chart.DERIVED,
    )
    allowed_origins: tuple[str, ...] = setting(
        ORIGINS,
        "",
        "Other origins whose pages may open the game's WebSocket, as `scheme://host[:port]`. The site's own hosts may "
        "always open it.",
        chart=Chart.DERIVED,
    )
    allow_missing_origin: bool = setting(
        FLAG,
        "true",
        "Accept WebSocket clients that send no Origin header: load tests and bots. Every browser sends one.",
        production_default="false",
    )

    # Addresses

    bind: Address = setting(  # noqa: RUF009  # a field, not a default
        ADDRESS,
        "127.0.0.1:8000",
        "Address on which `flotilla run`, `flotilla gateway` and `flotilla web` listen. Port 0 selects any free port.",
        chart=Chart.DERIVED,
    )
    private_bind: Address = setting(  # noqa: RUF009  # likewise
        ADDRESS,
        "127.0.0.1:9000",
        "Address of `/livez`, `/readyz` and `/metrics`, which are for operators only. Port 0 selects any free port.",
        chart=Chart.DERIVED,
    )
    gateway_serves_page: bool = setting(
        FLAG,
        "false",
        "Gateways also serve the page. Use it where no proxy sends `/` to the web role.",
        chart=Chart.DERIVED,
    )

    # Redis

    redis_url: str = setting(
        REDIS,
        "",
        "The Redis or Valkey between gateways and tick: `redis://`, `rediss://` (TLS), or `redis+sentinel://"
        "[:password@]host:port,host:port/service[/database][?sentinel_password=…]`. `flotilla run` needs none.",
        chart=Chart.DERIVED,
    )
    redis_prefix: str = setting(
        WORD,
        "flotilla",
        "First part of the names of all keys and channels in Redis. Releases that share a Redis need different ones.",
        chart=Chart.DERIVED,
    )

    # Proxies and HTTPS

    trusted_proxies: tuple[Network, ...] = setting(
        NETWORKS,
        "",
        "Networks of the proxies in front of the gateways, like `10.0.0.0/8`. `X-Forwarded-For` (the client's address) "
        "and `X-Forwarded-Proto` (HTTP or HTTPS) are accepted only from them. Without it, all clients behind a proxy "
        "count as one address.",
        chart=Chart.DERIVED,
    )
    trust_forwarded_proto: bool = setting(
        FLAG,
        "false",
        "Accept `X-Forwarded-Proto` from any client. Not needed if `FLOTILLA_TRUSTED_PROXIES` names the proxy. Set it "
        "if TLS ends at a proxy that you cannot name and that always sets or removes this header; otherwise redirects "
        "loop. Never set it where clients connect directly.",
        chart=Chart.DERIVED,
    )
    ssl_redirect: bool = setting(
        FLAG,
        "false",
        "Answer plain HTTP with a redirect to HTTPS.",
        production_default="true",
        chart=Chart.DERIVED,
    )
    hsts_seconds: int = setting(
        whole(0),
        "0",
        "How long browsers use only HTTPS for the site (HSTS). 0 sends no such header.",
        production_default="31536000",
        unit="s",
        chart=Chart.DERIVED,
    )
    hsts_subdomains: bool = setting(
        FLAG,
        "false",
        "Extend HSTS to all subdomains of the host and to the preload lists of browsers. Set it to `false` if a "
        "subdomain still needs plain HTTP.",
        production_default="true",
        chart=Chart.DERIVED,
    )

    # World

    arena_capacity: int = setting(
        whole(0),
        "200",
        "Ships in one arena before the next one opens. It limits the cost of one player. 0 is no limit.",
        unit="ships",
    )
    max_ships: int = setting(
        whole(1, MAX_SHIP_IDS),
        "20000",
        "Ships in the whole world. More players are refused with the reason that the site is full.",
        unit="ships",
    )
    resume_grace_seconds: float = setting(
        SECONDS_OR_ZERO,
        "30",
        "How long the ship of a `flotilla.v1` player stays in the world after the connection is lost. 0 removes it at "
        "once.",
        unit="s",
    )

    # Handshakes and open WebSockets

    accepts_per_second: int = setting(
        whole(0),
        "500",
        "Handshakes that one process accepts per second on average. More are answered with 503. 0 is no limit.",
        unit="handshakes/s",
    )
    accept_burst: int = setting(whole(1), "1000", "Handshakes that one process accepts at once.", unit="handshakes")
    sockets_per_process: int = setting(
        whole(0),
        "5000",
        "Open WebSockets in one process. More handshakes are answered with 503. 0 is no limit.",
        unit="sockets",
    )
    sockets_per_address: int = setting(
        whole(0),
        "0",
        "Open WebSockets of one client address in one process. 0 is no limit.",
        production_default="64",
        unit="sockets",
        chart=Chart.DERIVED,
    )

    # One WebSocket

    socket_messages_per_second: int = setting(
        whole(1),
        "60",
        "Messages that a client may send per second on average. The site's own client sends at most 20 inputs.",
        unit="messages/s",
    )
    socket_message_burst: int = setting(
        whole(1),
        "240",
        "Messages that a client may send at once. It allows for a network that stalls and catches up.",
        unit="messages",
    )
    socket_write_buffer_bytes: int = setting(
        whole(1), "65536", "Unsent bytes of one client above which it skips frames.", unit="bytes"
    )
    socket_stall_seconds: float = setting(
        SECONDS,
        "3.0",
        "How long a client may stay above the write buffer before it is closed with 4002.",
        unit="s",
    )
    hello_timeout_seconds: float = setting(
        SECONDS,
        "5.0",
        "How long a `flotilla.v1` client may take to send HELLO before it is closed with 4004.",
        unit="s",
    )
    ping_interval_seconds: float = setting(
        SECONDS,
        "20",
        "Interval between pings of a silent WebSocket. Keep it below the idle timeout of every proxy on the way.",
        unit="s",
    )
    ping_timeout_seconds: float = setting(
        SECONDS,
        "30",
        "How long a silent WebSocket may leave a ping unanswered before it counts as lost.",
        unit="s",
    )

    # Shutdown of a gateway

    drain_wait_seconds: float = setting(
        SECONDS_OR_ZERO,
        "0",
        "Seconds between SIGTERM and the drain, during which the gateway still accepts players. Set it to the time "
        "your load balancer needs to notice.",
        production_default="5",
        unit="s",
        chart=Chart.DERIVED,
    )
    drain_window_seconds: float = setting(
        SECONDS_OR_ZERO,
        "0",
        "Seconds over which a stopping gateway spreads the closing of its sockets, so that the players do not all "
        "reconnect at once.",
        production_default="10",
        unit="s",
        chart=Chart.DERIVED,
    )

    # Logs and static files

    log_level: str = setting(
        choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "INFO",
        "The lowest level of events that are logged.",
    )
    log_format: str = setting(
        choice("console", "json"),
        "console",
        "One line of text, or one JSON object, per event.",
        production_default="json",
    )
    static_root: str = setting(
        PATH,
        "staticfiles",
        "Folder into which `flotilla collectstatic` writes and from which production serves, relative to the working "
        "directory.",
    )

    # Tests

    test_tick_work_ms: int = setting(
        whole(0, MAX_TEST_TICK_WORK_MS),
        "0",
        "For tests of the load tests: adds this much work to every tick, so that the server is slow. Production "
        "refuses it.",
        production_type=ZERO,
        unit="ms",
        chart=Chart.FOR_TESTS,
    )

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every variable. Raises ConfigurationError with one line for each that is faulty."""
        return cls(**read(VARIABLES, environ))

    @property
    def production(self) -> bool:
        """Whether this is a public site."""
        return self.env == PRODUCTION


VARIABLES: Final = variables_of(Environment)
SECRET_FILES: Final = {name: variable.name for variable in VARIABLES if (name := variable.file_name)}
