"""app/web/static_files.py and the files of the page."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import AsyncClient, Client

ROOT = Path(__file__).parents[2]


def test_static_file_is_served_without_debug_or_collecting() -> None:
    """Locally the files are served from where they lie."""
    response = Client().get("/static/web/site.css")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/css")
    assert len(response.content) == int(response.headers["Content-Length"])


async def test_static_file_is_served_under_asgi() -> None:
    """The same under ASGI, without Django's warning that a file is streamed synchronously."""
    response = await AsyncClient().get("/static/web/site.css")
    assert response.status_code == 200
    assert response.content == Client().get("/static/web/site.css").content


def test_file_that_did_not_change_is_not_sent_again() -> None:
    """A browser that has the file gets 304."""
    etag = Client().get("/static/web/site.css").headers["ETag"]
    response = Client().get("/static/web/site.css", headers={"if-none-match": etag})
    assert (response.status_code, response.content) == (304, b"")


def test_part_of_a_file_can_be_had() -> None:
    """A range is answered with that range."""
    response = Client().get("/static/web/site.css", headers={"range": "bytes=0-1"})
    assert (response.status_code, response.content) == (206, b"/*")


@pytest.mark.parametrize(("path", "kind"), [("/favicon.ico", "image/x-icon"), ("/robots.txt", "text/plain")])
def test_files_with_fixed_names(path: str, kind: str) -> None:
    """Browsers and crawlers find theirs at the root."""
    response = Client().get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(kind)


def test_picture_for_link_previews_has_the_size_in_the_page() -> None:
    """A PNG of 1200 × 630."""
    header = Client().get("/static/web/opengraph.png").content[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (1200, 630)


def test_manifest_names_icons_that_are_there() -> None:
    """Each icon of the web manifest exists and has its size."""
    response = Client().get("/static/web/manifest.webmanifest")
    assert response.headers["Content-Type"] == "application/manifest+json"
    for icon in json.loads(response.content)["icons"]:
        content = Client().get(icon["src"]).content
        assert icon["sizes"] == "any" or "{}x{}".format(*struct.unpack(">II", content[16:24])) == icon["sizes"]


PRODUCTION_SITE = """
from app.settings.django import *
STATICFILES_DIRS = [{extra!r}]
"""

# Files of the previous release, plain and compressed, which the build of the image copies in.
PREVIOUS = "/static/flotilla/flotilla-game.0123456789ab.js"
NEXT = "/static/flotilla/flotilla-game.ba9876543210.js"

UNKNOWN = ("flotilla/none.0123456789ab.js", "flotilla/flotilla-game.zzzzzzzzzzzz.js", "flotilla-game.0123456789ab.js")

ASK = """
import django, gzip, pathlib, re
from django.core.management import call_command
django.setup()
call_command("collectstatic", interactive=False, verbosity=0)
from django.conf import settings
previous = pathlib.Path(settings.STATIC_ROOT, PREVIOUS.removeprefix("/static/"))
was = b"the previous release " * 9
previous.write_bytes(was)
pathlib.Path(str(previous) + ".gz").write_bytes(gzip.compress(was))
from django.test import Client
client = Client(headers={"host": "flotilla.example.org"})
page = client.get("/", secure=True)
script = re.search(r'<script defer src="([^"]+)"', page.content.decode())[1]
print(page.status_code, script)
for path in (script, "/static/flotilla/flotilla-game.js", PREVIOUS, NEXT):
    print(client.get(path, secure=True).headers["Cache-Control"])
print(client.get(PREVIOUS, secure=True).content == was)
gzipped = client.get(PREVIOUS, secure=True, headers={"accept-encoding": "gzip"})
print(gzipped.headers["Content-Encoding"], gzipped.headers["Cache-Control"], gzip.decompress(gzipped.content) == was)
print(client.get(NEXT, secure=True).content == client.get("/static/flotilla/flotilla-game.js", secure=True).content)
print([client.get(f"/static/{path}", secure=True).status_code for path in UNKNOWN])
print(client.get("/static/web/site.css", secure=True, headers={"accept-encoding": "gzip"}).headers["Content-Encoding"])
print(client.get("/").headers["Location"], page.headers["Strict-Transport-Security"])
"""


def test_production_serves_hashed_compressed_files(tmp_path: Path) -> None:
    """In production the page names files by content, which are cached for ever; the plain names stay for embedders.

    So are those of the previous release, whole or compressed. For a name of the next one there is the file of this one,
    which nobody keeps; what neither has is not there.
    """
    script = tmp_path / "extra" / "flotilla" / "flotilla-game.js"
    script.parent.mkdir(parents=True)
    script.write_text("customElements.define('flotilla-game', class extends HTMLElement {});")
    if finders.find("flotilla/flotilla-game.js") is None:
        extra = str(tmp_path / "extra")
    else:
        extra = str(tmp_path / "none")
        Path(extra).mkdir()
    (tmp_path / "site_settings.py").write_text(PRODUCTION_SITE.format(extra=extra))
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{PREVIOUS=}; {NEXT=}; {UNKNOWN=}\n{ASK}"],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(tmp_path))),
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "FLOTILLA_ENV": "production",
            "FLOTILLA_SECRET_KEY": "k9" * 10 + "Vq3-x_7Zt" * 6,
            "FLOTILLA_ALLOWED_HOSTS": "flotilla.example.org",
            "FLOTILLA_STATIC_ROOT": str(tmp_path / "collected"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    page, hashed, plain, previous, following, content, compressed, same, missing, encoding, rest = (
        result.stdout.splitlines()
    )
    assert page.startswith("200 /static/flotilla/flotilla-game.")
    assert page != "200 /static/flotilla/flotilla-game.js"
    assert hashed == "max-age=315360000, public, immutable"
    assert plain == "max-age=60, public"
    assert (previous, content) == (hashed, "True")
    assert compressed == f"gzip {hashed} True"
    assert (following, same) == ("no-store", "True")
    assert missing == "[404, 404, 404]"
    assert encoding == "gzip"
    assert rest == "https://flotilla.example.org/ max-age=31536000; includeSubDomains; preload"
