"""Tests of loadtest/compare/rounds.py: what is not comparable is refused, what proves nothing is named."""

from typing import Any

import msgspec
import pytest

from loadtest.compare.rounds import Round, bytes_per_frame, cautions, check, doubts
from loadtest.outcome import Trouble
from loadtest.result import Verdict
from tests.loadtest import results
from tests.loadtest.compare.rounds import rounds

OLD = rounds("A", 52.0, 53.0, 54.0)
NEW = rounds("B", 52.0, 53.0, 54.0)


def test_three_rounds_of_each_can_be_compared() -> None:
    """Taking turns on one machine, there is nothing to say against it."""
    check(OLD, NEW)
    assert [] == [*doubts(OLD, NEW), *cautions(OLD, NEW)]


def test_fewer_than_three_rounds_are_refused() -> None:
    """Two of each can show nothing."""
    with pytest.raises(Trouble, match="3 and 2 rounds are too few"):
        check(OLD, NEW[:2])


@pytest.mark.parametrize(
    "plan", [{"scenario": "storm"}, {"protocol": "v1"}, {"inputs": "20/s"}, {"points": [(0.0, 0)]}, {"generator": "k6"}]
)
def test_rounds_of_another_plan_are_refused(plan: dict[str, Any]) -> None:
    """By the name of their file."""
    other = msgspec.structs.replace(NEW[1].result.plan, **plan)
    odd = Round("odd.json", msgspec.structs.replace(NEW[1].result, plan=other))
    with pytest.raises(Trouble, match=r"odd\.json was another test than A0\.json"):
        check(OLD, [NEW[0], odd, NEW[2]])


def test_versions_may_listen_elsewhere() -> None:
    """Two servers that take turns have two ports."""
    elsewhere = [
        Round(
            one.name, msgspec.structs.replace(one.result, plan=msgspec.structs.replace(one.result.plan, url="ws://x/"))
        )
        for one in NEW
    ]
    check(OLD, elsewhere)


def test_a_round_counts_once() -> None:
    """The same file twice is no second round."""
    with pytest.raises(Trouble, match=r"A0\.json and again\.json are the same round"):
        check([*OLD, Round("again.json", OLD[0].result)], NEW)


def test_rounds_that_prove_nothing_are_named() -> None:
    """Inconclusive ones with their reasons, interrupted ones, and other machines."""
    doubtful = changed(NEW[0], verdict=Verdict("inconclusive", "ramp", ["The generator did not keep up."], []))
    stopped, elsewhere = changed(NEW[1], interrupted=True), changed(NEW[2], machine={"cores": "64"})
    assert [
        "B0.json is inconclusive: The generator did not keep up.",
        "B1.json was interrupted.",
        "The rounds come from different machines.",
    ] == list(doubts(OLD, [doubtful, stopped, elsewhere]))


def test_a_round_that_failed_its_objectives_is_a_measurement() -> None:
    """It is only slow."""
    assert [] == list(doubts(OLD, [changed(one, verdict=Verdict("fail", "ramp", [], [])) for one in NEW]))


def test_sides_that_did_not_take_turns_are_cautioned() -> None:
    """The machine may have changed between them."""
    assert "came before" in next(cautions(OLD, rounds("B", 52.0, 53.0, 54.0, hour=12)))


def test_a_frame_costs_all_bytes_that_came() -> None:
    """By the frames that players got, or all together where none is listed; without frames it is not known."""
    good = results.good()
    crowd = msgspec.structs.replace(good, players=[])
    assert good.bytes_received / (90 * 60) == bytes_per_frame(good)
    assert good.bytes_received / (20 * sum(range(1, 91))) == bytes_per_frame(crowd)
    assert bytes_per_frame(msgspec.structs.replace(crowd, series=[])) is None


def changed(one: Round, **changes: Any) -> Round:
    return Round(one.name, msgspec.structs.replace(one.result, **changes))
