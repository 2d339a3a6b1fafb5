"""People, their papers, their days: tables, choices and constraints."""

from doorstep.workforce.models.accounts import (
    ROLE_LABELS,
    Branch,
    PersonalDataAccess,
    Staff,
    Team,
)
from doorstep.workforce.models.devices import Device, DoorPin
from doorstep.workforce.models.field import (
    Gender,
    Particulars,
    Photograph,
    Skill,
    Tie,
    TieKind,
)
from doorstep.workforce.models.keys import MachineKey
from doorstep.workforce.models.papers import AuthorityLetter, LetterDocument, Sitting
from doorstep.workforce.models.roster import (
    Leave,
    LeaveKind,
    RosterDay,
    Shift,
    Vehicle,
)
from doorstep.workforce.models.welfare import Encounter, EncounterAgent, Weight

__all__ = [
    "ROLE_LABELS",
    "AuthorityLetter",
    "Branch",
    "Device",
    "DoorPin",
    "Encounter",
    "EncounterAgent",
    "Gender",
    "Leave",
    "LeaveKind",
    "LetterDocument",
    "MachineKey",
    "Particulars",
    "PersonalDataAccess",
    "Photograph",
    "RosterDay",
    "Shift",
    "Sitting",
    "Skill",
    "Staff",
    "Team",
    "Tie",
    "TieKind",
    "Vehicle",
    "Weight",
]
