"""The page of the site, as a browser gets it, and the script of the game."""

import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

from app.doctor import network_errors
from app.doctor.finding import Finding, fail, ok
from app.doctor.site import Site

CHECK: Final = "page"
SCRIPT: Final = "script"
TIMEOUT_S: Final = 5.0  # of each step: name, connection, answer
MAX_BYTES: Final = 1 << 20  # of a page or a script; ours are far smaller
ELEMENT: Final = "<flotilla-game"

_SCRIPT: Final = re.compile(r"<script[^>]*\ssrc=\"([^\"]*flotilla-game[^\"]*)\"")
_WRONG_SITE: Final = "check where the proxy sends this address: it may be the web role of another site"
_REMEDIES: Final = {
    400: "add the host to FLOTILLA_ALLOWED_HOSTS",
    404: _WRONG_SITE,
    421: "check which site the proxy has for this name",
    502: "start the web role, or correct its address in the proxy",
    503: "start the web role, or find out why it is not ready",
    504: "find out why the web role does not answer the proxy",
}

_SCRIPT_REMEDIES: Final = {404: "run `flotilla collectstatic` (locally `make install`), and serve its output"}


@dataclass(frozen=True, slots=True)
class _Answer:
    url: str
    text: str


def check_page(site: Site) -> tuple[list[Finding], Site]:
    """Return the findings, and the site that redirects led to."""
    try:
        answer = _get(site.page)
    except (OSError, HTTPException, ValueError) as error:
        return [_failure(CHECK, error)], site
    if ELEMENT not in answer.text:
        return [fail(CHECK, f"{answer.url} answers, but it is another page", _WRONG_SITE)], site
    reached = Site.parse(answer.url)
    return [ok(CHECK, f"{answer.url} is available"), _script(answer)], reached


def _script(page: _Answer) -> Finding:
    found = _SCRIPT.search(page.text)
    if found is None:
        return fail(SCRIPT, "the page has none", "build the front end (make install), and collect static files")
    try:
        script = _get(urljoin(page.url, found[1]))
    except (OSError, HTTPException, ValueError) as error:
        return _failure(SCRIPT, error)
    return ok(SCRIPT, f"{script.url} is available")


def _get(url: str) -> _Answer:
    request = Request(url, headers={"User-Agent": "flotilla-doctor", "Accept": "*/*"})  # noqa: S310  # Site takes http and https only
    with _opener().open(request, timeout=TIMEOUT_S) as answer:
        return _Answer(answer.geturl(), answer.read(MAX_BYTES).decode(errors="replace"))


def _opener() -> OpenerDirector:
    """Return an opener for HTTP and HTTPS only, without this machine's proxies, which players do not use."""
    opener = OpenerDirector()
    for handler in (
        HTTPHandler(),
        HTTPSHandler(),
        HTTPRedirectHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _failure(check: str, error: Exception) -> Finding:
    if isinstance(error, HTTPError):
        with error:
            return _status(check, error)
    if isinstance(error, OSError):
        seen, remedy = network_errors.explain(error)
        return fail(check, seen, remedy)
    return fail(
        check, f"the answer is not HTTP ({type(error).__name__})", "check which program listens at this address"
    )


def _status(check: str, error: HTTPError) -> Finding:
    if "infinite loop" in str(error):
        remedy = "set FLOTILLA_TRUST_FORWARDED_PROTO=true behind a proxy that ends TLS and sets X-Forwarded-Proto"
        return fail(check, "it redirects to itself without end", remedy)
    known = _REMEDIES | _SCRIPT_REMEDIES if check == SCRIPT else _REMEDIES
    remedy = known.get(error.code, "see the log of the web role")
    return fail(check, f"the answer is {error.code} {error.reason}", remedy)
