"""`make test-faults`: plays the faults and prints what the players saw.

With --full, sizes and lengths are those of the promises, and times are judged too. The newest full outcome of each
fault is kept, and --report makes a page of all of them, so that half an hour of churn need not be repeated.

Exit code: 0 all passed, 1 something failed, 3 nothing failed, but this machine was too slow to tell.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from loadtest.judge.checks import Verdict
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.paths import ROOT
from loadtest.report.scenario_page import Page, markdown
from loadtest.report.scenario_store import Results, say, show
from loadtest.scenarios.faults_table import ALL
from loadtest.scenarios.play import play

RESULTS: Final = Results(ROOT / "loadtest" / "results" / "faults")
EXIT_FAILED: Final = 1
EXIT_UNKNOWN: Final = 2
EXIT_INCONCLUSIVE: Final = 3


def main(words: list[str]) -> int:
    """Play, print, keep, and return the exit code."""
    options = _options(words)
    names = options.only.split(",") if options.only else list(ALL)
    if unknown := sorted(set(names) - set(ALL)):
        print(f"There is no fault {', '.join(unknown)}; there are {', '.join(ALL)}.", file=sys.stderr)
        return EXIT_UNKNOWN
    outcomes = []
    for name in names:
        say(f"{name}: {ALL[name].title}")
        outcomes.append(play(ALL[name], full=options.full, players=options.clients, tell=say, logs=options.logs))
        show(outcomes[-1])
        if options.full:
            RESULTS.keep(outcomes[-1])
    if options.report:
        played = RESULTS.kept(ALL) if options.full else outcomes
        options.report.write_text(markdown(played, page(full=options.full)), encoding="utf-8")
    return _exit_code(outcomes)


def page(*, full: bool) -> Page:
    """Return the head of the page. Pure."""
    return Page(
        title="What players see when something fails",
        maker="python -m loadtest.scenarios --report",
        about=(
            "Real processes behind a real nginx and Redis; players who steer as people do, in arenas of 200.",
            "A freeze is the longest time between two frames of one player, across all its sockets.",
        ),
        form="full sizes and lengths" if full else "the quick form: short outages, times not judged",
    )


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--full", action="store_true", help="full sizes and lengths; times are judged")
    parser.add_argument("--only", metavar="NAME,…", help=f"any of {', '.join(ALL)}")
    parser.add_argument("--clients", type=int, metavar="N", help="instead of the number that belongs to the form")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="write the table there")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the logs of all processes there")
    return parser.parse_args(words)


def _exit_code(outcomes: list[ScenarioResult]) -> int:
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.FAILED in verdicts:
        return EXIT_FAILED
    return EXIT_INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
