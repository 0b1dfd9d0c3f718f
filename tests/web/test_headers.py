"""app/web/headers.py: the security headers of each response."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from app.web.headers import socket_sources

ANSWERS = ["/", "/nowhere", "/ws/game/", "/static/web/site.css", "/robots.txt"]


def policy(response: HttpResponseBase) -> dict[str, list[str]]:
    directives = [directive.split() for directive in response.headers["Content-Security-Policy"].split("; ")]
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_security_headers(path: str) -> None:
    """Pages, errors and files carry the same rules."""
    headers = Client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Content-Security-Policy" in headers


def test_policy_allows_what_the_game_needs_and_no_more() -> None:
    """All that is not named is forbidden, and nothing inline or evaluated is named."""
    assert policy(Client(headers={"host": "localhost:8000"}).get("/")) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'", "wss://localhost:8000", "ws://localhost:8000"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_secure_page_connects_securely() -> None:
    """Over HTTPS only wss: is allowed."""
    assert policy(Client().get("/", secure=True))["connect-src"] == ["'self'", "wss://testserver"]


def test_ipv6_host_is_left_to_self() -> None:
    """A policy cannot name an IPv6 address; a source that browsers ignore is not sent."""
    assert socket_sources("[::1]:8000", secure=False) == []


def test_wrong_host_gets_an_error_with_headers() -> None:
    """A name that is not ours is answered with 400, and is not repeated in the policy."""
    response = Client(headers={"host": "evil.example"}).get("/")
    assert response.status_code == 400
    assert policy(response)["connect-src"] == ["'self'"]
    assert b"evil.example" not in response.content


def test_page_cannot_be_framed() -> None:
    """Old browsers read another header."""
    assert Client().get("/").headers["X-Frame-Options"] == "DENY"


def test_page_is_not_embeddable_but_the_game_is() -> None:
    """Other sites may load the script and what belongs to it, not the page."""
    assert Client().get("/").headers["Cross-Origin-Resource-Policy"] == "same-origin"
    static = Client().get("/static/web/site.css").headers
    assert static["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert static["Access-Control-Allow-Origin"] == "*"


def test_form_from_elsewhere_is_refused() -> None:
    """No address of the site takes a form."""
    assert Client(enforce_csrf_checks=True).post("/").status_code == 403
    assert Client().post("/").status_code == 405
