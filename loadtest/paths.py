"""Folders of the project that the laboratory reads and writes."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]  # of the source tree
RESULTS: Final = ROOT / "loadtest" / "results"  # ignored by git
BUILD: Final = ROOT / "build" / "bench"  # ignored by git: compiled programs and the environment of the peers
