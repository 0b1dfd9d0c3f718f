"""Adds the hashed files of another version's static root to ours: pages that are still open find the files they name.

    previous_assets.py PREVIOUS_STATIC_ROOT STATIC_ROOT

Only what the other version's manifest names goes along, under its hashed name: neither its manifest, nor plain names,
nor what it had itself from the version before. A file that is here already stays as it is.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MANIFEST: Final = "staticfiles.json"
SUFFIXES: Final = ("", ".gz", ".br")  # beside a file lie its compressed forms


def main(words: list[str]) -> int:
    """Copy; 1 with a sentence if the other folder is not what it should be."""
    previous, current = map(Path, words)
    try:
        names = list(_names(previous))  # all of them before the first copy: what is refused leaves nothing behind
        copied = [name for name in names if _copy(previous, current, name)]
    except (OSError, ValueError) as error:
        print(f"{previous} is no static root of a version of Flotilla: {error}.", file=sys.stderr)
        return 1
    print(f"{len(copied)} files of the previous version added.")
    return 0


def _names(root: Path) -> Iterator[str]:
    """Name the hashed files of `root`; none where there is no previous version. Raises ValueError, OSError."""
    if not any(root.iterdir()):
        return
    for plain, hashed in _manifest(root).items():
        if Path(hashed).is_absolute() or ".." in Path(hashed).parts:
            raise ValueError(f"{hashed!r} leads out of it")
        if hashed != plain:
            yield from (hashed + suffix for suffix in SUFFIXES if (root / (hashed + suffix)).is_file())


def _manifest(root: Path) -> dict[str, str]:
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    paths = manifest.get("paths") if isinstance(manifest, dict) else None
    if not isinstance(paths, dict) or not all(isinstance(name, str) for name in paths.values()):
        raise ValueError(f"{MANIFEST} names no files")
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
