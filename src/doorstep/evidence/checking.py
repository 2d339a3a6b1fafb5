"""The log's own check: every leaf, node, document, checkpoint and copy, and the database itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from django.db import DatabaseError, connection, transaction

from doorstep.evidence import verify
from doorstep.evidence.checkpoints import second_place
from doorstep.evidence.log import Frontier, Node, frontier_grow
from doorstep.evidence.models import Checkpoint, Head, Leaf, SelfCheck
from doorstep.evidence.models import Node as NodeRow
from doorstep.evidence.opening import Opener, mark_of
from doorstep.evidence.second_place import checkpoint_path
from doorstep.kernel.errors import DoorstepError

MOST_FINDINGS = 50
AT_ONCE = 2000


@dataclass
class Findings:
    """What does not hold, in words, with the place."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, code: str, words: str, index: int | None = None) -> None:
        """Note one more; after MOST_FINDINGS the rest would say no more."""
        if len(self.rows) < MOST_FINDINGS:
            self.rows.append({"code": code, "words": words, "index": index})


def self_check(*, at: datetime) -> SelfCheck:
    """Check everything there is and keep what was found. Reads the whole log: for the night."""
    began = perf_counter()
    findings = Findings()
    head = Head.objects.first() or Head(size=0, frontier=b"")
    documents = _log(head, findings)
    _copies(findings)
    database = _database(findings)
    return SelfCheck.objects.create(
        at=at,
        size=head.size,
        documents=documents,
        database=database,
        findings=findings.rows,
        seconds=round(perf_counter() - began, 3),
    )


def _log(head: Head, findings: Findings) -> int:
    """Leaves, nodes, documents and checkpoints up to the head; how many documents were opened."""
    signed, checked = _signed(), _checked_before()
    stored = {
        (level, position): bytes(hashed)
        for level, position, hashed in NodeRow.objects.values_list("level", "position", "hash")
    }
    frontier, nodes, documents = Frontier(), 0, 0
    opener, checkpoint = Opener(), next(signed, None)
    for leaf in _leaves(head.size):
        if leaf.index != frontier.size:
            findings.add("ENTRY_MISSING", f"Entry {frontier.size} is missing.", frontier.size)
            return documents
        frontier, made = frontier_grow(frontier, [mark_of(leaf).leaf()])
        nodes += len(made)
        _nodes(made, stored, findings)
        if checkpoint is not None and checkpoint.size == frontier.size:
            _checkpoint(checkpoint, frontier.root(), findings, signature=checkpoint.size > checked)
            checkpoint = next(signed, None)
        try:
            documents += opener.open(leaf) is not None
        except DoorstepError as error:
            findings.add(error.code, error.message, leaf.index)
    if frontier.root() != head.log().root() or nodes != len(stored):
        findings.add("HEAD_DIFFERS", "The entries do not lead to the head of the log.")
    if checkpoint is not None:
        words = f"A checkpoint was signed over {checkpoint.size} entries."
        findings.add("LOG_TRUNCATED", words, head.size)
    return documents


def _signed() -> Iterator[Checkpoint]:
    return Checkpoint.objects.order_by("size").iterator(AT_ONCE)


def _checked_before() -> int:
    """Up to which size the signatures were found sound: checking one takes milliseconds."""
    last = SelfCheck.objects.filter(findings=[]).order_by("-size").first()
    return last.size if last else 0


def _leaves(size: int) -> Iterator[Leaf]:
    leaves = Leaf.objects.select_related("subject", "sealed").order_by("index")
    yield from leaves.filter(index__lt=size).iterator(AT_ONCE)


def _nodes(made: list[Node], stored: dict[tuple[int, int], bytes], findings: Findings) -> None:
    for node in made:
        if stored.get((node.level, node.position)) != node.hash:
            place = node.position << node.level
            findings.add("NODE_DIFFERS", f"The stored node over entry {place} differs.", place)


def _checkpoint(
    checkpoint: Checkpoint, root: bytes, findings: Findings, *, signature: bool
) -> None:
    size = checkpoint.size
    if bytes(checkpoint.root) != root:
        words = f"The first {size} entries are not those that were signed."
        findings.add("CHECKPOINT_DIFFERS", words, size)
    if not signature:
        return
    try:
        key = verify.key_read(checkpoint.key)
        stated = verify.checkpoint_read(
            verify.note_open(checkpoint.note, [key], what="The checkpoint")[0]
        )
    except verify.Altered as error:
        findings.add("CHECKPOINT_BROKEN", f"Checkpoint of {size} entries: {error.why}", size)
        return
    if (stated.size, stated.root) != (size, bytes(checkpoint.root)):
        findings.add("CHECKPOINT_DIFFERS", f"The checkpoint of {size} says otherwise.", size)


def _copies(findings: Findings) -> None:
    """What lies in the second place is what the database says was copied there, and no more: a
    newest copy that the database does not know is of a log that was cut back or written anew."""
    try:
        place = second_place()
        latest = place / "latest"
        note = latest.read_text("utf-8") if latest.exists() else ""
        if note and not Checkpoint.objects.filter(note=note).exists():
            findings.add("COPY_UNKNOWN", f"{latest} is of another log, or of more than is here.")
        for row in Checkpoint.objects.filter(copied_at__isnull=False).iterator(AT_ONCE):
            path = checkpoint_path(place, size=row.size, at=row.at)
            if path.read_text("utf-8") != row.note:
                findings.add("COPY_DIFFERS", f"{path} is not what was copied.", row.size)
    except OSError as error:
        findings.add("NO_SECOND_PLACE", f"A copy cannot be read: {error.strerror}.")


def _database(findings: Findings) -> str:
    """The database's own integrity check; what was run, in words."""
    ways: dict[str, Callable[[Findings], str]] = {"sqlite": _sqlite, "postgresql": _postgres}
    return ways[connection.vendor](findings)


def _sqlite(findings: Findings) -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(20)")
        said = [row[0] for row in cursor.fetchall()]
    for words in said:
        if words != "ok":
            findings.add("DATABASE_BROKEN", f"SQLite: {words}")
    return "sqlite: integrity_check"


def _postgres(findings: Findings) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_checksums")
        checksums = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database "
            "WHERE datname = current_database()"
        )
        failures = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")
        amcheck = bool(cursor.fetchone()[0])
    if failures:
        findings.add("DATABASE_BROKEN", f"PostgreSQL counted {failures} broken pages.")
    if amcheck:
        _amcheck(findings)
    said = f"data checksums {checksums}, amcheck {'run' if amcheck else 'not installed'}"
    return f"postgresql: {said}"


def _amcheck(findings: Findings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid IN "
            "('evidence_leaf'::regclass, 'evidence_sealed'::regclass)"
        )
        for (name,) in cursor.fetchall():
            try:
                with transaction.atomic():
                    cursor.execute("SELECT bt_index_check(%s::regclass, true)", [name])
            except DatabaseError as error:
                findings.add("DATABASE_BROKEN", f"PostgreSQL, index {name}: {error}")
