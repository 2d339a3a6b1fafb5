"""The phone app's files, as built: served as they are, the same in every language.

The shell starts without a network only when the browser may keep it, so it is answered before any
middleware that would make it vary by language or by who is signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

PREFIX = "/field/"
INTERFACE = "/field/api/"
SHELL = "/field/index.html"
ASK_EACH_TIME = ("index.html", "sw.js", "manifest.webmanifest", "registerSW.js")
BEYOND_THE_SITE = {"img-src": ["blob:"], "media-src": ["'self'", "blob:"]}
MAY = "camera=(self), microphone=(self), geolocation=(self)"


class PhoneFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """The site's files, and under `/field/` those of the phone app; every address of the app that
    is no file is its shell."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        folder = Path(settings.PHONE)
        if folder.is_dir():
            self.add_headers_function = phone_headers
            self.add_files(folder, prefix=PREFIX)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shell = self.files.get(SHELL)
        if shell is not None and self._of_the_app(request):
            answer = cast(HttpResponse, self.serve(shell, request))
            answer._csp_update = BEYOND_THE_SITE  # type: ignore[attr-defined]
            return answer
        return cast(HttpResponse, super().__call__(request))

    def _of_the_app(self, request: HttpRequest) -> bool:
        """Whether the shell answers: the app's own places and no other file of it."""
        path = request.path_info
        if not path.startswith(PREFIX) or path.startswith(INTERFACE):
            return False
        own = path == SHELL or "." not in path.rpartition("/")[2]
        return own and request.method in {"GET", "HEAD"}


def phone_headers(headers: Headers, path: str, url: str) -> None:
    """What the app may use of the phone; and its entry is asked for anew each time, so that a
    mended app arrives. The office's files, added before, have no headers of their own."""
    headers["Permissions-Policy"] = MAY
    if Path(path).name in ASK_EACH_TIME:
        headers["Cache-Control"] = "no-cache"


def not_built(request: HttpRequest, **_rest: Any) -> HttpResponse:
    """What stands at `/field/` where the app was not built."""
    return HttpResponse(
        "The phone app is not built here. Run ./script/setup and start Doorstep again.\n",
        status=503,
        content_type="text/plain; charset=utf-8",
    )
