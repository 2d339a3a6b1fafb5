"""One table of permissions: which role may do what, and how far each role sees.

A permission is a deed in the words of the field. Pages and services ask `may(staff, Permission.X)`;
lists are narrowed by `scope_of(role)` (see `doorstep.cases.selectors.cases_visible_to`).
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff does. One role each: two duties need two people."""

    COLLECTIONS_MANAGER = "collections_manager"
    DESK_AGENT = "desk_agent"
    FIELD_AGENT = "field_agent"
    TEAM_LEADER = "team_leader"
    COMPLIANCE_OFFICER = "compliance_officer"
    ANALYST = "analyst"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """How far a role sees into the cases."""

    ALL = "all"
    BRANCH = "branch"
    TEAM = "team"
    OWN = "own"
    NONE = "none"


class Permission(StrEnum):
    """A deed that needs permission."""

    SEE_TODAY = "see_today"
    SEE_CASES = "see_cases"
    ASSIGN_CASES = "assign_cases"
    EXPORT_CASES = "export_cases"
    WRITE_NOTES = "write_notes"
    PLACE_HOLDS = "place_holds"
    UNMASK = "unmask"
    SEE_BOOKS = "see_books"
    BRING_BOOKS = "bring_books"
    RELEASE_BOOKS = "release_books"
    SEE_RUNS = "see_runs"
    START_NIGHT = "start_night"
    VERIFY_CONTACTS = "verify_contacts"
    SEE_STAFF = "see_staff"
    MANAGE_STAFF = "manage_staff"
    SEE_RULES = "see_rules"
    CHANGE_RULES = "change_rules"
    APPROVE_RULES = "approve_rules"
    SEE_MESSAGES = "see_messages"
    PROPOSE_MESSAGES = "propose_messages"
    APPROVE_MESSAGES = "approve_messages"
    WRITE_TEMPLATES = "write_templates"
    APPROVE_TEMPLATES = "approve_templates"
    MAKE_CALLS = "make_calls"
    SEE_PROTECTIONS = "see_protections"
    RECORD_PROTECTIONS = "record_protections"
    ANSWER_COMPLAINTS = "answer_complaints"
    SEE_EVIDENCE = "see_evidence"
    EXPORT_EVIDENCE = "export_evidence"
    KEEP_PARTICULARS = "keep_particulars"
    ISSUE_LETTERS = "issue_letters"
    REVOKE_LETTERS = "revoke_letters"
    SEE_ROSTERS = "see_rosters"
    WRITE_ROSTERS = "write_rosters"
    SEE_LOAD = "see_load"
    SIT_EXAMS = "sit_exams"
    SEE_ALARMS = "see_alarms"
    TAKE_ALARMS = "take_alarms"
    CHECK_IN = "check_in"
    SEE_TRIP_PACKS = "see_trip_packs"
    SEE_APPOINTMENTS = "see_appointments"
    PROPOSE_VISITS = "propose_visits"
    ASSESS_RISK = "assess_risk"
    APPROVE_RISK = "approve_risk"
    SEE_FIELD = "see_field"
    SEE_CREW_DAY = "see_crew_day"
    PLAN_FIELD = "plan_field"
    PUBLISH_FIELD = "publish_field"
    TAKE_PAYMENTS = "take_payments"
    REFER_LEGAL = "refer_legal"
    APPROVE_LEGAL = "approve_legal"
    SEE_AGREEMENTS = "see_agreements"
    TAKE_AFFORDABILITY = "take_affordability"
    MAKE_OFFERS = "make_offers"
    APPROVE_OFFERS = "approve_offers"
    SIGN_AGREEMENTS = "sign_agreements"
    HEAR_RECORDINGS = "hear_recordings"
    SCORE_RECORDINGS = "score_recordings"
    ADD_TO_RECORDINGS = "add_to_recordings"
    SEE_IMPOSTORS = "see_impostors"
    HANDLE_IMPOSTORS = "handle_impostors"
    SETTLE_DOOR = "settle_door"
    SEE_RECORDS = "see_records"
    TELL_CREWS = "tell_crews"


R, P = Role, Permission

