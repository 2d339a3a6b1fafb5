"""On PostgreSQL the program can run under a role that cannot alter the log, triggers or not."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.evidence.checking import self_check
from doorstep.evidence.erasing import subject_erase
from doorstep.evidence.triggers import role_statements, triggers_drop
from doorstep.kernel.errors import InputError
from tests.evidence.stories import AT, append, sign

FORBIDDEN = (
    "UPDATE evidence_leaf SET kind = 'other'",
    "DELETE FROM evidence_leaf",
    "TRUNCATE evidence_leaf CASCADE",
    "UPDATE evidence_sealed SET agent = 'wang'",
    "DELETE FROM evidence_node",
    "UPDATE evidence_checkpoint SET note = ''",
    "DELETE FROM evidence_subject",
    "DROP TABLE evidence_leaf",
)


def test_a_name_that_is_none_never_reaches_the_database() -> None:
    with pytest.raises(InputError):
        role_statements("x; DROP TABLE evidence_leaf")


@pytest.mark.django_db
def test_the_role_appends_and_cannot_alter() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles; its triggers are tested apart")
    triggers_drop(connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE appender")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO appender")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO appender")
        for statement in role_statements("appender"):
            cursor.execute(statement)
        cursor.execute("SET ROLE appender")
        append(300)
        append(2, subject="C2")
        sign()
        subject_erase(subject="C2", ground="request", by="officer", at=AT)
        assert self_check(at=AT).findings == []
        for deed in FORBIDDEN:
            denied = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
            with denied, transaction.atomic():
                cursor.execute(deed)
        cursor.execute("RESET ROLE")
