"""`flotilla loadtest …` is `python -m loadtest …`: the same arguments, output and exit codes."""

import importlib.util
import sys
from collections.abc import Sequence
from typing import Any, Final

from django.core.management.base import BaseCommand

NEEDED: Final = ("hdrh", "matplotlib", "picows", "rich")  # of the extra `loadtest`, by the names of their packages
EXIT_MISSING: Final = 2


class Command(BaseCommand):
    """Hand over to the load test."""

    help = "Makes load, measures what players get, and says whether that was good enough."
    requires_system_checks = ()  # it looks at servers, not at this configuration

    def run_from_argv(self, argv: Sequence[str]) -> None:
        """Take all that follows as it is: Django's own options are none of the load test's."""
        sys.exit(self._run(argv[2:]))

    def handle(self, *args: Any, **_options: Any) -> None:
        """Run from within Django, as `call_command` does."""
        sys.exit(self._run(args))

    def _run(self, words: Sequence[str]) -> int:
        if any(importlib.util.find_spec(name) is None for name in NEEDED):
            self.stderr.write("The load test is not installed here: pip install 'flotilla[loadtest]'.")
            return EXIT_MISSING
        from loadtest.__main__ import main

        return main(words, program="flotilla loadtest")
