"""The image as platforms run it: every role, as any user, on a read-only root, with nothing beside it."""

import contextlib
import datetime as dt
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pytest

import app
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.redis_server import RedisServer
from tests.end_to_end.clients import ReplicaClient
from tests.end_to_end.server import until
from tests.image.container import IMAGE, Container, docker, inspected, once

STOP_S: Final = 10.0  # after which `docker stop` kills
WINDOW_S: Final = "2"
EMPTY_BIN: Final = ("--tmpfs", "/usr/bin", "--tmpfs", "/usr/sbin")  # where shells and all tools of the base are
ROLES: Final = ("gateway", "run", "tick", "web")

KEY: Final = secrets.token_urlsafe(64)
Start = Callable[..., "Running"]


@dataclass
class Running:
    """A container, and the ports that it has."""

    container: Container
    port: int
    private_port: int

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}/ws/game/"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis on this machine, whose network the containers share."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), dict(os.environ))
    yield server
    server.stop()


@pytest.fixture
def start(redis: RedisServer) -> Iterator[Start]:
    """A function that starts a role in production; what it started ends with the test."""
    with contextlib.ExitStack() as stack:

        def started(role: str, *, options: tuple[str, ...] = EMPTY_BIN) -> Running:
            port, private_port = free_port(), free_port()
            environment = {
                "FLOTILLA_SECRET_KEY": KEY,
                "FLOTILLA_ALLOWED_HOSTS": HOST,
                "FLOTILLA_ALLOW_MISSING_ORIGIN": "true",
                "FLOTILLA_BIND": f"{HOST}:{port}",
                "FLOTILLA_PRIVATE_BIND": f"{HOST}:{private_port}",
                "FLOTILLA_SSL_REDIRECT": "false",
                "FLOTILLA_DRAIN_WAIT_SECONDS": "0",
                "FLOTILLA_DRAIN_WINDOW_SECONDS": WINDOW_S,
                "FLOTILLA_REDIS_PREFIX": f"image-{secrets.token_hex(4)}" if role == "run" else "image",
                **({} if role in {"run", "web"} else {"FLOTILLA_REDIS_URL": redis.url}),
            }
            container = Container(role, options=options, environment=environment)
            stack.callback(container.remove)
            return Running(container, port, private_port)

        yield started


def test_its_labels_say_what_it_is() -> None:
    """Version, revision and time are those of the source."""
    labels = inspected(IMAGE)["Config"]["Labels"]
    said = {name.removeprefix("org.opencontainers.image."): text for name, text in labels.items()}
    assert ("Flotilla", app.__version__, "MIT") == (said["title"], said["version"], said["licenses"])
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?|unknown", said["revision"])
    assert dt.datetime.fromisoformat(said["created"]).tzinfo is not None
    assert "source" in said


def test_it_runs_as_a_number_and_without_a_shell() -> None:
    """So that platforms can tell that it is not root, and signals reach the product."""
    config = inspected(IMAGE)["Config"]
    assert "65532:65532" == config["User"]
    assert (["flotilla"], ["run"]) == (config["Entrypoint"], config["Cmd"])
    assert config.get("Healthcheck") is None


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_ready_and_ends_with_zero(start: Start, role: str) -> None:
    """As somebody whom the image does not know, without a tool beside it."""
    if role == "gateway":
        start("tick")
    running = start(role)
    running.container.wait_until_ready(running.private_port)
    running.container.terminate()
    assert 0 == running.container.ended(STOP_S), running.container.log()
    assert not re.search("Traceback|ERROR|CRITICAL", running.container.log())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_told_to_end_while_it_starts_ends(start: Start, role: str) -> None:
    """The kernel would hide the signal from process 1 if nobody asked for it: the platform would wait, and kill."""
    running = start(role)
    running.container.wait_until_it_handles_sigterm()
    running.container.terminate()
    assert running.container.ended(STOP_S) in {0, 143}


