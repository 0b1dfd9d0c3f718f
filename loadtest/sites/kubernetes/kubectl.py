"""`kubectl` in one namespace, for changes. Requests for objects go to the API, which answers faster."""

import json
from collections.abc import Sequence
from typing import Any, Final

from loadtest.processes.command import PATIENCE_S, attempt, output

TAIL_LINES: Final = 15  # of events and logs in an error


class Kubectl:
    """The program for one namespace."""

    def __init__(self, program: str, namespace: str) -> None:
        self._command = [program, f"--namespace={namespace}"]

    def run(self, *words: str, stdin: str = "", patience_s: float = PATIENCE_S) -> str:
        """Return the output. Raises SiteError if kubectl fails."""
        return output([*self._command, *words], stdin=stdin, patience_s=patience_s)

    def attempt(self, *words: str, patience_s: float = PATIENCE_S) -> tuple[int, str]:
        """Return exit code and output."""
        return attempt([*self._command, *words], patience_s=patience_s)

    def apply(self, *manifests: dict[str, Any]) -> None:
        """Create or change these objects. Raises SiteError."""
        self.run("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)}))

    def python(self, pod: str, code: str, *words: str) -> tuple[int, str]:
        """Run Python code in a pod of the product's image. Return exit code and output."""
        return self.attempt("exec", pod, "--", "python", "-c", code, *words)

    def problems(self, pods: Sequence[str]) -> str:
        """Return the last events of the namespace and the last log lines of `pods`."""
        _, events = self.attempt("get", "events", "--sort-by=.lastTimestamp", "--field-selector=type!=Normal")
        lines = ["events:", *events.splitlines()[-TAIL_LINES:]]
        for pod in pods:
            _, log = self.attempt("logs", pod, f"--tail={TAIL_LINES}", "--prefix")
            lines += [f"{pod}:", *log.splitlines()[-TAIL_LINES:]]
        return "\n".join(lines)
