"""`bench` and `capacity`: how many players a server carries on one core.

`bench` measures Flotilla beside other servers. `capacity` is the nightly gate: Flotilla beside the textbook server, or
with --url a deployed release.
"""

import argparse
import contextlib
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import app
from app.settings.environment import VARIABLES
from loadtest.bench import baseline, capacity_page, contestants, deployed
from loadtest.bench.capacity_chart import draw
from loadtest.bench.capacity_report import Report, Round, report
from loadtest.bench.capacity_verdict import Verdict, gate, ratio_to
from loadtest.bench.contestants import Contestant
from loadtest.bench.rounds import (
    QUICK,
    THOROUGH,
    Pace,
    calibrate,
    carried,
    describe_machine,
    play_rounds,
    prepare,
)
from loadtest.bench.trial import Timing, hold_once
from loadtest.commands import load_commands
from loadtest.load.machine_info import describe
from loadtest.measure.result import Result, write_json, write_whole
from loadtest.measure.results_folder import dated, prepared
from loadtest.outcome import CannotRunError, ExitCode, Outcome, exit_code
from loadtest.paths import RESULTS
from loadtest.report.history import SCHEMA, Night, append
from loadtest.report.write import png

HISTORY: Final = RESULTS / "history.jsonl"
SERVERS: Final = "ours,node,picows,uvicorn,textbook,product,idle,busy"
NIGHTLY_QUICK: Final = replace(QUICK, attempts=2)  # a size fails if it fails twice: one hiccup decides nothing
RATE: Final = 20.0  # players a second between the steps of a deployed release
HOLD_S: Final = 30.0  # of each step there: 600 gaps of each player
INTERRUPTED: Final = "Interrupted before the end, so the history has no line of this run."


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _register_bench(parsers)
    parser = parsers.add_parser(
        "capacity",
        help="how many players the server carries; fails if its ratio to the textbook server fell",
        description="Starts the server under test and the textbook server in turn and searches the capacity of both."
        " Fails if the ratio fell against the baseline. With --url, judges a deployed release by its objectives.",
    )
    _add_search_options(parser)
    parser.add_argument(
        "--setting", action="append", default=[], metavar="FLOTILLA_NAME=VALUE", help="of the server; may be repeated"
    )
    parser.add_argument("--history", type=Path, default=HISTORY, metavar="FILE", help=f"(default: {HISTORY.name})")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the results (default: a dated folder)")
    site = parser.add_argument_group("a deployed release")
    site.add_argument("--players", type=_positive, default=100, metavar="N", help="size to carry (default: 100)")
    site.add_argument("--hold", type=float, default=HOLD_S, metavar="S", help=f"of each step (default: {HOLD_S:g})")
    load_commands.add_target_options(site, url=None)
    parser.set_defaults(run=run_capacity)


def _register_bench(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = parsers.add_parser(
        "bench",
        help="players on one core beside other servers (make bench)",
        description="Searches the capacity of several servers on one core, and writes capacity.json, capacity.md and"
        f" capacity.png into {RESULTS.name}.",
    )
    _add_search_options(parser)
    parser.add_argument("--only", default=SERVERS, help=f"servers: any of {','.join(contestants.ALL)}")
    parser.add_argument(
        "--at", type=_positive, nargs="+", metavar="PLAYERS", help="hold only these sizes: no search, no report"
    )
    parser.add_argument("--hold", type=float, metavar="S", help="seconds of a step's measurement")
    parser.add_argument("--warm", type=float, metavar="S", help="seconds before it")
    parser.add_argument("--write-baseline", action="store_true", help="write the figures to the baseline")
    parser.add_argument("--check", action="store_true", help="fail if the ratios fell against the baseline")
    parser.add_argument("--report", type=Path, metavar="FILE", help="judge this report and measure nothing")
    parser.set_defaults(run=run_bench)


def _add_search_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="one round, to 10 %%: some minutes, for orientation")
    parser.add_argument("--rounds", type=_positive, metavar="N", help="(default: 3, with --quick 1)")
    parser.add_argument("--first", type=_positive, metavar="PLAYERS", help="first step of the search")
    parser.add_argument("--baseline", type=Path, default=baseline.BASELINE, metavar="FILE", help="ratios to keep")


def run_bench(options: argparse.Namespace) -> ExitCode:
    """Measure, print and keep the report. Raises CannotRunError."""
    unknown = set(options.only.split(",")) - set(contestants.ALL)
    if unknown:
        raise CannotRunError(f"There is no server {', '.join(sorted(unknown))}: see --help.")
    chosen = [contestants.ALL[name] for name in options.only.split(",")]
    chosen = [replace(one, first=options.first or one.first) for one in chosen]
    pace = _pace(options)
    warm_ms = pace.timing.warm_ms if options.warm is None else int(options.warm * 1000)
    pace = replace(pace, timing=Timing(warm_ms, options.hold or pace.timing.hold_s))
    if options.at:
        prepare()
        return exit_code([_hold(one, players, pace.timing) for one in chosen for players in options.at])
    kept = baseline.read(options.baseline) if options.check else None
    fresh, rounds = (baseline.read(options.report), []) if options.report else _compared(chosen, pace)
    verdict = gate(fresh, kept, calibrated=fresh.calibrated) if kept else None
    print(capacity_page.markdown(fresh, verdict))
    if rounds:
        _keep(RESULTS, fresh, verdict, rounds)
    if options.write_baseline:
        write_json(fresh, options.baseline)
    return exit_code([verdict.outcome] if verdict else [])


