"""Serves static files unstreamed, under WSGI and ASGI, for every site to embed, including names of other releases.

While two releases run side by side, a page of one may request a file from the other. For a name with an unknown hash,
of a newer or older release, the response is this release's file of the same name.
"""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

HASH: Final = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")  # Django's manifest storage puts it before the suffix


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise without streaming: under ASGI Django warns about it and reads the whole file anyway."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        stand_in = self.files.get(HASH.sub("", request.path_info))
        if stand_in is None or request.path_info in self.files:
            response: HttpResponseBase = super().__call__(request)
            return response
        response = self.serve(stand_in, request)
        response["Cache-Control"] = (
            "no-store"  # the content does not match the hash, so no cache may keep it under this name
        )
        return response

    def immutable_file_test(self, path: str, url: str) -> bool:  # WhiteNoise's signature
        """Return True if `url` has a hash, even one of another release, which the manifest here does not list."""
        return bool(HASH.search(url))

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        streaming = WhiteNoiseMiddleware.serve(static_file, request)
        try:
            response = HttpResponse(streaming.getvalue(), status=streaming.status_code)
        finally:
            streaming.close()
        del response["Content-Type"]  # Django's default; the one of the file follows
        for name, value in streaming.items():
            response[name] = value
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
