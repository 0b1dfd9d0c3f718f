import subprocess
from pathlib import Path

import pytest

from loadtest.judge.checks import Verdict
from loadtest.paths import ROOT
from loadtest.scenarios.__main__ import main
from loadtest.scenarios.faults_table import ALL
from loadtest.scenarios.play import play


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "redis-server", "nginx"], check=True)


@pytest.mark.parametrize("name", ["tick-kill-spare", "gateway-drain"])
def test_players_keep_their_ships(name: str, tmp_path: Path) -> None:
    """Whole scenarios with few players, as `make test-faults` plays all of them with many."""
    outcome = play(ALL[name], full=False, players=12, tell=print, logs=tmp_path)

    assert Verdict.FAILED is not outcome.verdict, outcome.checks
    assert outcome.observation is not None
    assert 12 == outcome.observation.live


def test_a_fault_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    assert 2 == main(["--only", "flood,tick-kill"])
    said = capsys.readouterr().err
    assert said.startswith("There is no fault flood; there are ")
    assert "tick-kill" in said


def test_every_fault_says_what_happens() -> None:
    """Its title is a row of the report."""
    titles = [scenario.title for scenario in ALL.values()]
    assert all(title and not title[0].islower() for title in titles), titles
    assert len(titles) == len(set(titles))
