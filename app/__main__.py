"""Django's command line for this project: `flotilla` and `python -m app` are the same thing."""

import os
import signal
import sys
from types import FrameType

EXIT_MISCONFIGURED = 2  # as for a wrong argument: starting again without a change is of no use
EXIT_TERMINATED = 128 + signal.SIGTERM  # as a shell says it


def main() -> None:
    """Run the command of `sys.argv`. A configuration that cannot be used ends in one sentence, not in a traceback."""
    # Until a role listens itself: the kernel lets process 1 of a container ignore a signal that has no handler.
    signal.signal(signal.SIGTERM, _end)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")
    from django.core.management import execute_from_command_line

    from app.settings.environment import ConfigurationError

    try:
        execute_from_command_line([_program(), *sys.argv[1:]])
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_MISCONFIGURED)


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(EXIT_TERMINATED)  # at once: nothing has begun, and an exception could be caught by what is importing


def _program() -> str:
    # Django shows the name by which it was called; a module's is `__main__.py`.
    return "flotilla" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


if __name__ == "__main__":
    main()
