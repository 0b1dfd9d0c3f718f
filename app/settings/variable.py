"""What the declaration of a setting consists of, and the table that is derived from declarations."""

import dataclasses
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, TypeVar, cast

from app.settings.value_types import ValueType

PREFIX: Final = "FLOTILLA_"
FILE_SUFFIX: Final = "_FILE"

LOCAL: Final = "local"
PRODUCTION: Final = "production"

REQUIRED: Final = None  # as a default: there is none, the variable must be set
SAME: Final = ""  # as a default in production: the same as in local mode

T = TypeVar("T")


class Chart(Enum):
    """How the Helm chart sets a variable."""

    CONFIG = auto()  # from `config`, by its name
    DERIVED = auto()  # from other values; `config` may not contain it
    FOR_TESTS = auto()  # never


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the table. Defaults are written as in the environment, where an empty value counts as not set."""

    name: str
    value_type: ValueType[Any]
    default: str | None
    meaning: str
    unit: str
    production_default: str | None
    production_type: ValueType[Any] | None
    chart: Chart

    @property
    def field(self) -> str:
        """The name of the attribute that has the value."""
        return self.name.removeprefix(PREFIX).lower()

    @property
    def file_name(self) -> str | None:
        """The name of the variable that names a file with the value; only secrets have one."""
        return self.name + FILE_SUFFIX if self.value_type.secret else None

    def default_in(self, mode: str) -> str | None:
        """Return the default as text, or REQUIRED."""
        return self.default if mode != PRODUCTION or self.production_default == SAME else self.production_default

    def type_in(self, mode: str) -> ValueType[Any]:
        return self.production_type if mode == PRODUCTION and self.production_type else self.value_type


def setting(
    value_type: ValueType[T],
    default: str,
    meaning: str,
    *,
    unit: str = "",
    production_default: str | None = SAME,
    production_type: ValueType[T] | None = None,
    chart: Chart = Chart.CONFIG,
) -> T:
    """Declare a field of a dataclass as a setting.

    `production_type` may only be stricter than `value_type`. The return type makes mypy compare the field's annotation
    with what `value_type` parses; the returned object is a `dataclasses.field`.
    """
    row = {
        "value_type": value_type,
        "default": default,
        "meaning": meaning,
        "unit": unit,
        "production_default": production_default,
        "production_type": production_type,
        "chart": chart,
    }
    return cast("T", dataclasses.field(repr=not value_type.secret, metadata=row))


def variables_of(declarations: type) -> tuple[Variable, ...]:
    """Return the rows of a dataclass of settings, in the order of its fields."""
    return tuple(Variable(PREFIX + field.name.upper(), **field.metadata) for field in dataclasses.fields(declarations))
