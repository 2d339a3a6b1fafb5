"""For PostgreSQL, where a send writes a dozen rows: drop the indexes by pattern that come with every
unique text (nobody asks these tables by the beginning of a key), and leave room in the pages of
contacts, whose result is filled in twice, so that an update touches no index."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

WRITTEN_A_SEND = (
    "dispatch_act", "dispatch_clearance", "dispatch_capslot", "cases_contact", "evidence_leaf",
    "evidence_subject",
)  # fmt: skip
NAMES = r"SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE '%%\_like'"


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute(NAMES, [list(WRITTEN_A_SEND)])
        for (name,) in cursor.fetchall():
            editor.execute(f"DROP INDEX {editor.quote_name(name)}")
    editor.execute("ALTER TABLE cases_contact SET (fillfactor = 60)")


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0002_fewer_indexes_and_what_the_lint_found"),
        ("cases", "0004_screening"),
        ("evidence", "0001_initial"),
    ]
    operations = [migrations.RunPython(drop, migrations.RunPython.noop, elidable=True)]