def run_capacity(options: argparse.Namespace) -> ExitCode:
    """Measure once and add a line to the history. Raises CannotRunError."""
    now = datetime.now(tz=UTC)
    out = options.out or dated("capacity", now)
    with prepared(out):
        night = _deployed(options, out, now) if options.url else _local(options, out, now)
        append(options.history, night)
    print(night.verdict.upper())
    for reason in night.reasons:
        print(f"  {reason}")
    print(f"Results: {out}. History: {options.history}.")
    return exit_code([Outcome(night.verdict)])


def _compared(chosen: Sequence[Contestant], pace: Pace) -> tuple[Report, list[Round]]:
    prepare()
    machine = describe_machine()
    rounds = play_rounds(chosen, pace)
    return report(machine, rounds, calibrate(rounds, pace.timing)), rounds


def _hold(contestant: Contestant, players: int, timing: Timing) -> Outcome:
    step = hold_once(contestant, players, timing)
    if carried(step):
        return Outcome.PASS
    return Outcome.INCONCLUSIVE if step.generator_limited else Outcome.FAIL


def _local(options: argparse.Namespace, out: Path, now: datetime) -> Night:
    kept, peer = baseline.read(options.baseline), contestants.TEXTBOOK.name
    if peer not in kept.ratios or kept.ratios[peer].value is None:
        raise CannotRunError(f"{options.baseline} has no ratio to the textbook server: make it with `make bench`.")
    chosen = contestants.nightly(_settings(options.setting), options.first)
    with _interruptible():
        prepare(["generator"])
        machine = describe_machine()
        rounds = play_rounds(chosen, _pace(options, NIGHTLY_QUICK))
    found = report(machine, rounds, None)
    same = machine["processor"] == kept.machine.get("processor")
    verdict = gate(found, kept, [peer], same_machine=same)
    _keep(out, found, verdict, rounds)
    ours = found.servers["ours"]
    return _night(
        now,
        machine,
        players=round(ours.capacity),
        ratio=ratio_to(found, peer),
        verdict=verdict.outcome,
        gap_p99_ms=ours.at_capacity and ours.at_capacity.gap_p99_ms,
        server_cpu=ours.at_capacity and ours.at_capacity.server_cpu,
        reasons=verdict.reasons,
    )


def _deployed(options: argparse.Namespace, out: Path, now: datetime) -> Night:
    def climb(name: str, sizes: Sequence[int]) -> Result:
        found = load_commands.ramp(options, out / name, steps=tuple(sizes), rate=RATE, hold=options.hold)
        if found.interrupted:
            raise CannotRunError(INTERRUPTED)
        return found

    found = deployed.measure(climb, options.players)
    return _night(
        now,
        describe(),
        players=found.knee,
        ratio=None,
        verdict=found.verdict.outcome,
        gap_p99_ms=found.at and found.at.gap.p99_ms,
        server_cpu=found.cpu,
        reasons=found.verdict.reasons,
        target=options.url,
    )


def _night(now: datetime, machine: Mapping[str, str], **found: Any) -> Night:
    name = f"{machine['processor']}, {machine['kernel']}"
    return Night(schema=SCHEMA, at=now, version=app.__version__, machine=name, **found)


def _keep(folder: Path, found: Report, verdict: Verdict | None, rounds: Sequence[Round]) -> None:
    write_json(found, folder / "capacity.json")
    write_whole(folder / "capacity.md", capacity_page.markdown(found, verdict, rounds).encode())
    write_whole(folder / "capacity.png", png(draw(found)))


def _pace(options: argparse.Namespace, quick: Pace = QUICK) -> Pace:
    pace = quick if options.quick else THOROUGH
    return replace(pace, rounds=options.rounds or pace.rounds)


def _settings(words: Sequence[str]) -> Mapping[str, str]:
    settings = {name: value for name, _, value in (word.partition("=") for word in words)}
    strange = sorted(settings.keys() - {variable.name for variable in VARIABLES})
    if strange:
        raise CannotRunError(f"--setting {strange[0]} names no setting: docs/configuration.md lists them.")
    return settings


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"at least 1, not {text}")
    return int(text)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Stop all servers at SIGTERM as at Ctrl-C, then raise CannotRunError."""
    # SIGINT too: a shell starts background jobs with SIGINT ignored.
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        raise CannotRunError(INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
