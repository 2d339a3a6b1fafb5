"""The phone app at the door in a real browser: a whole visit without a network, a phone that is
killed while it records, two phones of one crew, a visit that is called off on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from pytest_django import Settings

from doorstep.dispatch.visit_withdrawing import visits_withdraw
from doorstep.kernel import clock
from doorstep.visits.door.steps import door
from doorstep.visits.models import DoorEvent, PlannedVisit, Recording, VisitRecord, VisitSignature
from doorstep.visits.models.door import DoorConflict
from doorstep.visits.models.recordings import RecordingState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, Desk
from tests.browser.phone import PIN, Phone
from tests.dispatch.field_world import begins, crew_of, make_visit_due
from tests.factories import make_instalments, make_staff
from tests.visits.fieldwork import agents_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LANGUAGES = [("zh-CN", "zh-Hans"), ("en-US", "en")]
OpenPhone = Callable[..., Phone]
DEBT_WORDS = re.compile("借|款|账单|逾期")
WATCHED = """() => {
  window.everShown = [];
  const note = () => window.everShown.push(document.body.innerText);
  new MutationObserver(note).observe(document.body,
    { childList: true, subtree: true, characterData: true });
  note();
}"""
NOTHING_LEFT = """() => new Promise((done) => {
  const asked = indexedDB.open("doorstep-field");
  asked.onsuccess = () => {
    const all = asked.result.transaction("segments").objectStore("segments").count();
    all.onsuccess = () => { asked.result.close(); done(all.result === 0); };
  };
})"""


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    if not (Path(settings.PHONE) / "index.html").exists():
        pytest.skip("the phone app is not built: npm --prefix field run build")
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"
    settings.MEDIA_ROOT = str(home)  # the live server would hand out files of the working folder


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> PlannedVisit:
    """A visit of today with a bill, two minutes after it begins; the clock goes on from there."""
    made = make_visit_due()
    for loan in made.case.borrower.loans.all():
        make_instalments(loan=loan)
    start, began = begins(made) + timedelta(minutes=2), monotonic()

    def now() -> datetime:
        return start + timedelta(seconds=monotonic() - began)

    monkeypatch.setattr(clock, "now", now)
    return made


@pytest.fixture
def open_phone(open_desk: OpenDesk, visit: PlannedVisit) -> OpenPhone:
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

    return open_phone


def killed(phone: Phone) -> Phone:
    """The phone dies in the middle of what it does, and is started again."""
    phone.desk.page.close(run_before_unload=False)
    desk = Desk(page=phone.context.new_page(), address=phone.desk.address)
    desk.problems, desk.forgiven = phone.desk.problems, phone.desk.forgiven
    again = Phone(desk=desk, context=phone.context, language=phone.language, name=phone.name)
    again.open("/")
    again.unlock()
    return again


def title_of(phone: Phone, code: str) -> str:
    """What a step is called on this phone."""
    step = door().step(code)
    assert step is not None
    return step.title[phone.language]


def at_step(phone: Phone, code: str) -> None:
    """The screen of a step is there, and clean."""
    phone.step(title_of(phone, code))
    phone.check(code)


def to_the_door(phone: Phone, visit: PlannedVisit, partner: Staff) -> None:
    """On our way, there, both of us by PIN, and the phone says that we may ring."""
    phone.walk(f"/visit/{visit.pk}")
    at_step(phone, "on_my_way")
    phone.press("visit.way.go")
    at_step(phone, "arrive")
    pin = phone.words("visit.arrive.pin_of", name=str(partner))
    phone.desk.page.get_by_label(pin).fill(PIN[::-1])
    phone.press("visit.arrive.check_pin")
    phone.sees("visit.arrive.pin_wrong")
    phone.desk.page.get_by_label(pin).fill(PIN)
    phone.press("visit.arrive.check_pin")
    phone.sees("visit.arrive.pin", name=str(partner))
    phone.press("visit.arrive.do")
    phone.sees("visit.clear.may")
    at_step(phone, "clearance")


def to_the_talk(phone: Phone) -> None:
    """From the ring to the borrower who agrees to sound and pictures, and talks at the door."""
    phone.press("visit.clear.ring")
    at_step(phone, "identity")
    who_checked(phone, "token")
    at_step(phone, "who_is_there")
    phone.press("visit.who.borrower")
    at_step(phone, "purpose")
    phone.press("visit.said")
    at_step(phone, "consent_record")
    phone.press("visit.record.yes_video")
    phone.sees("recording.running")
    at_step(phone, "consent_enter")


def explain_and_listen(phone: Phone, visit: PlannedVisit) -> None:
    """The bill is read and doubted, the situation heard, the means asked for."""
    page = phone.desk.page
    phone.press("visit.enter.outside")
    at_step(phone, "debt")
    phone.press("visit.debt.open")
    page.wait_for_url("**/bill")
    phone.check("bill")
    phone.walk(f"/visit/{visit.pk}")
    phone.press("visit.debt.done")
    at_step(phone, "listen")
    phone.press("visit.hints")
    phone.press("visit.moment.upset")
    phone.check("hints")
    phone.press("visit.shut")
    page.get_by_label(phone.words("visit.cause.illness")).check()
    page.get_by_label(phone.words("visit.listen.situation")).fill("住院三周，下月复工")
    phone.press("visit.listen.means")
    means(phone)
    phone.walk(f"/visit/{visit.pk}")
    phone.press("visit.listen.done")


def means(phone: Phone) -> None:
    """Two people, a wage, food: the rest stays empty."""
    page = phone.desk.page
    phone.step(phone.words("money.means.title"))
    phone.check("means")
    phone.press("money.next")
    page.get_by_label(phone.words("money.line.income.wage"), exact=True).fill("9000")
    phone.press("money.next")
    page.get_by_label(phone.words("money.line.spending.food"), exact=True).fill("2500")
    phone.press("money.next")
    phone.press("money.next")
    page.get_by_label(phone.words("money.means.willing"), exact=True).check()
    phone.press("money.next")
    phone.check("means_result")
    phone.press("money.means.finish")
    page.get_by_role("link", name=phone.words("money.means.to_options")).wait_for()


def agree(phone: Phone, visit: PlannedVisit) -> None:
    """A plan is chosen, read, confirmed sentence by sentence and signed by all three."""
    page = phone.desk.page
    at_step(phone, "options")
    phone.press("visit.options.open")
    phone.step(phone.words("money.options.title"))
    phone.check("plans")
    page.get_by_role("button", name=phone.words("money.options.look")).first.click()
    phone.press("money.options.draw_up")
    phone.step(phone.words("money.agreement.title"))
    phone.check("agreement_read")
    phone.press("money.agreement.understood")
    for sentence in page.get_by_role("checkbox").all():
        sentence.check()
    phone.check("agreement_confirm")
    phone.press("money.sign.to_sign")
    for party in ("borrower", "agent", "second_agent"):
        page.get_by_role("heading", name=phone.words(f"money.sign.{party}")).wait_for()
        phone.sign()
        phone.check(f"sign_{party}")
        phone.press("money.sign.sign")
    phone.press("money.agreement.finish")
    phone.press("money.agreement.on")
    phone.press("visit.options.done")
    at_step(phone, "agreement")
    phone.press("visit.go_on")


def take_leave(phone: Phone) -> None:
    """The warning, the end of the recording with its receipt, and away."""
    at_step(phone, "warning")
    phone.press("visit.said")
    at_step(phone, "close")
    phone.press("visit.close.stop")
    phone.sees("proof.receipt.title")
    phone.check("receipt")
    phone.press("visit.close.left")


def report(phone: Phone, visit: PlannedVisit) -> None:
    """The report in the agents' own words, signed by both."""
    page = phone.desk.page
    at_step(phone, "report")
    page.get_by_label(phone.words("visit.report.said")).fill("说明了账单，客户讲了情况，签了安排。")
    for place in (0, 1):
        phone.sign(place)
    phone.check("report_signed")
    phone.press("visit.report.send")
    phone.sees("visit.over")
    phone.check("over")


