"""`make test-faults`: plays the faults and prints what the players saw.

With --full, sizes and lengths are those of the promises, and times are judged too. The newest full outcome of each
fault is kept, and --report makes a page of all of them, so that half an hour of churn need not be repeated.

Exit code: 0 all passed, 1 something failed, 3 nothing failed, but this machine was too slow to tell.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import msgspec

from loadtest.cluster.process import ROOT
from loadtest.faults.markdown import markdown
from loadtest.faults.run import Outcome, play
from loadtest.faults.table import ALL
from loadtest.faults.verdict import Verdict

RESULTS: Final = ROOT / "loadtest" / "results" / "faults"
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
        _say(f"{name}: {ALL[name].title}")
        outcomes.append(play(ALL[name], full=options.full, players=options.clients, tell=_say, logs=options.logs))
        _show(outcomes[-1])
        if options.full:
            _keep(outcomes[-1])
    if options.report:
        options.report.write_text(markdown(_kept() if options.full else outcomes, full=options.full), encoding="utf-8")
    return _exit_code(outcomes)


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--full", action="store_true", help="full sizes and lengths; times are judged")
    parser.add_argument("--only", metavar="NAME,…", help=f"any of {', '.join(ALL)}")
    parser.add_argument("--clients", type=int, metavar="N", help="instead of the number that belongs to the form")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="write the table there")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the logs of all processes there")
    return parser.parse_args(words)


def _show(outcome: Outcome) -> None:
    for check in outcome.checks:
        _say(f"    {check}")
    seen = outcome.observation
    if seen is not None:
        _say(
            f"    freeze p50 {seen.freeze.p50:.2f} p99 {seen.freeze.p99:.2f} max {seen.freeze.max:.2f} s,"
            f" closes {seen.closes or 'none'}, refused {seen.refusals or 'none'}, reconnects {seen.reconnects}"
            f" (at most {seen.reconnects_max}), gap p99 {seen.gap_p99_ms:.0f} ms, late p99 {seen.lag_p99_ms:.0f} ms"
        )
    _say(f"  {outcome.verdict} after {outcome.seconds:.0f} s")


def _keep(outcome: Outcome) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{outcome.name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=2) + b"\n")


def _kept() -> list[Outcome]:
    files = (RESULTS / f"{name}.json" for name in ALL)
    return [msgspec.json.decode(file.read_bytes(), type=Outcome) for file in files if file.exists()]


def _exit_code(outcomes: list[Outcome]) -> int:
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.FAILED in verdicts:
        return EXIT_FAILED
    return EXIT_INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
