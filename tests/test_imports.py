"""The rooms of the project import only what the table in docs/architecture.md allows; sources are parsed, never run."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"

PACKAGES = ("app", "loadtest")  # folders of Python rooms
FRONTEND = "frontend/src"  # its folders are rooms, too

# Parts of the standard library that a pure room must not use: clocks, sockets, threads and processes.
IMPURE = frozenset({"asyncio", "datetime", "multiprocessing", "secrets", "select", "selectors", "signal", "socket"}) | {
    "ssl",
    "subprocess",
    "threading",
    "time",
}
PURE = frozenset(sys.stdlib_module_names) - IMPURE
REACT = re.compile(r"react(-dom|/.*)?|@r2wc/.*")

_ROW = re.compile(r"^\| `(?P<room>[\w/]+)` \|[^|]*\| (?P<allowed>[^|]*) \|$", re.MULTILINE)
_TS_IMPORT = re.compile(
    r'^(?:import|export)\b[^"\';]*?["\'](?P<name>[^"\']+)["\']|import\(\s*["\'](?P<late>[^"\']+)', re.MULTILINE
)


@dataclass(frozen=True)
class Rule:
    """The rooms a room may import besides itself, and the packages (None: any)."""

    rooms: frozenset[str]
    packages: frozenset[str] | None
    react: bool


def rules(page: str) -> dict[str, Rule]:
    """Return the table of a page, by room."""
    return {row["room"]: _rule(row["allowed"]) for row in _ROW.finditer(page)}


def _rule(allowed: str) -> Rule:
    words = {word.strip() for word in allowed.split(",")} - {"–"}
    rooms = frozenset(word.strip("`") for word in words if word.startswith("`"))
    plain = frozenset(word for word in words if not word.startswith("`"))
    packages = PURE | (plain - {"pure"}) if "pure" in plain else None
    return Rule(rooms, packages, react="react" in plain)


def imported(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of every import anywhere in `tree`, a module inside `package`.

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
    """Return the module that a `from … import` names; relative ones are resolved against `package`."""
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def by_name(call: ast.Call) -> Iterator[tuple[int, str]]:
    """Yield what `import_module("x")` and `__import__("x")` import, where x is a literal."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"import_module", "__import__"} and call.args and isinstance(call.args[0], ast.Constant):
        yield call.lineno, str(call.args[0].value)


def allows(table: Mapping[str, Rule], room: str, name: str) -> bool:
    """Return whether a module of `room` may import the dotted `name`, for example app.wire.inputs.decode."""
    rule = table[room]
    package, _, rest = name.partition(".")
    if package not in PACKAGES:
        return package == "__future__" or rule.packages is None or package in rule.packages
    target = f"{package}/{rest.split('.')[0]}"
    if target in table:
        return target in rule.rooms | {room}
    names_itself = not rest or package == room.split("/", maxsplit=1)[0]  # the package, or a name that it defines
    return rule.packages is None and names_itself


