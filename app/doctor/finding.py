"""A finding: the check, its verdict, what was seen, and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MAX_LENGTH: Final = 300  # characters of text from an unknown server


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, but not for long or not for every player
    FAIL = "fail"  # players cannot play, or will soon be unable to
    SKIPPED = "skipped"  # the check could not run, or there is nothing to check


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    verdict: Verdict
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" - {self.remedy}" if self.remedy else ""
        return f"{self.verdict:<7} {self.check}: {plain(self.seen)}{remedy}"


def ok(check: str, seen: str) -> Finding:
    return Finding(check, Verdict.OK, seen)


def warn(check: str, seen: str, remedy: str) -> Finding:
    return Finding(check, Verdict.WARN, seen, remedy)


def fail(check: str, seen: str, remedy: str) -> Finding:
    return Finding(check, Verdict.FAIL, seen, remedy)


def skipped(check: str, reason: str) -> Finding:
    return Finding(check, Verdict.SKIPPED, reason)


def failed(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict is Verdict.FAIL for finding in findings)


def plain(text: str) -> str:
    """Return one line of printable characters, so that text from a server cannot control an operator's terminal."""
    clean = "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
    return clean if len(clean) <= _MAX_LENGTH else clean[: _MAX_LENGTH - 1] + "…"
