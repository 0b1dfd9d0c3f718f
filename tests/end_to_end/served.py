"""`flotilla run` with two signals for tests: SIGUSR1 writes the counters, SIGUSR2 counts of objects, tasks and memory.

Both write into the named pipe of WINDOW_VARIABLE. A test opens it for reading before it sends the signal.
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

WINDOW_VARIABLE: Final = "TEST_WINDOW"  # not FLOTILLA_…: the product has no such setting
_OURS: Final = ("app.", "autobahn.", "daphne.", "twisted.")


def main() -> None:
    """Run the command at the address of the first argument until a signal ends it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")
    import django

    django.setup()
    from django.core.management import call_command

    from app.commands.management.commands.run import Command

    class Windowed(Command):
        def _say(self, sentence: str) -> None:
            _open_windows()
            super()._say(sentence)

    call_command(Windowed(), bind=sys.argv[1])


def _open_windows() -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, _write, _counters)
    loop.add_signal_handler(signal.SIGUSR2, _write, _census)


def _write(window: Callable[[], bytes]) -> None:
    Path(os.environ[WINDOW_VARIABLE]).write_bytes(window())


def _counters() -> bytes:
    import prometheus_client

    return prometheus_client.generate_latest()


def _census() -> bytes:
    gc.unfreeze()  # the server froze what it began with
    gc.collect()
    found: list[Any] = gc.get_objects()
    kinds = Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in found)
    census = {kind: count for kind, count in kinds.items() if kind.startswith(_OURS)}
    census["tasks"] = len(asyncio.all_tasks())
    census["all objects"] = len(found)
    census["peak memory in KiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return json.dumps(census).encode()


if __name__ == "__main__":
    main()
