"""What a cluster may have beside the release, each as a program in one folder that starts it and says where it is.

The programs belong to the cluster, not to us: `cert-manager` prints the annotation of its issuer and the path of its
authority's certificate, `nginx` the https address at which it serves Ingresses of class `nginx` and takes `--flavor
f5|ingress-nginx` and `--worker-shutdown-timeout`; `ingress` prints that of a controller which needs no annotation;
`network-policy` and `custom-metrics` only start.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.processes.command import said
from loadtest.processes.process import SiteError

START_S: Final = 600.0  # longest start: some are built the first time

_ISSUER: Final = re.compile(r"cert-manager\.io/cluster-issuer: (\S+)")
_AUTHORITY: Final = re.compile(r"(/\S+\.crt)")
_ADDRESS: Final = re.compile(r"https://(\S+:\d+)")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs certificates."""

    name: str
    authority: Path  # the certificate with which to check theirs


class Addons:
    """The folder of such programs, or none."""

    def __init__(self, folder: Path | None) -> None:
        """Take where they are."""
        self._folder = folder

    def has(self, name: str) -> bool:
        """Return whether there is that program."""
        return self._folder is not None and os.access(self._folder / name, os.X_OK)

    def start(self, name: str, *options: str) -> str:
        """Start one; return what it said. Raises SiteError."""
        if self._folder is None:
            raise SiteError(f"There is no {name}: no folder of add-ons was given.")
        return said([str(self._folder / name), *options], patience_s=START_S)

    def issuer(self) -> Issuer:
        """Start cert-manager; return its issuer. Raises SiteError."""
        return issuer(self.start("cert-manager"))

    def nginx(self, flavor: str, shutdown_timeout: str | None = None) -> str:
        """Start nginx anew in that manner; return its https address as host:port. Raises SiteError."""
        patience = [f"--worker-shutdown-timeout={shutdown_timeout}"] if shutdown_timeout else []
        return address(self.start("nginx", f"--flavor={flavor}", *patience))

    def ingress(self) -> str:
        """Start a controller that passes WebSockets by itself; return its https address. Raises SiteError."""
        return address(self.start("ingress"))


def issuer(told: str) -> Issuer:
    """Return the issuer that cert-manager's program named; raises SiteError."""
    name, path = _ISSUER.search(told), _AUTHORITY.search(told)
    if name is None or path is None:
        raise SiteError(f"cert-manager was started, but did not name an issuer and a certificate: {told.strip()}")
    return Issuer(name[1], Path(path[1]))


def address(told: str) -> str:
    """Return the https address that a controller's program named; raises SiteError."""
    found = _ADDRESS.search(told)
    if found is None:
        raise SiteError(f"An ingress controller was started, but did not name an https address: {told.strip()}")
    return found[1]