@pytest.mark.parametrize("look", LANGUAGES, ids=lambda look: look[0])
def test_a_whole_visit_without_a_network(
    open_phone: OpenPhone, visit: PlannedVisit, look: tuple[str, str]
) -> None:
    agent, partner = agents_of(crew_of(visit))
    other = open_phone(partner, look=look, name="partner")
    other.bind()
    other.sent()
    phone = open_phone(agent, look=look)
    phone.bind()
    phone.sent()
    phone.kept()
    phone.check("today")
    phone.offline()
    to_the_door(phone, visit, partner)
    to_the_talk(phone)
    explain_and_listen(phone, visit)
    agree(phone, visit)
    take_leave(phone)
    report(phone, visit)
    assert not DoorEvent.objects.exists()
    phone.offline(False)
    phone.look()
    phone.sent()
    assert not DoorEvent.objects.exclude(state="applied").exists()
    assert DoorEvent.objects.filter(kind="recording").count() == 2
    phone.desk.page.get_by_role("link", name=phone.words("app.sync.done"), exact=True).wait_for()
    record = VisitRecord.objects.get()
    assert (record.visit_id, record.outcome, record.cleared) == (visit.pk, "agreed", True)
    assert VisitSignature.objects.filter(record=record).count() == 5
    sealed(phone, count=1)


