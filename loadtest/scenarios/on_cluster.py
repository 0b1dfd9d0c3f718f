"""`make test-cluster-smoke` and `make test-cluster`: the chart on the cluster that kubectl reaches, under players.

Everything happens in namespaces of its own, which are taken away at the end. The newest outcome of each scenario is
kept by the full run, and --report makes a page of all of them, so that a part can be played again (--only).

Exit code: 0 all passed, 1 something failed, 2 usage, 3 nothing failed but this machine was too slow or lacks
what a scenario needs, 4 there is no cluster.
"""

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from loadtest.judge.checks import Verdict
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.paths import ROOT
from loadtest.processes.process import SiteError
from loadtest.report.cluster_page import page
from loadtest.report.scenario_page import markdown
from loadtest.report.scenario_store import Results, say, show
from loadtest.scenarios.cluster_play import NOT_RUN, play
from loadtest.scenarios.cluster_stage import PLAYERS
from loadtest.scenarios.cluster_table import ALL, SMOKE
from loadtest.scenarios.shared_release import Theatre
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.helm import Helm
from loadtest.sites.kubernetes.release import RELEASE
from loadtest.sites.kubernetes.tools import HELM_4, NoCluster, Tools, cluster_programs, found, load

RESULTS: Final = Results(ROOT / "loadtest" / "results" / "kubernetes")
FEWEST_PLAYERS: Final = 10  # so that every gateway has some
MOST_PLAYERS: Final = 500  # of one crowd beside a whole cluster
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INCONCLUSIVE: Final = 3
EXIT_NO_CLUSTER: Final = 4

_IMAGE: Final = re.compile(r"^\s*-?\s*image: \"?([^\s\"]+)\"?\s*$", re.MULTILINE)


def main(words: Sequence[str]) -> int:
    """Play, print, keep, and return the exit code."""
    options = _options(words)
    table = SMOKE if options.smoke else ALL
    names = options.only.split(",") if options.only else list(table)
    if unknown := sorted(set(names) - set(table)):
        print(f"There is no scenario {', '.join(unknown)}; there are {', '.join(table)}.", file=sys.stderr)
        return EXIT_USAGE
    if options.addons is not None and not options.addons.is_dir():
        print(f"There is no folder {options.addons}: name one with programs for --addons, or none.", file=sys.stderr)
        return EXIT_USAGE
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell gave it to us ignored, as in the background
        signal.signal(number, _interrupted)
    try:
        begun = time.monotonic()
        outcomes, versions = _played(names, options)
        say(f"{len(outcomes)} scenarios in {(time.monotonic() - begun) / 60:.1f} minutes, images and all")
    except NoCluster as error:
        print(error, file=sys.stderr)
        return EXIT_NO_CLUSTER
    except SiteError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("Interrupted; what was made is taken away.", file=sys.stderr)
        return 128 + signal.SIGINT
    if options.report:
        kept = RESULTS.kept(ALL)
        options.report.write_text(markdown(kept, page(versions, kept)), encoding="utf-8")
    return exit_code(outcomes, allow_missing=options.allow_missing)


def exit_code(outcomes: Sequence[ScenarioResult], *, allow_missing: bool) -> int:
    """Return the exit code of a run. Pure."""
    verdicts = {outcome.verdict for outcome in outcomes} - ({NOT_RUN} if allow_missing else set())
    if Verdict.FAILED in verdicts:
        return EXIT_FAILED
    return EXIT_INCONCLUSIVE if verdicts & {Verdict.INCONCLUSIVE, NOT_RUN} else 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kubernetes", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="only the way of a new user: install, upgrade, uninstall")
    parser.add_argument("--only", metavar="NAME,…", help=f"any of {', '.join(ALL)}")
    parser.add_argument("--clients", type=_count, default=PLAYERS, metavar="N", help=f"players ({PLAYERS})")
    parser.add_argument("--node", default="127.0.0.1", metavar="ADDRESS", help="where the cluster's NodePorts answer")
    parser.add_argument("--load", default="", metavar="COMMAND", help="brings local images, appended, into the cluster")
    parser.add_argument("--addons", type=Path, metavar="FOLDER", help="programs that start what a cluster has beside")
    parser.add_argument("--previous", metavar="IMAGE", help="an image whose internal versions are one lower")
    parser.add_argument("--allow-missing", action="store_true", help="pass without what an add-on is missing for")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="write the table there")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the logs of the crowds there")
    return parser.parse_args(words)


def _count(word: str) -> int:
    count = int(word)
    if not FEWEST_PLAYERS <= count <= MOST_PLAYERS:
        raise argparse.ArgumentTypeError(f"give {FEWEST_PLAYERS} to {MOST_PLAYERS} players, not {count}")
    return count


def _played(names: Sequence[str], options: argparse.Namespace) -> tuple[list[ScenarioResult], str]:
    kubectl, helm = cluster_programs()
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="flotilla-", ignore_cleanup_errors=True) as scratch:
        folder = Path(options.logs or scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        images = sorted(set(_IMAGE.findall(Helm(helm, "default", RELEASE, folder).template())))
        load(options.load, [*images, *([options.previous] if options.previous else [])])
        with Api(kubectl, Path(scratch), dict(os.environ)) as api:
            version = (
                f"Kubernetes {api.get('/version')['gitVersion']}, {Helm(helm, 'default', RELEASE, folder).version()}"
            )
            tools = Tools(
                kubectl, helm, found(HELM_4), options.node, Addons(options.addons), options.previous, folder, api
            )
            with Theatre(tools, say) as theatre:
                for name in names:
                    say(f"{name}: {ALL[name].title}")
                    outcomes.append(play(ALL[name], theatre, tools, players=options.clients, tell=say))
                    show(outcomes[-1])
                    if not options.smoke and outcomes[-1].verdict != NOT_RUN:
                        RESULTS.keep(outcomes[-1])
    return outcomes, version


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
