"""Static files go out whole, under WSGI and ASGI alike, and any site may embed them; those of other releases too.

While releases run side by side, any of their pages may ask any of their processes. A name with the hash of a content
that is not here, of the next release or of one long gone, is answered with the file of that name as it is here.
"""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

HASH: Final = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")  # as Django's manifest storage puts it before the suffix


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise, which would stream each file: under ASGI Django warns of that, and reads it whole anyway."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        stand_in = self.files.get(HASH.sub("", request.path_info))
        if stand_in is None or request.path_info in self.files:
            response: HttpResponseBase = super().__call__(request)
            return response
        response = self.serve(stand_in, request)
        response["Cache-Control"] = "no-store"  # it is not what the name says, and nobody may keep it under that
        return response

    def immutable_file_test(self, path: str, url: str) -> bool:  # WhiteNoise's signature
        """Tell whether `url` names its content, also that of another release, which our manifest does not know."""
        return bool(HASH.search(url))

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        streaming = WhiteNoiseMiddleware.serve(static_file, request)
        try:
            response = HttpResponse(streaming.getvalue(), status=streaming.status_code)
        finally:
            streaming.close()
        del response["Content-Type"]  # the default of Django; the file's own follows
        for name, value in streaming.items():
            response[name] = value
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
