"""app/observability/labels.py repeats names of other rooms: here they are compared with where they come from."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gateway.player import connection
from app.observability import labels
from app.wire.close_codes import CloseCode

APP = Path(__file__).parents[2] / "app"


def refusals(*files: str) -> Iterator[str]:
    """Yield the reasons of each `Refused("…")` in the files."""
    for file in files:
        for node in ast.walk(ast.parse((APP / file).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def test_every_close_code_is_known() -> None:
    """Ours, those that peers may send, and the label for all others."""
    assert {str(int(code)) for code in CloseCode} <= set(labels.CLOSE_CODES)
    assert set(labels.CLOSE_CODES) == {connection._label(code) for code in range(5000)}


@pytest.mark.parametrize(
    ("files", "known"),
    [
        (("wire/inputs.py", "wire/tutorial.py"), labels.REFUSALS),
        (("wire/uplink.py", "wire/formats.py", "tick/incoming.py"), labels.BATCH_REFUSALS),
        (("wire/checkpoint.py", "wire/formats.py"), labels.CHECKPOINT_REFUSALS),
    ],
)
def test_every_reason_of_a_reader_is_known(files: tuple[str, ...], known: tuple[str, ...]) -> None:
    """A decoder with a new reason needs a label."""
    assert set() == set(refusals(*files)) - set(known)
