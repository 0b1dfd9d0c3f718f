"""What a run finds in its environment: programs, a cluster that answers, images and add-ons."""

import shlex
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.outcome import CannotRunError
from loadtest.processes.command import attempt, output
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api

LOAD_S: Final = 300.0  # longest transfer of images into the cluster
ANSWER_S: Final = 15.0
HELM_4: Final = "helm4"
PREVIOUS: Final = "an image of the previous version"


@dataclass(frozen=True, slots=True)
class Tools:
    """All of it."""

    kubectl: str
    helm: str
    helm4: str | None
    node: str  # address at which NodePorts answer
    addons: Addons
    previous: str | None  # an image whose internal versions are one lower
    folder: Path  # for files of this run
    api: Api

    def missing(self, needs: Collection[str]) -> list[str]:
        """Return which of these needs are missing."""
        own = {HELM_4: self.helm4 is not None, PREVIOUS: self.previous is not None}
        return [need for need in sorted(needs) if not (own[need] if need in own else self.addons.has(need))]


def cluster_programs() -> tuple[str, str]:
    """Return the paths of kubectl and helm. Raises CannotRunError if one is missing or no cluster answers."""
    kubectl, helm = shutil.which("kubectl"), shutil.which("helm")
    if kubectl is None or helm is None:
        raise CannotRunError(f"There is no {'helm' if kubectl else 'kubectl'} on the PATH of this machine.")
    code, text = attempt([kubectl, f"--request-timeout={ANSWER_S:g}s", "get", "--raw", "/readyz"])
    if code != 0:
        last = text.strip().splitlines()[-1:] or ["no answer"]
        raise CannotRunError(f"kubectl reaches no cluster ({last[0]}).")
    return kubectl, helm


def load(command: str, images: list[str]) -> None:
    """Load images into the cluster with a command of this environment, if there is one. Raises SiteError."""
    if command:
        output([*shlex.split(command), *images], patience_s=LOAD_S)
