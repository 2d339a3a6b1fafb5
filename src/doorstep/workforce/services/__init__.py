"""Deeds on accounts, papers, days and rest."""

from doorstep.workforce.services.accounts import staff_create, staff_set_active
from doorstep.workforce.services.devices import device_bind, device_revoke, door_pin_keep
from doorstep.workforce.services.letters import letter_issue, letter_revoke
from doorstep.workforce.services.particulars import (
    particulars_keep,
    photograph_keep,
    skills_keep,
    tie_end,
    tie_state,
)
from doorstep.workforce.services.roster import (
    leave_end,
    leave_write,
    roster_day_withdraw,
    roster_day_write,
    roster_settle,
    vehicle_keep,
    vehicle_out,
)
from doorstep.workforce.services.training import exam_begin, exam_end
from doorstep.workforce.services.welfare import encounter_record

__all__ = [
    "device_bind",
    "device_revoke",
    "door_pin_keep",
    "encounter_record",
    "exam_begin",
    "exam_end",
    "leave_end",
    "leave_write",
    "letter_issue",
    "letter_revoke",
    "particulars_keep",
    "photograph_keep",
    "roster_day_withdraw",
    "roster_day_write",
    "roster_settle",
    "skills_keep",
    "staff_create",
    "staff_set_active",
    "tie_end",
    "tie_state",
    "vehicle_keep",
    "vehicle_out",
]
