"""The history of a release's pods, folded from looks at them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from loadtest.sites.kubernetes.pods import Pod
from loadtest.sites.process_history import History

GATEWAY: Final = "gateway"
NOTICED_S: Final = 2.5  # until balancers notice that a gateway ends; until then it accepts players


class PodHistory(History):
    """A history that grows with each look."""

    def __init__(self) -> None:
        super().__init__(longest_gap_s=0.0)
        self._last: float | None = None
        self._ready: set[str] = set()
        self._restarts: dict[str, int] = {}
        self._since: dict[str, float] = {}  # when a look first found each gateway ending
        self._connections: dict[str, float] = {}  # of ending gateways, at the last look

    def look(self, pods: Sequence[Pod], connections: Mapping[str, float], now: float) -> None:
        """Add all pods, the open sockets of ending gateways as far as they answer, and the time in s."""
        self.longest_gap_s = max(self.longest_gap_s or 0.0, now - (now if self._last is None else self._last))
        self._last = now
        for pod in pods:
            self._look(pod)
        gateways = [pod for pod in pods if pod.component == GATEWAY]
        self.ended |= {pod.name for pod in gateways if pod.terminating}
        self.most_gateways = max(self.most_gateways, sum(pod.ready and not pod.terminating for pod in gateways))
        for name, count in connections.items():
            more = int(count - self._connections.get(name, count))
            ending_s = now - self._since.setdefault(name, now)
            if more > 0 and ending_s > NOTICED_S:
                self.joined_draining[name] = self.joined_draining.get(name, 0) + more
            self._connections[name] = count

    def _look(self, pod: Pod) -> None:
        if pod.restarts > self._restarts.setdefault(pod.name, pod.restarts):
            self.restarted.add(pod.name)
        if pod.ready:
            self._ready.add(pod.name)
        elif pod.name in self._ready and not pod.terminating:
            self.lost_readiness.add(pod.name)
