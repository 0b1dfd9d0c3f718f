"""A new image keeps the hashed files of the previous version, for pages that are still open."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.paths import ROOT
from tests.image.container import DOCKER, IMAGE, docker, once

BEFORE = "flotilla-test:before"
AFTER = "flotilla-test:after"
OLD = "flotilla/flotilla-game.000000000000.js"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Build a previous version with another script, and a new image after it."""
    folder: Path = tmp_path_factory.mktemp("before")
    (folder / "old.js").write_text("old", encoding="utf-8")
    (folder / "staticfiles.json").write_text(json.dumps({"paths": {"flotilla/flotilla-game.js": OLD}}))
    (folder / "Dockerfile").write_text(
        f"FROM {IMAGE}\n"
        f"COPY old.js /opt/flotilla/static/{OLD}\n"
        "COPY staticfiles.json /opt/flotilla/static/staticfiles.json\n",
        encoding="utf-8",
    )
    build = {**os.environ, "DOCKER_BUILDKIT": "1"}
    subprocess.run([DOCKER, "build", "--quiet", "--tag", BEFORE, folder], env=build, check=True)
    subprocess.run(
        [ROOT / "scripts" / "build-image", AFTER], cwd=ROOT, env=build | {"PREVIOUS_IMAGE": BEFORE}, check=True
    )
    yield
    docker("image", "rm", AFTER, BEFORE)


def static(image: str) -> dict[str, str]:
    """Return the hash of each file in the static root."""
    look = (
        "import hashlib, json, pathlib; root = pathlib.Path('/opt/flotilla/static');"
        "print(json.dumps({str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()"
        " for path in root.rglob('*') if path.is_file()}))"
    )
    code, output = once("-c", look, options=("--entrypoint", "python"), image=image)
    assert 0 == code, output
    found: dict[str, str] = json.loads(output)
    return found


@pytest.mark.usefixtures("images")
def test_only_the_old_hashed_file_is_added() -> None:
    """All other files are the same as without a previous image."""
    ours, after = static(IMAGE), static(AFTER)
    assert {OLD} == set(after) - set(ours)
    assert ours == {name: content for name, content in after.items() if name != OLD}
