"""A text is linted once, and again as soon as it, or the lint itself, is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorstep.dispatch import linting
from doorstep.dispatch.linting import behaviours_of
from doorstep.dispatch.models import Act, ActState
from doorstep.outreach.render import digest_of
from tests.dispatch.outbox import TEXT, make_act, make_sender

pytestmark = pytest.mark.django_db
BAD = TEXT + "再不还钱就通知你的单位和家人,让你坐牢。"


def say(act: Act, text: str) -> None:
    act.content = act.content | {"text": text}
    act.content_sha256 = digest_of("sms", "zh-Hans", "", text, "")


def test_what_was_found_is_kept_for_this_very_text(monkeypatch: pytest.MonkeyPatch) -> None:
    act = make_act()
    assert behaviours_of(act) == ()
    monkeypatch.setattr(linting, "text_lint", lambda text: pytest.fail("read twice"))
    assert behaviours_of(act) == ()


def test_another_text_is_read_again() -> None:
    act = make_act()
    behaviours_of(act)
    say(act, BAD)
    assert behaviours_of(act) != ()


def test_another_edition_of_the_lint_reads_again(monkeypatch: pytest.MonkeyPatch) -> None:
    act = make_act()
    say(act, BAD)
    act.linted = {
        "content_sha256": act.content_sha256, "edition": "of last year", "behaviours": [],
    }  # fmt: skip
    assert behaviours_of(act) != ()


def test_a_text_that_was_fine_and_was_changed_behind_our_back_is_held_back(tmp_path: Path) -> None:
    act = make_act()
    behaviours_of(act)
    say(act, BAD)
    act.save()
    make_sender(folder=tmp_path).round()
    act.refresh_from_db()
    assert act.state == ActState.BLOCKED
