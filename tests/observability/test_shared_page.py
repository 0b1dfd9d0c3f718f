import threading
from collections.abc import Iterable
from typing import Any

import pytest

from app.observability.shared_page import PERIOD_S, SharedPage

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Asked:
    """A shared page whose application counts its pages, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 50.0
        self.rendered = 0
        self.failing = False
        self.page = SharedPage(self._application, lambda: self.now)

    def get(self, accept: str = "", encoding: str = "", query: str = "") -> tuple[str, bytes]:
        answers: list[str] = []
        environ = {"HTTP_ACCEPT": accept, "HTTP_ACCEPT_ENCODING": encoding, "QUERY_STRING": query}
        body = b"".join(self.page(environ, lambda status, *_: answers.append(status)))  # type: ignore[arg-type,func-returns-value]  # a spy
        return answers[0], body

    def _application(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self.failing:
            raise LookupError("broken")
        self.rendered += 1
        start("200 OK", [])
        return [f"page {self.rendered}".encode(), environ["QUERY_STRING"].encode()]


def test_a_page_is_shared_for_a_second() -> None:
    """Then it is rendered again."""
    asked = Asked()
    assert [("200 OK", b"page 1")] * 3 == [asked.get() for _ in range(3)]
    asked.now += PERIOD_S
    assert ("200 OK", b"page 2") == asked.get()


def test_each_format_has_its_page() -> None:
    """The query selects nothing, so it makes no page."""
    asked = Asked()
    pages = [asked.get(), asked.get(OPENMETRICS), asked.get(encoding="gzip"), asked.get(query="name[]=up")]
    assert [b"page 1", b"page 2", b"page 3", b"page 1"] == [body for _, body in pages]


def test_who_asks_at_once_gets_one_page() -> None:
    """Fifty threads cost one rendering."""
    asked = Asked()
    threads = [threading.Thread(target=asked.get) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == asked.rendered


def test_a_failure_is_not_shared() -> None:
    """The next one who asks gets a page."""
    asked = Asked()
    asked.failing = True
    with pytest.raises(LookupError, match="broken"):
        asked.get()
    asked.failing = False
    assert ("200 OK", b"page 1") == asked.get()
