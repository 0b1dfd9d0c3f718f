"""`make bench`: measures, prints the table, and keeps JSON, Markdown and chart in loadtest/results."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from loadtest.bench.capacity import baseline, contestants
from loadtest.bench.capacity.chart import draw
from loadtest.bench.capacity.contestants import Contestant
from loadtest.bench.capacity.figures import Report, report
from loadtest.bench.capacity.markdown import markdown
from loadtest.bench.capacity.measure import hold_once
from loadtest.bench.capacity.run import QUICK, THOROUGH, Pace, calibrate, describe_machine, play_rounds
from loadtest.bench.capacity.tell import tell
from loadtest.bench.capacity.trial import Timing, TrialError
from loadtest.load.compiler import BuildError, build
from loadtest.measure.result import ResultError, write_whole
from loadtest.paths import BUILD, ROOT
from loadtest.processes import machine
from loadtest.report.write import png

RESULTS: Final = ROOT / "loadtest" / "results"
DEFAULT: Final = "ours,node,picows,uvicorn,textbook,product,idle,busy"
EXIT_LOSS: Final = 1
EXIT_DOUBT: Final = 2


class UnknownServerError(Exception):
    """--only names a server that there is not."""


def main(words: list[str]) -> int:
    """Run, and return the exit code: 1 for a failure or a loss, 2 for an inconclusive check."""
    options = _options(words)
    try:
        fresh = baseline.read(options.report) if options.report else _measured(options)
        if fresh is None:
            return 0
        print(markdown(fresh))
        if options.write_baseline:
            baseline.write(fresh, options.baseline)
        return _checked(fresh, options.baseline) if options.check else 0
    except (
        BuildError,
        TrialError,
        baseline.BaselineError,
        UnknownServerError,
        machine.TooFewCoresError,
        ResultError,
    ) as error:
        print(error, file=sys.stderr)
        return 1


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, to 10 %%: some minutes, for orientation")
    parser.add_argument("--only", default=DEFAULT, help=f"servers: any of {','.join(contestants.ALL)}")
    parser.add_argument("--rounds", type=int, help="instead of 3 (with --quick: 1)")
    parser.add_argument(
        "--at", type=int, nargs="+", metavar="PLAYERS", help="hold only these steps: no search, no report"
    )
    parser.add_argument("--hold", type=float, metavar="S", help="seconds of a step's measurement")
    parser.add_argument("--warm", type=float, metavar="S", help="seconds before it")
    parser.add_argument("--first", type=int, metavar="PLAYERS", help="first step of the search")
    parser.add_argument("--write-baseline", action="store_true", help="keep the figures in loadtest/baselines")
    parser.add_argument("--check", action="store_true", help="fail if the ratios fell against loadtest/baselines")
    parser.add_argument("--baseline", type=Path, default=baseline.BASELINE, help="where that is, if not there")
    parser.add_argument("--report", type=Path, help="take this report instead of measuring")
    return parser.parse_args(words)


def _measured(options: argparse.Namespace) -> Report | None:
    unknown = set(options.only.split(",")) - set(contestants.ALL)
    if unknown:
        raise UnknownServerError(f"There is no server {', '.join(sorted(unknown))}: see --help.")
    for program in ("generator", "broadcaster"):
        build(program, BUILD)
    machine.check_cores()
    machine.raise_file_limit()
    pace, chosen = _pace(options), _chosen(options)
    if options.at:
        for one in chosen:
            for players in options.at:
                hold_once(one, players, pace.timing, tell)
        return None
    about = describe_machine()
    rounds = play_rounds(chosen, pace, tell)
    found = report(about, rounds, calibrate(rounds, pace.timing, tell))
    _keep(found)
    return found


def _pace(options: argparse.Namespace) -> Pace:
    pace = QUICK if options.quick else THOROUGH
    warm_ms = pace.timing.warm_ms if options.warm is None else int(options.warm * 1000)
    return replace(
        pace, rounds=options.rounds or pace.rounds, timing=Timing(warm_ms, options.hold or pace.timing.hold_s)
    )


def _chosen(options: argparse.Namespace) -> list[Contestant]:
    chosen = [contestants.ALL[name] for name in options.only.split(",")]
    return [replace(one, first=options.first or one.first) for one in chosen]


def _keep(found: Report) -> None:
    baseline.write(found, RESULTS / "capacity.json")
    (RESULTS / "capacity.md").write_text(markdown(found), encoding="utf-8")
    write_whole(RESULTS / "capacity.png", png(draw(found)))


def _checked(fresh: Report, path: Path) -> int:
    kept = baseline.read(path)
    lost, doubted = list(baseline.losses(kept, fresh)), list(baseline.doubts(kept, fresh))
    for sentence in [*doubted, *lost]:
        print(sentence, file=sys.stderr)
    return EXIT_DOUBT if doubted else EXIT_LOSS if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