def violations(root: Path, table: Mapping[str, Rule]) -> Iterator[str]:
    """Yield `path:line imports name` for each import below `root` that its room must not have."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            relative = path.relative_to(root)
            room = "/".join(relative.parts[:2]).removesuffix(".py")
            if room not in table:
                yield f"{relative}: {room} has no row in the table"
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for line, name in imported(tree, ".".join(relative.parts[:-1])):
                if not allows(table, room, name):
                    yield f"{relative}:{line} imports {name}"
    yield from _frontend_violations(root, table)


def _frontend_violations(root: Path, table: Mapping[str, Rule]) -> Iterator[str]:
    base = root / FRONTEND
    for path in sorted(base.rglob("*.ts*")):
        if ".test." in path.name or path.relative_to(base).parts[0] == "testing":
            continue
        room = f"{FRONTEND}/{path.relative_to(base).parts[0]}"
        if room not in table:
            yield f"{path.relative_to(root)}: {room} has no row in the table"
            continue
        for found in _TS_IMPORT.finditer(path.read_text(encoding="utf-8")):
            name = found["name"] or found["late"]
            if not _frontend_allows(table[room], room, path, name, base):
                yield f"{path.relative_to(root)} imports {name}"


def _frontend_allows(rule: Rule, room: str, path: Path, name: str, base: Path) -> bool:
    if not name.startswith("."):
        return rule.react or not REACT.fullmatch(name)
    target = (path.parent / name).resolve()
    if not target.is_relative_to(base.resolve()):
        return True  # data shared with the server, or styles
    return f"{FRONTEND}/{target.relative_to(base.resolve()).parts[0]}" in rule.rooms | {room}


TABLE = rules(PAGE.read_text(encoding="utf-8"))


def test_every_room_imports_only_what_the_table_allows() -> None:
    """No module imports against the direction of the data."""
    assert [] == list(violations(ROOT, TABLE))


def test_every_row_is_a_room() -> None:
    """The table names no room that is gone, as a row or as something to import."""
    named = set(TABLE) | {room for rule in TABLE.values() for room in rule.rooms}
    assert [] == sorted(room for room in named if not ((ROOT / room).is_dir() or (ROOT / f"{room}.py").is_file()))


def test_the_rooms_of_python_have_an_order() -> None:
    """No room imports itself by way of others."""
    reached = {room: set(rule.rooms) for room, rule in TABLE.items()}
    for _ in TABLE:
        for room, targets in reached.items():
            reached[room] = targets | {further for target in targets for further in reached.get(target, ())}
    assert [] == sorted(room for room, targets in reached.items() if room in targets)


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("app/sim/world.py", "import django", "django"),
        ("app/sim/world.py", "import time", "time"),
        ("app/sim/world.py", "from app.wire import inputs", "app.wire.inputs"),
        ("app/sim/world.py", "from ..wire.inputs import decode", "app.wire.inputs.decode"),
        ("app/sim/deep/world.py", "from ...tick import loop", "app.tick.loop"),
        ("app/sim/world.py", "from app import tick", "app.tick"),
        ("app/sim/world.py", "from app import __version__", "app.__version__"),
        ("app/wire/inputs.py", "from app.sim.world import World", "app.sim.world.World"),
        ("app/wire/inputs.py", "from threading import Lock", "threading.Lock"),
        ("app/wire/inputs.py", "def f():\n    import redis", "redis"),
        ("app/tick/loop.py", "import app.gateway.fanout.hub", "app.gateway.fanout.hub"),
        ("app/tick/loop.py", "from app.settings import environment", "app.settings.environment"),
        ("app/gateway/fanout/hub.py", "from app.sim import world", "app.sim.world"),
        ("app/gateway/gateway.py", "if TYPE_CHECKING:\n    import app.tick.loop", "app.tick.loop"),
        ("app/gateway/gateway.py", "importlib.import_module('app.sim.world')", "app.sim.world"),
        ("app/observability/metrics.py", "from app.gateway import gateway", "app.gateway.gateway"),
        ("app/layer/member.py", "from app.wire import channels", "app.wire.channels"),
        ("app/wire/channels.py", "from app.layer import member", "app.layer.member"),
        ("app/web/views.py", "from app.wire import snapshot", "app.wire.snapshot"),
        ("app/processes/serving.py", "from app.commands import apps", "app.commands.apps"),
        ("app/commands/run.py", "from loadtest import outcome", "loadtest.outcome"),
        ("app/__main__.py", "from app.sim import world", "app.sim.world"),
        ("app/__init__.py", "import json, django", "django"),
        ("loadtest/players/v1.py", "from loadtest.load import crew", "loadtest.load.crew"),
        ("loadtest/judge/slo.py", "from app.gateway import gateway", "app.gateway.gateway"),
    ],
)
def test_a_forbidden_import_is_named_with_its_line(tmp_path: Path, path: str, source: str, name: str) -> None:
    """An import against the table is found wherever it stands and however it is written."""
    write(tmp_path, path, source)

    (found,) = violations(tmp_path, TABLE)

    assert f"{path}:{len(source.splitlines())} imports {name}" == found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app/sim/world.py", "import numpy as np\nfrom app.sim.rules import MAX_ID\nfrom . import ids\nimport json"),
        ("app/wire/inputs.py", "import msgspec\nfrom .varint import read\nfrom __future__ import annotations"),
        (
            "app/tick/loop.py",
            "import time, redis\nfrom app.sim import world\nfrom app.wire import inputs\nimport app.observability",
        ),
        (
            "app/gateway/socket/server.py",
            "import daphne.server\nfrom app import __version__\nfrom app.wire import rules",
        ),
        ("app/layer/member.py", "import channels.layers\nfrom app.observability import metrics"),
        ("app/gateway/fanout/relay.py", "from app.layer.member import Member"),
        ("app/processes/asgi.py", "from app.gateway.socket import server\nfrom app.tick import loop"),
        ("loadtest/load/crew.py", "from loadtest.players import v1\nfrom app.wire import inputs\nimport picows"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, path: str, source: str) -> None:
    """What the table allows is not reported."""
    write(tmp_path, path, source)

    assert [] == list(violations(tmp_path, TABLE))


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("net/decode.ts", 'import { Replica } from "../state/replica";', "../state/replica"),
        ("state/replica.ts", 'import type {\n  View,\n} from "../view/renderer";', "../view/renderer"),
        ("view/renderer.ts", 'import { useRef } from "react";', "react"),
        ("sim/rules.ts", 'const late = import("../net/decode");', "../net/decode"),
    ],
)
def test_a_forbidden_import_of_the_front_end_is_named(tmp_path: Path, path: str, source: str, name: str) -> None:
    """Folders of frontend/src keep the table, and only the component and the element know React."""
    write(tmp_path, f"{FRONTEND}/{path}", source)

    assert [f"{FRONTEND}/{path} imports {name}"] == list(violations(tmp_path, TABLE))


def test_a_new_room_needs_a_row(tmp_path: Path) -> None:
    """A folder that the table does not name is itself a violation."""
    write(tmp_path, "app/attic/box.py", "")
    write(tmp_path, "frontend/src/attic/box.ts", "")

    assert [
        "app/attic/box.py: app/attic has no row in the table",
        "frontend/src/attic/box.ts: frontend/src/attic has no row in the table",
    ] == list(violations(tmp_path, TABLE))


def write(root: Path, path: str, source: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True)
    target.write_text(source + "\n", encoding="utf-8")
