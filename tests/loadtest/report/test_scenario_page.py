from loadtest.judge.checks import Verdict
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.report.scenario_page import markdown
from loadtest.scenarios.__main__ import page
from tests.loadtest.judge.observations import observation


def test_every_fault_has_a_row_and_its_checks() -> None:
    """What players saw, and the verdict."""
    seen = observation(closes={"1012": 50}, reconnects=50, reconnects_max=1)
    text = markdown(
        [ScenarioResult("gateway-drain", "SIGTERM a gateway", Verdict.PASSED, 20.0, ["ok ships: 0"], seen)],
        page(full=True),
    )

    row = "| SIGTERM a gateway | 100 | 0.05 / 0.06 / 0.07 s | 50 × 1012 | 0 | 0.50 / 1 | passed |"
    assert row in text.splitlines()
    assert "- ok ships: 0" in text.splitlines()
    assert "full sizes and lengths" in text


def test_a_fault_that_was_not_played_to_the_end_is_there_too() -> None:
    """With what went wrong."""
    text = markdown(
        [ScenarioResult("tick-kill", "Tick killed", Verdict.FAILED, 1.0, ["NOT played to the end: x"])],
        page(full=False),
    )

    assert "| Tick killed | – | – | – | – | – | FAILED |" in text.splitlines()
    assert "- NOT played to the end: x" in text.splitlines()
