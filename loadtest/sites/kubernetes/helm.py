"""`helm` for one release, with the chart of this tree. Every method raises SiteError if helm fails."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.paths import ROOT
from loadtest.processes.command import output

CHART: Final = ROOT / "helm" / "flotilla"
TEST_VALUES: Final = CHART / "ci" / "test-values.yaml"
PATIENCE_S: Final = 180.0  # for a hook, or an uninstall that waits

Values = dict[str, Any]


class Helm:
    """The program for one release in one namespace."""

    def __init__(self, program: str, namespace: str, release: str, folder: Path) -> None:
        """`folder` gets the file of values."""
        self.program = program
        self._where = [f"--namespace={namespace}"]
        self._release = release
        self._folder = folder

    def version(self) -> str:
        return f"Helm {self._run('version', '--template={{.Version}}').strip()}"

    def install(self, files: Sequence[Path] = (), values: Values | None = None) -> str:
        """Install without waiting for pods. Return the notes."""
        return self._run("install", self._release, str(CHART), *self._options(files, values))

    def upgrade(self, files: Sequence[Path] = (), values: Values | None = None) -> str:
        """Upgrade to exactly these values without waiting for pods. Return the notes."""
        return self._run("upgrade", self._release, str(CHART), "--reset-values", *self._options(files, values))

    def rollback(self) -> None:
        """Return to the previous revision."""
        self._run("rollback", self._release)

    def test(self) -> str:
        """Run the tests of the chart and return their results. Pods of failed tests stay."""
        return self._run("test", self._release, f"--timeout={PATIENCE_S:g}s")

    def uninstall(self) -> None:
        """Uninstall and wait until the objects are gone."""
        self._run("uninstall", self._release, "--wait", f"--timeout={PATIENCE_S:g}s")

    def manifest(self) -> str:
        """Return the installed manifest as YAML."""
        return self._run("get", "manifest", self._release)

    def template(self) -> str:
        """Return the manifest of an installation without values as YAML."""
        return self._run("template", self._release, str(CHART))

    def _options(self, files: Sequence[Path], values: Values | None) -> list[str]:
        options = [f"--values={file}" for file in files]
        if values:
            path = self._folder / "values.json"  # JSON is YAML, too
            path.write_text(json.dumps(values), encoding="utf-8")
            options.append(f"--values={path}")
        return options

    def _run(self, *words: str) -> str:
        return output([self.program, *words, *self._where], patience_s=PATIENCE_S + 30)


def merged(*parts: Values) -> Values:
    """Return values in which later parts override earlier ones, key by key. Pure."""
    whole: Values = {}
    for part in parts:
        for key, value in part.items():
            old = whole.get(key)
            whole[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return whole
