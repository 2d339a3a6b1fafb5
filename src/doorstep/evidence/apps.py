from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class EvidenceConfig(AppConfig):
    name = "doorstep.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Set the triggers after every migration: SQLite drops them with a table it rebuilds."""
        post_migrate.connect(triggers_set, sender=self, dispatch_uid="evidence_triggers")


def triggers_set(*, using: str, **_: Any) -> None:
    """Set the log's triggers, unless its tables are gone."""
    from doorstep.evidence.triggers import triggers_drop, triggers_make

    connection = connections[using]
    if "evidence_leaf" in connection.introspection.table_names():
        triggers_drop(connection)
        triggers_make(connection)
