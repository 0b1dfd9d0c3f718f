"""What becomes of pods while something happens to them, folded from looks at them. Pure.

It answers what no player can tell: which gateways ended, whether one that was ending got another player, and whether a
pod that was ready stopped being so.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from loadtest.sites.kubernetes.pods import Pod

GATEWAY: Final = "gateway"
HEARD_S: Final = 2.5  # until balancers have heard that a gateway ends; it takes players on meanwhile, for longer


class Watch:
    """All looks since it began."""

    def __init__(self) -> None:
        """Begin without any."""
        self.ended: set[str] = set()  # gateways that were told to stop
        self.most_gateways = 0  # that were ready at the same time
        self.lost_readiness: set[str] = set()
        self.restarted: set[str] = set()
        self.joined_draining: dict[str, int] = {}  # players who came later, by gateway
        self.longest_gap_s = 0.0  # between two looks
        self._last: float | None = None
        self._ready: set[str] = set()
        self._restarts: dict[str, int] = {}
        self._since: dict[str, float] = {}  # when gateways were first seen to end
        self._connections: dict[str, float] = {}  # of gateways that are ending, at the last look

    def look(self, pods: Sequence[Pod], connections: Mapping[str, float], now: float) -> None:
        """Take in all pods, the open sockets of gateways that are ending, as far as they say, and the time in s."""
        self.longest_gap_s = max(self.longest_gap_s, now - (now if self._last is None else self._last))
        self._last = now
        for pod in pods:
            self._look(pod)
        gateways = [pod for pod in pods if pod.component == GATEWAY]
        self.ended |= {pod.name for pod in gateways if pod.terminating}
        self.most_gateways = max(self.most_gateways, sum(pod.ready and not pod.terminating for pod in gateways))
        for name, count in connections.items():
            more = int(count - self._connections.get(name, count))
            known_s = now - self._since.setdefault(name, now)
            if more > 0 and known_s > HEARD_S:
                self.joined_draining[name] = self.joined_draining.get(name, 0) + more
            self._connections[name] = count

    def _look(self, pod: Pod) -> None:
        if pod.restarts > self._restarts.setdefault(pod.name, pod.restarts):
            self.restarted.add(pod.name)
        if pod.ready:
            self._ready.add(pod.name)
        elif pod.name in self._ready and not pod.terminating:
            self.lost_readiness.add(pod.name)
