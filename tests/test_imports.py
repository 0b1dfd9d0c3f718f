"""Data runs one way through the rooms of app/, and so do imports: read from the sources, nothing is run."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What a pure room does not know, though the standard library has it: clocks, sockets, other threads and processes.
IMPURE = frozenset({"asyncio", "datetime", "multiprocessing", "secrets", "select", "selectors", "signal", "socket"}) | {
    "ssl",
    "subprocess",
    "threading",
    "time",
}
PURE_PACKAGES = (frozenset(sys.stdlib_module_names) - IMPURE) | {"numpy", "msgspec"}
ALL_ROOMS = frozenset({"config", "gateway", "layer", "observability", "sim", "tick", "web", "wire"})


@dataclass(frozen=True)
class Rule:
    """Which rooms of app/ a room may import besides itself, and which packages (None: any)."""

    rooms: frozenset[str] = frozenset()
    packages: frozenset[str] | None = None


RULES = {
    "sim": Rule(packages=PURE_PACKAGES),
    "wire": Rule(packages=PURE_PACKAGES),
    "observability": Rule(),
    "layer": Rule(rooms=frozenset({"observability"})),
    "tick": Rule(rooms=frozenset({"sim", "wire", "layer", "observability"})),
    "gateway": Rule(rooms=frozenset({"wire", "layer", "observability"})),
    "web": Rule(),
    "config": Rule(rooms=ALL_ROOMS),
    "__main__": Rule(rooms=frozenset({"config"})),
    "__init__": Rule(packages=PURE_PACKAGES),  # every import of any room runs it
}


def imported(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of all that is imported anywhere in `tree`, a module inside `package`.

    `from a import b` gives a.b: b may be a room. Imports under TYPE_CHECKING and inside functions count.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from by_name(node)


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module that a `from … import` names, relative ones resolved against `package`."""
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def by_name(call: ast.Call) -> Iterator[tuple[int, str]]:
    """What `import_module("x")` and `__import__("x")` import, where x is written out."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"import_module", "__import__"} and call.args and isinstance(call.args[0], ast.Constant):
        yield call.lineno, str(call.args[0].value)


def allows(rule: Rule, room: str, name: str) -> bool:
    """Whether a module of `room` may import `name`, for example app.wire.inputs.decode."""
    package, _, rest = name.partition(".")
    if package == "app":
        target = rest.split(".")[0]
        pure = rule.packages is not None
        return target in rule.rooms | {room} or (target not in ALL_ROOMS and not pure)
    return package == "__future__" or rule.packages is None or package in rule.packages


def violations(root: Path) -> Iterator[str]:
    """`path:line imports name` for each import under root/app that its room must not have."""
    for path in sorted((root / "app").rglob("*.py")):
        relative = path.relative_to(root)
        room = relative.parts[1].removesuffix(".py")
        if room not in RULES:
            yield f"{relative}: {room} has no rule"
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imported(tree, ".".join(relative.parts[:-1])):
            if not allows(RULES[room], room, name):
                yield f"{relative}:{line} imports {name}"


def test_every_room_imports_only_what_it_may() -> None:
    """No module of app/ imports against the direction of the data."""
    assert [] == list(violations(ROOT))


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("sim/world.py", "import django", "django"),
        ("sim/world.py", "import time", "time"),
        ("sim/world.py", "from app.wire import inputs", "app.wire.inputs"),
        ("sim/world.py", "from ..wire.inputs import decode", "app.wire.inputs.decode"),
        ("sim/deep/world.py", "from ...tick import loop", "app.tick.loop"),
        ("sim/world.py", "from app import tick", "app.tick"),
        ("sim/world.py", "from app import __version__", "app.__version__"),
        ("wire/inputs.py", "from app.sim.world import World", "app.sim.world.World"),
        ("wire/inputs.py", "from threading import Lock", "threading.Lock"),
        ("wire/inputs.py", "def f():\n    import redis", "redis"),
        ("tick/loop.py", "import app.gateway.hub", "app.gateway.hub"),
        ("tick/loop.py", "from app.config import settings", "app.config.settings"),
        ("gateway/hub.py", "from app.sim import world", "app.sim.world"),
        ("gateway/hub.py", "if TYPE_CHECKING:\n    import app.tick.loop", "app.tick.loop"),
        ("gateway/hub.py", "importlib.import_module('app.sim.world')", "app.sim.world"),
        ("observability/metrics.py", "from app.gateway import hub", "app.gateway.hub"),
        ("layer/member.py", "from app.wire import channels", "app.wire.channels"),
        ("layer/redis.py", "from app.config.environment import Environment", "app.config.environment.Environment"),
        ("wire/channels.py", "from app.layer import member", "app.layer.member"),
        ("web/views.py", "from app.wire import snapshot", "app.wire.snapshot"),
        ("__main__.py", "from app.sim import world", "app.sim.world"),
        ("__init__.py", "import numpy, django", "django"),
    ],
)
def test_a_forbidden_import_is_named_with_its_line(tmp_path: Path, path: str, source: str, name: str) -> None:
    """An import against the rules is found wherever it stands and however it is written."""
    write(tmp_path, path, source)

    (found,) = violations(tmp_path)

    assert f"app/{path}:{len(source.splitlines())} imports {name}" == found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("sim/world.py", "import numpy as np\nfrom app.sim.rules import MAX_ID\nfrom . import ids\nimport json"),
        ("wire/inputs.py", "import msgspec\nfrom .varint import read\nfrom __future__ import annotations"),
        (
            "tick/loop.py",
            "import time, redis\nfrom app.sim import world\nfrom app.wire import inputs\nimport app.observability",
        ),
        ("gateway/server.py", "import daphne.server\nfrom app import __version__\nfrom app.wire import close_codes"),
        ("layer/member.py", "import channels.layers\nfrom app.observability import metrics"),
        ("gateway/relay.py", "from app.layer.member import Member"),
        ("tick/lease.py", "from app.layer import redis"),
        ("web/views.py", "from django.http import HttpResponse\nfrom app.web import health"),
        ("config/asgi.py", "from app.gateway import server\nfrom app.tick import loop\nfrom app.web import views"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, path: str, source: str) -> None:
    """What the rules allow is not reported."""
    write(tmp_path, path, source)

    assert [] == list(violations(tmp_path))


def test_a_new_room_needs_a_rule(tmp_path: Path) -> None:
    """A folder that the rules do not know is itself a violation, so that none is added unnoticed."""
    write(tmp_path, "attic/box.py", "")

    assert ["app/attic/box.py: attic has no rule"] == list(violations(tmp_path))


def write(root: Path, path: str, source: str) -> None:
    target = root / "app" / path
    target.parent.mkdir(parents=True)
    target.write_text(source + "\n", encoding="utf-8")
