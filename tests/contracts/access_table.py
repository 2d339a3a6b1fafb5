"""Who may open what: one line for every address of the site, written by hand.

A new address gets its line here; `test_access_matrix.py` fails until it has one. The letters are
the roles that may. An address about one case also says how far each role sees (`SEES`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

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

Method = Literal["GET", "POST"]


@dataclass(frozen=True)
class Address:
    """An address by name: the method it answers to, who may, and what it is about.

    `about` names a thing of the trial world (see `World` in test_access_matrix.py) whose key fills
    the parameter `parameter`; `scoped` says that the thing is a case or belongs to one, so that who
    may not see the case gets 404.
    """

    name: str
    may: str
    method: Method = "GET"
    about: str = ""
    parameter: str = ""
    scoped: bool = False
    query: str = ""
    form: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


# Open to anybody, signed in or not, with what an anonymous GET answers.
PUBLIC: dict[str, int] = {
    "account_login": 200,
    "account_logout": 302,
    "account_inactive": 200,
    "mfa_authenticate": 302,
    "office:language": 405,
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

OFFICE = [
    Address("office:today", EVERYBODY),
    Address("office:search", EVERYBODY, query="q=欧阳"),
    Address("office:movements", "MLDFCAPU"),
    Address("office:runs", "MLCAPUX"),
    Address("office:run", "MLCAPUX", about="run", parameter="run_id"),
    Address("office:staff", "MLUX"),
    Address("office:staff_new", "X"),
    Address("office:staff_new", "X", method="POST"),
    Address("office:staff_active", "X", method="POST", about="staff", parameter="staff_id"),
]
