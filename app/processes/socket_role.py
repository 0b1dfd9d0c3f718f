"""What `socket_server` needs of a role that serves WebSockets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.gateway.gateway import Gateway
from app.processes.task_end import OnTaskEnd


@dataclass(frozen=True, slots=True)
class SocketRole:
    name: str  # the label `role` of its metrics
    gateway: Gateway
    start: Callable[[OnTaskEnd], None]  # starts its tasks in the running loop
    application: Any  # ASGI
    announcement: str  # printed once it listens; `{}` is its URL
