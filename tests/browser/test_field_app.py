"""The phone app at the door in a real browser: a whole visit without a network, a phone that is
killed while it records, two phones of one crew, a visit that is called off on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from pytest_django import Settings

from doorstep.dispatch.visit_acts import visit_acts_withdraw
from doorstep.kernel import clock
from doorstep.visits.models import DoorEvent, PlannedVisit, Recording
from doorstep.visits.models.recordings import RecordingState
from doorstep.workforce.models import Staff
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, Desk
from tests.browser.phone import PIN, Phone
from tests.dispatch.field_world import begins, crew_of, make_visit_due
from tests.factories import make_instalments
from tests.visits.fieldwork import agents_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LANGUAGES = [("zh-CN", "zh-Hans"), ("en-US", "en")]
OpenPhone = Callable[..., Phone]


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    if not (Path(settings.PHONE) / "index.html").exists():
        pytest.skip("the phone app is not built: npm --prefix field run build")
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> PlannedVisit:
    """A visit of today with a bill, two minutes after it may begin; the clock goes on from there."""
    made = make_visit_due()
    for loan in made.case.borrower.loans.all():
        make_instalments(loan=loan)
    start, began = begins(made) + timedelta(minutes=2), monotonic()

    def now() -> datetime:
        return start + timedelta(seconds=monotonic() - began)

    monkeypatch.setattr(clock, "now", now)
    return made


@pytest.fixture
def open_phone(open_desk: OpenDesk, visit: PlannedVisit) -> Iterator[OpenPhone]:
    """Opens the phone of somebody, at the door of the visit."""

    def open_phone(staff: Staff, *, look: tuple[str, str] = LANGUAGES[0], name: str = "a") -> Phone:
        locale, language = look
        desk = open_desk(staff=staff, locale=locale, size=PHONE)
        context = desk.page.context
        context.grant_permissions(["geolocation", "camera", "microphone"])
        assert visit.latitude is not None
        assert visit.longitude is not None
        context.set_geolocation(
            {"latitude": visit.latitude, "longitude": visit.longitude, "accuracy": 8}
        )
        return Phone(desk=desk, context=context, language=language, name=name)

    yield open_phone


def killed(phone: Phone) -> Phone:
    """The phone dies in the middle of what it does, and is started again."""
    phone.desk.page.close(run_before_unload=False)
    desk = Desk(page=phone.context.new_page(), address=phone.desk.address)
    desk.problems, desk.forgiven = phone.desk.problems, phone.desk.forgiven
    return Phone(desk=desk, context=phone.context, language=phone.language, name=phone.name)


def title(phone: Phone, code: str) -> str:
    from doorstep.visits.door.steps import door

    step = door().step(code)
    assert step is not None
    return step.title[phone.language]


def at_step(phone: Phone, code: str) -> None:
    phone.step(title(phone, code))
    phone.check(code)


def to_the_door(phone: Phone, visit: PlannedVisit, partner: Staff) -> None:
    """On our way, there, both of us by PIN."""
    phone.walk(f"/visit/{visit.pk}")
    at_step(phone, "on_my_way")
    phone.press("visit.way.go")
    at_step(phone, "arrive")
    phone.desk.page.get_by_label(
        phone.words("visit.arrive.pin_of", name=str(partner))
    ).fill(PIN)
    phone.press("visit.arrive.check_pin")
    phone.sees("visit.arrive.pin", name=str(partner))
    phone.press("visit.arrive.do")
    phone.step(title(phone, "clearance"))
    phone.sees("visit.clear.may")
    phone.check("clearance")


def inside(phone: Phone) -> None:
    """From the ring to the borrower who agrees to sound and pictures."""
    phone.press("visit.clear.ring")
    at_step(phone, "identity")
    phone.desk.page.get_by_label(phone.words("visit.identity.token")).check()
    phone.press("visit.identity.do")
    at_step(phone, "who_is_there")
    phone.press("visit.who.borrower")
    at_step(phone, "purpose")
    phone.press("visit.said")
    at_step(phone, "consent_record")
    phone.press("visit.record.yes_video")
    phone.sees("recording.running")
    at_step(phone, "consent_enter")


def sent(phone: Phone) -> None:
    """Wait until nothing waits on the phone any more."""
    phone.desk.page.get_by_role("link", name=phone.words("app.sync.done")).wait_for(timeout=90_000)


@pytest.mark.parametrize("look", LANGUAGES, ids=lambda look: look[0])
def test_a_whole_visit_without_a_network(
    open_phone: OpenPhone, visit: PlannedVisit, look: tuple[str, str]
) -> None:
    agent, partner = agents_of(crew_of(visit))
    other = open_phone(partner, look=look, name="partner")
    other.bind()
    sent(other)
    phone = open_phone(agent, look=look)
    phone.bind()
    phone.check("today")
    sent(phone)
    phone.kept()
    phone.offline()
    to_the_door(phone, visit, partner)
    inside(phone)
    phone.press("visit.enter.outside")
    at_step(phone, "debt")
    phone.press("visit.debt.done")
    at_step(phone, "listen")
