"""What the database itself refuses: altering the log, or taking anything from it.

They stop a slip of the program or of a person at a prompt. Whoever owns the database can drop
them; that is what proofs against checkpoints kept elsewhere are for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from doorstep.kernel.errors import InputError

ERASED = (
    "EXISTS (SELECT 1 FROM evidence_leaf JOIN evidence_subject ON evidence_subject.ref = "
    'evidence_leaf.ref WHERE evidence_leaf."index" = OLD."index" AND wrapped IS NULL)'
)


@dataclass(frozen=True)
class Rule:
    """On this table the deed is refused, unless the condition holds."""

    table: str
    deed: str
    unless: str = ""

    @property
    def name(self) -> str:
        """The trigger's name."""
        return f"{self.table}_no_{self.deed.lower()}"


RULES = (
    Rule("evidence_leaf", "UPDATE"),
    Rule("evidence_leaf", "DELETE"),
    Rule("evidence_node", "UPDATE"),
    Rule("evidence_node", "DELETE"),
    Rule("evidence_sealed", "UPDATE"),
    Rule("evidence_sealed", "DELETE", unless=ERASED),
    Rule("evidence_head", "UPDATE", unless="NEW.size > OLD.size"),
    Rule("evidence_head", "DELETE"),
    Rule("evidence_subject", "DELETE"),
    Rule("evidence_checkpoint", "UPDATE", unless="NEW.size = OLD.size AND NEW.note = OLD.note"),
    Rule("evidence_checkpoint", "DELETE"),
)
REFUSES = "the evidence log only grows"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION evidence_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF NOT EXISTS (SELECT 1 FROM evidence_leaf) THEN RETURN NULL; END IF;
  END IF;
  RAISE EXCEPTION '{REFUSES}' USING ERRCODE = 'restrict_violation';
END $$
"""


def triggers_make(connection: Any) -> None:
    """Set every trigger. Runs on SQLite and PostgreSQL."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(FUNCTION)
        for rule in RULES:
            cursor.execute(_postgres(rule) if postgres else _sqlite(rule))
        for table in _tables() if postgres else ():
            cursor.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_grows()"
            )


def triggers_drop(connection: Any) -> None:
    """Take every trigger away: before the tables themselves go, and between tests."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for rule in RULES:
            place = f" ON {rule.table}" if postgres else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}{place}")
        for table in _tables() if postgres else ():
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")


def role_statements(role: str) -> list[str]:
    """SQL that lets a PostgreSQL role append and read, and takes altering the log from it.

    What the program updates besides (the head, erased subjects, copied checkpoints) stays granted
    column by column. Raises InputError for a name that is none.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise InputError("The name of a role is lower-case letters, digits and underscores.")
    tables = ", ".join(_tables())
    return [
        f"REVOKE ALL ON {tables} FROM {role}",
        f"GRANT SELECT, INSERT ON {tables} TO {role}",
        f"GRANT UPDATE (size, frontier) ON evidence_head TO {role}",
        "GRANT UPDATE (subject, master_id, wrapped, erased_at, erased_in) "
        f"ON evidence_subject TO {role}",
        f"GRANT UPDATE (copied_at) ON evidence_checkpoint TO {role}",
        f"GRANT DELETE ON evidence_sealed TO {role}",  # of the erased; a trigger refuses others
    ]


def _tables() -> list[str]:
    return sorted({rule.table for rule in RULES})


def _sqlite(rule: Rule) -> str:
    when = f"WHEN NOT ({rule.unless}) " if rule.unless else ""
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.deed} ON {rule.table} FOR EACH ROW {when}"
        f"BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END"
    )


def _postgres(rule: Rule) -> str:
    # PostgreSQL takes no subquery in WHEN: such a condition is a function of its own.
    if "SELECT" in rule.unless:
        function = (
            f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {rule.unless} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{REFUSES}' USING ERRCODE = 'restrict_violation'; END $$; "
        )
        return (
            f"{function} CREATE TRIGGER {rule.name} BEFORE {rule.deed} ON {rule.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {rule.name}()"
        )
    when = f"WHEN (NOT ({rule.unless})) " if rule.unless else ""
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.deed} ON {rule.table} FOR EACH ROW {when}"
        "EXECUTE FUNCTION evidence_only_grows()"
    )
