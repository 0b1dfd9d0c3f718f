"""Add-ons of a cluster: a folder with one program for each, which starts it and prints where it is.

The programs belong to the cluster:

- `cert-manager` prints the annotation of its issuer and the path of the certificate of its authority.
- `nginx` prints the https address at which it serves Ingresses of class `nginx`. It takes `--flavor f5|ingress-nginx`
  and `--worker-shutdown-timeout`.
- `ingress` prints the https address of a controller that needs no annotation.
- `network-policy` and `custom-metrics` only start.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.processes.command import output
from loadtest.processes.process import SiteError

START_S: Final = 600.0  # longest start; the first one may include a build

_ISSUER: Final = re.compile(r"cert-manager\.io/cluster-issuer: (\S+)")
_AUTHORITY: Final = re.compile(r"(/\S+\.crt)")
_ADDRESS: Final = re.compile(r"https://(\S+:\d+)")


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer of certificates."""

    name: str
    authority: Path  # its own certificate


class Addons:
    """The folder of these programs, or none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        return self._folder is not None and os.access(self._folder / name, os.X_OK)

    def start(self, name: str, *options: str) -> str:
        """Start one and return its output. Raises SiteError."""
        if self._folder is None:
            raise SiteError(f"There is no {name}: no folder of add-ons was given.")
        return output([str(self._folder / name), *options], patience_s=START_S)

    def issuer(self) -> Issuer:
        """Start cert-manager and return its issuer. Raises SiteError."""
        return issuer(self.start("cert-manager"))

    def nginx(self, flavor: str, shutdown_timeout: str | None = None) -> str:
        """Start nginx again with that flavor. Return its https address as host:port. Raises SiteError."""
        patience = [f"--worker-shutdown-timeout={shutdown_timeout}"] if shutdown_timeout else []
        return address(self.start("nginx", f"--flavor={flavor}", *patience))

    def ingress(self) -> str:
        """Start a controller that needs no annotation for WebSockets. Return its https address. Raises SiteError."""
        return address(self.start("ingress"))


def issuer(text: str) -> Issuer:
    """Return the issuer in the output of cert-manager's program. Raises SiteError if there is none."""
    name, path = _ISSUER.search(text), _AUTHORITY.search(text)
    if name is None or path is None:
        raise SiteError(f"cert-manager started, but did not print an issuer and a certificate: {text.strip()}")
    return Issuer(name[1], Path(path[1]))


def address(text: str) -> str:
    """Return the https address in the output of a controller's program. Raises SiteError if there is none."""
    found = _ADDRESS.search(text)
    if found is None:
        raise SiteError(f"An ingress controller started, but did not print an https address: {text.strip()}")
    return found[1]
