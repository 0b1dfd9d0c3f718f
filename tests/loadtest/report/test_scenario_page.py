from loadtest.judge.scenario_result import ScenarioResult
from loadtest.outcome import Outcome
from loadtest.report.scenario_page import CLUSTER_PAGE, LOCAL_PAGE, WIDTH, markdown
from tests.loadtest.judge.observations import observation


def test_every_scenario_has_a_row_and_its_checks() -> None:
    """With what players saw, and the outcome."""
    seen = observation(closes={"1012": 50}, reconnects=50, reconnects_max=1)
    result = ScenarioResult("gateway-drain", "SIGTERM a gateway", Outcome.PASS, 20.0, ["ok ships: 0"], seen)
    lines = markdown([result], LOCAL_PAGE, ["full sizes and lengths"]).splitlines()

    assert "| SIGTERM a gateway | 100 | 0.05 / 0.06 / 0.07 s | 50 × 1012 | 0 | 0.50 / 1 | pass |" in lines
    assert "- ok ships: 0" in lines
    assert "- full sizes and lengths" in lines


def test_a_scenario_that_did_not_reach_its_end_is_there_too() -> None:
    """With the reason."""
    result = ScenarioResult("tick-kill", "Tick killed", Outcome.FAIL, 1.0, ["NOT completed: x"])
    lines = markdown([result], CLUSTER_PAGE, []).splitlines()

    assert "| Tick killed | – | – | – | – | – | fail |" in lines
    assert "- NOT completed: x" in lines


def test_a_long_check_is_wrapped() -> None:
    """As every line of a document."""
    check = "ok Helm's notes name it: " + " ".join(["a Secret that does not exist yet"] * 6)
    lines = markdown([ScenarioResult("secret", "No Secret", Outcome.PASS, 1.0, [check])], CLUSTER_PAGE, []).splitlines()

    wrapped = lines[lines.index("### No Secret") :]
    assert max(map(len, wrapped)) <= WIDTH
    assert check == " ".join(line.strip("- ") for line in wrapped[2:] if line)
