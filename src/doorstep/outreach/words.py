"""Words of outreach that everybody uses: kinds of text, channels, readings, languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


def in_each_language(row: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an entry of our own tables (zh, hant, en), by language."""
    return {"zh-Hans": row["zh"], "zh-Hant": row["hant"], "en": row["en"]}


class Kind(StrEnum):
    """What a text is for; the kind decides what it must contain (`contents.toml`)."""

    REMINDER = "reminder"
    PRE_DUE = "pre_due"
    BROKEN_PROMISE = "broken_promise"
    LETTER = "collection_letter"
    VISIT_NOTICE = "visit_notice"
    APPOINTMENT = "appointment"
    VISIT_CONFIRM = "visit_confirm"
    VISIT_CHANGE = "visit_change"
    VISIT_WITHDRAWN = "visit_withdrawn"
    VISIT_SET_OUT = "visit_set_out"
    IMPOSTOR_WARNING = "impostor_warning"
    CALL_SCRIPT = "call_script"
    CONTACT_CHECK = "contact_check"
    DOCUMENT_COPY = "document_copy"
    ANSWER = "answer"


class Tone(StrEnum):
    """How a text speaks; `neutral` says nothing about a debt."""

    FRIENDLY = "friendly"
    SECOND = "second"
    HARDSHIP = "hardship"
    CONSEQUENCE = "consequence"
    PLAIN_FACTS = "plain_facts"
    NEUTRAL = "neutral"


class Medium(StrEnum):
    """What carries a text."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    PHONE = "phone"
    MESSENGER = "messenger"


class Reading(StrEnum):
    """For whom a text is worded: `plain` has short sentences and large print for older people."""

    USUAL = "usual"
    PLAIN = "plain"