GRANTS: dict[Role, frozenset[Permission]] = {
    R.COLLECTIONS_MANAGER: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.ASSIGN_CASES, P.EXPORT_CASES, P.WRITE_NOTES, P.PLACE_HOLDS,
            P.UNMASK, P.SEE_BOOKS, P.BRING_BOOKS, P.RELEASE_BOOKS, P.SEE_RUNS, P.START_NIGHT,
            P.VERIFY_CONTACTS, P.SEE_STAFF, P.SEE_RULES, P.SEE_MESSAGES, P.PROPOSE_MESSAGES,
            P.APPROVE_MESSAGES, P.WRITE_TEMPLATES, P.MAKE_CALLS, P.SEE_PROTECTIONS,
            P.RECORD_PROTECTIONS,
            P.KEEP_PARTICULARS, P.ISSUE_LETTERS, P.REVOKE_LETTERS, P.SEE_ROSTERS,
            P.WRITE_ROSTERS, P.SEE_LOAD, P.SIT_EXAMS,
            P.SEE_FIELD, P.SEE_CREW_DAY, P.PLAN_FIELD, P.PUBLISH_FIELD,
            P.SEE_APPOINTMENTS, P.PROPOSE_VISITS, P.ASSESS_RISK, P.APPROVE_RISK,
            P.SEE_ALARMS, P.TAKE_ALARMS, P.SEE_TRIP_PACKS,
            P.SEE_AGREEMENTS, P.TAKE_AFFORDABILITY, P.MAKE_OFFERS, P.APPROVE_OFFERS,
            P.SIGN_AGREEMENTS, P.TAKE_PAYMENTS, P.REFER_LEGAL, P.APPROVE_LEGAL,
            P.SEE_RECORDS, P.TELL_CREWS, P.SETTLE_DOOR,
            P.SEE_IMPOSTORS, P.HANDLE_IMPOSTORS,
            P.HEAR_RECORDINGS, P.ADD_TO_RECORDINGS,
        }
    ),
    R.TEAM_LEADER: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.ASSIGN_CASES, P.WRITE_NOTES, P.PLACE_HOLDS, P.UNMASK,
            P.SEE_RUNS, P.VERIFY_CONTACTS, P.SEE_STAFF, P.SEE_RULES, P.SEE_MESSAGES,
            P.PROPOSE_MESSAGES, P.MAKE_CALLS, P.SEE_PROTECTIONS, P.RECORD_PROTECTIONS,
            P.KEEP_PARTICULARS, P.REVOKE_LETTERS, P.SEE_ROSTERS, P.WRITE_ROSTERS, P.SEE_LOAD,
            P.SIT_EXAMS,
            P.SEE_FIELD, P.SEE_CREW_DAY, P.PLAN_FIELD, P.PUBLISH_FIELD,
            P.SEE_APPOINTMENTS, P.PROPOSE_VISITS, P.ASSESS_RISK, P.APPROVE_RISK,
            P.SEE_ALARMS, P.TAKE_ALARMS, P.SEE_TRIP_PACKS,
            P.SEE_AGREEMENTS, P.TAKE_AFFORDABILITY, P.MAKE_OFFERS, P.APPROVE_OFFERS,
            P.SIGN_AGREEMENTS, P.TAKE_PAYMENTS, P.REFER_LEGAL,
            P.SEE_RECORDS, P.TELL_CREWS, P.SETTLE_DOOR,
            P.HEAR_RECORDINGS, P.ADD_TO_RECORDINGS,
        }
    ),
    R.DESK_AGENT: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.WRITE_NOTES, P.PLACE_HOLDS, P.UNMASK, P.VERIFY_CONTACTS,
            P.SEE_RULES, P.SEE_MESSAGES, P.MAKE_CALLS, P.SEE_PROTECTIONS, P.RECORD_PROTECTIONS,
            P.SIT_EXAMS,
            P.SEE_APPOINTMENTS, P.PROPOSE_VISITS, P.ASSESS_RISK,
            P.SEE_AGREEMENTS, P.TAKE_AFFORDABILITY, P.MAKE_OFFERS, P.SIGN_AGREEMENTS,
            P.SEE_RECORDS,
        }
    ),
    R.FIELD_AGENT: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.WRITE_NOTES, P.VERIFY_CONTACTS, P.SEE_RULES,
            P.SEE_PROTECTIONS, P.RECORD_PROTECTIONS,
            P.SEE_ROSTERS, P.SIT_EXAMS,
            P.SEE_CREW_DAY,
            P.SEE_APPOINTMENTS, P.ASSESS_RISK,
            P.CHECK_IN, P.SEE_TRIP_PACKS,
            P.SEE_AGREEMENTS, P.TAKE_AFFORDABILITY, P.MAKE_OFFERS, P.SIGN_AGREEMENTS,
            P.SEE_RECORDS,
        }
    ),
    R.COMPLIANCE_OFFICER: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.WRITE_NOTES, P.PLACE_HOLDS, P.UNMASK, P.SEE_BOOKS,
            P.SEE_RUNS, P.SEE_RULES, P.CHANGE_RULES, P.APPROVE_RULES, P.SEE_MESSAGES,
            P.APPROVE_TEMPLATES, P.SEE_PROTECTIONS, P.RECORD_PROTECTIONS, P.ANSWER_COMPLAINTS,
            P.SEE_EVIDENCE, P.EXPORT_EVIDENCE,
            P.SEE_STAFF, P.REVOKE_LETTERS, P.SEE_ROSTERS, P.SIT_EXAMS,
            P.SEE_FIELD, P.SEE_CREW_DAY,
            P.SEE_APPOINTMENTS,
            P.SEE_ALARMS,
            P.SEE_AGREEMENTS,
            P.SEE_RECORDS,
            P.SEE_IMPOSTORS, P.HANDLE_IMPOSTORS,
            P.HEAR_RECORDINGS, P.SCORE_RECORDINGS, P.ADD_TO_RECORDINGS,
        }
    ),
    R.ANALYST: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.SEE_BOOKS, P.BRING_BOOKS, P.SEE_RUNS, P.SEE_RULES,
        }
    ),
    R.APPROVER: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.SEE_BOOKS, P.RELEASE_BOOKS, P.SEE_RUNS, P.SEE_RULES,
            P.APPROVE_RULES, P.SEE_MESSAGES, P.APPROVE_MESSAGES, P.APPROVE_TEMPLATES,
            P.SEE_PROTECTIONS,
            P.SEE_APPOINTMENTS, P.APPROVE_RISK,
            P.SEE_ALARMS, P.TAKE_ALARMS,
            P.SEE_AGREEMENTS, P.APPROVE_OFFERS,
            P.APPROVE_LEGAL,
        }
    ),
    R.AUDITOR: frozenset(
        {
            P.SEE_TODAY, P.SEE_CASES, P.UNMASK, P.SEE_BOOKS, P.SEE_RUNS, P.SEE_STAFF, P.SEE_RULES,
            P.SEE_MESSAGES, P.SEE_PROTECTIONS, P.SEE_EVIDENCE, P.EXPORT_EVIDENCE,
            P.SEE_ROSTERS,
            P.SEE_FIELD, P.SEE_CREW_DAY,
            P.SEE_APPOINTMENTS,
            P.SEE_ALARMS, P.SEE_TRIP_PACKS,
            P.SEE_AGREEMENTS,
            P.SEE_RECORDS,
            P.SEE_IMPOSTORS,
            P.HEAR_RECORDINGS,
        }
    ),
    R.ADMINISTRATOR: frozenset(
        {
            P.SEE_TODAY, P.SEE_RUNS, P.SEE_STAFF, P.MANAGE_STAFF, P.SEE_RULES,
            P.KEEP_PARTICULARS,
        }
    ),
}  # fmt: skip

SCOPES: dict[Role, Scope] = {
    R.COLLECTIONS_MANAGER: Scope.ALL,
    R.TEAM_LEADER: Scope.TEAM,
    R.DESK_AGENT: Scope.OWN,
    R.FIELD_AGENT: Scope.OWN,
    R.COMPLIANCE_OFFICER: Scope.ALL,
    R.ANALYST: Scope.ALL,
    R.APPROVER: Scope.BRANCH,
    R.AUDITOR: Scope.ALL,
    R.ADMINISTRATOR: Scope.NONE,
}


def role_may(role: str, permission: Permission) -> bool:
    """Whether the role has the permission; an unknown role has none."""
    known = _known(role)
    return known is not None and permission in GRANTS[known]


def scope_of(role: str) -> Scope:
    """How far the role sees; an unknown role sees nothing."""
    known = _known(role)
    return SCOPES[known] if known else Scope.NONE


def _known(role: str) -> Role | None:
    return next((known for known in Role if known.value == role), None)
