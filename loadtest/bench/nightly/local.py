"""A night on this machine: the textbook server and the server under test in turn, each alone with the generator."""

from collections.abc import Sequence

from loadtest.bench.capacity.contestants import Contestant
from loadtest.bench.capacity.figures import Round
from loadtest.bench.capacity.measure import Progress
from loadtest.bench.capacity.run import Pace, play_rounds
from loadtest.bench.capacity.trial import TrialError
from loadtest.load.compiler import BuildError, build
from loadtest.outcome import CannotRunError
from loadtest.paths import BUILD
from loadtest.processes import machine


def measure(contestants: Sequence[Contestant], pace: Pace, progress: Progress) -> list[Round]:
    """Measure all of them in every round; raises CannotRunError if one cannot be measured."""
    try:
        build("generator", BUILD)
        machine.check_cores()
        machine.raise_file_limit()
        return play_rounds(contestants, pace, progress)
    except (BuildError, TrialError, machine.TooFewCoresError) as error:
        raise CannotRunError(str(error)) from None
