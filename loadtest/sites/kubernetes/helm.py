"""`helm` for one release, with the chart of this tree."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.paths import ROOT
from loadtest.processes.command import said

CHART: Final = ROOT / "helm" / "flotilla"
TEST_VALUES: Final = CHART / "ci" / "test-values.yaml"
PATIENCE_S: Final = 180.0  # for a hook, or for an uninstall that waits

Values = dict[str, Any]


class Helm:
    """The program, for one release in one namespace."""

    def __init__(self, program: str, namespace: str, release: str, folder: Path) -> None:
        """Take where it is, and a folder for values."""
        self.program = program
        self._where = [f"--namespace={namespace}"]
        self._release = release
        self._folder = folder

    def version(self) -> str:
        """Return which Helm it is; raises SiteError."""
        return f"Helm {self._run('version', '--template={{.Version}}').strip()}"

    def install(self, files: Sequence[Path] = (), values: Values | None = None) -> str:
        """Install, without waiting for pods; return its notes. Raises SiteError."""
        return self._run("install", self._release, str(CHART), *self._options(files, values))

    def upgrade(self, files: Sequence[Path] = (), values: Values | None = None) -> str:
        """Upgrade to exactly these values, without waiting for pods; return its notes. Raises SiteError."""
        return self._run("upgrade", self._release, str(CHART), "--reset-values", *self._options(files, values))

    def rollback(self) -> None:
        """Go back to the revision before; raises SiteError."""
        self._run("rollback", self._release)

    def test(self) -> str:
        """Run the chart's own tests; return what was said of each. Raises SiteError; pods of failed ones stay."""
        return self._run("test", self._release, f"--timeout={PATIENCE_S:g}s")

    def uninstall(self) -> None:
        """Remove the release and wait until its objects are gone; raises SiteError."""
        self._run("uninstall", self._release, "--wait", f"--timeout={PATIENCE_S:g}s")

    def manifest(self) -> str:
        """Return what is installed, as YAML; raises SiteError."""
        return self._run("get", "manifest", self._release)

    def template(self, files: Sequence[Path] = (), values: Values | None = None) -> str:
        """Return what would be installed, as YAML; raises SiteError."""
        return self._run("template", self._release, str(CHART), *self._options(files, values))

    def _options(self, files: Sequence[Path], values: Values | None) -> list[str]:
        options = [f"--values={file}" for file in files]
        if values:
            path = self._folder / "values.json"  # which is YAML, too
            path.write_text(json.dumps(values), encoding="utf-8")
            options.append(f"--values={path}")
        return options

    def _run(self, *words: str) -> str:
        return said([self.program, *words, *self._where], patience_s=PATIENCE_S + 30)
