"""What docs/cluster.md says before its table."""

from collections.abc import Sequence

from loadtest.judge.scenario_result import ScenarioResult
from loadtest.report.scenario_page import Page


def page(versions: str, outcomes: Sequence[ScenarioResult]) -> Page:
    """Return the head of the page for a cluster of these versions, and these outcomes. Pure."""
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    return Page(
        title="What players see on a real cluster",
        maker="python -m loadtest.scenarios.on_cluster --report",
        about=(
            "The chart on a real Kubernetes, with players outside it, who come by a port of its node or, where it says",
            "so, through an Ingress. The first four scenarios install it as it is; the others have the short windows",
            "of `helm/flotilla/ci/test-values.yaml` and arenas of 20. A freeze is the longest time between two frames",
            "of one player, across all its sockets.",
            "",
            "Ingresses are served by a real nginx that follows the habits of the controller named: which Services get",
            "WebSockets, timeouts, reloads. It is not that controller. The preset `none` is for one that needs no",
            "annotation, and is served by such a one.",
        ),
        form=f"{versions}; {len(outcomes)} scenarios in {minutes:.0f} minutes",
    )
