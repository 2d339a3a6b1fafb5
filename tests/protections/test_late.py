"""The late flag (story 11): what should not have happened since it took effect, and its remedy."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.errors import InputError, Refused
from doorstep.portfolio.models import Book, Borrower
from doorstep.protections.models import LateAct, LateNews
from doorstep.protections.services import (
    acts_look_again,
    complaint_open,
    dispute_open,
    late_news_settle,
    legal_stop_record,
    protection_backdate,
    stop_request_record,
)
from doorstep.protections.services.holds import hold_place, lender_holds_follow
from doorstep.workforce.roles import Role
from tests.factories import (
    AT,
    ON,
    make_book,
    make_borrower,
    make_contact,
    make_hold,
    make_loan,
    make_staff,
)
from tests.protections.making import news, officer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIED = datetime.fromisoformat("2026-10-30T00:00:00+08:00")


def contacted(borrower: Borrower) -> None:
    """Two messages and a call since the death, a message before, and a call of the family."""
    make_contact(borrower=borrower, at=DIED - DAY, channel="sms", result="delivered")
    make_contact(borrower=borrower, at=DIED + 2 * DAY, channel="sms", result="delivered")
    make_contact(borrower=borrower, at=DIED + 9 * DAY, channel="call", result="reached")
    make_contact(borrower=borrower, at=DIED + 12 * DAY, channel="sms", result="sent")
    make_contact(borrower=borrower, at=DIED + 13 * DAY, channel="sms", result="failed")
    make_contact(
        borrower=borrower, at=DIED + 14 * DAY, channel="call", direction="in", result="reached"
    )


def test_a_death_three_weeks_old_lists_two_messages_and_a_call() -> None:
    borrower = make_borrower(language="zh-Hans")
    contacted(borrower)
    legal_stop_record(
        news=news(
            borrower, starts_at=DIED, received_at=AT - 10 * DAY, told_by="authority",
            told_how="document", by=officer(),
        ),
        bar="deceased",
        document="死亡证明 8812",
    )  # fmt: skip
    late = LateNews.objects.get()
    acts = late.acts.order_by("at")
    assert [(act.channel, act.certain, act.knew) for act in acts] == [
        ("sms", True, False),
        ("call", True, False),
        ("sms", True, False),
    ]
    assert late.delayed_at == "outside", "11 days until it reached us, 10 until it was recorded"
    assert "家属" in late.apology
    assert "3" in late.apology
    assert late.state == "open"
    assert late.due_on > ON


def test_news_that_lay_about_in_our_house_names_our_step() -> None:
    borrower = make_borrower()
    contacted(borrower)
    legal_stop_record(
        news=news(borrower, starts_at=DIED, received_at=DIED + DAY, by=officer()),
        bar="deceased",
        document="Certificate",
    )
    assert LateNews.objects.get().delayed_at == "recording"


def test_news_in_time_lists_nothing() -> None:
    borrower = make_borrower()
    contacted(borrower)
    complaint_open(news=news(borrower), words="so")
    assert not LateNews.objects.exists()


def test_a_call_an_hour_before_the_complaint_was_not_wrong_and_one_after_was() -> None:
    borrower = make_borrower()
    make_contact(borrower=borrower, at=AT - 2 * HOUR)
    make_contact(borrower=borrower, at=AT - HOUR / 2)
    complaint_open(news=news(borrower, received_at=AT - HOUR), words="so")
    assert LateAct.objects.get().at == AT - HOUR / 2


def test_an_act_whose_loan_nobody_wrote_down_is_listed_as_unsure_without_an_apology() -> None:
    borrower = make_borrower()
    make_contact(borrower=borrower, at=AT - HOUR)
    dispute_open(news=news(borrower, received_at=AT - DAY), loan=make_loan(borrower=borrower))
    late = LateNews.objects.get()
    assert (late.acts.get().certain, late.apology) == (False, "")
    assert late.correction


def test_dating_back_further_adds_what_happened_in_between() -> None:
    borrower, by = make_borrower(), officer()
    for days in (1, 3):
        make_contact(borrower=borrower, at=AT - days * DAY)
    stop = stop_request_record(news=news(borrower, starts_at=AT - 2 * DAY))
    assert LateAct.objects.count() == 1
    protection_backdate(stop, starts_at=AT - 5 * DAY, why="Letter found", by=by, at=AT + HOUR)
    late = LateNews.objects.get()
    assert late.acts.count() == 2
    assert late.took_effect_at == AT - 5 * DAY
    assert late.known_at == AT


def test_a_hold_of_staff_dated_back_lists_too() -> None:
    borrower, by = make_borrower(), make_staff(Role.TEAM_LEADER)
    make_contact(borrower=borrower, at=AT - 2 * DAY)
    make_contact(borrower=borrower, at=AT - HOUR)
    hold_place(
        borrower=borrower, kind="complaint", starts_on=ON, ends_on=None, note="today", by=by,
        at=AT, on=ON,
    )  # fmt: skip
    assert not LateNews.objects.exists(), "a hold placed today begins when it is placed"
    hold_place(
        borrower=borrower, kind="deceased", starts_on=ON - 3 * DAY, ends_on=None, note="late",
        by=by, at=AT, on=ON,
    )  # fmt: skip
    assert LateNews.objects.get().acts.count() == 2


def flagged(borrower: Borrower, starts_on: object, at: datetime) -> int:
    row = (borrower.pk, "deceased", starts_on, None, None, "")
    return lender_holds_follow(rows=[row], at=at)  # type: ignore[list-item]


def test_the_lenders_late_flag_names_the_book_it_waited_for() -> None:
    borrower = make_borrower()
    contacted(borrower)
    make_book(business_date=ON - DAY, loaded_at=AT - DAY)
    make_book(business_date=ON, loaded_at=AT - HOUR)
    Book.objects.filter(business_date=ON).update(
        brought_at=AT - 3 * HOUR, released_at=AT - 2 * HOUR
    )
    assert flagged(borrower, DIED.date(), AT) == 1
    late = LateNews.objects.get()
    assert (late.acts.count(), late.delayed_at) == (3, "book")


def test_the_first_book_of_a_lender_is_late_about_nothing() -> None:
    borrower = make_borrower()
    contacted(borrower)
    make_book(business_date=ON, loaded_at=AT - HOUR)
    assert flagged(borrower, DIED.date(), AT) == 1
    assert not LateNews.objects.exists()


def test_the_same_book_again_changes_no_hold_and_a_flag_gone_keeps_its_history() -> None:
    borrower = make_borrower()
    assert flagged(borrower, ON, AT) == 1
    assert flagged(borrower, ON, AT + HOUR) == 0
    assert lender_holds_follow(rows=[], at=AT + 2 * HOUR) == 1
    hold = borrower.holds.get()
    assert hold.ended_at == AT + 2 * HOUR
    assert flagged(borrower, ON, AT + 3 * HOUR) == 1
    assert borrower.holds.count() == 2


def test_a_contact_the_next_book_tells_of_is_found_by_the_night() -> None:
    borrower = make_borrower()
    complaint_open(news=news(borrower, at=AT - 9 * HOUR), words="so")
    assert acts_look_again(at=AT) == []
    make_contact(borrower=borrower, at=AT - 2 * HOUR)
    assert len(acts_look_again(at=AT)) == 1
    late = LateNews.objects.get()
    assert (late.delayed_at, late.acts.get().knew) == ("acted_anyway", True)
    acts_look_again(at=AT + HOUR)
    assert LateAct.objects.count() == 1, "the same contact is listed once"


def test_a_hold_of_the_first_book_blames_nobody_for_the_time_before_it() -> None:
    borrower = make_borrower()
    make_contact(borrower=borrower, at=AT - 2 * HOUR)
    make_hold(borrower=borrower, kind="deceased", starts_on=DIED.date(), placed_at=AT - HOUR)
    assert acts_look_again(at=AT) == []
    make_contact(borrower=borrower, at=AT - HOUR / 2)
    assert len(acts_look_again(at=AT)) == 1


def test_looking_again_takes_as_many_queries_for_many_as_for_few() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            acts_look_again(at=AT)
        return len(found)

    for number in range(5):
        person = make_borrower()
        make_hold(borrower=person, placed_at=AT - DAY)
        complaint_open(news=news(person, at=AT - DAY), words="so")
        if number == 0:
            few = queries()
    assert queries() == few


def test_it_is_made_good_once_by_somebody_who_may_and_says_how() -> None:
    borrower, by = make_borrower(), officer()
    contacted(borrower)
    legal_stop_record(news=news(borrower, starts_at=DIED), bar="deceased", document="Certificate")
    late = LateNews.objects.get()
    with pytest.raises(Refused):
        late_news_settle(
            late=late, apology="a", correction="c", how="sent", by=make_staff(), at=AT + DAY
        )
    with pytest.raises(InputError):
        late_news_settle(late=late, apology="a", correction="c", how=" ", by=by, at=AT + DAY)
    done = late_news_settle(
        late=late, apology="Dear family", correction="c", how="Letter sent", by=by, at=AT + DAY
    )
    assert (done.state, done.apology, done.settled_by) == ("settled", "Dear family", by)
    with pytest.raises(Refused):
        late_news_settle(late=late, apology="a", correction="c", how="again", by=by, at=AT + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        LateNews.objects.update(settled_how="")
