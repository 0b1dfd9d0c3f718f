import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import ROOT, Server, environment

LIMIT_S = 60


async def doctor(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a process."""

    def run() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "app", "doctor", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, check=False, timeout=LIMIT_S
        )

    return await asyncio.to_thread(run)


def verdicts(document: str) -> dict[str, Any]:
    return {check["check"]: check["verdict"] for check in json.loads(document)["checks"]}


async def test_a_healthy_site(serve: Serve) -> None:
    """The output has one line per check and no failure. A foreign origin is refused."""
    server = serve()
    ended = await doctor("--url", f"http://{server.address}/")
    assert (0, "") == (ended.returncode, ended.stderr), ended.stdout
    lines = ended.stdout.splitlines()
    assert {"ok", "skipped"} >= {line.split()[0] for line in lines} - {"warn"}
    assert any(line.startswith("ok      frame: a ship and a frame of 1 ships after") for line in lines)
    assert "ok      foreign origin: refused" in lines


async def test_json_output(server: Server) -> None:
    """--json prints one document with a verdict for the site and one for each check."""
    ended = await doctor("--json", FLOTILLA_BIND=server.address)
    found = verdicts(ended.stdout)
    assert "ok" == json.loads(ended.stdout)["verdict"]
    assert {"ok"} == {found[check] for check in ("configuration", "page", "websocket", "frame", "foreign origin")}
    assert "skipped" == found["redis"]


async def test_the_socket_can_be_checked_without_page_and_dns(server: Server) -> None:
    """--socket-only --connect connects to an address, with the site's host name."""
    port = server.address.rpartition(":")[2]
    ended = await doctor("--json", "--socket-only", "--url", "http://localhost:1/", "--connect", f"127.0.0.1:{port}")
    assert {"websocket": "ok", "frame": "ok", "foreign origin": "ok"} == verdicts(ended.stdout)


async def test_an_unreachable_site() -> None:
    """Checks that depend on a failed check are skipped, and the command fails."""
    ended = await doctor("--json", "--url", "http://127.0.0.1:1/", FLOTILLA_REDIS_URL="redis://127.0.0.1:1")
    found = verdicts(ended.stdout)
    assert (1, "") == (ended.returncode, ended.stderr)
    assert {"fail"} == {found[check] for check in ("redis", "page", "websocket")}
    assert {"skipped"} == {found[check] for check in ("frame", "foreign origin")}


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["--url", "example.org"], {}),
        (["--url", "http://me:secret@example.org/"], {}),
        (["--fix"], {}),
        (["--connect", "127.0.0.1:80"], {}),
        (["--socket-only", "--connect", "127.0.0.1"], {}),
        (["--socket-only", "--connect", "127.0.0.1:0"], {}),
        (["--socket-only", "--connect", ""], {}),
        (["--url", ""], {}),
        ([], {"FLOTILLA_BIND": "127.0.0.1:0"}),
        ([], {"FLOTILLA_ENV": "staging"}),
    ],
)
async def test_wrong_arguments_have_their_own_exit_code(arguments: list[str], settings: dict[str, str]) -> None:
    """The exit code is 2, and no check runs."""
    ended = await doctor(*arguments, **settings)
    assert (2, "") == (ended.returncode, ended.stdout)
    assert "Traceback" not in ended.stderr
