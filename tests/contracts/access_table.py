"""Who may open what: one line for every address of the site, written by hand.

A new address gets its line here; `test_access_matrix.py` fails until it has one. The letters are
the roles that may. An address about one case also says how far each role sees (`SEES`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from doorstep.workforce.roles import Role

LETTERS: dict[str, Role] = {
    "M": Role.COLLECTIONS_MANAGER,
    "L": Role.TEAM_LEADER,
    "D": Role.DESK_AGENT,
    "F": Role.FIELD_AGENT,
    "C": Role.COMPLIANCE_OFFICER,
    "A": Role.ANALYST,
    "P": Role.APPROVER,
    "U": Role.AUDITOR,
    "X": Role.ADMINISTRATOR,
}
EVERYBODY = "".join(LETTERS)

# Whose cases exist in the trial, as seen by the member of staff who asks.
WHOSE = ("own", "team", "branch", "elsewhere")
SEES: dict[str, tuple[str, ...]] = {
    "M": WHOSE,
    "L": ("own", "team"),
    "D": ("own",),
    "F": ("own",),
    "C": WHOSE,
    "A": WHOSE,
    "P": ("own", "team", "branch"),
    "U": WHOSE,
    "X": (),
}

# The lists about plans and money, as `trial_world.py` names them.
MONEY_LISTS = (
    "agreements_list", "offers_list", "promises_list", "payments_list", "referrals_list",
)  # fmt: skip

Method = Literal["GET", "POST"]


@dataclass(frozen=True)
class Address:
    """An address by name: the method it answers to, who may, and what it is about.

    `about` names for each parameter in the path the thing of the trial world (`trial_world.py`)
    whose key fills it. `scoped` says that the things belong to a case, so that whoever may not see
    the case gets 404.
    """

    name: str
    may: str
    method: Method = "GET"
    about: dict[str, str] = field(default_factory=dict)
    scoped: bool = False
    query: str = ""
    form: dict[str, str] = field(default_factory=dict)
    answers: tuple[int, ...] = (200,)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def page(
    name: str, may: str, *, query: str = "", answers: tuple[int, ...] = (200,), **about: str
) -> Address:
    """A page that is the same for all who may see it, but for the rows in it.

    `answers`: what it answers in the trial world to those who may, where that is not 200.
    """
    return Address(name, may, about=about, query=query, answers=answers)


def deed(name: str, may: str, *, form: dict[str, str] | None = None, **about: str) -> Address:
    """A form that is sent."""
    return Address(name, may, method="POST", about=about, form=form or {})


def case_page(name: str, may: str, *, query: str = "", **about: str) -> Address:
    """A page about one case."""
    about = about or {"case_id": "case"}
    return Address(name, may, about=about, query=query, scoped=True)


def case_deed(name: str, may: str, *, form: dict[str, str] | None = None, **about: str) -> Address:
    """A form that is sent about one case."""
    about = about or {"case_id": "case"}
    return Address(name, may, method="POST", about=about, form=form or {}, scoped=True)


# Open to anybody, signed in or not, with what an anonymous GET answers.
PUBLIC: dict[str, int] = {
    "account_login": 200,
    "account_logout": 302,
    "account_inactive": 200,
    "mfa_authenticate": 302,
    "mfa_login_webauthn": 302,
    "phone": 200,
    "office:language": 405,
    "office:copies": 200,
    "office:api_payments": 405,  # a POST without a machine's key gets 401: test_payments_api.py
}

# The public pages, open to anybody, signed in or not: test_portal_access.py asks each of them.
PORTAL = {
    "portal:enter",
    "portal:worker",
    "portal:who",
    "portal:report",
    "portal:received",
    "portal:visit",
    "portal:number",
}

# The phone's interface: a bound phone opens it, or a session where that is said.
# test_field_access.py asks each of them.
FIELD_API = {
    "field_api:session",
    "field_api:devices",
    "field_api:device_self",
    "field_api:me",
    "field_api:pin",
    "field_api:day",
    "field_api:changes",
    "field_api:events",
    "field_api:clear",
    "field_api:sos",
    "field_api:position",
    "field_api:recording",
    "field_api:recording_segment",
    "field_api:recording_end",
    "field_api:challenge",
    "field_api:number",
}

# Closed to everybody: accounts are made and reset by an administrator.
CLOSED = {
    "",
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_login_code",
}

# About one's own account: any signed-in member of staff, nobody else.
OWN_ACCOUNT = {
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}

SEE_CASES = "MLDFCAPU"
HEAR = "MLCU"
SEE_PROTECTIONS = "MLDFCPU"
OFFICE = [
    page("office:today", EVERYBODY),
    page("office:search", EVERYBODY, query="q=欧阳"),
    page("office:movements", SEE_CASES),
    page("office:runs", "MLCAPUX"),
    page("office:run", "MLCAPUX", run_id="run"),
    deed("office:run_start", "M"),
    page("office:audit", "CU", query="case=1"),
    deed("office:audit_bundle", "CU"),
    page("office:audit_retention", "CU"),
    page("office:audit_entry", "CU", index="entry"),
    deed("office:audit_open", "CU", index="entry"),
    page("office:outreach_texts", "MLDCPU"),
    deed("office:outreach_take_over", "M"),
    page("office:outreach_text", "MLDCPU", key="text"),
    page("office:outreach_edit", "M", key="text"),
    deed("office:outreach_edit", "M", key="text"),
    deed("office:outreach_check", "M", key="text", language="text_language"),
    page("office:outreach_preview", "MLDCPU", key="text"),
    page("office:outreach_version", "MLDCPU", key="text", number="text_version"),
    deed("office:outreach_submit", "M", key="text", number="text_version"),
    deed("office:outreach_decide", "CP", key="text", number="text_version"),
    page("office:messages", "MLDCPU", query="state=queued"),
    page("office:messages_inbound", "MLDCPU"),
    deed("office:inbound_seen", "MLDCPU", inbound_id="inbound"),
    page("office:propose", "ML"),
    deed("office:propose", "ML"),
    deed("office:propose_to", "ML", form={"all": "1"}),
    page("office:propose_wait", "ML", task_id="task", answers=(404,)),  # of nobody
    page("office:proposal", "MLDCPU", proposal_id="proposal"),
    page("office:proposal_progress", "MLDCPU", proposal_id="proposal"),
    deed("office:proposal_decide", "MP", proposal_id="proposal"),
    deed("office:proposal_withdraw", "ML", proposal_id="proposal"),
    case_page("office:message", "MLDCPU", act_id="act"),
    case_deed("office:message_withdraw", "ML", act_id="act"),
    case_deed("office:message_settle", "MP", act_id="act"),
    page("office:sandbox", "MLDCPU"),
    case_deed("office:sandbox_reply", "MLDCPU", act_id="act"),
    page("office:calls", "MLD"),
    case_page("office:call_desk", "MLD"),
    case_deed("office:call_ask", "MLD"),
    case_deed("office:call_verified", "MLD", act_id="call"),
    case_deed("office:call_recorded", "MLD", act_id="call"),
    page("office:rules", EVERYBODY),
    page("office:rule", EVERYBODY, rule_id="rule"),
    page("office:rule_change_new", "C", rule_id="rule"),
    deed("office:rule_change_new", "C", rule_id="rule"),
    page("office:rule_change", EVERYBODY, change_id="rule_change"),
    deed("office:rule_change_decide", "CP", change_id="rule_change"),
    page("office:staff_keys", "X"),
    deed("office:staff_keys", "X", form={"name": "Bank"}),
    deed("office:staff_key_revoke", "X", key_id="machine_key"),
    page("office:staff", "MLCUX"),
    page("office:staff_endings", "MLCUX"),
    page("office:staff_file", "MLCUX", staff_id="staff"),
    page("office:staff_particulars", "MLX", staff_id="staff"),
    deed("office:staff_particulars", "MLX", staff_id="staff"),
    deed("office:staff_photograph", "MLX", staff_id="staff"),
    deed("office:staff_letter_issue", "M", staff_id="staff"),
    deed("office:staff_tie", "MLX", staff_id="staff"),
    deed("office:staff_phone_revoked", "MLX", device_id="phone"),
    deed("office:staff_encounter", "ML", staff_id="staff"),
    page("office:letter_check", SEE_CASES, query="number=AL-1&code=2"),
    deed("office:letter_revoked", "MLC", letter_id="letter"),
    page("office:letter_pdf", "MLCUX", letter_id="letter", answers=(404,)),  # it has no document
    page("office:roster", "MLFCU"),
    deed("office:roster_write", "ML"),
    deed("office:roster_leave", "ML"),
    deed("office:roster_vehicle", "ML"),
    deed("office:roster_withdraw", "ML", roster_id="roster"),
    page("office:training", "MLDFC"),
    page("office:training_course", "MLDFC", course="course"),
    deed("office:training_begin", "MLDFC", course="course"),
    page("office:training_exam", "MLDFC", sitting_id="sitting"),
    deed("office:training_exam", "MLDFC", sitting_id="sitting"),
    page("office:agreements", "MLDFCPU"),
    case_page("office:agreement", "MLDFCPU", agreement_id="agreement"),
    case_deed("office:agreement_draw_up", "MLDF", offer_id="approved_offer"),
    case_deed("office:agreement_deed", "MLDF", agreement_id="agreement"),
    case_page("office:agreement_signing", "MLDF", agreement_id="agreement", party="party"),
    case_deed("office:agreement_signing", "MLDF", agreement_id="agreement", party="party"),
    case_page("office:agreement_pdf", "MLDFCU", agreement_id="agreement"),
    case_page("office:agreement_sealed", "MLDFCU", agreement_id="sealed"),
    case_page("office:agreement_picture", "MLDFCU", agreement_id="sealed", party="party"),
    page("office:appointments", "MLDFCPU"),
    case_page("office:appointment", "MLDFCPU", appointment_id="appointment"),
    case_deed("office:appointment_deed", "MLD", appointment_id="appointment"),
    page("office:risks", "MLDFCPU"),
    case_page("office:risk", "MLDFCPU", risk_id="risk"),
    case_deed("office:risk_decide", "MLP", risk_id="risk"),
    case_page("office:visit_propose", "MLD"),
    case_deed("office:visit_propose", "MLD"),
    case_page("office:case_risk", "MLDF"),
    case_deed("office:case_risk", "MLDF"),
    case_page("office:affordability", "MLDFCPU"),
    case_deed("office:affordability_kept", "MLDF"),
    case_deed("office:affordability_checked", "MLDF"),
    case_deed("office:affordability_paper", "MLDF"),
    case_deed("office:affordability_paper_seen", "MLDCU", case_id="case", paper_id="paper"),
    case_page("office:options", "MLDFCPU"),
    case_deed("office:offer_new", "MLDF"),
    case_deed("office:offer_counter", "MLDF"),
    page("office:promises_due", "MLDFCPU"),
    case_deed("office:promise_give", "MLDFC"),
    case_deed("office:promise_cancel", "MLDFC", promise_id="promise"),
    case_deed("office:care_answer", "MLDFC", care_id="care"),
    case_page("office:plan_ease", "MLDF", agreement_id="agreement"),
    case_deed("office:plan_ease", "MLDF", agreement_id="agreement"),
    page("office:payments", "MLDFCPU"),
    deed("office:payments_bring", "ML"),
    case_page("office:payment", "MLDFCPU", payment_id="payment"),
    case_deed("office:payment_deed", "ML", payment_id="payment"),
    page("office:referrals", "MLDFCPU"),
    case_page("office:referral", "MLDFCPU", referral_id="referral"),
    case_deed("office:referral_deed", "MLDFCPU", referral_id="referral"),
    case_deed("office:referral_file", "MLP", referral_id="referral"),
    case_deed("office:referral_begin", "ML"),
    page("office:investigations", "MLDFCPU"),
    case_page("office:investigation", "MLDFCPU", investigation_id="investigation"),
    case_deed("office:investigation_deed", "MLDFCPU", investigation_id="investigation"),
    case_deed("office:investigation_begin", "ML"),
    page("office:offers", "MLDFCPU"),
    case_page("office:offer", "MLDFCPU", offer_id="offer"),
    case_deed("office:offer_submit", "MLDF", offer_id="offer"),
    case_deed("office:offer_decide", "MLP", offer_id="offer"),
    case_deed("office:offer_withdraw", "MLDF", offer_id="offer"),
    deed("office:told_seen", EVERYBODY),
    case_page("office:case_pairs", "ML"),
    page("office:field_plans", "MLCU"),
    page("office:field_plan_branches", "ML"),
    deed("office:field_plan_begin", "ML"),
    page("office:field_days_mine", "F"),
    page("office:map_tiles", "MLFCU", answers=(404,)),  # no file is named here
    case_page("office:field_crew", "MLFCU", crew_id="crew"),
    case_page("office:field_plan", "MLCU", plan_id="plan"),
    case_page("office:field_plan_print", "MLCU", plan_id="plan"),
    case_page("office:field_plan_excel", "MLCU", plan_id="plan"),
    case_page("office:field_plan_visits", "MLCU", plan_id="plan", query="state=left_out"),
    case_page("office:field_visit", "MLCU", plan_id="plan", visit_id="planned_visit"),
    case_deed("office:field_plan_stop", "ML", plan_id="plan"),
    case_deed("office:field_plan_discard", "ML", plan_id="plan"),
    case_deed("office:field_plan_publish", "ML", plan_id="plan"),
    case_page("office:field_plan_change", "ML", plan_id="plan"),
    case_deed("office:field_plan_change", "ML", plan_id="plan"),
    case_deed("office:field_plan_accept", "ML", plan_id="plan"),
    case_deed("office:field_visit_move", "ML", plan_id="plan"),
    page("office:visits_live", "MLCU"),
    page("office:door_conflicts", "ML"),
    case_deed("office:door_conflict_settled", "ML", conflict_id="door_conflict"),
    case_deed("office:door_event_settled", "ML", event_id="door_event"),
    deed("office:crew_told", "ML"),
    page("office:records", "MLDFCU"),
    case_page("office:record", "MLDFCU", record_id="record"),
    case_page("office:record_pdf", "MLDFCU", record_id="record"),
    case_deed("office:record_file", "ML", record_id="record"),
    case_deed("office:record_conclude", "MLDF", record_id="record"),
    case_page("office:uncleared_visit", "MLDFC"),
    case_deed("office:uncleared_visit", "MLDFC"),
    page("office:recordings", HEAR),
    case_page("office:recording", HEAR, recording_id="recording"),
    case_deed("office:recording_play", HEAR, recording_id="recording"),
    case_page("office:recording_player", HEAR, recording_id="recording", playback_id="playback"),
    case_page("office:recording_media", HEAR, recording_id="recording", playback_id="playback"),
    case_deed("office:recording_transcript", "MLC", recording_id="recording"),
    case_page("office:recording_receipt", HEAR, recording_id="recording"),
    case_deed(
        "office:recording_copy", HEAR, form={"purpose": "Asked for it"}, recording_id="recording"
    ),
    page("office:recording_samples", HEAR),
    deed("office:recording_sample_draw", "C"),
    case_page("office:recording_sample", HEAR, review_id="review"),
    case_deed("office:recording_sample_score", "C", review_id="review"),
    case_deed("office:recording_sample_talked", "MLC", review_id="review"),
    page("office:alarms", "MLCPU"),
    page("office:alarm_strip", "MLCPU"),
    page("office:alarm", "MLCPU", alarm_id="alarm"),
    deed("office:alarm_taken", "MLP", alarm_id="alarm"),
    deed("office:alarm_step", "MLP", alarm_id="alarm", form={"step": "police"}),
    deed("office:alarm_ended", "MLP", alarm_id="alarm"),
    case_page("office:trip_pack", "MLFU", crew_id="crew"),
    case_page("office:trip_pack_pdf", "MLFU", crew_id="crew"),
    case_page("office:trip_pack_bill", "MLFU", crew_id="crew", visit_id="planned_visit"),
    case_page("office:trip_pack_agreement", "MLFU", crew_id="crew", visit_id="planned_visit"),
    case_page("office:trip_pack_letter", "MLFU", crew_id="crew", letter_id="crew_letter"),
    page("office:my_day", "F"),
    deed("office:sos", "F"),
    deed("office:position", "F"),
    case_deed("office:visit_arrived", "F", visit_id="planned_visit"),
    case_deed("office:visit_well", "F", visit_id="planned_visit"),
    case_deed("office:visit_left", "F", visit_id="planned_visit"),
    page("office:staff_new", "X"),
    deed("office:staff_new", "X"),
    deed("office:staff_active", "X", staff_id="staff"),
    page("office:worklist", SEE_CASES),
    deed(
        "office:view_save", SEE_CASES, form={"name": "Mine", "query": "step=call"}, of="cases_list"
    ),
    *[deed("office:view_save", "MLDFCPU", form={"name": "Mine"}, of=of) for of in MONEY_LISTS],
    deed("office:view_save", "MLDFCU", form={"name": "Mine"}, of="records_list"),
    deed("office:view_delete", SEE_CASES, of="cases_list", view_id="saved_view"),
    deed("office:assign", "ML", form={"all": "1"}),
    page("office:exports", "M"),
    deed("office:export_start", "M", form={"query": "step=call"}, of="cases_list"),
    *[deed("office:export_start", "M", of=of) for of in (*MONEY_LISTS, "records_list")],
    page("office:export_file", "M", export_id="export", answers=(404,)),  # its file is gone
    case_page("office:case", SEE_CASES),
    case_page("office:api_allowed", SEE_CASES),
    case_page("office:bill", SEE_CASES),
    case_page("office:bill_pdf", SEE_CASES),
    case_deed("office:case_note", "MLDFC", form={"text": "Asked to be called after six."}),
    case_deed("office:case_give", "ML"),
    case_deed("office:case_hold", "MLDC"),
    case_deed("office:case_hold_end", "MLDC", case_id="case", hold_id="hold"),
    case_deed("office:case_unmask", "MLDCU"),
    case_deed("office:case_finding", "MLDF", form={"subject": "point-{contact_point}"}),
    page("office:why", SEE_CASES, query="borrower=C000001"),
    page("office:books", "MCAPU"),
    page("office:book", "MCAPU", book_id="book"),
    page("office:book_progress", "MCAPU", book_id="book"),
    page("office:book_problem", "MCAPU", book_id="book", answers=(404,)),  # it has none
    page("office:book_rejected", "MCAPU", book_id="book", answers=(404,)),  # it has none
    page("office:book_layout", "MCAPU"),
    page("office:book_template", "MCAPU", table="table"),
    page("office:book_bring", "MA"),
    deed("office:book_bring", "MA"),
    page("office:book_preview", "MA", token="token", answers=(302,)),  # sent by nobody
    deed("office:book_preview", "MA", token="token"),
    deed("office:book_release", "MP", book_id="book"),
    deed("office:book_reject", "MP", book_id="book"),
    deed("office:book_load", "MP", book_id="book"),
    page("office:verification", "MLDF"),
    case_page("office:verification_task", "MLDF", task_id="verification_task"),
    case_deed("office:verification_task", "MLDF", task_id="verification_task"),
    page("office:visitors", "MLD"),
    deed("office:visitors", "MLD", form={"code": "KQ4T-9WHM", "number": "123", "work_id": ""}),
    deed("office:impostor_told", "MLD"),
    page("office:impostors", "MCU"),
    page("office:impostor", "MCU", report_id="impostor"),
    deed("office:impostor_taken", "MC", report_id="impostor"),
    deed("office:impostor_closed", "MC", report_id="impostor"),
    deed("office:impostor_warned", "MC", report_id="impostor"),
    page("office:incidents", SEE_PROTECTIONS),
    case_page("office:incident", SEE_PROTECTIONS, incident_id="incident"),
    case_deed("office:incident_closed", "C", incident_id="incident"),
    case_deed("office:incident_record", "MLDFC"),
    page("office:complaints", SEE_PROTECTIONS),
    case_page("office:complaint", SEE_PROTECTIONS, complaint_id="complaint"),
    page("office:disputes", SEE_PROTECTIONS),
    case_page("office:dispute", SEE_PROTECTIONS, dispute_id="dispute"),
    page("office:protections_due", SEE_PROTECTIONS),
    case_page("office:late", SEE_PROTECTIONS, late_id="late"),
    case_page("office:protection", SEE_PROTECTIONS, table="hardships", protection_id="hardship"),
    case_page("office:protections", SEE_PROTECTIONS),
    case_page("office:protection_new", "MLDFC", case_id="case", table="hardships"),
    case_deed("office:protection_new", "MLDFC", case_id="case", table="hardships"),
]
