"""Rules for the repository that no tool of `make check` checks: packaging, tests, suppressions and CI."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import app
from tests.sleeps import sleeps, uses

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_FILE_LINES = 400  # longer files contain more than one concept
MAX_FUNCTION_LINES = 50  # longer functions do not fit on a screen

SKIPS = (
    *(
        "pytest.skip",
        "pytest.xfail",
        "pytest.importorskip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
    ),
    *("unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.SkipTest"),
)

PACING = ROOT / "tests" / "pacing.py"
PACED = {  # each file that leaves a fixed time between two stimuli of a real process, and why
    "tests/end_to_end/clients.py": "the tutorial's client sends its facing 20 times a second",
    "tests/end_to_end/test_tick_role.py": "an outage of Redis that is longer than a lease",
    "tests/end_to_end/test_slow_peers.py": "a peer that sends ten messages a second and never reads",
    "tests/layer/test_member.py": "a sender that repeats its message until Redis is back",
    "tests/loadtest/commands/test_load_commands.py": "a server that is stopped for two seconds",
    "tests/loadtest/load/generator/servers.py": "a server that sends frames at given times",
}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_every_test_has_a_docstring() -> None:
    """The docstring describes the behaviour that the test checks."""
    missing = [
        where(path, test.lineno)
        for path in python_files("tests")
        for test in functions(path)
        if test.name.startswith("test_") and not ast.get_docstring(test)
    ]
    assert [] == missing


def test_no_test_is_skipped() -> None:
    """A skipped test checks nothing."""
    found = [
        where(path, line) for path in python_files("tests") for line in uses(path.read_text(encoding="utf-8"), *SKIPS)
    ]
    assert [] == found


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\npytest.skip('x')",
        "import pytest\n@pytest.mark.skipif(True, reason='x')\ndef f(): ...",
        "from pytest import skip as leave\nleave('x')",
        "from pytest import mark\npytestmark = mark.xfail",
        "from unittest import SkipTest\nraise SkipTest",
    ],
)
def test_a_skip_under_any_name_is_found(source: str) -> None:
    """Marks, functions and exceptions of pytest and unittest are found, also under an alias."""
    assert [2] == uses(source, *SKIPS)


def test_no_test_sleeps() -> None:
    """Tests wait for conditions or move a virtual clock. Only tests/pacing.py lets wall-clock time pass."""
    found = [
        where(path, line)
        for path in python_files("tests")
        if path != PACING
        for line in sleeps(path.read_text(encoding="utf-8"))
    ]
    assert [] == found


def test_only_listed_tests_pace_a_real_process() -> None:
    """A fixed time between two stimuli of a real process needs an entry in PACED, so that a reviewer sees it."""
    found = {
        str(path.relative_to(ROOT))
        for path in python_files("tests")
        if uses(path.read_text(encoding="utf-8"), "tests.pacing.pace")
    }
    assert set(PACED) == found


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1)",
        "import time as clock\nclock.sleep(1)",
        "from time import sleep as nap\nnap(1)",
        "import asyncio\nnap = asyncio.sleep",
        "import asyncio\nasyncio.sleep(0.1)",
        "import asyncio\nasyncio.sleep(SECONDS)",
        "from asyncio import sleep\nsleep(1)",
        "import asyncio\nasyncio.wait_for(asyncio.Event().wait(), 1)",
        "from asyncio import Event, wait_for as limited\nlimited(Event().wait(), 1)",
        "import asyncio\nasyncio.wait_for(loop.create_future(), 1)",
        "import asyncio\nasyncio.wait([loop.create_future()], timeout=1)",
        "import threading\nthreading.Event().wait(1)",
        "from threading import Event\nEvent().wait(timeout=1)",
        "import threading\nthreading.Timer(1, f)",
        "loop.call_later(1, f)",
        "loop.call_at(1, f)",
        "import select\nselect.select([], [], [], 1)",
        "import asyncio\nasync def moment(seconds):\n    await asyncio.sleep(seconds)",
    ],
)
def test_a_sleep_under_any_name_is_found(source: str) -> None:
    """Also under an alias, inside a helper, or as an event that nothing sets."""
    assert [source.count("\n") + 1] == sleeps(source)


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasyncio.sleep(0)",
        "import asyncio\nasyncio.Event().wait()",
        "import asyncio\nasyncio.wait_for(served.wait(), 1)",
        "import select\nselect.select([pipe], [], [], 1)",
        "monkeypatch.setattr('time.sleep', f)",
    ],
)
def test_a_wait_for_something_is_no_sleep(source: str) -> None:
    """One turn for other tasks, an endless task, and a limited wait for an event that another task sets are allowed."""
    assert [] == sleeps(source)


# A suppression, and a suppression with its codes and a reason.
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b")
REASONED = re.compile(r"#\s*(?:noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[a-z, -]+\])\W+\w.{3,}")


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("x = 1", True),
        ("x = 1  # noqa: S104  # a name to print", True),
        ("x = 1  # noqa: N802, N803 - Twisted's names", True),
        ("x = 1  # type: ignore[misc, arg-type]  # likewise", True),
        ("x = 1  # noqa", False),
        ("x = 1  # noqa: S104", False),
        ("x = 1  # type: ignore", False),
        ("x = 1  # type: ignore[misc]", False),
        ("x = 1  # type: ignore  # a reason without a code", False),
    ],
)
def test_a_suppression_needs_code_and_reason(line: str, fits: bool) -> None:
    """A code without a reason, or a reason without a code, is refused."""
    assert fits == suppresses_with_reason(line)


def test_every_suppression_names_its_code_and_reason() -> None:
    """`noqa` and `type: ignore` have a code and a reason on the same line."""
    found = [
        where(path, number)
        for path in python_files("app", "loadtest", "scripts", "tests")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not suppresses_with_reason(line)
    ]
    assert [] == found


def suppresses_with_reason(line: str) -> bool:
    return not SUPPRESSION.search(line) or bool(REASONED.search(line))


def test_files_and_functions_stay_short() -> None:
    """No file of the product is longer than 400 lines, no function longer than 50."""
    long = []
    for path in python_files("app", "loadtest", "scripts"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            long.append(where(path, lines))
        long += [
            where(path, function.lineno)
            for function in functions(path)
            if (function.end_lineno or 0) - function.lineno >= MAX_FUNCTION_LINES
        ]
    assert [] == long


def test_every_folder_with_modules_is_a_package() -> None:
    """A folder without `__init__.py` would be missing from the wheel."""
    folders = {path.parent for path in python_files("app", "loadtest")}
    assert [] == sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists())


def test_every_file_that_is_not_a_module_is_package_data() -> None:
    """The wheel contains all files that the product reads at run time, without the sources of pictures in art/."""
    packaged = {
        path
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    data = {path for path in (ROOT / "app").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert set() == {path for path in data - packaged if "art" not in path.parts and not path.name.startswith(".")}


def test_package_and_metadata_have_the_same_version() -> None:
    """The version is in pyproject.toml and in app/__init__.py."""
    assert PROJECT["project"]["version"] == app.__version__


def test_make_alone_lists_its_targets() -> None:
    """`make` without a target prints one line for each target."""
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^  make ([a-z]+) +\S", listed, re.MULTILINE)
    assert {"install", "run", "test", "check", "bench", "build", "lock", "clean"} <= set(targets)


def test_the_workflow_only_runs_ci_run() -> None:
    """The workflow's only command is `.ci/run`, and it has read permissions only."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [".ci/run"] == [step["run"] for step in job["steps"] if "run" in step]
    assert {"contents": "read"} == workflow["permissions"]
    assert "permissions" not in job


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    """Return a folder with a copy of `.ci/run`, whose commands only write their names and arguments to `calls`."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    for name in ("bin/make", ".ci/system-packages", ".ci/platform"):
        program = tmp_path / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{name}" "$@" >>calls\n[ "$FAILS" != "{name}" ]\n', encoding="utf-8")
        program.chmod(0o755)
    return tmp_path


def run_ci(folder: Path, fails: str = "") -> tuple[bool, list[str]]:
    """Run `.ci/run` with a command that fails. Return True if it succeeds, and the calls."""
    environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "FAILS": fails}
    done = subprocess.run([folder / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False)
    assert ("Passed" in done.stdout) == (done.returncode == 0)
    return done.returncode == 0, (folder / "calls").read_text(encoding="utf-8").splitlines()


def test_ci_runs_all_checks(ci: Path) -> None:
    """It installs make, and calls all targets and the checks of the platform."""
    calls = [".ci/system-packages make", "bin/make check test test-capacity test-faults", ".ci/platform"]
    assert (True, calls) == run_ci(ci)


@pytest.mark.parametrize(
    ("fails", "calls"),
    [(".ci/system-packages", 1), ("bin/make", 2), (".ci/platform", 3)],
    ids=["apt", "make", "platform"],
)
def test_ci_fails_with_each_of_its_commands(ci: Path, fails: str, calls: int) -> None:
    """It stops at the first failure and does not report success."""
    passed, called = run_ci(ci, fails)
    assert (False, calls) == (passed, len(called))
