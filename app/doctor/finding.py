"""A finding: what was looked at, how it is, what was seen, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LONGEST: Final = 300  # characters of what a stranger's server said that an operator need see


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    check: str
    verdict: Verdict
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" - {self.remedy}" if self.remedy else ""
        return f"{self.verdict:<7} {self.check}: {plain(self.seen)}{remedy}"


def ok(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, seen)


def warn(check: str, seen: str, remedy: str) -> Finding:
    """It works, but not for ever or not for everybody."""
    return Finding(check, Verdict.WARN, seen, remedy)


def fail(check: str, seen: str, remedy: str) -> Finding:
    """Players cannot play, or will not for long."""
    return Finding(check, Verdict.FAIL, seen, remedy)


def skipped(check: str, reason: str) -> Finding:
    """It could not be looked at, or there is nothing to look at."""
    return Finding(check, Verdict.SKIPPED, reason)


def failed(findings: Iterable[Finding]) -> bool:
    """Tell whether any of them is a failure."""
    return any(finding.verdict is Verdict.FAIL for finding in findings)


def plain(text: str) -> str:
    """One line of printable characters: what a server said must not move an operator's cursor."""
    clean = "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
