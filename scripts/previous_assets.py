"""Copies the hashed static files of the previous version, because open pages still request them.

    previous_assets.py PREVIOUS_STATIC_ROOT STATIC_ROOT

Only hashed files in the previous version's manifest are copied: not the manifest, not files without a hash, and not
files of even older versions. Existing files are not overwritten.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MANIFEST: Final = "staticfiles.json"
SUFFIXES: Final = ("", ".gz", ".br")  # a file and its compressed forms


def main(words: list[str]) -> int:
    """Copy the files. Return 1 and print the reason if the previous folder is not a static root."""
    previous, current = map(Path, words)
    try:
        names = list(_names(previous))  # check all names before the first copy
        copied = [name for name in names if _copy(previous, current, name)]
    except (OSError, ValueError) as error:
        print(f"{previous} is not a static root of Flotilla: {error}.", file=sys.stderr)
        return 1
    print(f"{len(copied)} files of the previous version added.")
    return 0


def _names(root: Path) -> Iterator[str]:
    """Yield the hashed files of `root`; none if `root` is empty. Raises ValueError or OSError if it is invalid."""
    if not any(root.iterdir()):
        return
    for plain, hashed in _manifest(root).items():
        if Path(hashed).is_absolute() or ".." in Path(hashed).parts:
            raise ValueError(f"{hashed!r} is outside of it")
        if hashed != plain:
            yield from (hashed + suffix for suffix in SUFFIXES if (root / (hashed + suffix)).is_file())


def _manifest(root: Path) -> dict[str, str]:
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    paths = manifest.get("paths") if isinstance(manifest, dict) else None
    if not isinstance(paths, dict) or not all(isinstance(name, str) for name in paths.values()):
        raise ValueError(f"{MANIFEST} has no file names")
    return paths


def _copy(previous: Path, current: Path, name: str) -> bool:
    target = current / name
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(previous / name, target)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
