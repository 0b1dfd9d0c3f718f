"""Each rule of the check of prose finds what it forbids, and nothing beside it."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_prose.py"

_spec = importlib.util.spec_from_file_location("check_prose", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
check_prose = importlib.util.module_from_spec(_spec)
sys.modules["check_prose"] = check_prose  # dataclasses look their module up
_spec.loader.exec_module(check_prose)

RULES = check_prose.Rules(
    max_words=8,
    max_columns=60,
    words={"anew": "again", "of its own": "own"},
    allow={"*": ["born anew"]},
)

Check = Callable[[str, str], list[tuple[int, str]]]


@pytest.fixture
def found(tmp_path: Path) -> Check:
    """A function that writes a file and returns its findings as (line, problem)."""

    def check(name: str, source: str) -> list[tuple[int, str]]:
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        return [(finding.line, finding.problem) for finding in check_prose.findings(path, RULES)]

    return check


@pytest.mark.parametrize(
    ("name", "source", "findings"),
    [
        ("a.md", "One line.\nIt starts anew.\n", [(2, "anew")]),
        ("a.md", "# Anew\n", [(1, "Anew")]),
        ("a.md", "| a |\n|---|\n| anew |\n", [(3, "anew")]),
        ("a.md", "A port of\nits own.\n", [(1, "of its own")]),
        ("a.md", "Run `anew`.\n\n```\nanew\n```\n", []),
        ("a.md", "A [link](https://anew.example).\n", []),
        ("a.md", "Renewed. It is born anew.\n", []),
        ("a.py", '"""First line.\n\nThen anew.\n"""\n', [(3, "anew")]),
        ("a.py", "x = 1\n# It starts\n# anew.\n", [(3, "anew")]),
        ("a.py", "x = 1  # a port of\n#  its own\n", [(1, "of its own")]),
        ("a.py", 'x = "anew"  # see `anew`\n', []),
        ("a.yaml", "a: anew\nb: 1  # anew\n", [(2, "anew")]),
    ],
)
def test_forbidden_words_are_found_in_prose(found: Check, name: str, source: str, findings: object) -> None:
    """Prose, docstrings and comments are searched; code, addresses and allowed excerpts are not."""
    assert findings == found(name, source)


@pytest.mark.parametrize(
    ("source", "findings"),
    [
        ("One two three four five six seven eight.\n", []),
        ("Short.\nOne two three four five six\nseven eight nine.\n", [(2, "sentence of 9 words")]),
        ("One two, three four; five six: seven eight nine\n", [(1, "sentence of 9 words")]),
        ("- One two three four five six seven\n- eight nine\n", []),
        ("# One two three four five six seven eight nine\n", []),
        ("| One two three four five six seven eight nine |\n|---|\n", []),
        ("Count `one two three` as one, 1.5 s as two.\n", []),
    ],
)
def test_long_sentences_are_found_in_paragraphs(found: Check, source: str, findings: object) -> None:
    """A sentence ends at a full stop, or with its paragraph or list item; headings and tables are free."""
    assert findings == found("a.md", source)


@pytest.mark.parametrize(
    ("source", "findings"),
    [
        (f"a {'b' * 60}\n", [(1, "line of 62 columns")]),
        (f"```\n{'b' * 61}\n```\n", []),
        (f"| {'b' * 61} |\n|---|\n", []),
        (f"<!-- {'b' * 61} -->\n", []),
    ],
)
def test_long_lines_are_found_outside_tables_and_code(found: Check, source: str, findings: object) -> None:
    """A table or code cannot be wrapped, prose can."""
    assert findings == found("a.md", source)


@pytest.mark.parametrize(
    ("source", "findings"),
    [
        ("[a](gone.md)\n", [(1, "gone.md")]),
        ("Text\n[a](#gone)\n", [(2, "#gone")]),
        ("![a](gone.png)\n", [(1, "gone.png")]),
        ("[a](a.md#gone)\n", [(1, "a.md#gone")]),
        ("# What, then?\n\n[a](#what-then) [b](a.md#what-then) [c](https://example.org)\n", []),
        ("# A\n\n# A\n\n[a](#a) [b](#a-1)\n", []),
        ("# A\n\n[b](#a-1)\n", [(3, "#a-1")]),
        ("`app/gone.py`\n", [(1, "app/gone.py")]),
        ("`app/sim/world.py`, `app/sim`, `app/__main__`\n", []),
        ("`app/*.py`, `app/<name>.py`, `elsewhere/gone.py`\n", []),
    ],
)
def test_links_and_paths_that_lead_nowhere_are_found(found: Check, source: str, findings: object) -> None:
    """Files, anchors and paths of the project must exist; other sites are not asked."""
    check_prose.anchors.cache_clear()
    assert findings == found("a.md", source)


@pytest.mark.parametrize(
    ("source", "repeats"),
    [
        ('def send_frame():\n    """Send the frame."""\n', True),
        ('def frame():\n    """Return the frames."""\n', True),
        ('class FrameSink:\n    """A frame sink."""\n', True),
        ('def send_frame():\n    """Send the frame; raises OSError if the peer is gone."""\n', False),
        ('def send_frame():\n    """Send the frame.\n\n    More.\n    """\n', False),
        ('"""Send."""\n', False),
    ],
)
def test_a_docstring_that_repeats_the_name_is_found(source: str, repeats: bool) -> None:
    """A docstring of one line has at least one content word that the name lacks."""
    assert repeats == any("docstring" in finding.suggestion for finding in check_prose.empty_docstrings(source))


def test_the_command_prints_places_and_fails(tmp_path: Path) -> None:
    """One line a finding, with file, line, word and suggestion; 1 with findings, 0 without."""
    page = tmp_path / "page.md"
    page.write_text("Good.\n", encoding="utf-8")
    assert (0, "") == run(tmp_path)

    page.write_text("Good.\nIt starts anew.\n", encoding="utf-8")
    assert (1, f"{page}:2: anew: again\n") == run(tmp_path)


def run(folder: Path) -> tuple[int, str]:
    result = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout
