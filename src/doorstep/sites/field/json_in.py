"""JSON that came from a phone: read strictly, so that nothing wild reaches the deeds below."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Where
from doorstep.visits.safety import Place, place_told

MOST_BYTES = 4 * 1024**2
DEEPEST = 24
LARGEST = 2**53
Body = dict[str, Any]


def body_of(request: HttpRequest) -> Body:
    """The request's body as a JSON object of at most 4 MB. Raises InputError for anything else: NUL
    or half characters in a text, numbers that are no numbers, too deep a nesting."""
    if len(request.body) > MOST_BYTES:
        raise InputError(_("Send less at once."), code="TOO_LARGE")
    try:
        found = json.loads(request.body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InputError(_("This is no JSON."), code="BAD_JSON") from None
    if not isinstance(found, dict):
        raise InputError(_("This is no JSON object."), code="BAD_JSON")
    _check(found, 0)
    return found


def text_in(body: Body, name: str, *, most: int, least: int = 0) -> str:
    """A text of the body. Raises InputError where it is none, or too short or long."""
    value = body.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise wrong(name)
    return value


def whole_in(body: Body, name: str) -> int:
    """A whole number of the body. Raises InputError where it is none."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(name)
    return value


def place_in(body: Body) -> Place | None:
    """The place of the body; None where there is none. Raises InputError for no point on earth."""
    if body.get("latitude") is None and body.get("longitude") is None:
        return None
    place = place_told(body.get("latitude"), body.get("longitude"))
    if place is None:
        raise wrong("latitude")
    return place


def instant_in(body: Body, name: str) -> datetime:
    """An instant of the body, ISO 8601 with its offset. Raises InputError where it is none."""
    value = body.get(name)
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        found = datetime.fromisoformat(value)
        if found.tzinfo is None or not 2000 <= found.year <= 2200:
            raise ValueError
    except ValueError:
        raise wrong(name) from None
    return found.astimezone(UTC)


def wrong(name: str) -> InputError:
    """What is raised for a field that cannot be used."""
    return InputError(
        _("%(field)s is missing or cannot be used.") % {"field": name},
        code="BAD_FIELD", where=Where(field=name),
    )  # fmt: skip


def _check(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise InputError(_("This is nested too deeply."), code="BAD_JSON")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_text(key)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)
    elif isinstance(value, (int, float)) and abs(value) > LARGEST:
        raise InputError(_("A number is too large."), code="BAD_JSON")


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise InputError(_("A text holds what no text can."), code="BAD_TEXT")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
