"""app/settings/json_schema.py: schemas of values; tests/helm/test_config.py compares all of them with the parsers."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.settings import json_schema


@given(st.sampled_from([0, 1]), st.integers(1, 10**6), st.integers(0, 10**7), st.integers(0, 2))
def test_the_pattern_of_a_number_has_its_bounds(minimum: int, maximum: int, number: int, zeros: int) -> None:
    """Numbers as text are accepted within the same bounds as numbers, with or without leading zeros."""
    schema = json_schema.whole(minimum, maximum)
    for value in (number, minimum, maximum, maximum + 1, minimum - 1):
        text = "0" * zeros + str(value)
        assert (minimum <= value <= maximum) == bool(re.search(schema["pattern"], text)), text
