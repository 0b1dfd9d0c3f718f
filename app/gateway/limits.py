"""Limits of sockets, messages, buffers and times in one gateway process."""

from dataclasses import dataclass
from typing import Final

from app.gateway.socket.client_address import Network

# A peer that sends messages but answers no pings does not read. Proxies and kernels hide that for minutes because they
# buffer small frames; pings show it at once. Together with two sweeps, both times close such a socket within 5 s.
ACTIVE_PING_INTERVAL_S: Final = 1.25
ACTIVE_PING_TIMEOUT_S: Final = 2.5

OVERFLOW: Final = 4  # times the write budget: the limit of unsent bytes, messages that are never skipped included


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one gateway process. `app/settings/environment.py` has their meanings and defaults."""

    sockets_per_process: int  # 0: no limit
    sockets_per_address: int  # 0: no limit
    trusted_proxies: tuple[Network, ...]  # proxies whose X-Forwarded-For is used
    accepts_per_second: float  # handshakes of the process, on average; 0: no limit
    accept_burst: float  # handshakes at once: all players return together after a network failure
    messages_per_second: float  # of one socket, on average
    message_burst: float  # messages at once: a client that lost its network sends its late messages together
    write_buffer_bytes: int  # unsent bytes of one socket before its frames are skipped
    stall_s: float  # seconds that a socket may stay over its write budget
    hello_timeout_s: float  # seconds until HELLO
    ping_interval_s: float  # seconds between pings of a socket
    ping_timeout_s: float  # seconds until a pong of a peer that sends nothing: it may be asleep

    @property
    def overflow_bytes(self) -> int:
        """Unsent bytes of one blocked socket above which it is closed at once."""
        return OVERFLOW * self.write_buffer_bytes

    def ping_interval(self, *, active: bool) -> float:
        """Return the seconds between two pings. `active`: the peer sent messages recently."""
        return min(ACTIVE_PING_INTERVAL_S, self.ping_interval_s) if active else self.ping_interval_s

    def ping_timeout(self, *, active: bool) -> float:
        """Return the seconds within which a peer must answer a ping."""
        return min(ACTIVE_PING_TIMEOUT_S, self.ping_timeout_s) if active else self.ping_timeout_s
