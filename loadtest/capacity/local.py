"""A night on this machine: the textbook server and the server under test in turn, each alone with the generator."""

from collections.abc import Sequence

from loadtest.bench.capacity import machine
from loadtest.bench.capacity.build import BuildError, build
from loadtest.bench.capacity.contestants import BUILD, Contestant
from loadtest.bench.capacity.figures import Round
from loadtest.bench.capacity.measure import Progress
from loadtest.bench.capacity.run import Pace, play_rounds
from loadtest.bench.capacity.trial import TrialError
from loadtest.outcome import Trouble


def measure(contestants: Sequence[Contestant], pace: Pace, progress: Progress) -> list[Round]:
    """Measure all of them in every round; raises Trouble if one cannot be measured."""
    try:
        build("generator", BUILD)
        machine.check_cores()
        machine.raise_file_limit()
        return play_rounds(contestants, pace, progress)
    except (BuildError, TrialError, machine.TooFewCoresError) as error:
        raise Trouble(str(error)) from None
