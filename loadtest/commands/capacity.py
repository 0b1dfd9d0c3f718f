"""`capacity`: what CI runs each night, and how a release on trial is held to its size."""

import argparse
import contextlib
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import app
from app.settings.environment import VARIABLES
from loadtest.bench.capacity import baseline
from loadtest.bench.capacity.contestants import Contestant
from loadtest.bench.capacity.figures import report
from loadtest.bench.capacity.run import QUICK as ONCE
from loadtest.bench.capacity.run import THOROUGH, Pace
from loadtest.bench.capacity.tell import tell
from loadtest.bench.nightly import deployed, local, servers
from loadtest.bench.nightly.history import Row, append
from loadtest.bench.nightly.page import markdown
from loadtest.bench.nightly.verdict import TEXTBOOK, judge
from loadtest.judge.judge import EXITS
from loadtest.load import machine_info
from loadtest.measure.result import ResultError, write_whole
from loadtest.measure.results_folder import dated, prepared
from loadtest.outcome import CannotRunError, ExitCode
from loadtest.paths import ROOT
from loadtest.report.history import SCHEMA

HISTORY: Final = ROOT / "loadtest" / "results" / "history.jsonl"
QUICK: Final = replace(ONCE, attempts=2)  # no verdict may hang on one hiccup: a size fails if it fails twice
HOLD_S: Final = 30.0  # of each step of a deployed release: 600 gaps of each player
PASSED_ON: Final = ("origin", "ca", "host_header", "processes")  # to the ramp of a deployed release


@dataclass(frozen=True, slots=True)
class Books:
    """Where a night is written down."""

    out: Path
    history: Path
    at: datetime


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = parsers.add_parser(
        "capacity",
        help="how many players the server carries; fails if its ratio to the textbook server fell",
        description="Starts the server under test and the textbook server in turn, leads both to their knee, and fails"
        " if the ratio fell against the baseline. With --url a deployed release is held to its objectives instead.",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="(default: 3, with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="one round, to 10 %%: some minutes, for orientation")
    parser.add_argument("--first", type=int, metavar="PLAYERS", help="first step of the search (default: 1000)")
    parser.add_argument(
        "--setting", action="append", default=[], metavar="FLOTILLA_NAME=VALUE", help="of the server; may be repeated"
    )
    parser.add_argument("--baseline", type=Path, default=baseline.BASELINE, metavar="FILE", help="ratios to keep")
    parser.add_argument("--history", type=Path, default=HISTORY, metavar="FILE", help=f"(default: {HISTORY.name})")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the results (default: a dated one)")
    site = parser.add_argument_group("a deployed release instead")
    site.add_argument("--url", help="of its game socket, ws or wss")
    site.add_argument("--players", type=int, default=100, metavar="N", help="that it has to carry (default: 100)")
    site.add_argument("--hold", type=float, default=HOLD_S, metavar="S", help=f"at each step (default: {HOLD_S:g})")
    site.add_argument("--metrics", action="append", default=[], metavar="URL", help="a private port; may be repeated")
    site.add_argument("--origin", help="the page that opens the socket")
    site.add_argument("--host-header", metavar="HOST", help="instead of the URL's host")
    site.add_argument("--ca", metavar="FILE", help="authority that signed the server's certificate")
    site.add_argument("--processes", type=int, metavar="N", help="that share the players (default: 1)")
    site.add_argument("--i-own-this-target", action="store_true", help="the target may be another machine")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Measure one night, write it down, and return what it means; raises CannotRunError."""
    now = datetime.now(tz=UTC)
    books = Books(options.out or dated("capacity", now), options.history, now)
    with prepared(books.out), _interruptible():
        try:
            row = _deployed(options, books) if options.url else _local(options, books)
            append(books.history, row)
        except (ResultError, baseline.BaselineError) as error:
            raise CannotRunError(str(error)) from None
    print(row.verdict.upper())
    for reason in row.reasons:
        print(f"  {reason}")
    print(f"Written to {books.out}, and a line to {books.history}.")
    return EXITS[row.verdict]


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, with all servers stopped; raises CannotRunError then."""
    # Ctrl-C too: a shell gives it ignored to what it runs in the background.
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        raise CannotRunError("Interrupted: half a night says nothing, so the history has no line of it.") from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _local(options: argparse.Namespace, books: Books) -> Row:
    before = baseline.read(options.baseline)
    kept = before.ratios[TEXTBOOK].value
    if kept is None:
        raise CannotRunError(f"{options.baseline} has no ratio to the textbook server: make it anew with `make bench`.")
    about, chosen = machine_info.describe(), _contestants(options)
    rounds = local.measure(chosen, _pace(options), tell)
    night = judge(rounds, kept, same_machine=about.get("processor") == before.machine.get("processor"))
    baseline.write(report(about, rounds, None), books.out / "capacity.json")
    write_whole(books.out / "capacity.md", markdown(night, rounds, about).encode())
    at = night.at
    return _row(
        books.at,
        about,
        players=night.players,
        ratio=night.ratio,
        verdict=night.outcome,
        gap_p99_ms=at.load.gap.p99_ms if at else None,
        server_cpu=at.server_cpu if at else None,
        reasons=night.reasons,
    )


def _deployed(options: argparse.Namespace, books: Books) -> Row:
    site = deployed.Site(options.url, _positive("--players", options.players), options.hold, _passed_on(options))
    found = deployed.measure(site, books.out)
    return _row(
        books.at,
        machine_info.describe(),
        players=found.knee,
        ratio=None,
        verdict=found.verdict.outcome,
        gap_p99_ms=found.at.gap.p99_ms if found.at else None,
        server_cpu=found.cpu,
        reasons=found.verdict.reasons,
        target=options.url,
    )


def _row(at: datetime, about: Mapping[str, str], **found: Any) -> Row:
    machine = ", ".join(about[name] for name in ("processor", "kernel"))
    return Row(schema=SCHEMA, at=at, version=app.__version__, machine=machine, **found)


def _pace(options: argparse.Namespace) -> Pace:
    pace = QUICK if options.quick else THOROUGH
    return pace if options.rounds is None else replace(pace, rounds=_positive("--rounds", options.rounds))


def _contestants(options: argparse.Namespace) -> list[Contestant]:
    first = None if options.first is None else _positive("--first", options.first)
    return [servers.textbook(), servers.under_test(_settings(options.setting), first)]


def _settings(words: Sequence[str]) -> Mapping[str, str]:
    pairs = [word.partition("=") for word in words]
    settings = {name: value for name, _, value in pairs}
    known = {variable.name for variable in VARIABLES}
    strange = sorted(settings.keys() - known)
    if strange:
        raise CannotRunError(f"--setting {strange[0]} names no setting: docs/configuration.md lists them.")
    return settings


def _passed_on(options: argparse.Namespace) -> list[str]:
    values = [(name, getattr(options, name)) for name in PASSED_ON] + [("metrics", url) for url in options.metrics]
    words = [word for name, value in values if value for word in (f"--{name.replace('_', '-')}", str(value))]
    return [*words, *(["--i-own-this-target"] if options.i_own_this_target else [])]


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise CannotRunError(f"{name} is at least 1, not {value}.")
    return value
