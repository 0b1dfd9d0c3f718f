"""Tests of loadtest/report/markdown.py: a short summary that no text of a result can break."""

import re

import msgspec
import pytest

from loadtest.judge import slo
from loadtest.judge.verdict import judge
from loadtest.measure.result import Verdict
from loadtest.report.markdown import markdown, words
from tests.loadtest.measure import results


def test_the_first_line_is_the_verdict() -> None:
    """It is enough to read this line."""
    judged = msgspec.structs.replace(results.bad(), verdict=judge(results.bad(), slo.load("ramp")))
    lines = markdown(judged).splitlines()
    assert lines[0].startswith("## ❌ fail: In time up to 20 players; at 30 the gap p99")
    assert any(line.startswith("- Gap p99 at most 60 ms in every step: first broken at 30 players") for line in lines)


def test_an_inconclusive_run_is_called_so_once() -> None:
    """By its badge."""
    judged = msgspec.structs.replace(results.good(), verdict=Verdict("inconclusive", "ramp", ["Late."], []))
    assert markdown(judged).startswith("## ❔ inconclusive: 90 players, gap p99 ")


def test_every_row_of_a_table_has_its_columns() -> None:
    """No cell breaks its table, also of a soak with hundreds of steps."""
    good = results.good()
    long = msgspec.structs.replace(good, steps=good.steps * 100, verdict=judge(good, slo.load("ramp")))
    rows = [line for line in markdown(long).splitlines() if line.startswith("|")]
    assert len(rows) < 80
    assert {4, 9, 10} >= {len(re.findall(r"(?<!\\)\|", row)) for row in rows}


@pytest.mark.parametrize("text", ["a|b", "<b>", "[x](y)", "a\nb", "`x`", "#1", "*x*", "&lt;"])
def test_what_a_result_says_stays_words(text: str) -> None:
    """No pipe, markup, link or new line gets through."""
    safe = words(text)
    assert "\n" not in safe
    assert [] == re.findall(r"(?<!\\)[|<>\[\]`*#&]", safe)


def test_an_unknown_outcome_is_shown_unchanged() -> None:
    """A result of a later version can be drawn."""
    odd = msgspec.structs.replace(results.good(), verdict=Verdict("so-so", "ramp", [], []))
    assert markdown(odd).startswith("## so-so: 90 players")