def sealed(phone: Phone, *, count: int) -> None:
    """Wait until the office holds so many recordings, verified, and the phone no segment of one."""
    for _second in range(60):
        if Recording.objects.filter(state=RecordingState.SEALED).count() == count:
            break
        phone.desk.page.wait_for_timeout(1_000)
    assert list(Recording.objects.values_list("state", flat=True)) == ["sealed"] * count
    phone.desk.page.wait_for_function(NOTHING_LEFT, polling=500)


def test_a_phone_killed_while_it_records_keeps_what_was_finished(
    open_phone: OpenPhone, visit: PlannedVisit
) -> None:
    agent, partner = agents_of(crew_of(visit))
    open_phone(partner, name="partner").bind()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    phone.kept()
    to_the_door(phone, visit, partner)
    to_the_talk(phone)
    phone.desk.page.wait_for_timeout(10_000)
    phone = killed(phone)
    phone.walk(f"/visit/{visit.pk}")
    phone.sees("visit.not_recording")
    phone.check("killed")
    phone.press("visit.record_again")
    phone.press("visit.record_again")
    phone.sees("recording.running")
    phone.desk.page.wait_for_timeout(3_000)
    phone.press("visit.step_of", place=8, of=15)
    phone.check("steps")
    phone.desk.page.get_by_role("button", name=title_of(phone, "consent_record")).click()
    phone.press("visit.record.taken_back")
    phone.sent()
    sealed(phone, count=2)
    first, second = Recording.objects.order_by("started_at")
    assert [why for _from, _until, why in first.gaps] == ["killed"]
    assert [why for _from, _until, why in second.gaps] == ["consent_withdrawn"]
    assert first.segments.count() >= 1


def test_two_phones_of_one_crew_add_up_and_never_overwrite(
    open_phone: OpenPhone, visit: PlannedVisit
) -> None:
    agent, partner = agents_of(crew_of(visit))
    second = open_phone(partner, name="second")
    second.bind()
    second.sent()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    second.walk(f"/visit/{visit.pk}")
    second.press("visit.accompany.open")
    second.press("visit.accompany.arrived")
    second.check("accompany")
    second.sent()
    phone.walk(f"/visit/{visit.pk}")
    phone.press("visit.way.go")
    phone.sees("visit.arrive.phone", name=str(partner))
    phone.press("visit.arrive.do")
    phone.sees("visit.clear.by_server")
    phone.sent()
    second.press("visit.accompany.record")
    phone.press("visit.clear.ring")
    phone.step(title_of(phone, "identity"))
    phone.sent()
    second.look()
    second.step(title_of(second, "identity"))
    second.offline()
    who_checked(phone, "hotline_called")
    phone.step(title_of(phone, "who_is_there"))
    phone.sent()
    who_checked(second, "number")
    second.step(title_of(second, "who_is_there"))
    second.offline(False)
    second.look()
    second.walk("/sync")
    second.sees("sync.state.conflict")
    second.check("conflict")
    conflict = DoorConflict.objects.get()
    told = [event.body["verified"] for event in (conflict.stood, conflict.other)]
    assert told == ["hotline_called", "number"]
    assert conflict.kept is None


def who_checked(phone: Phone, way: str) -> None:
    """The borrower checked us, one way or another."""
    phone.desk.page.get_by_label(phone.words(f"visit.identity.{way}")).check()
    phone.press("visit.identity.do")


