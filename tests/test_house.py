"""The tree keeps the rules that no tool of `make check` knows: packaging, tests and suppressions."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from tests.sleeps import imports, sleeps

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_FILE_LINES = 400  # longer, and a file is no longer one noun
MAX_FUNCTION_LINES = 50  # longer, and a reader scrolls

PACING = ROOT / "tests" / "pacing.py"
PACED = {  # each file that leaves a fixed time between two stimuli of a real process, and why
    "tests/end_to_end/clients.py": "the tutorial's client sends its facing 20 times a second",
    "tests/end_to_end/test_slow_peers.py": "a peer that sends ten messages a second and never reads",
    "tests/gateway/socket/test_handover.py": "to be replaced by an observed event",
    "tests/layer/test_member.py": "to be replaced by an observed event",
    "tests/loadtest/commands/test_load.py": "a server that is stopped for two seconds",
    "tests/loadtest/load/generator/servers.py": "a server that sends frames at given times",
    "tests/tick/virtual_time.py": "virtual time stands still while Redis answers",
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


def test_every_test_says_its_behaviour_in_a_sentence() -> None:
    """A test without a docstring cannot be told from an accident."""
    mute = [
        where(path, test.lineno)
        for path in python_files("tests")
        for test in functions(path)
        if test.name.startswith("test_") and not ast.get_docstring(test)
    ]
    assert [] == mute


def test_no_test_is_skipped() -> None:
    """A skipped test checks nothing."""
    forbidden = re.compile(r"mark\.(?:skip|xfail)|pytest\.(?:skip|xfail|importorskip)")
    found = [
        where(path, number)
        for path in python_files("tests")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert [] == found


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
        if imports(path.read_text(encoding="utf-8"), "tests.pacing.pace")
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


# A suppression; and one with its codes and at least a word of reason.
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
def test_a_suppression_fits_with_code_and_reason(line: str, fits: bool) -> None:
    """Either alone does not do."""
    assert fits == suppresses_with_reason(line)


def test_every_suppression_names_its_code_and_reason() -> None:
    """`noqa` and `type: ignore` carry a code, and words that say why, on the same line."""
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
    """A folder without `__init__.py` would be missing from the wheel, and only there."""
    folders = {path.parent for path in python_files("app", "loadtest")}
    assert [] == sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists())


def test_every_file_that_is_not_a_module_is_package_data() -> None:
    """What a room reads at run time is in the wheel; drawings that others were made from are not."""
    packaged = {
        path
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    data = {path for path in (ROOT / "app").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert set() == {path for path in data - packaged if "art" not in path.parts and not path.name.startswith(".")}


def test_the_version_is_said_twice_and_alike() -> None:
    """The package and its metadata name one version."""
    assert PROJECT["project"]["version"] == app.__version__


def test_make_alone_lists_its_targets() -> None:
    """`make` without a target says what there is to make, each in a line."""
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^  make ([a-z]+) +\S", listed, re.MULTILINE)
    assert {"install", "run", "test", "check", "bench", "build", "lock", "clean"} <= set(targets)


def test_the_workflow_runs_what_a_person_runs() -> None:
    """CI has one step of its own, `.ci/run`, which is `make check test`, and may only read."""
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert [".ci/run"] == re.findall(r"^ +(?:- )?run: (.*)$", workflow, re.MULTILINE)
    assert "permissions:\n  contents: read\n" in workflow
    assert "make check test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
