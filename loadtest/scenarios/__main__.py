"""`make test-faults` and `make test-cluster`: runs scenarios under players and prints what the players saw.

On local processes, --full has the sizes and lengths of the promises and judges times, too. On a cluster, everything
happens in namespaces of ours, which are deleted at the end. The newest result of each scenario of a full or cluster
run is kept. --report makes a page of all of them, so that a part can run again (--only).

Exit code: 0 all passed, 1 something failed, 2 it could not run (usage, no cluster), 3 nothing failed, but this machine
was too slow or lacks something that a scenario needs.
"""

import argparse
import contextlib
import os
import platform
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from loadtest.judge.scenario_result import ScenarioResult
from loadtest.outcome import CannotRunError, ExitCode, Outcome, exit_code
from loadtest.paths import RESULTS
from loadtest.processes.machine import processor
from loadtest.report.scenario_page import CLUSTER_PAGE, LOCAL_PAGE, markdown
from loadtest.report.scenario_store import Results, log, show
from loadtest.scenarios.play import play
from loadtest.scenarios.table import SMOKE, scenarios
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import proxied
from loadtest.sites.kubernetes.helm import Helm
from loadtest.sites.kubernetes.release import RELEASE
from loadtest.sites.kubernetes.shared_release import SharedRelease
from loadtest.sites.kubernetes.tools import HELM_4, Tools, cluster_programs, load
from loadtest.sites.local import LocalSites
from loadtest.sites.site import CLUSTER, LOCAL, SiteProvider

FEWEST_PLAYERS: Final = 10  # so that every gateway has some
MOST_PLAYERS: Final = 1000  # of one crowd beside the whole site

_IMAGE: Final = re.compile(r"^\s*-?\s*image: \"?([^\s\"]+)\"?\s*$", re.MULTILINE)


def main(words: Sequence[str]) -> int:
    """Run the scenarios and return the exit code."""
    options = _options(words)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have set them to be ignored
        signal.signal(number, signal.default_int_handler)
    try:
        return _report(options, *_run(_names(options), options))
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return ExitCode.COULD_NOT_RUN
    except KeyboardInterrupt:
        print("Interrupted. All processes and namespaces of this run are gone.", file=sys.stderr)
        return 128 + signal.SIGINT


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scenarios", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", choices=[LOCAL, CLUSTER], default=LOCAL, help=f"where they run (default {LOCAL})")
    parser.add_argument("--only", metavar="NAME,…", help="only these scenarios; an unknown name lists all")
    parser.add_argument("--full", action="store_true", help="full sizes and lengths, and times are judged")
    parser.add_argument("--smoke", action="store_true", help="on a cluster: only install, upgrade, restart, uninstall")
    parser.add_argument("--clients", type=_count, metavar="N", help="players, instead of the form's number")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="write the page there")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep all logs there")
    cluster = parser.add_argument_group("on a cluster")
    cluster.add_argument("--node", default="127.0.0.1", metavar="ADDRESS", help="where the cluster's NodePorts answer")
    cluster.add_argument("--load", default="", metavar="COMMAND", help="loads the images after it into the cluster")
    cluster.add_argument("--addons", type=Path, metavar="FOLDER", help="programs that start add-ons of the cluster")
    cluster.add_argument("--previous", metavar="IMAGE", help="an image whose internal versions are one lower")
    cluster.add_argument("--allow-missing", action="store_true", help="pass without scenarios that lack something")
    return parser.parse_args(words)


def _count(word: str) -> int:
    count = int(word)
    if not FEWEST_PLAYERS <= count <= MOST_PLAYERS:
        raise argparse.ArgumentTypeError(f"give {FEWEST_PLAYERS} to {MOST_PLAYERS} players, not {count}")
    return count


