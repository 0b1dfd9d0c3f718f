"""`report`: draws results, k6's summaries and histories into files beside each or under `--out`."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtest.measure import result
from loadtest.outcome import CannotRunError, ExitCode
from loadtest.report import history
from loadtest.report.trend import write_trend
from loadtest.report.write import write_report, write_side_by_side


@dataclass(frozen=True, slots=True)
class Source:
    """A file to draw and its name."""

    name: str
    path: Path


def register(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = parsers.add_parser(
        "report",
        help="draw result.json, a k6 summary or history.jsonl",
        description="Draws each FILE: a result or k6's summary as report.html, ramp.png and report.md; a history.jsonl"
        " as trend.html, trend.png and trend.md.",
    )
    parser.add_argument("files", nargs="+", metavar="[NAME=]FILE", help="NAME is used in pictures and folders")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write; each of several files has a folder in it"
    )
    parser.add_argument(
        "--side-by-side", type=Path, metavar="PNG", help="write all results into one picture, and nothing else"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Draw all files. Raises CannotRunError."""
    sources = [source(word) for word in options.files]
    if options.side_by_side is not None:
        write_side_by_side([(one.name, result.read(one.path)) for one in sources], options.side_by_side)
        print(options.side_by_side)
        return ExitCode.PASS
    for one, folder in zip(sources, folders(sources, options.out), strict=True):
        for path in draw(one.path, folder):
            print(path)
    return ExitCode.PASS


def draw(path: Path, folder: Path) -> list[Path]:
    """Draw one file into `folder` and return the written files. Raises CannotRunError."""
    if path.suffix == ".jsonl":
        return write_trend(history.read(path), folder)
    return write_report(result.read(path), folder)


def source(word: str) -> Source:
    """Parse `NAME=FILE` or `FILE`; without a name, the name of the folder or file is used."""
    name, equals, path = word.partition("=")
    if equals and name and not Path(word).exists():
        return Source(name, Path(path))
    found = Path(word)
    parent = found.absolute().parent.name
    return Source(parent if found.name == "result.json" and parent else found.stem, found)


def folders(sources: Sequence[Source], out: Path | None) -> list[Path]:
    """Return the folder of each. Raises CannotRunError if two would write the same files."""
    if out is None:
        chosen = [one.path.parent for one in sources]
    elif len(sources) == 1:
        chosen = [out]
    else:
        chosen = [out / one.name.replace("/", "-") for one in sources]
    # A history and a result may share a folder: their files have different names.
    taken = Counter(
        (folder.absolute(), one.path.suffix == ".jsonl") for one, folder in zip(sources, chosen, strict=True)
    )
    (folder, _), times = taken.most_common(1)[0]
    if times > 1:
        raise CannotRunError(
            f"{times} files would be drawn into {folder}: give --out and names, as in A=one.json B=two.json."
        )
    return chosen
