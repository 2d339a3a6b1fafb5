"""Sessions that a page's own asking does not keep alive.

A page that looks for alarms every few seconds would otherwise never end after an hour without use.
"""

from __future__ import annotations

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse


class QuietSessionMiddleware(SessionMiddleware):
    """As Django's own; an answer marked by `quiet` leaves the session as old as it was."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, unless the answer is quiet and nothing in it has changed."""
        if getattr(response, "is_quiet", False) and not request.session.modified:
            return response
        answer: HttpResponse = super().process_response(request, response)
        return answer


def quiet(response: HttpResponse) -> HttpResponse:
    """The answer to a page that asked by itself."""
    response.is_quiet = True  # type: ignore[attr-defined]
    return response
