"""`make help` lists every target of the Makefile that has a description."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_target_with_a_description_is_listed() -> None:
    """Digits in a name are no exception."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    described = [line.partition(":")[0] for line in lines if " ## " in line and not line.startswith("\t")]
    command = ["make", "--no-print-directory", "help"]  # `make test` runs this test, so make would print its folders
    environ = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    page = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout
    listed = page.splitlines()
    assert "test-k6" in described
    assert described == [line.split()[1] for line in listed]
