"""Open files: each socket is one, and the limit of a process is often lower than its sockets."""

import resource
from typing import Final

from app.doctor.finding import Finding, fail, ok, warn
from app.settings.environment import Environment

CHECK: Final = "open files"
RESERVE: Final = 128  # descriptors beside the sockets of players: libraries, logs, Redis, handshakes under way


def look_at_descriptors(environment: Environment) -> list[Finding]:
    """Return whether the limit of this process, which a gateway started the same way has too, is high enough."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [judge(environment.sockets_per_process, soft)]


def judge(sockets: int, limit: int) -> Finding:
    """Return how a limit of open files fits to a limit of sockets; 0 sockets and RLIM_INFINITY files are no limits."""
    if limit == resource.RLIM_INFINITY:
        return ok(CHECK, "no limit")
    if not sockets:
        seen = f"{limit} at most, while FLOTILLA_SOCKETS_PER_PROCESS is no limit"
        return warn(CHECK, seen, f"set FLOTILLA_SOCKETS_PER_PROCESS to {max(1, limit - RESERVE)} or less")
    seen = f"{limit} at most, for {sockets} sockets (FLOTILLA_SOCKETS_PER_PROCESS)"
    if limit >= sockets + RESERVE:
        return ok(CHECK, seen)
    remedy = f"raise it to {sockets + RESERVE} (ulimit -n, LimitNOFILE= of systemd), or allow fewer sockets"
    return fail(CHECK, seen, remedy)
