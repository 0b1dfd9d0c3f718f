"""What happened to the processes of a site since an observation began. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class History:
    """What no player can see. Processes are pods on a cluster."""

    ended: set[str] = field(default_factory=set)  # gateways that ended, or are ending
    most_gateways: int = 0  # that were ready at the same time
    lost_readiness: set[str] = field(default_factory=set)
    restarted: set[str] = field(default_factory=set)  # processes that ended although the scenario did not end them
    joined_draining: dict[str, int] = field(default_factory=dict)  # players who came to an ending gateway, by gateway
    longest_gap_s: float | None = None  # between two looks at the processes; None: nothing was missed
