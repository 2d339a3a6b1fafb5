"""The sender: clears what is due, sends it with many in flight, records what became of it.

Killed at any instant it loses nothing and doubles nothing: what it held is in doubt until the
gateway has been asked. Several may run beside each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from doorstep.channels.door import Door
from doorstep.channels.message import Channel
from doorstep.dispatch.clearing import Cleared, Ready, acts_clear
from doorstep.dispatch.inbound import inbound_receive
from doorstep.dispatch.leases import leases_reap
from doorstep.dispatch.models import Act, ActState, Cursor
from doorstep.dispatch.sending import Answer, all_sent
from doorstep.dispatch.settling import act_stands, answers_settle, reports_apply
from doorstep.rules.pack import Rulebook

BATCH = 400
ASKED_AT_ONCE = 200


@dataclass
class Sender:
    """One worker's hands: its name, its channels, the rules and the clock."""

    worker: str
    door: Door
    channels: Mapping[str, Channel]
    rulebook: Callable[[], Rulebook]
    clock: Callable[[], datetime]
    batch: int = BATCH
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def round(self) -> int:
        """One round of everything; how many acts were looked at, so that the caller may rest."""
        leases_reap(at=self.clock(), idle=self.worker)
        acts_expire(at=self.clock())
        done = self.drain()
        self.fetch()
        self.ask()
        return done

    def drain(self) -> int:
        """Clear, send, settle and take what gateways tell until nothing is due; returns how many
        acts were looked at. While one batch is being sent the next is decided."""
        looked_at = 0
        under_way: Future[list[Answer]] | None = None
        with ThreadPoolExecutor(1) as line:
            while True:
                found = self._clear()
                if under_way is not None:
                    answers_settle(answers=under_way.result(), at=self.clock())
                    self.fetch()
                under_way = line.submit(self._send, found.ready) if found.ready else None
                looked_at += found.looked_at
                if under_way is None and not found.looked_at:
                    return looked_at

    def _clear(self) -> Cleared:
        return acts_clear(
            limit=self.batch,
            worker=self.worker,
            clock=self.clock,
            rulebook=self.rulebook(),
            channels=self.channels,
        )

    def _send(self, ready: list[Ready]) -> list[Answer]:
        """In a thread of its own, which does not touch the database."""
        return self.runner.run(all_sent(ready=ready, channels=self.channels, door=self.door))

    def fetch(self) -> int:
        """Take receipts and people's answers from every gateway, each kept before it is confirmed;
        returns how many receipts were new."""
        fresh = 0
        for name, channel in self.channels.items():
            cursor, _new = Cursor.objects.get_or_create(channel=name)
            told = self.runner.run(channel.fetch(cursor.cursor))
            at = self.clock()
            with transaction.atomic():
                locked = _unless_locked(Cursor.objects.filter(pk=name)).first()
                if locked is None or locked.cursor != cursor.cursor:
                    continue  # another worker takes these, or has taken them
                if told.reports:
                    fresh += reports_apply(channel=name, reports=told.reports, at=at)
                for incoming in told.incoming:
                    inbound_receive(channel=name, incoming=incoming, at=at)
                if told.cursor != cursor.cursor:
                    Cursor.objects.filter(pk=cursor.pk).update(cursor=told.cursor)
            if told.keys:
                self.runner.run(channel.confirm(told.keys))
        return fresh

    def ask(self) -> int:
        """Ask the gateways about acts in doubt whose time to be asked has come."""
        due = (
            Act.objects.filter(state=ActState.IN_DOUBT, ask_at__lte=self.clock())
            .filter(channel__in=self.channels)
            .select_related("clearance")
            .order_by("ask_at")[:ASKED_AT_ONCE]
        )
        acts = list(due)
        if not acts:
            return 0

        async def standings() -> list[object]:
            return await asyncio.gather(
                *(
                    self.channels[act.channel].standing(
                        reference=act.reference, gateway_reference=act.gateway_reference
                    )
                    for act in acts
                )
            )

        for act, standing in zip(acts, self.runner.run(standings()), strict=True):
            act_stands(
                act=act,
                standing=standing,  # type: ignore[arg-type]
                knows_within=self.channels[act.channel].knows_within,
                at=self.clock(),
            )
        return len(acts)

    def close(self) -> None:
        """Let every connection go."""

        async def closed() -> None:
            for channel in self.channels.values():
                await channel.close()

        self.runner.run(closed())
        self.runner.close()


def _unless_locked(rows: QuerySet[Cursor]) -> QuerySet[Cursor]:
    """The rows, locked; without those that another worker has locked, where a database can tell."""
    skips = connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(skip_locked=skips)


def acts_expire(*, at: datetime) -> int:
    """What could not be sent in its time is too late and never sent; returns how many."""
    late = Act.objects.filter(state=ActState.QUEUED, planned_until__lte=at)
    return late.update(state=ActState.EXPIRED, state_at=at) if late.exists() else 0
