"""Every role of the image, run as platforms run it: as any user, with a read-only root file system."""

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
from tests.image.container import IMAGE, Container, docker, inspected, once
from tests.pacing import until

STOP_S: Final = 10.0  # time after which `docker stop` kills
WINDOW_S: Final = "2"
EMPTY_BIN: Final = ("--tmpfs", "/usr/bin", "--tmpfs", "/usr/sbin")  # hides the shells and tools of the base image
ROLES: Final = ("gateway", "run", "tick", "web")

KEY: Final = secrets.token_urlsafe(64)
Start = Callable[..., "Running"]


@dataclass
class Running:
    """A container and its ports."""

    container: Container
    port: int
    private_port: int

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}/ws/game/"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Run Redis on the host's network, which the containers share."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), dict(os.environ))
    yield server
    server.stop()


@pytest.fixture
def start(redis: RedisServer) -> Iterator[Start]:
    """Return a function that starts a role in production mode. The containers are removed after the test."""
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


def test_its_labels_describe_the_source() -> None:
    """They contain version, revision and time of the source."""
    labels = inspected(IMAGE)["Config"]["Labels"]
    values = {name.removeprefix("org.opencontainers.image."): text for name, text in labels.items()}
    assert ("Flotilla", app.__version__, "MIT") == (values["title"], values["version"], values["licenses"])
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?|unknown", values["revision"])
    assert dt.datetime.fromisoformat(values["created"]).tzinfo is not None
    assert "source" in values


def test_it_runs_with_a_numeric_user_and_without_a_shell() -> None:
    """Platforms can verify that the user is not root, and signals reach the product."""
    config = inspected(IMAGE)["Config"]
    assert "65532:65532" == config["User"]
    assert (["flotilla"], ["run"]) == (config["Entrypoint"], config["Cmd"])
    assert config.get("Healthcheck") is None


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_ready_and_ends_with_zero(start: Start, role: str) -> None:
    """It runs as an unknown user."""
    if role == "gateway":
        start("tick")
    running = start(role)
    running.container.wait_until_ready(running.private_port)
    running.container.terminate()
    assert 0 == running.container.ended(STOP_S), running.container.log()
    assert not re.search("Traceback|ERROR|CRITICAL", running.container.log())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_stopped_during_its_start_ends(start: Start, role: str) -> None:
    """The kernel ignores SIGTERM for process 1 without a handler, and the platform would wait and kill it."""
    running = start(role)
    running.container.wait_until_it_handles_sigterm()
    running.container.terminate()
    assert running.container.ended(STOP_S) in {0, 143}


async def test_a_gateway_closes_its_players(start: Start) -> None:
    """Each gets 1012 within the window."""
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


def test_the_doctor_succeeds(start: Start) -> None:
    """It connects as a player does, from inside the pruned image."""
    running = start("run")
    running.container.wait_until_ready(running.private_port)
    code, output = running.container.run("flotilla", "doctor", "--url", f"http://{HOST}:{running.port}/")
    assert 0 == code, output
    assert "ok      frame: " in output


def test_every_module_can_be_imported() -> None:
    """No module needs a pruned file."""
    look = (
        "import pkgutil, importlib, app.gateway.socket.server, django; django.setup(); import app;"
        "[importlib.import_module(found.name) for found in pkgutil.walk_packages(app.__path__, 'app.')"
        " if not found.name.endswith('__main__')]"
    )
    settings = {"FLOTILLA_ENV": "local", "DJANGO_SETTINGS_MODULE": "app.settings.django"}
    code, output = once("-c", look, options=("--entrypoint", "python"), environment=settings)
    assert 0 == code, output


def test_nothing_is_compiled_at_the_start() -> None:
    """Every module has bytecode, because a read-only file system cannot store it later."""
    look = (
        "import pathlib; site = next(pathlib.Path('/opt/flotilla/lib').glob('python3.*/site-packages'));"
        "print([str(path) for path in site.rglob('*.py')"
        " if not list((path.parent / '__pycache__').glob(path.stem + '.*.pyc'))])"
    )
    code, output = once("-c", look, options=("--entrypoint", "python"))
    assert (0, "[]\n") == (code, output)


def test_without_settings_it_prints_those_that_are_required() -> None:
    """The output is one line for each. Production is the default."""
    code, output = once()
    assert 2 == code
    key, hosts = output.splitlines()
    assert key.startswith("FLOTILLA_SECRET_KEY is required")
    assert hosts.startswith("FLOTILLA_ALLOWED_HOSTS is required")


def test_it_contains_nothing_of_the_build() -> None:
    """There is no key, no index configuration, no source and no build tool."""
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
    code, output = once("-c", look, options=("--entrypoint", "python", "--user", "0:0"))
    assert (0, "[]\n") == (code, output)


def test_static_files_are_hashed_and_compressed() -> None:
    """The build collects them."""
    look = "import pathlib; print(pathlib.Path('/opt/flotilla/static/staticfiles.json').read_text())"
    code, output = once("-c", look, options=("--entrypoint", "python"))
    assert 0 == code
    hashed = json.loads(output)["paths"]["flotilla/flotilla-game.js"]
    assert re.fullmatch(r"flotilla/flotilla-game\.[0-9a-f]{12}\.js", hashed)
    assert 0 == once("-c", f"open('/opt/flotilla/static/{hashed}.gz')", options=("--entrypoint", "python"))[0]


def test_every_file_is_readable_by_every_user() -> None:
    """Platforms choose the user, who owns no file."""
    look = (
        "import os; print([os.path.join(folder, name) for folder, folders, files in os.walk('/opt/flotilla')"
        " for name in folders + files if not os.access(os.path.join(folder, name), os.R_OK)])"
    )
    code, output = once("-c", look, options=("--entrypoint", "python"))
    assert (0, "[]\n") == (code, output)
