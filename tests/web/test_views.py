"""app/web/views.py and the page's template."""

from html.parser import HTMLParser

import pytest
from django.test import AsyncClient, Client


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes, and the text inside those that may hold code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.code = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.code += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    def meta(self, name: str) -> str | None:
        return next(tag["content"] for tag in self.named("meta") if name in {tag.get("name"), tag.get("property")})


@pytest.fixture
def page() -> Tags:
    response = Client(headers={"host": "localhost:8000"}).get("/")
    assert response.status_code == 200
    return Tags(response.content.decode())


def test_page_has_the_game_and_its_script(page: Tags) -> None:
    """The element is there once, and a deferred script of this site defines it."""
    assert len(page.named("flotilla-game")) == 1
    assert page.named("script") == [{"defer": None, "src": "/static/flotilla/flotilla-game.js"}]


def test_page_has_no_inline_code(page: Tags) -> None:
    """Nothing in the page needs an exception from its Content-Security-Policy."""
    assert page.code == ""
    assert page.named("style") == []
    assert [
        name for _, attributes in page.found for name in attributes if name == "style" or name.startswith("on")
    ] == []


def test_page_has_instructions(page: Tags) -> None:
    """The instructions are in the page and describe the game to those who do not see it."""
    assert page.named("flotilla-game")[0]["aria-describedby"] == "instructions"
    assert {"class": "instructions", "id": "instructions"} in page.named("p")
    assert b"Point to turn, hold to thrust" in Client().get("/").content


def test_page_is_fit_for_phones_and_readers(page: Tags) -> None:
    """It has a language, a viewport, one heading, one main part, and a sentence for browsers without JavaScript."""
    assert page.named("html") == [{"lang": "en"}]
    assert page.meta("viewport") == "width=device-width, initial-scale=1, viewport-fit=cover"
    assert [len(page.named(tag)) for tag in ("h1", "main", "noscript")] == [1, 1, 1]


def test_link_previews_get_absolute_addresses(page: Tags) -> None:
    """Picture and page are named as a stranger's server reaches them."""
    assert page.meta("og:url") == "http://localhost:8000/"
    assert page.meta("og:image") == page.meta("twitter:image") == "http://localhost:8000/static/web/opengraph.png"
    assert page.meta("twitter:card") == "summary_large_image"


def test_page_is_revalidated() -> None:
    """A browser may keep the page but must check with each visit that it is still the newest."""
    assert Client().get("/").headers["Cache-Control"] == "no-cache"


def test_head_is_answered() -> None:
    """A HEAD request gets the headers only."""
    assert Client().head("/").status_code == 200


def test_plain_http_to_the_socket_gets_426() -> None:
    """With a sentence for a person who opened the address by hand."""
    response = Client().get("/ws/game/")
    assert response.status_code == 426
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.startswith(b"This address is for WebSockets only: ")


async def test_upgrade_is_named_where_an_application_may() -> None:
    """Under ASGI the response has the header; WSGI forbids it to applications."""
    response = await AsyncClient().get("/ws/game/")
    assert (response.headers["Upgrade"], response.headers["Connection"]) == ("websocket", "Upgrade")
    assert "Upgrade" not in Client().get("/ws/game/").headers
