"""`make help` lists every target of the Makefile that has a description."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_target_with_a_description_is_listed() -> None:
    """Digits in a name are no exception."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    described = [line.partition(":")[0] for line in lines if " ## " in line and not line.startswith("\t")]
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "test-k6" in described
    assert described == [line.split()[1] for line in listed]
