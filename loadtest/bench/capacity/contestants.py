"""Who is measured: the command line of each server, and the language in which the generator loads it."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest.paths import BUILD, ROOT

PEERS: Final = ROOT / "loadtest" / "peers"
PEER_PYTHON: Final = BUILD / "venv" / "bin" / "python"

_LIFE_S: Final = 1800  # a server that is forgotten ends by itself


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server under one kind of load."""

    name: str
    title: str
    command: tuple[str, ...]  # {port} and {seconds} are filled in
    language: str = "bare"  # as the generator names them
    inputs: str = "steady"
    first: int = 1000  # players of the first step
    least: int = 1  # and of the last one, where the search goes down
    environment: Mapping[str, str] = field(default_factory=dict)

    def command_line(self, port: int) -> list[str]:
        """Return what to run."""
        return [part.format(port=port, seconds=_LIFE_S) for part in self.command]

    def environ(self) -> dict[str, str]:
        """Return the environment to run it in: no setting of the caller reaches the product."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FLOTILLA_")}
        return {**inherited, **self.environment}


_OURS: Final = {
    "FLOTILLA_ARENA_CAPACITY": "0",  # everyone sees everyone
    "FLOTILLA_SOCKETS_PER_PROCESS": "0",
    "FLOTILLA_ALLOW_MISSING_ORIGIN": "1",  # the generator is no browser
}
_RUN: Final = (str(Path(sys.executable).with_name("flotilla")), "run", "--bind", "127.0.0.1:{port}")


def _python_peer(module: str, *options: str) -> tuple[str, ...]:
    return (str(PEER_PYTHON), "-m", f"loadtest.peers.{module}", "--port", "{port}", "--seconds", "{seconds}", *options)


def _node_peer(*options: str) -> tuple[str, ...]:
    return ("node", str(PEERS / "node_ws.mjs"), "--port", "{port}", "--seconds", "{seconds}", *options)


OURS: Final = Contestant("ours", "Flotilla, `full`", _RUN, language="full", environment=_OURS)
NODE: Final = Contestant("node", "node `ws`", _node_peer())
PICOWS: Final = Contestant("picows", "picows", _python_peer("picows_server"))
UVICORN: Final = Contestant("uvicorn", "uvicorn", _python_peer("uvicorn_server"))
TEXTBOOK: Final = Contestant("textbook", "textbook", _python_peer("textbook"), language="json", first=20)
TEXTBOOK_FROZEN: Final = Contestant(
    "textbook-frozen",
    "textbook, collector frozen",
    _python_peer("textbook", "--gc", "frozen"),
    language="json",
    first=20,
)
PRODUCT: Final = Contestant(
    "product", "Flotilla as it is", _RUN, language="replica", inputs="people", environment=_OURS
)
IDLE: Final = Contestant("idle", "Flotilla, idle ships", _RUN, language="replica", inputs="idle", environment=_OURS)
BUSY: Final = Contestant("busy", "Flotilla, 20 inputs a second", _RUN, language="replica", environment=_OURS)
CALIBRATION: Final = Contestant(
    "calibration", "C broadcaster", (str(BUILD / "broadcaster"), "--port", "{port}", "--seconds", "{seconds}")
)
KIBIBYTE: Final = Contestant(
    "kibibyte",
    "C broadcaster, frames of 1 KB",
    (str(BUILD / "broadcaster"), "--port", "{port}", "--seconds", "{seconds}", "--bytes", "1024"),
)
NODE_PREPARED: Final = Contestant("node-prepared", "node, past `ws`", _node_peer("--prepared"))

ALL: Final = {
    one.name: one
    for one in (OURS, NODE, PICOWS, UVICORN, TEXTBOOK, PRODUCT, NODE_PREPARED, TEXTBOOK_FROZEN, IDLE, BUSY, CALIBRATION)
}
