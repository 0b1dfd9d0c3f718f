"""A fake kubectl: `proxy` serves the answers of a file on a socket file; all other commands are recorded."""

import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

FOLDER = Path(os.environ["FAKE_CLUSTER"])


class Handler(BaseHTTPRequestHandler):
    """Answers each path with a status and a body."""

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()

    def answer(self) -> None:
        answers: dict[str, Any] = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
        path = unquote(self.path)
        status, body = answers.get(path, answers.get(path.partition("?")[0], [404, "no such thing"]))
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "a socket file"


def main(words: list[str]) -> int:
    """Serve, or record the arguments and the standard input."""
    if words[0] == "proxy":
        socketserver.ThreadingUnixStreamServer(words[1].partition("=")[2], Handler).serve_forever()
    with (FOLDER / "commands").open("a", encoding="utf-8") as commands:
        commands.write(" ".join(words) + "\n")
    given = "" if sys.stdin.isatty() else sys.stdin.read()
    if given:
        (FOLDER / "given.json").write_text(given, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
