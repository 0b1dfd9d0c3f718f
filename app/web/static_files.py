"""Static files go out whole, under WSGI and ASGI alike, and any site may embed them."""

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise, which would stream each file: under ASGI Django warns of that, and reads it whole anyway."""

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
