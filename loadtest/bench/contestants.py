"""The servers that are measured: command line, environment, and the protocol in which the generator loads them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loadtest.paths import BUILD, ROOT

PEERS: Final = ROOT / "loadtest" / "peers"
PEER_PYTHON: Final = str(BUILD / "venv" / "bin" / "python")
LEAST: Final = 48  # players: twice the textbook server's; below this the nightly search ends with capacity 0
TEXTBOOK_LEAST: Final = 4  # players: a ratio to fewer means nothing

_LIFE_S: Final = 1800  # after this a server ends, also when the benchmark was killed


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server under one kind of load."""

    name: str
    title: str
    command: tuple[str, ...]  # with {port} and {seconds}
    language: str = "bare"  # the generator's name of the protocol
    inputs: str = "steady"
    first: int = 1000  # players of the first step
    least: int = 1  # players: the search goes no lower
    environment: Mapping[str, str] = field(default_factory=dict)

    def command_line(self, port: int) -> list[str]:
        return [part.format(port=port, seconds=_LIFE_S) for part in self.command]


_OURS: Final = {
    "FLOTILLA_ARENA_CAPACITY": "0",  # every player sees every player
    "FLOTILLA_SOCKETS_PER_PROCESS": "0",
    "FLOTILLA_ACCEPTS_PER_SECOND": "0",  # the generator connects all at once
    "FLOTILLA_ALLOW_MISSING_ORIGIN": "1",  # the generator is no browser
}
_RUN: Final = (str(Path(sys.executable).with_name("flotilla")), "run", "--bind", "127.0.0.1:{port}")


_BROADCASTER: Final = str(BUILD / "broadcaster")


def _peer(*program: str, options: Sequence[str] = ()) -> tuple[str, ...]:
    return (*program, "--port", "{port}", "--seconds", "{seconds}", *options)


def _python_peer(module: str, python: str = PEER_PYTHON) -> tuple[str, ...]:
    return _peer(python, "-m", f"loadtest.peers.{module}")


OURS: Final = Contestant("ours", "Flotilla, full pictures", _RUN, language="full", environment=_OURS)
TEXTBOOK: Final = Contestant("textbook", "textbook", _python_peer("textbook"), language="json", first=20)
IDLE: Final = replace(OURS, name="idle", title="Flotilla, idle ships", language="replica", inputs="idle")
BUSY: Final = replace(OURS, name="busy", title="Flotilla, 20 inputs a second", language="replica")
CALIBRATION: Final = Contestant("calibration", "C broadcaster", _peer(_BROADCASTER))
ALL: Final = {
    one.name: one
    for one in (
        OURS,
        Contestant("node", "node ws", _peer("node", str(PEERS / "node_ws.mjs"))),
        Contestant("picows", "picows", _python_peer("picows_server")),
        Contestant("uvicorn", "uvicorn", _python_peer("uvicorn_server")),
        TEXTBOOK,
        replace(OURS, name="product", title="Flotilla as it is", language="replica", inputs="people"),
        IDLE,
        BUSY,
        CALIBRATION,
        Contestant("kibibyte", "C broadcaster, frames of 1 KiB", _peer(_BROADCASTER, options=["--bytes", "1024"])),
    )
}


def nightly(settings: Mapping[str, str], first: int | None = None) -> list[Contestant]:
    """Return the textbook server and Flotilla with `settings`; `first` players are the first step of Flotilla.

    The textbook server runs with this Python: with the versions of Django, Channels and Daphne under test.
    """
    first = first or OURS.first
    textbook = replace(TEXTBOOK, command=_python_peer("textbook", sys.executable), least=TEXTBOOK_LEAST)
    ours = replace(OURS, environment={**OURS.environment, **settings}, first=first, least=min(LEAST, first))
    return [textbook, ours]
