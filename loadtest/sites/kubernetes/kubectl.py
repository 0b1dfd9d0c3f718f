"""`kubectl` in one namespace, for what changes things; questions go to the API, which answers faster."""

import json
from collections.abc import Sequence
from typing import Any, Final

from loadtest.processes.command import PATIENCE_S, attempted, said

TAIL_LINES: Final = 15  # of events and logs, in an error for a person


class Kubectl:
    """The program, for one namespace."""

    def __init__(self, program: str, namespace: str) -> None:
        """Take where it is."""
        self._command = [program, f"--namespace={namespace}"]

    def run(self, *words: str, given: str = "", patience_s: float = PATIENCE_S) -> str:
        """Return what it printed; raises SiteError."""
        return said([*self._command, *words], given=given, patience_s=patience_s)

    def attempt(self, *words: str, patience_s: float = PATIENCE_S) -> tuple[int, str]:
        """Return exit code and what it printed."""
        return attempted([*self._command, *words], patience_s=patience_s)

    def apply(self, *manifests: dict[str, Any]) -> None:
        """Make these objects, or change them; raises SiteError."""
        self.run("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)}))

    def python(self, pod: str, code: str, *words: str, patience_s: float = PATIENCE_S) -> tuple[int, str]:
        """Run a few lines of Python in a pod of the product's image; return exit code and what they printed."""
        return self.attempt("exec", pod, "--", "python", "-c", code, *words, patience_s=patience_s)

    def troubles(self, pods: Sequence[str]) -> str:
        """Return the last events of the namespace and the last words of `pods`, for a person."""
        _, events = self.attempt("get", "events", "--sort-by=.lastTimestamp", "--field-selector=type!=Normal")
        told = ["events:", *events.splitlines()[-TAIL_LINES:]]
        for pod in pods:
            _, log = self.attempt("logs", pod, f"--tail={TAIL_LINES}", "--prefix")
            told += [f"{pod}:", *log.splitlines()[-TAIL_LINES:]]
        return "\n".join(told)
