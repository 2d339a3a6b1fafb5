"""Field days as they are kept: plans with crews and visits, appointments, risks, safety."""

from doorstep.visits.models.appointments import Appointment, AppointmentStep
from doorstep.visits.models.checks import (
    AskedCount,
    Finding,
    Happened,
    ImpostorReport,
    VisitorChallenge,
)
from doorstep.visits.models.days import CrewDay, CrewMember, FieldPlan, PlannedVisit
from doorstep.visits.models.door import DoorConflict, DoorEvent, DoorHead, EventState
from doorstep.visits.models.recordings import (
    Playback,
    Recording,
    RecordingSegment,
    RecordingState,
    SampleDraw,
    SampleReview,
    Transcript,
)
from doorstep.visits.models.records import (
    DeskNote,
    SignedWhat,
    VisitOutcome,
    VisitRecord,
    VisitRecordDocument,
    VisitSignature,
)
from doorstep.visits.models.risk import RiskAssessment
from doorstep.visits.models.safety import Alarm, AlarmStep, Position, SafetyTimer
from doorstep.visits.models.told import CrewTidings, CrewTold

__all__ = [
    "Alarm",
    "AlarmStep",
    "Appointment",
    "AppointmentStep",
    "AskedCount",
    "CrewDay",
    "CrewMember",
    "CrewTidings",
    "CrewTold",
    "DeskNote",
    "DoorConflict",
    "DoorEvent",
    "DoorHead",
    "EventState",
    "FieldPlan",
    "Finding",
    "Happened",
    "ImpostorReport",
    "PlannedVisit",
    "Playback",
    "Position",
    "Recording",
    "RecordingSegment",
    "RecordingState",
    "RiskAssessment",
    "SafetyTimer",
    "SampleDraw",
    "SampleReview",
    "SignedWhat",
    "Transcript",
    "VisitOutcome",
    "VisitRecord",
    "VisitRecordDocument",
    "VisitSignature",
    "VisitorChallenge",
]
