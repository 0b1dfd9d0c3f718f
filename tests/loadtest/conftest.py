"""A site on a cluster that is a file of answers."""

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.helm import Helm
from loadtest.sites.kubernetes.kubectl import Kubectl
from loadtest.sites.kubernetes.release import RELEASE, Site

FAKE = Path(__file__).with_name("fake_kubectl.py")


class FakeCluster:
    """What the cluster answers, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubectl = str(folder / "kubectl")
        self.answers: dict[str, Any] = {"/readyz": [200, "ok"]}
        self.say("/api/v1/namespaces/test/pods", [])
        self.say("/apis/apps/v1/namespaces/test/deployments", [])

    def say(self, path: str, items: list[dict[str, Any]]) -> None:
        """Answer a list with these from now on."""
        self.answer(path, 200, {"items": items})

    def answer(self, path: str, status: int, body: Any) -> None:
        """Answer that path so from now on."""
        self.answers[path] = [status, body]
        fresh = self.folder / "answers.new"
        fresh.write_text(json.dumps(self.answers), encoding="utf-8")
        fresh.replace(self.folder / "answers.json")

    def asked(self) -> list[str]:
        """Return the command lines that changed something, or would have."""
        path = self.folder / "asked"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def cluster(tmp_path: Path) -> FakeCluster:
    """Such a cluster, with its kubectl."""
    fake = FakeCluster(tmp_path)
    script = f'#!/bin/sh\nexport FAKE_CLUSTER={shlex.quote(str(tmp_path))}\nexec {sys.executable} {FAKE} "$@"\n'
    (tmp_path / "kubectl").write_text(script, encoding="utf-8")
    (tmp_path / "kubectl").chmod(0o755)
    return fake


@pytest.fixture
def api(cluster: FakeCluster, tmp_path: Path) -> Iterator[Api]:
    """Its API."""
    with contextlib.closing(contextlib.ExitStack()) as stack:
        yield stack.enter_context(Api(cluster.kubectl, tmp_path, dict(os.environ)))


@pytest.fixture
def site(cluster: FakeCluster, api: Api, tmp_path: Path) -> Site:
    """A release there, in the namespace `test`."""
    return Site(Kubectl(cluster.kubectl, "test"), Helm("helm", "test", RELEASE, tmp_path), api, "test", "127.0.0.1")
