"""Deeds on staff accounts."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import Refused
from doorstep.workforce.models import Branch, Staff, Team
from doorstep.workforce.roles import Permission, Role, Scope, scope_of
from doorstep.workforce.services.devices import devices_revoke


def staff_create(
    *,
    username: str,
    display_name: str,
    role: Role,
    branch: Branch | None,
    team: Team | None,
    by: Staff,
    language: str = "zh-hans",
) -> tuple[Staff, str]:
    """A new account and its first password, which is kept nowhere and must be handed over.

    Raises Refused when `by` may not manage staff, the sign-in name is taken, the team is of
    another branch, or a role that sees a branch or a team has none.
    """
    _may_manage(by)
    _check_place(role=role, branch=branch, team=team)
    password = secrets.token_urlsafe(12)
    staff = Staff(
        username=username,
        display_name=display_name,
        role=role.value,
        branch=branch or (team.branch if team else None),
        team=team,
        language=language,
    )
    staff.set_password(password)
    try:
        with transaction.atomic():
            staff.save()
    except IntegrityError:
        raise Refused(
            f"The sign-in name {username} is taken.", code="NAME_TAKEN", hint="Choose another."
        ) from None
    return staff, password


@transaction.atomic
def staff_set_active(*, staff: Staff, active: bool, by: Staff, at: datetime) -> Staff:
    """Let an account sign in, or no longer; its sessions end with the next page, and its phones
    open nothing any more.

    Raises Refused when `by` may not manage staff or would lock themselves out.
    """
    _may_manage(by)
    if staff.pk == by.pk:
        raise Refused(
            "Your own account can only be closed by another administrator.", code="OWN_ACCOUNT"
        )
    staff.is_active = active
    staff.save(update_fields=["is_active"])
    if not active:
        devices_revoke(staff=staff, why=_("The account was closed."), by=by, at=at)
    return staff


def _may_manage(by: Staff) -> None:
    if not by.may(Permission.MANAGE_STAFF):
        raise Refused("Your role does not include this.", code="NOT_ALLOWED")


def _check_place(*, role: Role, branch: Branch | None, team: Team | None) -> None:
    if team and branch and team.branch_id != branch.pk:
        raise Refused(
            "The team belongs to another branch.",
            code="TEAM_OF_OTHER_BRANCH",
            hint="Choose a team of this branch, or leave the branch empty.",
        )
    if scope_of(role) == Scope.BRANCH and not (branch or team):
        raise Refused("This role sees a branch: choose which.", code="BRANCH_MISSING")
    if scope_of(role) == Scope.TEAM and not team:
        raise Refused("This role sees a team: choose which.", code="TEAM_MISSING")
