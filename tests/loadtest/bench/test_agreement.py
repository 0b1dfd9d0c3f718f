"""loadtest/bench/agreement.py: how far apart two tools may be."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.bench.agreement import Difference, differences, main
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result, write
from loadtest.outcome import ExitCode
from tests.loadtest.measure.results import bad, good


def spread(p50_ms: float, p99_ms: float) -> Spread:
    return Spread(count=1000, p50_ms=p50_ms, p99_ms=p99_ms, max_ms=p99_ms)


@pytest.mark.parametrize(
    ("python", "k6", "agrees"),
    [
        (50.0, 51.9, True),
        (5.0, 6.9, True),
        (5.0, 7.1, False),
        (100.0, 114.9, True),
        (114.9, 100.0, True),
        (100.0, 115.1, False),
    ],
)
def test_they_may_differ_by_two_milliseconds_or_fifteen_per_cent(python: float, k6: float, agrees: bool) -> None:
    """Whatever is more, whoever sees more."""
    assert agrees == Difference("gap p99", python, k6).agrees


def test_medians_of_rounds_are_compared() -> None:
    """So that one round with a hiccup decides nothing."""
    found = list(
        differences(
            {
                "python": [spread(50, 52), spread(50.2, 300), spread(50.1, 53)],
                "k6": [spread(50, 51), spread(50, 52.5), spread(50, 52)],
            }
        )
    )
    assert [("gap p50", 50.1, 50), ("gap p99", 53, 52)] == [(one.title, one.python, one.k6) for one in found]


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_agreement_is_mutual(one: float, other: float) -> None:
    """Neither tool is the yardstick."""
    assert Difference("", one, other).agrees == Difference("", other, one).agrees


def test_a_folder_without_results_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And exit code 2."""
    assert ExitCode.COULD_NOT_RUN == main(["--rounds", "0", "--folder", str(tmp_path)])
    assert f"There are no results of both tools in {tmp_path}.\n" == capsys.readouterr().err


def late(found: Result) -> Result:
    return msgspec.structs.replace(
        found, generator=msgspec.structs.replace(found.generator, lag=Spread(count=100, p99_ms=11.0))
    )


def compared(folder: Path, *rounds: tuple[Result, Result]) -> int:
    for number, (python, k6) in enumerate(rounds):
        write(python, folder / f"{number:02}-python.json")
        write(k6, folder / f"{number:02}-k6.json")
    return main(["--rounds", "0", "--folder", str(folder)])


def test_rounds_of_equal_figures_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and the table says it."""
    assert ExitCode.PASS == compared(tmp_path, (good(), good()), (good(), good()))
    assert "They agree within 15% or 2 ms." in capsys.readouterr().out


def test_rounds_of_other_figures_do_not(tmp_path: Path) -> None:
    """Exit code 1."""
    assert ExitCode.FAIL == compared(tmp_path, (good(), bad()), (good(), bad()))


def test_a_round_in_which_a_tool_was_late_does_not_count(tmp_path: Path) -> None:
    """However far apart its figures are; and one round is too few."""
    assert ExitCode.INCONCLUSIVE == compared(tmp_path, (good(), late(bad())), (good(), good()))
    assert ExitCode.PASS == compared(tmp_path, (good(), late(bad())), (good(), good()), (good(), good()))
