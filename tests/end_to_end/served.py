"""`flotilla run` with three signals for tests.

SIGUSR1 writes counters, SIGUSR2 a census of objects, tasks and memory, and SIGWINCH the cyclic garbage since the last
SIGWINCH. After the first SIGWINCH only this signal collects garbage.

The output goes into the named pipe PIPE_VARIABLE. The reader opens it before it sends the signal.
"""

import asyncio
import gc
import json
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

PIPE_VARIABLE: Final = "TEST_WINDOW"  # without the prefix FLOTILLA_, because the product has no such setting
_OURS: Final = ("app.", "autobahn.", "daphne.", "twisted.")


def main() -> None:
    """Run the command with the first argument as address until a signal ends it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")
    import django

    django.setup()
    from django.core.management import call_command

    from app.commands.management.commands.run import Command

    class TestedCommand(Command):
        def announce(self, sentence: str) -> None:
            _handle_signals()
            super().announce(sentence)

    call_command(TestedCommand(), bind=sys.argv[1])


def _handle_signals() -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, _write, _counters)
    loop.add_signal_handler(signal.SIGUSR2, _write, _census)
    loop.add_signal_handler(signal.SIGWINCH, _write, _garbage)


def _write(content: Callable[[], bytes]) -> None:
    Path(os.environ[PIPE_VARIABLE]).write_bytes(content())


def _counters() -> bytes:
    import prometheus_client

    return prometheus_client.generate_latest()


def _census() -> bytes:
    gc.unfreeze()  # the server froze the objects of its start
    gc.collect()
    found: list[Any] = [thing for thing in gc.get_objects() if not _is_cancelled_call(thing)]
    kinds = Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in found)
    census = {kind: count for kind, count in kinds.items() if kind.startswith(_OURS)}
    census["tasks"] = len(asyncio.all_tasks())
    census["all objects"] = len(found)
    census["peak memory in KiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return json.dumps(census).encode()


def _garbage() -> bytes:
    """Return the bytes of garbage by class, and as "open" the number of sockets that Daphne has not forgotten."""
    from app.runtime.garbage import GarbageCollection

    GarbageCollection.collect_within = lambda *_arguments: None  # type: ignore[method-assign,assignment]  # no collection but this one
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    sizes: Counter[str] = Counter()
    while gc.garbage:
        thing = gc.garbage.pop()
        sizes[f"{type(thing).__module__}.{type(thing).__qualname__}"] += sys.getsizeof(thing)
    thing = None  # else its cycle would live on
    gc.collect()
    names = {"GameProtocol", "WebRequest"}
    still_open = sum(type(thing).__name__ in names and bool(vars(thing)) for thing in gc.get_objects())
    return json.dumps({**sizes, "open": still_open}).encode()


def _is_cancelled_call(thing: object) -> bool:
    """Return True for a cancelled timer. Twisted keeps up to 50 of them, or half of all, before it removes them."""
    from twisted.internet.base import DelayedCall

    return type(thing) is DelayedCall and thing.cancelled == 1


if __name__ == "__main__":
    main()
