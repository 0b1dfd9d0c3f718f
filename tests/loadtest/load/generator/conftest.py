from pathlib import Path

import pytest

from loadtest.load.compiler import build


@pytest.fixture(scope="session")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled."""
    return build("generator", tmp_path_factory.mktemp("build"))
