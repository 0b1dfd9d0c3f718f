"""Another release, made from this one: the same program with a lower or higher format, and other assets.

`python other_release.py FOLDER` writes the previous release into FOLDER/app, for tests with two releases.
It needs only the product, so that it can run inside the image.
"""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import app

PREVIOUS: Final = -1  # steps from this release to the one before

_FORMAT: Final = (Path("wire", "formats.py"), r"(?m)(?<=^FORMAT: Final = )\d+")
_VERSION: Final = (Path("__init__.py"), r'(?m)(?<=^__version__ = ")[^"]+')
_ASSETS: Final = (Path("web/static/flotilla/flotilla-game.js"), Path("web/static/web/site.css"))


def write(folder: Path, steps: int = PREVIOUS) -> Path:
    """Write the release `steps` from this one into `folder` and return it. Raises ValueError if a pattern fails."""
    copy = folder / "app"
    shutil.copytree(Path(app.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    _edit(copy, *_FORMAT, lambda format_: str(int(format_) + steps))
    _edit(copy, *_VERSION, lambda _version: version(steps))
    for asset in _ASSETS:  # a comment changes the hash, and with it the name
        with (copy / asset).open("a", encoding="utf-8") as file:
            file.write(f"\n/* {version(steps)} */\n")
    return folder


def version(steps: int) -> str:
    """Return the version of the release `steps` from this one; 0 is this one."""
    step = "previous" if steps == PREVIOUS else f"{steps}"
    return f"{app.__version__}+{step}" if steps else app.__version__


def _edit(copy: Path, path: Path, pattern: str, change: Callable[[str], str]) -> None:
    text, count = re.subn(pattern, lambda found: change(found[0]), (copy / path).read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{path} must have exactly one match of {pattern!r}: adapt the pattern")
    (copy / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    print(write(Path(sys.argv[1])) / "app")
