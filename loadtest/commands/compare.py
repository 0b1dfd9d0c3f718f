"""`compare A… -- B…`: whether B is worse than A, by rounds of each; exit code 1 if so, 0 without evidence of it."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from loadtest import result
from loadtest.compare.judge import Comparison, Row, compare
from loadtest.compare.rounds import Round
from loadtest.outcome import Exit, Trouble
from loadtest.result import ResultError
from loadtest.verdict.figures import amount

THRESHOLD: Final = 10.0  # %: below, a machine that is shared explains it
_USAGE: Final = "python -m loadtest compare [--threshold PERCENT] OLD OLD OLD… -- NEW NEW NEW…"
_COLUMNS: Final = ("figure", "old", "new", "ratio", "interval", "")


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = parsers.add_parser(
        "compare",
        help="two versions, by three rounds of each or more",
        usage=_USAGE,
        description="Compares results of one plan: OLD before `--`, NEW behind it. Let their rounds take turns.",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="PERCENT",
        help=f"how much worse a figure may be (default: {THRESHOLD:g})",
    )
    # The rest as it is: argparse drops the `--` that parts the two sides from any other kind of argument.
    parser.add_argument("files", nargs=argparse.REMAINDER, metavar="FILE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Exit:
    """Compare, print, and return the exit code; raises Trouble."""
    if not 0 <= options.threshold <= 1000:  # noqa: PLR2004  # %: tenfold, beyond which nobody asks
        raise Trouble(f"A threshold of {options.threshold:g} % means nothing: give one from 0 to 1000.")
    old, new = sides(options.files)
    found = compare(old, new, options.threshold / 100)
    for line in lines(found):
        print(line)
    return found.outcome


def sides(words: Sequence[str]) -> tuple[list[Round], list[Round]]:
    """Read the files on both sides of `--`; raises Trouble."""
    options = [word for word in words if word.startswith("-") and word != "--"]
    if options:
        raise Trouble(f"Options stand before the files, {options[0]} too: {_USAGE}")
    if words.count("--") != 1:
        raise Trouble(f"One -- parts old results from new ones: {_USAGE}")
    parting = words.index("--")
    return [_round(word) for word in words[:parting]], [_round(word) for word in words[parting + 1 :]]


def lines(found: Comparison) -> Iterator[str]:
    """Give the table, and the sentences below it."""
    rows = [_COLUMNS, *map(_cells, found.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    yield from found.sentences


def _cells(row: Row) -> tuple[str, ...]:
    if row.change is None:
        return (row.figure, "–", "–", "–", "–", str(row.finding))
    ratio, low, high = row.change.ratio, row.change.low, row.change.high
    old, new = (_range(values, row.unit) for values in (row.old, row.new))
    return (row.figure, old, new, f"{ratio:.3f}", f"{low:.3f} – {high:.3f}", str(row.finding))


def _range(values: Sequence[float], unit: str) -> str:
    return f"{amount(median(values), unit)} ({amount(min(values), unit)} – {amount(max(values), unit)})"


def _round(word: str) -> Round:
    try:
        return Round(word, result.read(Path(word)))
    except ResultError as error:
        raise Trouble(str(error)) from error
