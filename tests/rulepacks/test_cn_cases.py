"""Law cases in their own words: the public ones agree, and so does the twin of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from doorstep.outreach.lint import text_lint
from doorstep.rules.cases.case_file import Case, cases_read
from doorstep.rules.cases.check import case_check
from doorstep.rules.cases.words import Tools
from tests.rulepacks.kit import book

TOOLS = Tools(
    book().catalogue, book().counters, lambda text: [f.behaviour for f in text_lint(text)]
)
TZ = {"tz": "Asia/Shanghai"}


def judged(rules: str, facts: dict[str, Any], **action: Any) -> str:
    """What the named rules say to a case; `action` in the words of case files."""
    case = Case("T", tuple(rules.split()), {**TZ, **facts}, action, "cn")
    return case_check(case, book(), TOOLS).verdict


def call(clock: str = "10:00", to: str = "debtor", day: str = "2026-05-12", **more: Any) -> Any:
    return {
        "ch": "phone", "t": f"{day}T{clock}+08:00", "to": to, "num": "registered_mobile", **more,
    }  # fmt: skip


def prior(clock: str, res: str, day: str = "2026-05-12", **more: Any) -> dict[str, Any]:
    return {
        "t": f"{day}T{clock}+08:00", "ch": "phone", "dir": "out", "res": res, "to": "debtor",
        "num": "registered_mobile", **more,
    }  # fmt: skip


@pytest.mark.outside
def test_every_public_chinese_case_agrees(outside: Path) -> None:
    cases, expected = cases_read(outside / "law" / "cases.yaml")
    chinese = [case for case in cases if case.jurisdiction == "cn"]
    said = {case.id: case_check(case, book(), TOOLS) for case in chinese}
    assert {name: v.verdict for name, v in said.items()} == {
        case.id: expected[case.id] for case in chinese
    }
    assert len(chinese) == 58
    assert [name for name, v in said.items() if v.not_encoded] == []
    unsure = {name: v.missing for name, v in said.items() if v.missing}
    assert unsure == {"CN-D08": ("borrower_unreachable", "discloses_debt")}


@pytest.mark.parametrize(
    ("clock", "consent", "verdict"),
    [
        ("22:30", None, "deny"),
        ("23:00", {"by": "debtor", "allow": ["22:00-23:00"]}, "deny"),
        ("22:59", {"by": "debtor", "allow": ["22:00-23:00"]}, "allow"),
        ("22:30", {"by": "spouse", "allow": ["22:00-23:00"]}, "deny"),
        ("00:30", {"by": "debtor", "allow": ["22:00-01:00"]}, "allow"),
    ],
)
def test_only_the_borrowers_own_consent_opens_the_night(
    clock: str, consent: Any, verdict: str
) -> None:
    facts = {"consent": consent} if consent else {}
    assert judged("CN-CBA-QUIET", facts, **call(clock)) == verdict


@pytest.mark.parametrize(
    ("clock", "verdict"), [("10:00", "allow"), ("09:59", "deny"), ("12:00", "deny")]
)
def test_agreed_hours_narrow_the_day(clock: str, verdict: str) -> None:
    facts = {"agreement_hours": "10:00-12:00 only"}
    assert judged("CN-GBT-QUIET", facts, **call(clock)) == verdict


def test_agreed_hours_reach_into_the_night_under_the_standard() -> None:
    facts = {"agreement_hours": "21:00-23:00"}
    assert judged("CN-GBT-QUIET", facts, **call("22:30")) == "allow"


def test_a_visit_that_is_still_going_on_at_ten_in_the_evening_ends() -> None:
    visit = {"ch": "visit", "t": "2026-05-12T22:00+08:00", "to": "debtor"}
    assert judged("CN-CBA-QUIET", {}, **visit, step="still_on_site") == "end-contact"
    assert judged("CN-CBA-QUIET", {}, **visit, step="knock") == "deny"
    earlier = {**visit, "t": "2026-05-12T21:59+08:00"}
    assert judged("CN-CBA-QUIET", {}, **earlier, step="still_on_site") == "allow"


def test_the_sun_of_the_west_only_warns() -> None:
    west = {"local_solar": "UTC+6", "place": "Urumqi"}
    assert judged("CN-CBA-QUIET", west, **call("08:59")) == "warn"
    assert judged("CN-CBA-QUIET", west, **call("09:00")) == "allow"


@pytest.mark.parametrize(("conversations", "verdict"), [(2, "allow"), (3, "deny"), (4, "deny")])
def test_three_conversations_a_day(conversations: int, verdict: str) -> None:
    had = [prior(f"{9 + n:02}:00", "effective_conversation") for n in range(conversations)]
    assert judged("CN-GBT-VOICE-3", {"prior": had}, **call("16:00")) == verdict


def test_unanswered_and_midnight_do_not_fill_the_three() -> None:
    had = [prior(f"{9 + n:02}:00", "no_answer") for n in range(5)]
    assert judged("CN-GBT-VOICE-3", {"prior": had}, **call("16:00")) == "allow"
    late = [prior(f"23:5{n}", "effective_conversation", "2026-05-11") for n in range(5)]
    assert judged("CN-GBT-VOICE-3", {"prior": late}, **call("08:00")) == "allow"


@pytest.mark.parametrize(("connected", "verdict"), [(2, "allow"), (3, "deny")])
def test_notice_calls_of_the_lender_and_its_agencies_count_together(
    connected: int, verdict: str
) -> None:
    by = ["bank", "agencyA", "agencyB"]
    had = [
        prior(f"{9 + n:02}:00", "effective_conversation", by=by[n], kind="notice_voice")
        for n in range(connected)
    ] + [prior("13:00", "no_answer", by="agencyC", kind="notice_voice")]
    act = call("15:00", by="bank", kind="notice_voice")
    assert judged("CN-NIFA-NOTICE-VOICE-3", {"prior": had}, **act) == verdict


@pytest.mark.parametrize(("attempts", "verdict"), [(5, "allow"), (6, "warn"), (9, "warn")])
def test_six_unanswered_attempts_warn(attempts: int, verdict: str) -> None:
    had = [prior(f"{8 + n:02}:00", "no_answer") for n in range(attempts)]
    assert judged("CN-CBA-ATTEMPT-6", {"prior": had}, **call("19:00")) == verdict


def test_a_guarantor_without_a_contract_and_a_contact_person_owe_nothing() -> None:
    rule = "CN-GBT-DEBTOR-ONLY"
    assert judged(rule, {"guarantee_contract": False}, **call(to="guarantor")) == "deny"
    assert judged(rule, {}, **call(to="guarantor")) == "deny"
    assert judged(rule, {}, **call(to="emergency_contact", purpose="collect")) == "deny"
    assert judged(rule, {}, **call(to="debtor", purpose="collect")) == "allow"


@pytest.mark.parametrize(
    ("facts", "discloses", "verdict"),
    [
        ({"debtor_reachable": False}, True, "deny"),
        ({"debtor_reachable": False}, False, "allow"),
        ({"debtor_status": "without civil capacity"}, False, "allow"),
        ({"debtor_reachable": False, "contact_asked_stop": "2026-05-13"}, False, "allow"),
        ({"debtor_reachable": False, "contact_asked_stop": "2026-05-12"}, False, "deny"),
    ],
)
def test_a_contact_person_is_asked_neutrally_or_not_at_all(
    facts: dict[str, Any], discloses: bool, verdict: str
) -> None:
    act = call(to="emergency_contact", purpose="re-establish contact", discloses_debt=discloses)
    assert judged("CN-GBT-CONTACT-COND", facts, **act) == verdict


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        (["2026-05-12"] * 3, "deny"),
        (["2026-05-11"] * 3, "deny"),
        (["2026-05-10", "2026-05-11"], "deny"),
        (["2026-05-08", "2026-05-10", "2026-05-11"], "deny"),
        (["2026-05-09", "2026-05-10", "2026-05-11"], "allow"),
        (["2026-05-10", "2026-05-11", "2026-05-12"], "deny"),
    ],
)
def test_a_third_person_only_after_three_failed_days(days: list[str], verdict: str) -> None:
    had = [prior(f"0{8 + n % 2}:00", "no_answer", day) for n, day in enumerate(days)]
    act = call(to="third_party", purpose="re-establish contact", discloses_debt=False)
    assert judged("CN-CBA-THIRD-WAIT", {"prior": had}, **act) == verdict


def test_reaching_the_borrower_begins_the_wait_anew() -> None:
    failed = [prior("09:00", "no_answer", f"2026-05-{day:02}") for day in (9, 10, 11)]
    spoke = prior("18:00", "effective_conversation", "2026-05-11", dir="in")
    act = call(to="third_party", purpose="re-establish contact", discloses_debt=False)
    assert judged("CN-CBA-THIRD-WAIT", {"prior": [*failed, spoke]}, **act) == "deny"


def test_a_script_that_names_the_institution_may_open_the_first_call() -> None:
    good = "您好,我是××银行信用卡中心,请问是王先生本人吗?"
    rule, facts = "CN-CBA-IDENTIFY", {"first_contact": True}
    assert judged(rule, facts, **call(script=good)) == "allow"
    assert judged(rule, {"first_contact": False}, **call(script="是我,昨天说的那件事")) == "allow"
    assert judged(rule, facts, **call(script="喂,欠的钱呢?")) == "deny"


def test_a_letterhead_of_an_authority_is_not_ours() -> None:
    rule = "CN-CBA-IMPERSONATE"
    assert judged(rule, {}, ch="letter", letterhead="××市公安局 传唤通知") == "deny"
    assert judged(rule, {}, ch="letter", letterhead="××银行股份有限公司 还款提醒") == "allow"


def test_an_agency_with_consent_may_use_another_phone() -> None:
    act = {"ch": "im", "t": "2026-05-12T10:00+08:00", "device": "private", "to": "debtor"}
    rule, facts = "CN-CBA-PRIVATE-PHONE", {"actor": "external_agency"}
    assert judged(rule, {**facts, "member_consent": True}, **act) == "allow"
    assert judged(rule, facts, **act) == "deny"
    assert judged(rule, {**facts, "member_consent": False}, **{**act, "device": "platform"}) == (
        "allow"
    )


def test_entry_and_filming_are_two_consents() -> None:
    visit = {"ch": "visit", "t": "2026-05-12T10:00+08:00", "to": "debtor", "agents": 2}
    home = "CN-CIVIL-1033-HOME"
    assert judged("CN-CBA-ENTRY", {"entry_consent": False}, **visit, step="enter_home") == "deny"
    assert judged("CN-CBA-ENTRY", {}, **visit, step="enter_home") == "deny"
    by_child = {"entry_consent": True, "entry_consent_by": "minor child aged 9"}
    assert judged("CN-CBA-ENTRY", by_child, **visit, step="enter_home") == "deny"
    by_borrower = {"entry_consent": True, "entry_consent_by": "debtor"}
    assert judged("CN-CBA-ENTRY", by_borrower, **visit, step="enter_home") == "allow"
    assert judged(home, {"film_consent": True}, **visit, step="film_inside_home") == "allow"
    assert judged(home, {"entry_consent": False}, **visit, step="enter_home") == "deny"


def test_two_go_together_and_stay_together() -> None:
    visit = {"ch": "visit", "t": "2026-05-12T10:00+08:00", "to": "debtor"}
    assert judged("CN-CBA-VISIT-TWO", {}, **visit, agents=2) == "allow"
    assert judged("CN-CBA-VISIT-TWO", {}, **visit, agents=2, id_shown=False) == "deny"
    assert judged("CN-CBA-VISIT-TWO", {}, **visit) == "deny"
    assert judged("CN-CBA-VISIT-TWO", {}, **visit, agents=1, step="continue") == "end-contact"


@pytest.mark.parametrize(("months", "verdict"), [(60, "allow"), (61, "deny"), (72, "deny")])
def test_five_years_of_a_plan(months: int, verdict: str) -> None:
    facts = {"product": "credit_card"}
    assert judged("CN-CC-70-TERM", facts, kind="repayment_agreement", months=months) == verdict


def test_a_whole_plan_and_a_whole_letter_pass() -> None:
    assert judged("CN-CC-70-CONTENT", {}, kind="repayment_agreement", missing=[]) == "allow"
    lacking = ["欠款余额、结构、币种"]
    assert judged("CN-CC-70-CONTENT", {}, kind="repayment_agreement", missing=lacking) == "deny"
    assert judged("CN-CC-69-LETTER", {}, ch="letter", missing=[]) == "allow"
    for item in (
        "持卡人姓名",
        "欠款余额",
        "催收事由",
        "相关法规",
        "持卡人相关权利和义务",
        "相关业务公章",
        "查询账户状态的途径",
        "还款途径",
        "提供相关证据的途径",
        "发卡银行联系方式",
        "监管机构规定的其他内容",
        "something nobody knows",
    ):
        assert judged("CN-CC-69-LETTER", {}, ch="letter", missing=[item]) == "deny", item


@pytest.mark.parametrize(
    ("plan", "purpose", "verdict"),
    [
        ({"signed": "2026-05-01", "status": "broken"}, "collect", "allow"),
        ({"signed": "2026-05-01", "status": "not performed"}, "collect", "allow"),
        ({"signed": "2026-05-20", "status": "performing"}, "collect", "allow"),
        ({"signed": "2026-05-01", "status": "performing"}, "receipt of payment", "allow"),
        ({"signed": "2026-05-01", "status": "something else"}, "collect", "deny"),
    ],
)
def test_collection_stops_only_while_a_plan_is_kept(
    plan: dict[str, str], purpose: str, verdict: str
) -> None:
    assert judged("CN-CC-70-STOP", {"agreement": plan}, **call(purpose=purpose)) == verdict


def test_records_go_when_their_time_has_come() -> None:
    purge = {"kind": "purge_recording"}
    assert judged("CN-CC-68-REC", {"recording_age_years": 2}, **purge) == "allow"
    assert judged("CN-CC-68-REC", {"recording_age_years": 1.99}, **purge) == "deny"
    settled = {"oral_agreement": True, "settled": True, "recording_age_years": 6}
    assert judged("CN-CC-70-ORAL", settled, **purge) == "allow"
    finance = {"lender": "consumer_finance_company", "record_age_years": 5}
    assert judged("CN-CFC-RETAIN5", finance, kind="purge_records") == "allow"
    kept = {"settled": "2021-01-01", "retention_expired": False}
    assert judged("CN-PIPL-47", kept, kind="keep_contact_data") == "allow"


def test_a_noted_dispute_and_several_measures_pass() -> None:
    noted = {"dispute": {"raised": "2026-05-10", "annotated": True}}
    assert judged("CN-CC-69-DISPUTE", noted, **call(purpose="collect")) == "allow"
    mixed = ["recovered_amount", "complaint_rate", "compliance"]
    assert judged("CN-CC-66", {}, kind="kpi_config", metrics=mixed) == "allow"


def test_colleagues_may_be_asked_for_nothing_guarantors_for_the_debt() -> None:
    rule = "CN-CC-68-TARGET"
    assert judged(rule, {}, **call(to="guarantor", asks_for_payment=True)) == "allow"
    assert judged(rule, {}, **call(to="neighbour", asks_for_payment=True)) == "deny"
    assert judged(rule, {}, **call(to="colleague", asks_for_payment=False)) == "allow"


@pytest.mark.parametrize(
    ("days", "today", "more", "verdict"),
    [
        (["2026-03-01", "2026-03-31"], "2026-07-10", {}, "allow"),
        (["2026-03-01", "2026-03-30"], "2026-07-10", {}, "deny"),
        (["2026-03-01"], "2026-07-10", {}, "deny"),
        (["2026-03-01", "2026-04-05"], "2026-07-05", {}, "deny"),
        (["2026-03-01", "2026-04-05"], "2026-07-06", {}, "allow"),
        (["2026-03-01", "2026-04-05"], "2026-07-10", {"bank_seal": False}, "deny"),
        (["2026-03-01", "2026-04-05"], "2026-07-10", {"receipt_confirmed": False}, "deny"),
    ],
)
def test_two_demands_thirty_days_apart_signed_sealed_and_three_months(
    days: list[str], today: str, more: dict[str, bool], verdict: str
) -> None:
    whole = {"receipt_confirmed": True, "staff_signature": True, "bank_seal": True}
    facts = {**whole, "collections": days, "today": today, **more}
    claim = "two effective collections + 3 months"
    assert judged("CN-CARD-EFFECTIVE-COLLECTION", facts, kind="legal_pack_check", claim=claim) == (
        verdict
    )


def test_orders_requests_and_agencies() -> None:
    over = {"no_contact_order": {"until": "2026-05-11"}}
    assert judged("CN-PSAP-50", over, **call()) == "allow"
    assert judged("CN-PSAP-50", {"no_contact_order": {"until": "2026-05-12"}}, **call()) == "deny"
    reviewed = {"basis": "score only", "human_review": True}
    asks = {"kind": "debtor_request", "asks": "explanation / human decision"}
    assert judged("CN-PIPL-24", reviewed, **asks) == "allow"
    consented = {"agency_subcontracts": True, "lender_consent": True}
    assert judged("CN-PIPL-21", consented, kind="share_case_with_subcontractor") == "allow"
    place = {"kind": "assign_cases_to_agency", "t": "2026-05-12T10:00+08:00"}
    assert judged("CN-GBT-AGENCY-REVIEW", {"last_review": "2025-05-12"}, **place) == "allow"
    assert judged("CN-GBT-AGENCY-REVIEW", {}, **place) == "deny"
    assert judged("CN-CBA-AGENCY-WHITELIST", {"agency_on_published_list": True}, **place) == (
        "allow"
    )