async def test_a_gateway_lets_its_players_go(start: Start) -> None:
    """With 1012 to each, within its window."""
    tick, gateway = start("tick"), start("gateway")
    for running in (tick, gateway):
        running.container.wait_until_ready(running.private_port)
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(ReplicaClient.connected(gateway)) for _ in range(5)]
        for client in clients:
            await client.until(lambda client=client: client.own)
        gateway.container.terminate()
        await until(lambda: not gateway.container.running)
        await until(lambda: [1012] * 5 == [client.socket.close_code for client in clients])
    assert 0 == gateway.container.ended(STOP_S)


def test_the_doctor_finds_a_site_in_order(start: Start) -> None:
    """Also in what was pruned: it plays as a player does."""
    running = start("run")
    running.container.wait_until_ready(running.private_port)
    code, said = running.container.run("flotilla", "doctor", "--url", f"http://{HOST}:{running.port}/")
    assert 0 == code, said
    assert "ok      frame: " in said


def test_every_module_of_ours_imports_what_is_left() -> None:
    """Nothing that was pruned was needed."""
    look = (
        "import pkgutil, importlib, app.gateway.socket.server, django; django.setup(); import app;"
        "[importlib.import_module(found.name) for found in pkgutil.walk_packages(app.__path__, 'app.')"
        " if not found.name.endswith('__main__')]"
    )
    settings = {"FLOTILLA_ENV": "local", "DJANGO_SETTINGS_MODULE": "app.settings.django"}
    code, said = once("-c", look, options=("--entrypoint", "python"), environment=settings)
    assert 0 == code, said


def test_nothing_is_compiled_at_the_start() -> None:
    """Every module that a role can import has its bytecode, which a read-only root could never keep."""
    look = (
        "import pathlib; site = next(pathlib.Path('/opt/flotilla/lib').glob('python3.*/site-packages'));"
        "print([str(path) for path in site.rglob('*.py')"
        " if not list((path.parent / '__pycache__').glob(path.stem + '.*.pyc'))])"
    )
    code, said = once("-c", look, options=("--entrypoint", "python"))
    assert (0, "[]\n") == (code, said)


def test_without_a_key_it_says_so_in_a_sentence() -> None:
    """And nothing else: production is the default."""
    code, said = once()
    assert 2 == code
    (sentence,) = said.splitlines()
    assert sentence.startswith("FLOTILLA_SECRET_KEY is required")


def test_nothing_of_the_build_stays_behind() -> None:
    """No key, no configuration of an index, no source beside the packages, no tools."""
    config = inspected(IMAGE)["Config"]
    assert not any(entry.startswith(("FLOTILLA_SECRET", "PIP_INDEX", "NPM_")) for entry in config["Env"])
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", IMAGE)
    assert not re.search("SECRET_KEY|index-url|registry", history)
    look = (
        "import pathlib; home = pathlib.Path.home();"
        "names = ['/src', '/product', '/opt/build', '/run/secrets', '/app', '/tests',"
        " '/var/cache/pip', '/var/cache/npm', home / '.npmrc', home / '.config', home / '.cache'];"
        "print([name for name in names if pathlib.Path(name).exists()])"
    )
    code, said = once("-c", look, options=("--entrypoint", "python", "--user", "0:0"))
    assert (0, "[]\n") == (code, said)


def test_its_pages_files_carry_a_hash_and_are_compressed() -> None:
    """They were collected in the build."""
    look = "import pathlib; print(pathlib.Path('/opt/flotilla/static/staticfiles.json').read_text())"
    code, said = once("-c", look, options=("--entrypoint", "python"))
    assert 0 == code
    hashed = json.loads(said)["paths"]["flotilla/flotilla-game.js"]
    assert re.fullmatch(r"flotilla/flotilla-game\.[0-9a-f]{12}\.js", hashed)
    assert 0 == once("-c", f"open('/opt/flotilla/static/{hashed}.gz')", options=("--entrypoint", "python"))[0]


def test_all_that_is_in_it_may_be_read_by_anybody() -> None:
    """Platforms choose the user; a file for its owner only would be there for nobody."""
    look = (
        "import os; print([os.path.join(folder, name) for folder, folders, files in os.walk('/opt/flotilla')"
        " for name in folders + files if not os.access(os.path.join(folder, name), os.R_OK)])"
    )
    code, said = once("-c", look, options=("--entrypoint", "python"))
    assert (0, "[]\n") == (code, said)
