"""A release on a cluster that is a file of answers."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api, proxied
from loadtest.sites.kubernetes.release import Release
from loadtest.sites.kubernetes.tools import Tools

FAKE = Path(__file__).with_name("fake_kubectl.py")


def program(folder: Path, name: str, body: str) -> None:
    """Write an executable shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


class FakeCluster:
    """The answers of the cluster, and the requests that it got."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubectl = str(folder / "kubectl")
        self.answers: dict[str, Any] = {"/readyz": [200, "ok"]}
        self.list_items("/api/v1/namespaces/test/pods", [])
        self.list_items("/apis/apps/v1/namespaces/test/deployments", [])

    def list_items(self, path: str, items: list[dict[str, Any]]) -> None:
        """Answer `path` with a list of these items from now on."""
        self.answer(path, 200, {"items": items})

    def answer(self, path: str, status: int, body: Any) -> None:
        """Answer `path` with this from now on."""
        self.answers[path] = [status, body]
        fresh = self.folder / "answers.new"
        fresh.write_text(json.dumps(self.answers), encoding="utf-8")
        fresh.replace(self.folder / "answers.json")

    def commands(self) -> list[str]:
        """Return the arguments of all kubectl commands, without the proxy."""
        path = self.folder / "commands"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def cluster(tmp_path: Path) -> FakeCluster:
    """A fake cluster with its kubectl."""
    fake = FakeCluster(tmp_path)
    body = f'export FAKE_CLUSTER={shlex.quote(str(tmp_path))}\nexec {sys.executable} {FAKE} "$@"'
    program(tmp_path, "kubectl", body)
    return fake


@pytest.fixture
def api(cluster: FakeCluster, tmp_path: Path) -> Iterator[Api]:
    """Its API."""
    with proxied(cluster.kubectl, tmp_path) as api:
        yield api


@pytest.fixture
def tools(cluster: FakeCluster, api: Api) -> Tools:
    """Its tools, without any add-on."""
    return Tools(cluster.kubectl, "helm", None, "127.0.0.1", Addons(None), None, cluster.folder, api)


@pytest.fixture
def release(tools: Tools) -> Release:
    """A release in the namespace `test`."""
    return Release(tools, "test")
