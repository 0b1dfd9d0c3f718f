"""What the tests take as they find it: programs, a cluster that answers, images, and what the cluster has beside."""

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.processes.command import attempted, said
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api

LOAD_S: Final = 300.0  # longest way of an image into the cluster
ANSWER_S: Final = 15.0
HELM_4: Final = "helm4"


class NoCluster(SiteError):  # noqa: N818  # it is nobody's error: this machine just has none
    """There is no cluster to be had; the message is one line."""


@dataclass(frozen=True, slots=True)
class Tools:
    """All of it."""

    kubectl: str
    helm: str
    helm4: str | None
    node: str  # where NodePorts answer
    addons: Addons
    previous: str | None  # an image whose internal versions are one lower
    folder: Path  # for files of this run
    api: Api

    def missing(self, needs: frozenset[str]) -> list[str]:
        """Return what a scenario needs and is not here."""
        own = {HELM_4: self.helm4 is not None, PREVIOUS: self.previous is not None}
        return [need for need in sorted(needs) if not (own[need] if need in own else self.addons.has(need))]


PREVIOUS: Final = "an image of the previous version"


def found(program: str) -> str | None:
    """Return where a program is, if it is there."""
    return shutil.which(program)


def cluster_programs() -> tuple[str, str]:
    """Return kubectl and helm, where they are and a cluster answers; raises NoCluster with one line."""
    kubectl, helm = found("kubectl"), found("helm")
    if kubectl is None or helm is None:
        raise NoCluster(f"No cluster test: there is no {'helm' if kubectl else 'kubectl'} on this machine's PATH.")
    code, told = attempted([kubectl, f"--request-timeout={ANSWER_S:g}s", "get", "--raw", "/readyz"])
    if code != 0:
        last = told.strip().splitlines()[-1:] or ["no answer"]
        raise NoCluster(f"No cluster test: kubectl reaches no cluster ({last[0]}).")
    return kubectl, helm


def load(command: str, images: list[str]) -> None:
    """Bring images into the cluster by a command of this environment; raises SiteError."""
    if command:
        said([*shlex.split(command), *images], patience_s=LOAD_S)