def _names(options: argparse.Namespace) -> list[str]:
    """Return the names of the scenarios to run. Raises CannotRunError for options that do not fit."""
    if options.smoke and options.site != CLUSTER:
        raise CannotRunError("--smoke: the smoke test runs on a cluster; add --site cluster.")
    table = [name for name in scenarios(options.site) if not options.smoke or name in SMOKE]
    names = options.only.split(",") if options.only else table
    if unknown := sorted(set(names) - set(table)):
        raise CannotRunError(f"There is no scenario {', '.join(unknown)}; there are {', '.join(table)}.")
    if options.addons is not None and not options.addons.is_dir():
        raise CannotRunError(f"--addons: there is no folder {options.addons}; give one, or leave the option out.")
    return names


def _run(names: Sequence[str], options: argparse.Namespace) -> tuple[list[ScenarioResult], str]:
    """Return the results and the form in which they were obtained."""
    begun, results = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="flotilla-", ignore_cleanup_errors=True) as scratch:
        folder = Path(options.logs or scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        provided = _cluster(options, folder, Path(scratch)) if options.site == CLUSTER else _local(options)
        with provided as (provider, form):
            for name in names:
                scenario = scenarios(options.site)[name]
                log(f"{name}: {scenario.title}")
                result = play(scenario, provider, folder, full=options.full, players=options.clients, log=log)
                show(result)
                if _kept(options) and result.outcome != Outcome.NOT_RUN:
                    _store(options).keep(result)
                results.append(result)
    log(f"{len(results)} scenarios in {(time.monotonic() - begun) / 60:.1f} minutes")
    return results, form


def _report(options: argparse.Namespace, results: list[ScenarioResult], form: str) -> ExitCode:
    """Write the page if one is wanted, and return the exit code."""
    if options.report:
        kept = _store(options).kept(scenarios(options.site)) if _kept(options) else results
        minutes = sum(result.seconds for result in kept) / 60
        circumstances = [
            f"{datetime.now(UTC):%Y-%m-%d}, {form}; {len(kept)} scenarios in {minutes:.0f} minutes",
            f"{processor()}, {os.cpu_count()} cores for servers and players; Python {platform.python_version()}",
        ]
        page = CLUSTER_PAGE if options.site == CLUSTER else LOCAL_PAGE
        options.report.write_text(markdown(kept, page, circumstances), encoding="utf-8")
    return total([result.outcome for result in results], allow_missing=options.allow_missing)


def total(outcomes: Collection[Outcome], *, allow_missing: bool) -> ExitCode:
    """Return the exit code. With `allow_missing`, scenarios that were not run do not count."""
    return exit_code(set(outcomes) - ({Outcome.NOT_RUN} if allow_missing else set()))


def _local(options: argparse.Namespace) -> contextlib.nullcontext[tuple[SiteProvider, str]]:
    form = "full sizes and lengths" if options.full else "the quick form: short outages, times not judged"
    return contextlib.nullcontext((LocalSites(full=options.full), form))


@contextlib.contextmanager
def _cluster(options: argparse.Namespace, folder: Path, scratch: Path) -> Iterator[tuple[SiteProvider, str]]:
    kubectl, program = cluster_programs()
    helm = Helm(program, "default", RELEASE, folder)
    images = sorted(set(_IMAGE.findall(helm.template())))
    load(options.load, [*images, *([options.previous] if options.previous else [])])
    helm4, addons = shutil.which(HELM_4), Addons(options.addons)
    with proxied(kubectl, scratch) as api:
        form = f"Kubernetes {api.get('/version')['gitVersion']}, {helm.version()}"
        tools = Tools(kubectl, program, helm4, options.node, addons, options.previous, folder, api)
        with contextlib.ExitStack() as stack:
            provider = SharedRelease(tools)
            stack.callback(provider.discard)
            yield provider, form


def _kept(options: argparse.Namespace) -> bool:
    return bool(options.full) if options.site == LOCAL else not options.smoke


def _store(options: argparse.Namespace) -> Results:
    return Results(RESULTS / "scenarios" / options.site)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
