"""Holds the release that scenarios share: one at a time, in a namespace of its own, taken away at the end always."""

import contextlib
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from loadtest.scenarios.cluster_stage import Layout
from loadtest.sites.kubernetes.helm import Helm
from loadtest.sites.kubernetes.kubectl import Kubectl
from loadtest.sites.kubernetes.release import RELEASE, Site, namespace
from loadtest.sites.kubernetes.tools import Tools

PREFIX: Final = "flotilla-test-"


class Theatre:
    """At most one release."""

    def __init__(self, tools: Tools, tell: Callable[[str], None]) -> None:
        """Take the tools; nothing is installed yet."""
        self._tools = tools
        self._tell = tell
        self._stack = contextlib.ExitStack()
        self._site: Site | None = None
        self._layout: Layout = Layout()

    def __enter__(self) -> Self:
        """Give it to the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take away what there is."""
        self.clear()

    def clear(self) -> None:
        """Take the release away, with its namespace."""
        self._site = None
        self._stack.close()

    def site(self, layout: Layout) -> Site:
        """Return a release of this layout, perhaps the one that is there; raises SiteError."""
        if self._site is None or self._layout.release != layout.release:
            self.clear()
            self._site = self._made()
            if layout.values is not None:
                self._site.install(layout.values)
        elif layout.values is not None:
            self._site.have(layout.values)
        self._layout = layout
        return self._site

    def _made(self) -> Site:
        tools, name = self._tools, f"{PREFIX}{secrets.token_hex(3)}"
        kubectl = Kubectl(tools.kubectl, name)
        self._stack.enter_context(namespace(kubectl, name))
        self._tell(f"  namespace {name}")
        return Site(kubectl, Helm(tools.helm, name, RELEASE, tools.folder), tools.api, name, tools.node)
