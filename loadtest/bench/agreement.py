"""Whether this load test and k6 see the same: the same server and ramp, tools in turn, percentiles side by side.

`python -m loadtest.bench.agreement`: exit code 0 they agree, 1 they do not, 2 trouble, 3 the tools were late too often.
Results stay in a folder, so that rounds can be measured one by one; all that lie there are compared.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Final

from loadtest.bench.capacity.contestants import OURS
from loadtest.measure import result
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result, ResultError
from loadtest.measure.results_folder import RESULT
from loadtest.outcome import CannotRunError, ExitCode
from loadtest.paths import ROOT
from loadtest.processes import machine

PLAYERS: Final = 50
HOLD_S: Final = 60.0
RATE: Final = 10.0  # players a second until then
ROUNDS: Final = 3
MAX_ROUNDS: Final = 20
SHARE: Final = 0.15  # by which the tools may differ,
MARGIN_MS: Final = 2.0  # or by this, whatever is more: below, one collection of garbage decides
K6_GOGC: Final = "400"  # per cent: k6 on one core collects garbage a quarter as often, and comes less late
FEWEST: Final = 2  # rounds that must count
MAX_LAG_MS: Final = 10.0  # p99 of a tool's own lateness; beyond, it measures itself
START_S: Final = 30.0  # longest start of the server
GRACE_S: Final = 60.0  # for a tool to start, end and write, beyond its ramp

PYTHON: Final = "python"
K6: Final = "k6"
TOOLS: Final = (PYTHON, K6)
SCRIPT: Final = ROOT / "loadtest" / "k6" / "ramp.js"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure by both tools, medians over rounds, in ms."""

    title: str
    python: float
    k6: float

    @property
    def agrees(self) -> bool:
        """Whether they differ by no more than they may."""
        return abs(self.python - self.k6) <= max(MARGIN_MS, SHARE * min(self.python, self.k6))


def differences(spreads: Mapping[str, Sequence[Spread]]) -> Iterator[Difference]:
    """Compare p50 and p99 of the gaps, which each tool found in each round."""
    for title, name in (("gap p50", "p50_ms"), ("gap p99", "p99_ms")):
        python, k6 = (float(median(getattr(one, name) for one in spreads[tool])) for tool in TOOLS)
        yield Difference(title, python, k6)


def main(words: Sequence[str]) -> int:
    """Measure, print the table and return the exit code."""
    options = _options(words)
    try:
        machine.check_cores()
        for _ in range(options.rounds):
            _round(options.folder, options.hold)
        return _compared(options.folder)
    except (CannotRunError, ResultError, machine.TooFewCoresError) as error:
        print(error, file=sys.stderr)
        return ExitCode.COULD_NOT_RUN


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.agreement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    few = range(MAX_ROUNDS + 1)
    parser.add_argument("--rounds", type=int, choices=few, default=ROUNDS, metavar="N", help=f"(default: {ROUNDS})")
    parser.add_argument("--hold", type=float, default=HOLD_S, metavar="S", help=f"(default: {HOLD_S:g})")
    parser.add_argument("--folder", type=Path, default=ROOT / "loadtest" / "results" / "agreement", metavar="DIR")
    return parser.parse_args(words)


def _round(folder: Path, hold_s: float) -> None:
    """Let both tools measure once; who begins changes from round to round."""
    number = sum(1 for _ in folder.glob("*-k6.json"))
    here = folder / f"{number:02}"
    shutil.rmtree(here, ignore_errors=True)  # of a round that was broken off
    for tool in (PYTHON, K6) if number % 2 == 0 else (K6, PYTHON):
        found = _measured(tool, here, hold_s)
        result.write(found, folder / f"{number:02}-{tool}.json")
        print(f"round {number} {tool:6}: {_line(_hold(found), found)}", file=sys.stderr, flush=True)
    shutil.rmtree(here)


def _measured(tool: str, folder: Path, hold_s: float) -> Result:
    port = machine.free_port()
    environment = {**OURS.environ(), "FLOTILLA_PRIVATE_BIND": "127.0.0.1:0"}
    folder.mkdir(parents=True, exist_ok=True)
    url = f"ws://127.0.0.1:{port}/ws/game/"
    command, kept = _command(tool, url, folder, hold_s)
    with tempfile.TemporaryFile() as log:
        serving = OURS.command_line(port)
        with machine.running(
            serving, core=machine.SERVER_CORE, environment=environment, folder=ROOT, log=log
        ) as server:
            if not machine.wait_for_port(server, port, START_S):
                raise CannotRunError(f"The server did not start: {_tail(log)}")
            _run(command, log, PLAYERS / RATE + hold_s + GRACE_S)
        if not kept.exists():
            raise CannotRunError(f"{tool} wrote no result: {_tail(log)}")
    return result.read(kept)


