"""Django's command line for this project. `flotilla` and `python -m app` are the same."""

import os
import signal
import sys
from types import FrameType

EXIT_MISCONFIGURED = 2  # as for a wrong argument: a restart without a change is useless
EXIT_TERMINATED = 128 + signal.SIGTERM  # as shells report it


def main() -> None:
    """Run the command of `sys.argv`. Wrong settings are printed one per line, without a traceback."""
    # Until a role installs its own handler: in a container, the kernel drops signals for process 1 without a handler.
    signal.signal(signal.SIGTERM, _exit)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")
    from django.core.management import execute_from_command_line

    from app.settings.configuration_error import ConfigurationError

    try:
        execute_from_command_line([_program(), *sys.argv[1:]])
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_MISCONFIGURED)


def _exit(_number: int, _frame: FrameType | None) -> None:
    os._exit(
        EXIT_TERMINATED
    )  # at once: nothing has started, and a module that is being imported could catch an exception


def _program() -> str:
    # Django prints this name in help texts; for `python -m app` it would be `__main__.py`.
    return "flotilla" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


if __name__ == "__main__":
    main()