@pytest.mark.parametrize("cleared", [False, True], ids=["on_the_way", "cleared"])
def test_a_visit_called_off_is_void_at_once(
    open_phone: OpenPhone, visit: PlannedVisit, cleared: bool
) -> None:
    agent, partner = agents_of(crew_of(visit))
    open_phone(partner, name="partner").bind()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    if cleared:  # by its pass, out of reach of the office
        phone.kept()
        phone.offline()
        to_the_door(phone, visit, partner)
    else:
        phone.walk(f"/visit/{visit.pk}")
        phone.press("visit.way.go")
        phone.step(title_of(phone, "arrive"))
        phone.sent()
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    taken = visits_withdraw(
        visits=[visit], appointments=[], why="客户来电改期", by=manager, at=clock.now()
    )
    assert taken.visits == 1
    phone.offline(False)
    phone.look()
    phone.sees("visit.withdrawn.words")
    phone.check("withdrawn")
    phone.offline()
    phone.walk("/")
    phone.walk(f"/visit/{visit.pk}")
    phone.sees("visit.withdrawn.words")
    assert not phone.button("visit.clear.ring").is_visible()


def test_a_visit_withdrawn_after_the_ring_is_reported(
    open_phone: OpenPhone, visit: PlannedVisit
) -> None:
    agent, partner = agents_of(crew_of(visit))
    open_phone(partner, name="partner").bind()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    phone.kept()
    phone.offline()
    to_the_door(phone, visit, partner)
    phone.press("visit.clear.ring")
    who_checked(phone, "token")
    phone.press("visit.who.borrower")
    at_step(phone, "purpose")
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    visits_withdraw(visits=[visit], appointments=[], why="客户来电改期", by=manager, at=clock.now())
    phone.offline(False)
    phone.look()
    phone.sees("visit.withdrawn.met")
    phone.sees("visit.withdrawn.why", why="客户来电改期")
    phone.check("withdrawn_met")
    phone.sent()
    phone.press("visit.withdrawn.end")
    at_step(phone, "close")
    phone.press("visit.close.left")
    report(phone, visit)
    phone.sent()
    record = VisitRecord.objects.get()
    assert (record.visit_id, record.outcome) == (visit.pk, "refused_talk")
    assert not DoorEvent.objects.filter(kind="leave_now").exists()


def test_leaving_at_once_ends_the_recording(open_phone: OpenPhone, visit: PlannedVisit) -> None:
    agent, partner = agents_of(crew_of(visit))
    open_phone(partner, name="partner").bind()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    to_the_door(phone, visit, partner)
    to_the_talk(phone)
    phone.desk.page.wait_for_timeout(3_000)
    phone.press("safety.leave")
    phone.press("safety.away_well")
    at_step(phone, "report")
    running = phone.desk.page.get_by_label(phone.words("recording.running"))
    running.wait_for(state="detached")
    phone.sent()
    sealed(phone, count=1)
    assert Recording.objects.get().segments.exists()


def test_somebody_else_at_the_door_sees_no_word_of_the_debt(
    open_phone: OpenPhone, visit: PlannedVisit
) -> None:
    agent, partner = agents_of(crew_of(visit))
    open_phone(partner, name="partner").bind()
    phone = open_phone(agent)
    phone.bind()
    phone.sent()
    to_the_door(phone, visit, partner)
    phone.press("visit.clear.ring")
    who_checked(phone, "hotline_called")
    at_step(phone, "who_is_there")
    page = phone.desk.page
    page.evaluate(WATCHED)
    phone.press("visit.step_of", place=5, of=15)
    phone.sees("visit.private_step")
    phone.check("steps_private")
    phone.press("visit.shut")
    phone.press("visit.who.third_party")
    at_step(phone, "close")
    phone.press("visit.step_of", place=14, of=15)
    phone.sees("visit.private_step")
    phone.press("visit.shut")
    for paper in ("bill", "means", "options", "agreement", "stop"):
        phone.walk(f"/visit/{visit.pk}/{paper}")
        page.wait_for_url(f"**/visit/{visit.pk}")
        phone.step(title_of(phone, "close"))
    shown = page.evaluate("() => window.everShown")
    assert shown
    assert not [text for text in shown if DEBT_WORDS.search(text)]
    phone.press("visit.close.left")
    at_step(phone, "report")
    phone.sent()
    how = [
        event.body["how"]
        for event in DoorEvent.objects.filter(topic__in=["step:debt", "step:agreement"])
    ]
    assert how == ["not_needed", "not_needed"]
