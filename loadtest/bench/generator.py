"""What the compiled generator carries on one core: 2,000 players at 20 a second in and out, in frames of 1 KB.

`python -m loadtest.bench.generator` sets it on the native broadcaster on the other core, three times. It has held when
gaps were in time and it was neither late nor busy, by the objectives of `ramp`; the median of each figure counts.
"""

import argparse
import sys
from statistics import median
from typing import Final

from loadtest.bench.capacity.contestants import KIBIBYTE
from loadtest.bench.capacity.measure import hold_once
from loadtest.bench.capacity.search import CEILING
from loadtest.bench.capacity.trial import Timing, TrialError
from loadtest.judge import slo
from loadtest.load.compiler import BuildError, build
from loadtest.measure.step import MAX_GAP_MS, Step
from loadtest.outcome import ExitCode
from loadtest.paths import BUILD
from loadtest.processes import machine

PLAYERS: Final = 2000
ROUNDS: Final = 3
MAX_ROUNDS: Final = 20


def main(words: list[str]) -> int:
    """Play the rounds; 0 if the median of each figure is in its bounds and nobody was lost, else 1."""
    options = _options(words)
    try:
        for program in ("generator", "broadcaster"):
            build(program, BUILD)
        machine.check_cores()
        machine.raise_file_limit()
        steps = [_played(options.players, number) for number in range(1, options.rounds + 1)]
    except (BuildError, TrialError, machine.TooFewCoresError) as error:
        print(error, file=sys.stderr)
        return ExitCode.COULD_NOT_RUN
    conclusive = slo.load("ramp").conclusive
    gap, lag = (median(getattr(step.load, name).p99_ms for step in steps) for name in ("gap", "lag"))
    cpu = median(step.load.cpu for step in steps)
    in_time = gap <= MAX_GAP_MS and lag <= conclusive.lag_p99_ms and cpu <= conclusive.cpu_max
    held = in_time and all(step.load.clients == options.players for step in steps)
    print(
        f"median: gap p99 {gap:.1f} ms (at most {MAX_GAP_MS:g}), generator late p99 {lag:.1f} ms (at most"
        f" {conclusive.lag_p99_ms:g}), {cpu:.0%} of its core: {'held' if held else 'NOT held'}"
    )
    return ExitCode.PASS if held else ExitCode.FAIL


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.bench.generator", description=__doc__)
    parser.add_argument("--players", type=int, default=PLAYERS, metavar="N", help=f"(default: {PLAYERS})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"(default: {ROUNDS})")
    options = parser.parse_args(words)
    if not (1 <= options.players <= CEILING and 1 <= options.rounds <= MAX_ROUNDS):
        parser.error(f"players are 1 to {CEILING}, rounds 1 to {MAX_ROUNDS}")
    return options


def _played(players: int, number: int) -> Step:
    step = hold_once(KIBIBYTE, players, Timing(), lambda _contestant, _step: None)
    load = step.load
    print(
        f"round {number}: {load.clients} players, {load.frames / load.held_s:,.0f} frames/s of"
        f" {load.bytes / max(1, load.frames):,.0f} bytes in, {load.inputs / load.held_s:,.0f} inputs/s out,"
        f" gap p99 {load.gap.p99_ms:.1f} ms, generator late p99 {load.lag.p99_ms:.1f} ms, {load.cpu:.0%} of its core,"
        f" broadcaster {step.server_cpu:.0%} of its core",
        flush=True,
    )
    return step


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
