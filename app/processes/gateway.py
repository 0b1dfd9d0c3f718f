"""The role `gateway`: WebSockets for players, and optionally the page. Its tick is another process.

`socket_server` serves it; `socket_shutdown` is what happens at SIGTERM.
"""

import time
from typing import Any

from channels.layers import get_channel_layer

from app.gateway.gateway import Gateway
from app.gateway.limits import Limits
from app.processes.routing import asgi_application
from app.processes.socket_role import SocketRole
from app.runtime.garbage import GarbageCollection
from app.settings.environment import Environment


def limits(environment: Environment) -> Limits:
    return Limits(
        sockets_per_process=environment.sockets_per_process,
        sockets_per_address=environment.sockets_per_address,
        trusted_proxies=environment.trusted_proxies,
        accepts_per_second=environment.accepts_per_second,
        accept_burst=environment.accept_burst,
        messages_per_second=environment.socket_messages_per_second,
        message_burst=environment.socket_message_burst,
        write_buffer_bytes=environment.socket_write_buffer_bytes,
        stall_s=environment.socket_stall_seconds,
        hello_timeout_s=environment.hello_timeout_seconds,
        ping_interval_s=environment.ping_interval_seconds,
        ping_timeout_s=environment.ping_timeout_seconds,
    )


def role(environment: Environment) -> SocketRole:
    layer: Any = get_channel_layer()
    garbage = GarbageCollection(time.monotonic)
    gateway = Gateway(layer, limits(environment), distributed=True, after_frame=garbage.collect_within)
    garbage.watch(gateway)
    page = environment.gateway_serves_page
    served = "WebSockets and the page" if page else "WebSockets only"
    return SocketRole(
        name="gateway",
        gateway=gateway,
        start=gateway.start,
        application=asgi_application(environment, lambda: gateway, page=page),
        announcement=f"A gateway takes players at {{}} - {served}; Ctrl-C stops it.",
    )
