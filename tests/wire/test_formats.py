"""app.wire.formats: which formats two processes may write to each other."""

import pytest

from app.wire import formats
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.refusal import Refused


def test_a_release_reads_its_own_format_and_the_one_before() -> None:
    """And nothing else."""
    assert FORMAT - 1 == PREVIOUS
    assert [PREVIOUS, FORMAT] == [formats.readable(PREVIOUS), formats.readable(FORMAT)]
    for version in (-1, 0, PREVIOUS - 1, FORMAT + 1, 2**63):
        with pytest.raises(Refused, match="format"):
            formats.readable(version)


@pytest.mark.parametrize(
    ("reads", "written"), [(1, PREVIOUS), (PREVIOUS, PREVIOUS), (FORMAT, FORMAT), (FORMAT + 1, FORMAT)]
)
def test_what_is_written_is_the_newest_that_both_read(reads: int, written: int) -> None:
    """A newer release reads ours, since it is just before its own; for an older one than the last, there is nothing."""
    assert written == formats.common(reads)
