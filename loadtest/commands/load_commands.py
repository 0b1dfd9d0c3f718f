"""`ramp`, `soak`, `storm`, `churn`, `rolling` and `slow-readers`: make the load, measure and judge."""

import argparse
import asyncio
import sys
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from loadtest.judge.slo import load as load_slo
from loadtest.judge.verdict import judge
from loadtest.load import conductor, native, presets, target
from loadtest.load.native import STEADY
from loadtest.load.order import Order
from loadtest.load.presets import Scenario, Shape
from loadtest.load.progress import Progress
from loadtest.measure.result import Result, write_json
from loadtest.measure.results_folder import RESULT, dated, prepared
from loadtest.outcome import CannotRunError, ExitCode, Outcome, exit_code
from loadtest.players.hands import PEOPLE, per_second

URL: Final = "ws://127.0.0.1:8000/ws/game/"
MAX_PROCESSES: Final = 32
MACHINE_RATE: Final = 1000.0  # default rate of machine players, players a second
MACHINE_HOLD_S: Final = 10.0  # 200 ticks: a p99 needs more than 100


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for scenario in presets.ALL.values():
        parser = parsers.add_parser(
            scenario.name, help=scenario.title, description=f"{scenario.name}: {scenario.title}."
        )
        parser.set_defaults(run=lambda options, scenario=scenario: run(scenario, options))
        _add_options(parser)


def run(scenario: Scenario, options: argparse.Namespace) -> ExitCode:
    """Play a scenario, write its results and print the verdict. Raises CannotRunError."""
    order = _order(scenario, options)
    verdict = _play(order, machine_players=bool(options.machine_players)).verdict
    assert verdict is not None
    print(f"{verdict.outcome.upper()} by {verdict.slo}")
    for reason in verdict.reasons:
        print(f"  {reason}")
    print(f"Written to {order.out}: {', '.join(sorted(path.name for path in order.out.iterdir()))}")
    return exit_code([Outcome(verdict.outcome)])


def ramp(target_options: argparse.Namespace, out: Path, **shape: Any) -> Result:
    """Play `ramp` with the options of `add_target_options` and write its results. Raises CannotRunError."""
    parser = argparse.ArgumentParser()
    _add_options(parser)
    options = {**vars(parser.parse_args([])), **vars(target_options), **shape, "out": out}
    return _play(_order(presets.ALL["ramp"], argparse.Namespace(**options)))


def add_target_options(group: "argparse._ArgumentGroup", url: str | None) -> None:
    """Add the options that name a server and how to reach it."""
    group.add_argument("--url", default=url, help=f"of the game socket, ws or wss (default: {url or 'none'})")
    group.add_argument("--origin", help="the page that opens the socket (default: the page at the URL's host)")
    group.add_argument("--host-header", metavar="HOST", help="instead of the URL's host")
    group.add_argument("--ca", type=Path, metavar="FILE", help="authority that signed the server's certificate")
    group.add_argument("--i-own-this-target", action="store_true", help="the target may be another machine")
    group.add_argument(
        "--metrics", action="append", default=[], metavar="URL", help="a private port to scrape; may be repeated"
    )
    group.add_argument("--processes", type=int, default=1, metavar="N", help="that share the players (default: 1)")


def _play(order: Order, *, machine_players: bool = False) -> Result:
    with prepared(order.out):
        conduct = native.conduct if machine_players else conductor.conduct
        seconds = native.length_s(order) if machine_players else order.seconds
        with Progress(sys.stderr, seconds) as progress:
            found = asyncio.run(conduct(order, progress))
        found = msgspec.structs.replace(found, verdict=judge(found, order.slo))
        _keep(found, order.out)
    return found


def _add_options(parser: argparse.ArgumentParser) -> None:
    profile = parser.add_argument_group("when players come")
    profile.add_argument("--rate", type=float, metavar="N", help="players a second")
    profile.add_argument("--to", type=int, metavar="N", help="players at the end")
    profile.add_argument(
        "--hold", type=float, metavar="S", help="seconds to continue with all of them, or at each step"
    )
    profile.add_argument("--steps", type=_numbers, metavar="N,N,…", help="sizes to hold one after the other")
    profile.add_argument(
        "--profile", type=Path, metavar="FILE", help="a TOML file with rate, to, hold, steps or points"
    )
    players = parser.add_argument_group("what they do")
    players.add_argument(
        "--protocol", choices=("v1", "json", "bare"), default="v1", help="json is the tutorial's (default: v1)"
    )
    players.add_argument("--inputs", metavar="people|20/s", help="how they steer (default: people)")
    players.add_argument(
        "--machine-players", type=int, metavar="N", help="so many, by the compiled generator, at 20 inputs a second"
    )
    players.add_argument("--seed", type=int, default=1, help="of all random numbers in players (default: 1)")
    add_target_options(parser.add_argument_group("where"), URL)
    results = parser.add_argument_group("results")
    results.add_argument("--out", type=Path, metavar="FOLDER", help="for the results (default: a dated folder)")
    results.add_argument("--slo", metavar="NAME|FILE", help="objectives to judge by (default: those of the scenario)")


def _order(scenario: Scenario, options: argparse.Namespace) -> Order:
    given = Shape(options.rate, options.to, options.hold, options.steps)
    usual = Shape(MACHINE_RATE, options.machine_players, MACHINE_HOLD_S) if options.machine_players else scenario.shape
    shape = given.over(_profile(options.profile) if options.profile else Shape()).over(usual)
    schedule = presets.schedule(shape)
    if scenario.needs_metrics and not options.metrics:
        raise CannotRunError(f"{scenario.name} measures the server's memory: give its private port, --metrics URL.")
    if not 1 <= options.processes <= MAX_PROCESSES:
        raise CannotRunError(f"--processes is 1 to {MAX_PROCESSES}, not {options.processes}.")
    per_second(options.inputs or PEOPLE)
    slo = load_slo(options.slo or scenario.name)
    aim = target.parse(options.url, host_header=options.host_header, origin=options.origin, ca=options.ca)
    target.require_owner(aim, owned=options.i_own_this_target)
    order = Order(
        scenario=scenario,
        shape=shape,
        schedule=schedule,
        target=aim,
        protocol=options.protocol,
        inputs=options.inputs or (STEADY if options.machine_players else PEOPLE),
        processes=options.processes,
        metrics=tuple(options.metrics),
        out=options.out or dated(scenario.name, datetime.now().astimezone()),
        slo=slo,
        seed=options.seed,
    )
    if options.machine_players:
        native.check(order)
    elif options.protocol == "bare":
        raise CannotRunError("--protocol bare is for --machine-players only: servers for comparison use it.")
    return order


def _profile(path: Path) -> Shape:
    try:
        table: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRunError(f"The profile {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotRunError(f"The profile {path} is not TOML: {error}.") from None
    return presets.shape_of(table)


def _keep(found: Result, folder: Path) -> None:
    from loadtest.report.write import write_report  # noqa: PLC0415  # matplotlib takes a second to load

    write_json(found, folder / RESULT)
    write_report(found, folder)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"sizes are whole numbers, as in 50,100,200; not {text!r}") from None
