"""Whether a new version is worse: by figure, with an interval over whole rounds; pure. No evidence is said as that."""

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from loadtest.compare.resample import LEVEL, Change, change, finest_level
from loadtest.compare.rounds import FIGURES_COMPARED, OPTIONAL, Round, cautions, check, doubts
from loadtest.outcome import Exit
from loadtest.result import Result
from loadtest.verdict.figures import amount


class Finding(enum.StrEnum):
    """What an interval says."""

    WORSE = "REGRESSION"  # all of it lies beyond the threshold
    WITHIN = "worse, within the threshold"  # all of it lies above 1
    BETTER = "better"  # all of it lies below 1
    NOTHING = "no evidence"
    UNKNOWN = "not measured in every round"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    figure: str
    unit: str
    old: list[float]  # by round
    new: list[float]
    change: Change | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures, and what they mean together."""

    rows: list[Row]
    outcome: Exit
    sentences: list[str]


def compare(old: Sequence[Round], new: Sequence[Round], threshold: float) -> Comparison:
    """Compare; `threshold` is the share by which a figure may grow. Raises Trouble for what is not comparable."""
    check(old, new)
    rows = [_row(name, unit, of, (old, new), threshold) for name, (unit, of) in FIGURES_COMPARED.items()]
    doubtful = [*doubts(old, new), *_lost(rows, len(old), len(new))]
    worse = [row.figure for row in rows if row.finding is Finding.WORSE]
    nothing = all(row.finding is Finding.UNKNOWN for row in rows)
    outcome = Exit.INCONCLUSIVE if doubtful or nothing else Exit.FAIL if worse else Exit.PASS
    sentences = [*doubtful, *cautions(old, new), *_conclusion(outcome, worse, threshold), _limits(len(old), len(new))]
    return Comparison(rows, outcome, sentences)


def _row(
    name: str,
    unit: str,
    of: Callable[[Result], float | None],
    sides: tuple[Sequence[Round], Sequence[Round]],
    threshold: float,
) -> Row:
    old, new = ([of(one.result) for one in side] for side in sides)
    olds, news = [value for value in old if value], [value for value in new if value]
    if len(olds) < len(old) or len(news) < len(new):
        return Row(name, unit, olds, news, None, Finding.UNKNOWN)
    found = change(olds, news)
    return Row(name, unit, olds, news, found, finding(found, threshold))


def finding(found: Change, threshold: float) -> Finding:
    """Return what the interval of `found` says."""
    if found.low > 1 + threshold:
        return Finding.WORSE
    if found.low > 1:
        return Finding.WITHIN
    return Finding.BETTER if found.high < 1 else Finding.NOTHING


def _lost(rows: Sequence[Row], old: int, new: int) -> Iterator[str]:
    """Say what one side has in all of its rounds and the other has not: it may have got so bad that nobody saw it."""
    for row in (row for row in rows if row.figure not in OPTIONAL):
        sides = [("old", "new", len(row.old) == old, len(row.new)), ("new", "old", len(row.new) == new, len(row.old))]
        for whole, other, complete, count in sides:
            if complete and row.finding is Finding.UNKNOWN:
                yield f"{_capital(row.figure)} is known of every {whole} round, and of {count} {other} ones."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _conclusion(outcome: Exit, worse: Sequence[str], threshold: float) -> Iterator[str]:
    if outcome is Exit.INCONCLUSIVE:
        yield "Inconclusive: repeat the rounds."
    elif worse:
        yield f"Regression over {amount(threshold, '%')}: {', '.join(worse)}."
    else:
        yield f"No evidence of a regression over {amount(threshold, '%')}."


def _limits(old: int, new: int) -> str:
    level = amount(finest_level(old, new), "%")
    return (
        f"Whole rounds were drawn again; interval {amount(LEVEL, '%')}. With {old} and {new} of them a false alarm of"
        f" one figure cannot be made rarer than {level}; more rounds can."
    )
