"""JSON Schemas for values of settings, which a chart's user may write as a number, as text or as true and false.

Each schema also accepts the empty text, which counts as not set.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

JsonSchema = Mapping[str, Any]

ANY_TEXT: Final[JsonSchema] = {"type": ["string", "number", "boolean"]}
SECONDS: Final[JsonSchema] = {
    "type": ["number", "string"],
    "exclusiveMinimum": 0,
    "pattern": r"^(\+?([0-9]*[1-9][0-9]*\.?[0-9]*|[0-9]*\.[0-9]*[1-9][0-9]*))?$",
}
SECONDS_OR_ZERO: Final[JsonSchema] = {
    "type": ["number", "string"],
    "minimum": 0,
    "pattern": r"^(\+?([0-9]+\.?[0-9]*|\.[0-9]+))?$",
}


def one_of(words: Iterable[str]) -> JsonSchema:
    return {"enum": ["", *words]}


def flag(words: Iterable[str]) -> JsonSchema:
    """Accept true, false, 1, 0 and `words`, in any case."""
    pattern = f"^(?i:{'|'.join(words)})?$"
    return {"type": ["boolean", "integer", "string"], "minimum": 0, "maximum": 1, "pattern": pattern}


def whole(minimum: int, maximum: int | None) -> JsonSchema:
    """Accept integers from `minimum`, which is 0 or 1, to `maximum`, if there is one; both are included."""
    positive = "[1-9][0-9]*" if maximum is None else f"({'|'.join(_up_to(maximum))})"
    number = f"0*{positive}" if minimum else "[0-9]+" if maximum is None else f"(0+|0*{positive})"
    bounds = {"minimum": minimum} | ({} if maximum is None else {"maximum": maximum})
    return {"type": ["integer", "string"], **bounds, "pattern": rf"^(\+?{number})?$"}


def _up_to(maximum: int) -> Iterator[str]:
    """Yield regular expressions that together match the integers from 1 to `maximum`, without leading zeros."""
    digits = str(maximum)
    if len(digits) > 1:
        yield f"[1-9][0-9]{{0,{len(digits) - 2}}}"
    for place, digit in enumerate(digits):
        smallest = 0 if place else 1
        if int(digit) > smallest:
            yield f"{digits[:place]}[{smallest}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
    yield digits
