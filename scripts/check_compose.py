"""Checks compose.yaml and the Prometheus beside it with the real programs; says in a line which of them is not here.

`docker compose` reads both profiles, `promtool` the configuration with the chart's rules, and a `prometheus` runs it
for a moment, in a folder of its own. Without any of them this says so and is content: tests read the files in any case.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
CONFIGURATION: Final = ROOT / ".compose" / "prometheus.yml"
MOUNTED: Final = "/etc/prometheus/rules"  # where compose mounts them
RULES: Final = ROOT / "helm" / "flotilla" / "files" / "rules"
START_S: Final = 20.0
ANSWER_S: Final = 5.0

PROFILES: Final = ("", "observability")


class CheckError(Exception):
    """Something is wrong; the message is for a person."""


def main() -> int:
    """Check all; 1 with a sentence if something is wrong."""
    try:
        for check in (_compose, _promtool, _prometheus):
            print(check())
    except CheckError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compose() -> str:
    command = _compose_command()
    if command is None:
        return "docker compose: not here, so compose.yaml was not read by it."
    for profile in PROFILES:
        options = ["--profile", profile] if profile else []
        found = json.loads(_run([*command, *options, "config", "--format", "json"]))
        if ("grafana" in found["services"]) != bool(profile):
            raise CheckError(f"compose.yaml: the profile {profile!r} has the wrong services.")
    return "docker compose: both profiles are in order."


def _compose_command() -> list[str] | None:
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)  # noqa: S607  # PATH's
        if plugin.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def _promtool() -> str:
    if not shutil.which("promtool"):
        return "promtool: not here, so Prometheus' configuration was not read by it."
    with tempfile.TemporaryDirectory() as folder:
        _run(["promtool", "check", "config", str(_here(Path(folder)))])
    return f"promtool: the configuration and {len(_rule_files())} files of rules are in order."


def _prometheus() -> str:
    if not shutil.which("prometheus"):
        return "prometheus: not here, so it was not run."
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        with (Path(folder) / "log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [  # noqa: S607  # PATH's
                    "prometheus",
                    f"--config.file={_here(Path(folder))}",
                    f"--storage.tsdb.path={folder}/data",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            _wait(process, port, Path(folder) / "log")
            groups = _ask(port, "/api/v1/rules")["data"]["groups"]
            loaded = _ask(port, "/api/v1/status/config")["data"]["yaml"]
        finally:
            process.terminate()
            process.wait()
    files = {Path(group["file"]).name for group in groups}
    if files != {path.name for path in _rule_files()}:
        raise CheckError(f"Prometheus read the rules of {sorted(files)}, not all that are in {RULES}.")
    jobs = re.findall(r"job_name: (\S+)", loaded)
    return f"prometheus: runs, with {len(groups)} groups of rules, and would ask {', '.join(jobs)}."


def _here(folder: Path) -> Path:
    """Write the configuration with this machine's path to the rules; return where."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    if MOUNTED not in text:
        raise CheckError(f"{CONFIGURATION} names no rules under {MOUNTED}.")
    path = folder / "prometheus.yml"
    path.write_text(text.replace(MOUNTED, str(RULES)), encoding="utf-8")
    return path


def _rule_files() -> list[Path]:
    return sorted(RULES.glob("*.yaml"))


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            _get(port, "/-/ready")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CheckError(f"Prometheus did not start.\n{log.read_text(encoding='utf-8')[-2000:]}") from None
            time.sleep(0.1)
        else:
            return


def _ask(port: int, path: str) -> Any:
    return json.loads(_get(port, path))


def _get(port: int, path: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}{path}", timeout=ANSWER_S) as answer:
        return bytes(answer.read())


def _run(command: list[str]) -> str:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("FLOTILLA_", "COMPOSE_"))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckError(f"{' '.join(command)} failed.\n{done.stdout}{done.stderr}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
