"""Tests of loadtest/judge/slo.py: the files that come along are sound, and any other is read whole or refused."""

from pathlib import Path

import pytest

from loadtest.judge import slo
from loadtest.outcome import CannotRunError

SCENARIOS = ["churn", "ramp", "rolling", "slow-readers", "soak", "storm"]
CONCLUSIVE = """
[conclusive]
lag_p99_ms = 10
cpu_max = 0.9
arrivals_late_p99_ms = 100
arrivals_dropped = 0
gaps_min = 2000
"""


def test_every_scenario_has_its_objectives() -> None:
    """Each is there, is read, and requires joins."""
    assert SCENARIOS == slo.names()
    assert all(slo.load(name).objectives.join_success is not None for name in SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_key_of_a_file_has_its_reason(name: str) -> None:
    """Above each bound, or the group that it belongs to, a comment has the reason."""
    before = ""
    for line in (slo.FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        if " = " in line and not line.startswith(("#", "title")):
            assert before.startswith("#") or " = " in before, line
        before = line


def test_a_ramp_is_judged_step_by_step() -> None:
    """The seed's ramp has an open end, so that its first broken step is the answer."""
    bounds = slo.load("ramp").objectives.bounds()
    assert "steps" == bounds["gap_p99_ms"].over
    assert 60 == bounds["gap_p99_ms"].at_most
    assert 50 == bounds["server_tick_p99_ms"].at_most


def test_a_release_may_send_players_on_and_no_other_scenario_may() -> None:
    """1012 is allowed while gateways roll; nowhere else is any code."""
    allowed = {name: closes.allowed for name in SCENARIOS if (closes := slo.load(name).objectives.abnormal_closes)}
    assert (1012,) == allowed.pop("rolling")
    assert {()} == set(allowed.values())


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """Any path will do, and its name is kept."""
    found = slo.load(str(written(tmp_path, "[objectives]\ngap_p99_ms = { at_most = 80.5 }")))
    assert "mine" == found.name
    assert 80.5 == found.objectives.bounds()["gap_p99_ms"].at_most


@pytest.mark.parametrize(
    ("objectives", "sentence"),
    [
        ("[objectives]\ngap_p98_ms = { at_most = 60 }", "unknown field `gap_p98_ms`"),
        ("[objectives]\ngap_p99_ms = { at_most = 60, every = 1 }", "unknown field `every`"),
        ('[objectives]\ngap_p99_ms = { at_most = "60" }', "Expected `float`, got `str`"),
        ("[objectives]\ngap_p99_ms = { at_most = -1 }", ">= 0"),
        ("[objectives]\ngap_p99_ms = { at_most = inf }", "not a finite number"),
        ("[objectives]\ngap_p99_ms = { at_most = nan }", ">= 0|not a finite number"),
        ("[objectives]\ngap_p99_ms = 60", "Expected `object . null`, got `int`"),
        ('[objectives]\nfirst_frame_p99_ms = { at_most = 60, over = "steps" }', "measured over the whole run only"),
        ('[objectives]\ngap_p99_ms = { at_most = 60, over = "minutes" }', "minutes"),
        ("[objectives]\njoin_success = { at_least = 99.9 }", "<= 1"),
        ("[objectives]", "has no objectives"),
        ("objectives", "not TOML"),
        ("", "missing required field `objectives`"),
    ],
)
def test_what_describes_no_objectives_is_refused(tmp_path: Path, objectives: str, sentence: str) -> None:
    """Unknown keys, wrong types and bounds that bound nothing are trouble in one sentence."""
    with pytest.raises(CannotRunError, match=sentence) as refusal:
        slo.load(str(written(tmp_path, objectives)))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "sentence"), [("nowhere", "one of churn, ramp"), ("/", "cannot be read"), ("\0", "not the name")]
)
def test_a_file_that_is_not_there_is_refused(name: str, sentence: str) -> None:
    """The sentence lists the existing ones."""
    with pytest.raises(CannotRunError, match=sentence):
        slo.load(name)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A binary file is not TOML."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CannotRunError, match="not TOML"):
        slo.load(str(path))


def written(folder: Path, objectives: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'title = "Mine"\n{objectives}\n{CONCLUSIVE}', encoding="utf-8")
    return path
