"""Open files: each socket is one, and the limit of a process is often lower than its sockets."""

import resource
from typing import Final

from app.doctor.finding import Finding, fail, ok, warn
from app.settings.environment import Environment

CHECK: Final = "open files"
RESERVE: Final = 128  # descriptors besides the sockets of players: libraries, logs, Redis, running handshakes


def check_descriptors(environment: Environment) -> list[Finding]:
    """Compare the settings with the limit of this process, which a gateway that is started the same way also has."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [check_limit(environment.sockets_per_process, soft)]


def check_limit(sockets: int, limit: int) -> Finding:
    """Compare a limit of sockets, where 0 is none, with a limit of open files, where RLIM_INFINITY is none."""
    if limit == resource.RLIM_INFINITY:
        return ok(CHECK, "no limit")
    if not sockets:
        seen = f"the limit is {limit}, but FLOTILLA_SOCKETS_PER_PROCESS is 0, which is no limit"
        return warn(CHECK, seen, f"set FLOTILLA_SOCKETS_PER_PROCESS to {max(1, limit - RESERVE)} or less")
    seen = f"the limit is {limit}, for {sockets} sockets (FLOTILLA_SOCKETS_PER_PROCESS)"
    if limit >= sockets + RESERVE:
        return ok(CHECK, seen)
    remedy = f"raise it to {sockets + RESERVE} (ulimit -n, LimitNOFILE= of systemd), or allow fewer sockets"
    return fail(CHECK, seen, remedy)
