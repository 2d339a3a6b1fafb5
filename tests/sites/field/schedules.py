"""A phone as it lives: on and off the network, killed at any instant, with a clock of its own. What
it has written down outlives all of that; it sends in order and believes only what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from doorstep.sites.field.times import iso
from doorstep.visits.models import PlannedVisit
from tests.sites.field.phones import EVENTS, event, step
from tests.visits.taping import Phone

Told = dict[str, Any]


@dataclass
class LivePhone:
    """`skew` is how far its own clock is off, `offset` what it has learnt of that. `made` is all it
    ever wrote down, `outbox` what was not answered yet, `heads` the latest event of each topic that
    it knows, `states` the last answer about each."""

    phone: Phone
    skew: timedelta
    offset: timedelta = timedelta(0)
    made: list[Told] = field(default_factory=list)
    outbox: list[Told] = field(default_factory=list)
    heads: dict[tuple[int, str], str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)
    cursor: str = ""

    def own(self, at: datetime) -> datetime:
        """What its clock shows, corrected by what it has learnt."""
        return at + self.skew + self.offset

    def write(self, visit: PlannedVisit, told: Told, at: datetime) -> Told:
        """Write an event down: from here on it must never be lost."""
        key = (visit.pk, told["topic"])
        told |= {
            "after": self.heads.get(key), "number": len(self.made), "at": iso(self.own(at)),
            "clock_at": iso(at + self.skew),
        }  # fmt: skip
        self.made.append(told)
        self.outbox.append(told)
        self.heads[key] = told["id"]
        if told["kind"] == "agreement":
            self.agreed.add(visit.pk)
        return told

    def sync(self, at: datetime, *, most: int = 200, answered: bool = True) -> None:
        """Send what waits, at most so many; unless `answered`, the phone dies before it hears what
        came of it. Then hear what is new."""
        sending = self.outbox[:most]
        if sending:
            answer = self._ask("POST", EVENTS, at, {"events": sending})
            if not answered:
                return
            for result in answer["results"]:
                self.states[result["id"]] = result["state"]
            self.outbox = self.outbox[len(sending) :]
        self.hear(at)

    def hear(self, at: datetime) -> None:
        """Learn what the other phones told, and what differs."""
        told = self._ask("GET", f"/field/api/changes/?after={self.cursor}", at)
        self.cursor = told["cursor"]
        waiting = {each["topic"] for each in self.outbox}
        for other in told["events"]:
            if other["topic"] not in waiting:
                self.heads[other["visit"], other["topic"]] = other["id"]
            if other["kind"] == "agreement":
                self.agreed.add(other["visit"])
        self.conflicts = {each for found in told["conflicts"] for each in found["ids"]}

    def _ask(self, method: str, path: str, at: datetime, body: object = None) -> Any:
        for _try in range(2):
            answer = self.phone.ask(method, path, body, at=self.own(at))
            if answer.status_code == 401 and answer.json()["code"] == "CLOCK_WRONG":
                now = datetime.fromisoformat(answer.json()["now"])
                self.offset = now - (at + self.skew)
                continue
            break
        assert answer.status_code == 200, answer.content
        return answer.json()


def deed(live: LivePhone, visit: PlannedVisit, kind: str, number: int, at: datetime) -> Told:
    """Something that happens at a door."""
    if kind == "step":
        code = ("debt", "listen", "options")[number % 3]
        return live.write(visit, step(visit, code, seen=number), at)
    if kind == "skip":
        return live.write(visit, step(visit, "debt", how="skipped", why="客户不想看"), at)
    return live.write(visit, event(visit, kind), at)


def ids(events: list[Told]) -> set[UUID]:
    """The ids of events."""
    return {UUID(each["id"]) for each in events}
