"""The error pages: in the look of the game, and independent of what may be broken."""

from types import ModuleType
from unittest.mock import patch

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.test import Client, override_settings
from django.urls import path

from app.web.views import page

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom")


class Urls(ModuleType):
    """A site that has a page which fails."""

    urlpatterns = (path("", page), path("broken/", broken))


def test_unknown_address_is_a_page() -> None:
    """404 has a sentence and a link back."""
    response = Client().get("/nowhere/<script>")
    assert response.status_code == 404
    assert b"Drifting in empty space" in response.content
    assert b'href="/"' in response.content
    assert b"<script" not in response.content


@override_settings(ROOT_URLCONF=Urls("urls"))
def test_failure_is_a_page_that_tells_nothing() -> None:
    """500 apologises and keeps the reason to the log."""
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert b"Our engines failed" in response.content
    assert b"boom" not in response.content
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("name", PAGES)
def test_error_page_needs_no_list_of_static_files(name: str) -> None:
    """An error page is shown even if the static files were never collected."""
    with patch("django.contrib.staticfiles.storage.staticfiles_storage.url", side_effect=ValueError("no manifest")):
        assert "Flotilla" in loader.get_template(name).render()


@pytest.mark.parametrize("name", PAGES)
def test_error_page_is_whole(name: str) -> None:
    """Each has a title, a heading and a way back, and no inline code."""
    text = loader.get_template(name).render()
    assert text.startswith("<!doctype html>")
    assert "<title> ·" not in text
    assert "<h1></h1>" not in text
    assert "style=" not in text
    assert "<style" not in text
    assert 'href="/static/web/site.css"' in text
