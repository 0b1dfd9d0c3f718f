"""Limits of the public edge: how many sockets, how many messages, how long; numbers only."""

from dataclasses import dataclass
from typing import Final

from app.gateway.socket.client_address import Network

# A peer that talks while pings go unanswered does not read what is written to it. Proxies and kernels hide that for
# minutes by buffering small frames; pings show it at once. The two and two sweeps make 5 s, within which it is gone.
TALKER_PING_INTERVAL_S: Final = 1.25
TALKER_PING_TIMEOUT_S: Final = 2.5

OVERFLOW: Final = 4  # times its write budget that may wait for a socket, with messages that are never skipped


@dataclass(frozen=True, slots=True)
class Limits:
    """What one gateway process grants; 0 means no limit where it says so."""

    sockets_per_process: int = 5000  # 0: no limit
    sockets_per_address: int = 0  # 0: no limit
    trusted_proxies: tuple[Network, ...] = ()  # who is believed when it says for whom it asks
    accepts_per_second: float = 0.0  # handshakes of the process, on average; 0: no limit
    accept_burst: float = 1000.0  # handshakes at once: everybody comes back when the network does
    messages_per_second: float = 60.0  # of one socket, on average: three times what a playing client sends
    message_burst: float = 240.0  # messages at once: a client that was cut off for a while delivers late, all at once
    write_buffer_bytes: int = 65_536  # unsent bytes of one socket before its frames are skipped
    stall_s: float = 3.0  # seconds that a socket may stay over its write budget
    hello_timeout_s: float = 5.0  # seconds until HELLO
    ping_interval_s: float = 20.0  # seconds between pings of a socket: well below the 60 s after which proxies cut
    ping_timeout_s: float = 30.0  # seconds without the pong of a ping, of a peer that is silent: it may be asleep

    @property
    def overflow_bytes(self) -> int:
        """Unsent bytes of one socket past which it is closed, without waiting for it."""
        return OVERFLOW * self.write_buffer_bytes

    def ping_interval(self, *, talks: bool) -> float:
        """Return the seconds between two pings of a peer that sent a message lately, or did not."""
        return min(TALKER_PING_INTERVAL_S, self.ping_interval_s) if talks else self.ping_interval_s

    def ping_timeout(self, *, talks: bool) -> float:
        """Return for how many seconds such a peer may leave a ping unanswered."""
        return min(TALKER_PING_TIMEOUT_S, self.ping_timeout_s) if talks else self.ping_timeout_s
