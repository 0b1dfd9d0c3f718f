"""The tree keeps the rules that no tool of `make check` knows: packaging, tests and suppressions."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_FILE_LINES = 400  # longer, and a file is no longer one noun
MAX_FUNCTION_LINES = 50  # longer, and a reader scrolls


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


def test_no_test_is_skipped_or_sleeps() -> None:
    """A skipped test holds nothing, and a sleep is a guess."""
    nap = "sl" + "eep"  # written apart, so that this file does not find itself
    forbidden = re.compile(
        r"mark\.(?:skip|xfail)|pytest\.(?:skip|importorskip)"
        rf"|(?<![.\w])time\.{nap}\(|asyncio\.{nap}\((?!0\))"
    )
    found = [
        where(path, number)
        for path in python_files("tests")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert [] == found


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
