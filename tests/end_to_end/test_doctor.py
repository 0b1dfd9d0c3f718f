import asyncio
import json
import subprocess
from typing import Any

import pytest

from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import Server, ran

LIMIT_S = 60.0


async def doctor(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in another process."""
    return await asyncio.to_thread(lambda: ran("-m", "app", "doctor", *arguments, limit_s=LIMIT_S, **settings))


def verdicts(document: str) -> dict[str, Any]:
    return {check["check"]: check["verdict"] for check in json.loads(document)["checks"]}


async def test_a_site_that_is_well(serve: Serve) -> None:
    """A line for each check; nothing fails, a ship was had and a stranger kept out."""
    server = serve()
    ended = await doctor("--url", f"http://{server.address}/")
    assert (0, "") == (ended.returncode, ended.stderr), ended.stdout
    lines = ended.stdout.splitlines()
    assert {"ok", "skipped"} >= {line.split()[0] for line in lines} - {"warn"}
    assert any(line.startswith("ok      frame: a ship and a frame of 1 ships after") for line in lines)
    assert "ok      foreign origin: refused" in lines


async def test_a_site_is_told_to_machines(server: Server) -> None:
    """--json: one document with a verdict for the whole, and one for each check."""
    ended = await doctor("--json", FLOTILLA_BIND=server.address)
    found = verdicts(ended.stdout)
    assert "ok" == json.loads(ended.stdout)["verdict"]
    assert {"ok"} == {found[check] for check in ("configuration", "page", "websocket", "frame", "foreign origin")}
    assert "skipped" == found["redis"]


async def test_a_socket_alone_is_looked_at_wherever_its_name_leads(server: Server) -> None:
    """--socket-only --connect: from where neither page nor DNS can be reached, by the site's name all the same."""
    port = server.address.rpartition(":")[2]
    ended = await doctor("--json", "--socket-only", "--url", "http://localhost:1/", "--connect", f"127.0.0.1:{port}")
    assert {"websocket": "ok", "frame": "ok", "foreign origin": "ok"} == verdicts(ended.stdout)


async def test_a_site_that_is_not_there() -> None:
    """What cannot be looked at is skipped, the rest fails, and so does the command."""
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
async def test_a_wrong_call_is_told_from_a_sick_site(arguments: list[str], settings: dict[str, str]) -> None:
    """Exit code 2, and nothing was looked at."""
    ended = await doctor(*arguments, **settings)
    assert (2, "") == (ended.returncode, ended.stdout)
    assert "Traceback" not in ended.stderr
