"""Reads settings from the environment, and lists every faulty variable at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.settings.configuration_error import ConfigurationError
from app.settings.secret_files import secret_text
from app.settings.variable import LOCAL, PREFIX, PRODUCTION, Variable

ENV: Final = PREFIX + "ENV"  # the variable that names the mode
MODES: Final = (LOCAL, PRODUCTION)  # the first has the weaker rules


def read(variables: Sequence[Variable], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the value of each variable, by the name of its field.

    Raises ConfigurationError with one line for each faulty variable. If ENV is faulty, the weaker rules apply to the
    others, so that no line becomes wrong when ENV is corrected.
    """
    modes = _modes(variables, environ)
    values: dict[str, Any] = {}
    faults: list[str] = []
    for variable in variables:
        try:
            values[variable.field] = read_one(variable, environ, *modes)
        except ConfigurationError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigurationError(*faults)
    return values


def _modes(variables: Sequence[Variable], environ: Mapping[str, str]) -> Sequence[str]:
    """Return the mode of the environment, or all modes if it is faulty."""
    (variable,) = (variable for variable in variables if variable.name == ENV)
    try:
        return (read_one(variable, environ, LOCAL),)
    except ConfigurationError:
        return MODES


def read_one(variable: Variable, environ: Mapping[str, str], *modes: str) -> Any:
    """Return the typed value, or the default, by the rules of the first of the possible `modes`.

    Raises ConfigurationError.
    """
    value_type, default = variable.type_in(modes[0]), variable.default_in(modes[0])
    # Not `Env.get_value`: it reads a value that begins with `$` as the name of another variable; a random secret may.
    given = secret_text(variable, environ) if value_type.secret else environ.get(variable.name, "").strip()
    text = given or default
    if text is None:
        raise ConfigurationError(f"{variable.name} is required when {ENV}={PRODUCTION}: {value_type.remedy}.")
    try:
        return value_type.parse(text)
    except ValueError:
        found = "" if value_type.secret else f", not {text!r}"
        remedy = value_type.remedy or f"correct it, or unset it to get the default{_default(variable, modes)}"
        raise ConfigurationError(f"{variable.name} must be {value_type.label}{found}: {remedy}.") from None


def _default(variable: Variable, modes: Sequence[str]) -> str:
    """Return the default in parentheses, or nothing if there is none or if it depends on a faulty mode."""
    defaults = {variable.default_in(mode) for mode in modes}
    default = defaults.pop()
    return f" ({default})" if default and not defaults else ""
