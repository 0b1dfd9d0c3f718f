"""Checks compose.yaml and its Prometheus configuration with the real programs.

`docker compose` reads both profiles, `promtool` checks the configuration with the chart's rules, and `prometheus` loads
it. A missing program is reported and skipped, because tests/compose reads the files in any case.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from loadtest.paths import ROOT
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import Process, SiteError

CONFIGURATION: Final = ROOT / ".compose" / "prometheus.yml"
MOUNTED: Final = "/etc/prometheus/rules"  # the path in the container
RULES: Final = ROOT / "helm" / "flotilla" / "files" / "rules"
ANSWER_S: Final = 5.0

PROFILES: Final = ("", "observability")


class CheckError(Exception):
    """A check failed. The message is shown to the user."""


def main() -> int:
    """Run all checks. Return 1 and print the reason if one fails."""
    try:
        for check in (_compose, _promtool, _prometheus):
            print(check())
    except (CheckError, SiteError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compose() -> str:
    command = _compose_command()
    if command is None:
        return "docker compose: skipped, because it is not installed."
    for profile in PROFILES:
        options = ["--profile", profile] if profile else []
        found = json.loads(_run([*command, *options, "config", "--format", "json"]))
        if ("grafana" in found["services"]) != bool(profile):
            raise CheckError(f"compose.yaml: the profile {profile!r} has the wrong services.")
    return "docker compose: both profiles are valid."


def _compose_command() -> list[str] | None:
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)  # noqa: S607  # the program in PATH
        if plugin.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def _promtool() -> str:
    if not shutil.which("promtool"):
        return "promtool: skipped, because it is not installed."
    with tempfile.TemporaryDirectory() as folder:
        _run(["promtool", "check", "config", str(_here(Path(folder)))])
    return f"promtool: the configuration and {len(_rule_files())} rule files are valid."


def _prometheus() -> str:
    if not shutil.which("prometheus"):
        return "prometheus: skipped, because it is not installed."
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = ["prometheus", f"--config.file={_here(Path(folder))}", f"--storage.tsdb.path={folder}/data"]
        command.append(f"--web.listen-address={HOST}:{port}")
        process = Process("prometheus", command, Path(folder) / "log", os.environ)
        try:
            process.wait_for("Server is ready to receive web requests")
            groups = _ask(port, "/api/v1/rules")["data"]["groups"]
            loaded = _ask(port, "/api/v1/status/config")["data"]["yaml"]
        finally:
            process.stop()
    files = {Path(group["file"]).name for group in groups}
    if files != {path.name for path in _rule_files()}:
        raise CheckError(f"Prometheus loaded the rules {sorted(files)}, not all rules in {RULES}.")
    jobs = re.findall(r"job_name: (\S+)", loaded)
    return f"prometheus: loads {len(groups)} rule groups and the jobs {', '.join(jobs)}."


def _here(folder: Path) -> Path:
    """Write the configuration with the local path of the rules. Return the path of the file."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    if MOUNTED not in text:
        raise CheckError(f"{CONFIGURATION} has no rule_files in {MOUNTED}: add them.")
    path = folder / "prometheus.yml"
    path.write_text(text.replace(MOUNTED, str(RULES)), encoding="utf-8")
    return path


def _rule_files() -> list[Path]:
    return sorted(RULES.glob("*.yaml"))


def _ask(port: int, path: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{HOST}:{port}{path}", timeout=ANSWER_S) as answer:
        return json.load(answer)


def _run(command: list[str]) -> str:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("FLOTILLA_", "COMPOSE_"))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckError(f"{' '.join(command)} failed.\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
