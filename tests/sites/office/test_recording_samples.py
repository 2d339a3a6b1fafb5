"""Samples of recordings: drawn by lot, scored once, low ones talked over by somebody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from doorstep.evidence.models import Leaf
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.models import Recording, SampleDraw, SampleReview
from doorstep.visits.scoring import sample_of, sheet
from doorstep.visits.services.samples import review_score, review_talk, sample_draw
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_staff
from tests.visits.taping import make_held_recording, make_review, make_taped_visit

pytestmark = pytest.mark.django_db
CODES = [each.code for each in sheet().questions]
GOOD = {f"points-{code}": "2" for code in CODES}
BAD = {**GOOD, "points-consent": "0", "note": "Asked only after it ran."}


@pytest.fixture(autouse=True)
def own_place(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


@pytest.fixture
def officer() -> Staff:
    return make_staff(Role.COMPLIANCE_OFFICER)


def held(count: int = 1) -> list[Recording]:
    visit, _phone = make_taped_visit()
    return [make_held_recording(visit=visit, count=1) for _ in range(count)]


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def draw(staff: Staff, share: str = "50", **changes: str) -> None:
    today = clock.today().isoformat()
    sent = {"first_day": today, "last_day": today, "share": share, **changes}
    answer = signed_in(staff).post(reverse("office:recording_sample_draw"), sent)
    assert answer.status_code == 302


def test_a_share_is_drawn_and_anybody_with_the_seed_draws_the_same(officer: Staff) -> None:
    recordings = held(5)
    draw(officer, "50")
    made = SampleDraw.objects.get()
    drawn = {review.recording_id for review in made.reviews.all()}
    expected = sample_of(recordings=[r.pk for r in recordings], share=500, seed=made.seed)
    assert drawn == set(expected)
    assert (len(drawn), made.found) == (3, 5)
    assert Leaf.objects.filter(kind="recording.sample").exists()


def test_what_was_drawn_is_not_drawn_again(officer: Staff) -> None:
    held(3)
    draw(officer, "34")
    draw(officer, "100")
    assert [each.reviews.count() for each in SampleDraw.objects.order_by("pk")] == [2, 1]
    draw(officer, "100")
    assert SampleDraw.objects.count() == 2


def test_days_are_those_of_the_house_and_destroyed_ones_stay_out(officer: Staff) -> None:
    one, two = held(2)
    Recording.objects.filter(pk=one.pk).update(ended_at=clock.now() - timedelta(days=1))
    Recording.objects.filter(pk=two.pk).update(state="refused", why="x")
    draw(officer, "100")
    assert not SampleDraw.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"share": "0"}, {"share": "100.1"}, {"share": "-1"}, {"share": "1e3"}, {"share": ""},
     {"share": "٣"}, {"share": "."}, {"share": "1.23"}, {"share": "9" * 400},
     {"first_day": ""}, {"first_day": "2023-02-29"}, {"first_day": "0001-01-01"},
     {"last_day": "9999-12-31"}, {"first_day": "9999-12-31"}, {"first_day": "\x00"}],
)  # fmt: skip
def test_a_draw_that_cannot_be_is_refused(changes: dict[str, str], officer: Staff) -> None:
    held()
    draw(officer, **changes)
    assert not SampleDraw.objects.exists()


def test_only_the_compliance_officer_draws_and_scores() -> None:
    review = make_review(recording=held()[0])
    leader = make_staff(Role.AUDITOR)
    assert signed_in(leader).post(reverse("office:recording_sample_draw"), {}).status_code == 403
    address = reverse("office:recording_sample_score", args=[review.pk])
    assert signed_in(leader).post(address, GOOD).status_code == 403
    with pytest.raises(Refused):
        sample_draw(
            first_day=clock.today(), last_day=clock.today(), share=10, by=leader, at=clock.now()
        )
    with pytest.raises(Refused):
        review_score(review=review, points={}, note="", by=leader, at=clock.now())


def test_a_good_score_is_kept_once(officer: Staff) -> None:
    review = make_review(recording=held()[0])
    client, address = (
        signed_in(officer),
        reverse("office:recording_sample_score", args=[review.pk]),
    )
    client.post(address, {**GOOD, "points-warning": "-", "points-close": "1"})
    client.post(address, BAD)
    review.refresh_from_db()
    assert (review.score, review.low, review.scored_by) == (94, False, officer)
    assert review.scores["warning"] is None
    shown = client.get(reverse("office:recording_sample", args=[review.pk])).content.decode()
    assert "94" in shown


def test_a_low_score_is_to_be_talked_over_by_somebody_else(officer: Staff) -> None:
    review = make_review(recording=held()[0])
    client = signed_in(officer)
    client.post(reverse("office:recording_sample_score", args=[review.pk]), BAD)
    review.refresh_from_db()
    assert review.low
    assert review.talked_due_on == clock.today() + timedelta(days=sheet().talk_days)
    talked = reverse("office:recording_sample_talked", args=[review.pk])
    client.post(talked, {"how": "I told them"})
    review.refresh_from_db()
    assert review.talked_at is None
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    queue = signed_in(manager).get(reverse("office:recording_samples") + "?view=low")
    assert len(queue.context["rows"]) == 1
    signed_in(manager).post(talked, {"how": "The crew asks first from now on."})
    review.refresh_from_db()
    assert review.talked_by == manager
    with pytest.raises(Refused):
        review_talk(review=review, how="Again", by=manager, at=clock.now())
    kinds = set(Leaf.objects.values_list("kind", flat=True))
    assert {"recording.scored", "recording.talked_over"} <= kinds


def test_a_low_score_says_why(officer: Staff) -> None:
    review = make_review(recording=held()[0])
    points: dict[str, int | None] = {**dict.fromkeys(CODES, 2), "consent": 0}
    with pytest.raises(InputError):
        review_score(review=review, points=points, note=" \x00 ", by=officer, at=clock.now())


@pytest.mark.parametrize("value", ["", "3", "x", "\x00", "٢"])
def test_a_sheet_that_is_not_filled_is_not_kept(value: str, officer: Staff) -> None:
    review = make_review(recording=held()[0])
    address = reverse("office:recording_sample_score", args=[review.pk])
    assert signed_in(officer).post(address, {**GOOD, "points-close": value}).status_code == 302
    assert SampleReview.objects.get().score is None


def test_a_team_leader_sees_only_samples_of_their_team() -> None:
    review = make_review(recording=held()[0])
    stranger = signed_in(make_staff(Role.TEAM_LEADER))
    address = reverse("office:recording_sample", args=[review.pk])
    assert stranger.get(address).status_code == 404
    assert not stranger.get(reverse("office:recording_samples")).context["rows"]


def test_the_queue_costs_a_fixed_number_of_queries(officer: Staff) -> None:
    client, counts = signed_in(officer), []
    for count in (1, 4):
        for recording in held(count):
            make_review(recording=recording, by=officer)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("office:recording_samples"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
