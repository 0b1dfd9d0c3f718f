"""The release that scenarios share: one at a time, in a namespace that is always deleted at the end."""

import contextlib
import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.helm import Values
from loadtest.sites.kubernetes.kubectl import Kubectl
from loadtest.sites.kubernetes.release import GONE_S, Release
from loadtest.sites.kubernetes.tools import Tools
from loadtest.sites.site import CLUSTER, SiteProvider

PREFIX: Final = "flotilla-test-"

# Small arenas, so that fifty players are in several.
SMALL_ARENAS: Final[Values] = {"config": {"FLOTILLA_ARENA_CAPACITY": "20"}}


@dataclass(frozen=True, slots=True)
class ReleaseLayout:
    """The release that is installed when a scenario begins."""

    values: Values | None = field(default_factory=lambda: dict(SMALL_ARENAS))  # None: the scenario installs
    release: str = "shared"  # scenarios with the same name share one release, each with its values


class SharedRelease(SiteProvider):
    """At most one release. Bounds are seconds here: a crowd that is late by milliseconds measures them well."""

    kind = CLUSTER
    players = 50
    judges_times = False

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._stack = contextlib.ExitStack()
        self._release: Release | None = None
        self._name = ""

    def missing(self, needs: Collection[str]) -> list[str]:
        return self._tools.missing(needs)

    @contextlib.contextmanager
    def site(self, layout: ReleaseLayout, folder: Path, log: Callable[[str], None]) -> Iterator[Release]:
        del folder
        if self._release is None or self._name != layout.release:
            self.discard()
            namespace = f"{PREFIX}{secrets.token_hex(3)}"
            release = Release(self._tools, namespace)
            self._stack.enter_context(_namespace(release.kubectl, namespace))
            log(f"  namespace {namespace}")
            self._release, self._name = release, layout.release
            if layout.values is not None:
                release.install(layout.values)
        elif layout.values is not None:
            self._release.have(layout.values)
        yield self._release

    def discard(self) -> None:
        """Delete the release with its namespace."""
        self._release = None
        self._stack.close()


@contextlib.contextmanager
def _namespace(kubectl: Kubectl, name: str) -> Iterator[None]:
    kubectl.apply(manifests.namespace(name))
    try:
        yield
    finally:
        kubectl.attempt("delete", "namespace", name, f"--timeout={GONE_S:g}s", patience_s=GONE_S + 10)