def _command(tool: str, url: str, folder: Path, hold_s: float) -> tuple[list[str], Path]:
    if tool == PYTHON:
        words = ["--url", url, "--rate", f"{RATE:g}", "--to", str(PLAYERS), "--hold", f"{hold_s:g}"]
        return [sys.executable, "-m", "loadtest", "ramp", *words, "--out", str(folder)], folder / RESULT
    k6 = shutil.which("k6")
    if k6 is None:
        raise CannotRunError("There is no k6 on the PATH: go install go.k6.io/k6@v1.8.1")
    kept = folder / "k6.json"
    variables = {"URL": url, "RATE": f"{RATE:g}", "TO": str(PLAYERS), "HOLD": f"{hold_s:g}", "OUT": str(kept)}
    words = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
    return [k6, "run", "--quiet", "--no-usage-report", str(SCRIPT), *words], kept


def _run(command: Sequence[str], log: IO[bytes], patience_s: float) -> None:
    environment = {**OURS.environ(), "GOGC": K6_GOGC}
    with machine.running(command, core=machine.GENERATOR_CORE, environment=environment, folder=ROOT, log=log) as tool:
        try:
            tool.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise CannotRunError(f"{Path(command[0]).name} did not end after {patience_s:.0f} s.") from None


def _compared(folder: Path) -> int:
    pairs = list(_pairs(folder))
    if not pairs:
        raise CannotRunError(f"There are no results of both tools in {folder}.")
    print(f"Gaps of {PLAYERS} v1 players during the hold; own: how late the tool's own loops were.\n")
    for number, pair in enumerate(pairs):
        for tool, found in pair.items():
            print(f"  round {number}  {tool:6}  {_line(_hold(found), found)}")
    fit = [pair for pair in pairs if not any(is_late(found) for found in pair.values())]
    print(
        f"\n{len(fit)} of {len(pairs)} rounds count: in those no tool was late by more than {MAX_LAG_MS:g} ms itself."
    )
    if len(fit) < FEWEST:
        print(f"Inconclusive: {FEWEST} have to.")
        return ExitCode.INCONCLUSIVE
    figures = list(differences({tool: [_hold(pair[tool]) for pair in fit] for tool in TOOLS}))
    for one in figures:
        far = f"{one.python - one.k6:+.2f} ms, {one.python / one.k6 - 1:+.1%}"
        print(f"  {one.title}  python {one.python:.2f} ms, k6 {one.k6:.2f} ms: {far}: {'yes' if one.agrees else 'NO'}")
    agreed = all(one.agrees for one in figures)
    print(f"{'They agree' if agreed else 'They do NOT agree'} within {SHARE:.0%} or {MARGIN_MS:g} ms.")
    return ExitCode.PASS if agreed else ExitCode.FAIL


def is_late(found: Result) -> bool:
    """Whether a tool measured itself."""
    return found.generator.lag.p99_ms > MAX_LAG_MS


def _pairs(folder: Path) -> Iterator[Mapping[str, Result]]:
    for path in sorted(folder.glob(f"*-{K6}.json")):
        other = path.with_name(path.name.replace(K6, PYTHON))
        if other.exists():
            yield {PYTHON: result.read(other), K6: result.read(path)}


def _hold(found: Result) -> Spread:
    """Return the gaps of the hold. A result of k6 has no steps, so its gaps include the ramp before the hold."""
    if not found.gap.count:
        raise CannotRunError("A result has no gaps: no player joined.")
    return found.steps[-1].gap if found.steps else found.gap


def _line(gap: Spread, found: Result) -> str:
    return (
        f"{gap.count:,} gaps, p50 {gap.p50_ms:.2f}, p99 {gap.p99_ms:.2f}, max {gap.max_ms:.1f} ms;"
        f" own p99 {found.generator.lag.p99_ms:.1f} ms; {found.joins - found.joins_failed} of {found.joins} came in"
    )


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-300:].decode(errors="replace").strip() or "it said nothing."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
