"""What the first start of a system needs: tables and, for a lender, the first administrator."""

from __future__ import annotations

import getpass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role


def tables_make(console: Console) -> None:
    """Bring the database to the program's version."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with console.status("Preparing the database"):
            call_command("migrate", interactive=False, verbosity=0)


def administrator_make(console: Console, *, asks: bool) -> None:
    """The first administrator, from DOORSTEP_ADMIN_USERNAME and DOORSTEP_ADMIN_PASSWORD or by
    asking; nothing when there is one.

    Raises Refused when the state directory holds demo accounts, InputError when nobody can be
    asked or the password is too weak.
    """
    from doorstep.cli.demo_staff import PEOPLE

    if Staff.objects.filter(username__in=[person.username for person in PEOPLE[:3]]).count() == 3:
        raise Refused(
            f"{settings.HOME} holds the example bank with its demo accounts.",
            code="HOLDS_DEMO",
            hint="Name an empty state directory with DOORSTEP_HOME.",
        )
    if Staff.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        return
    username, password = settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD
    if not (username and password):
        if not asks:
            raise InputError(
                "There is no administrator yet.",
                code="NO_ADMINISTRATOR",
                hint="Set DOORSTEP_ADMIN_USERNAME and DOORSTEP_ADMIN_PASSWORD, or start in a "
                "terminal to be asked.",
                where=Where(field="environment variable DOORSTEP_ADMIN_USERNAME"),
            )
        username, password = _ask(console, username)
    _create(username, password)
    console.print(f"Administrator {username} was created.", markup=False)


def _create(username: str, password: str) -> None:
    admin = Staff(username=username, display_name=username, role=Role.ADMINISTRATOR)
    try:
        validate_password(password, admin)
        admin.set_password(password)
        admin.full_clean()
    except ValidationError as error:
        raise InputError(
            " ".join(error.messages),
            code="BAD_ADMINISTRATOR",
            hint="Choose another user name or password.",
            where=Where(field="DOORSTEP_ADMIN_USERNAME, DOORSTEP_ADMIN_PASSWORD"),
        ) from None
    admin.save()


def _ask(console: Console, username: str) -> tuple[str, str]:
    """User name and password from the terminal, until they hold."""
    console.print("This system is empty. Who is its first administrator?")
    while True:
        name = username or console.input("User name: ").strip()
        password = getpass.getpass("Password (at least 12 characters): ")
        again = getpass.getpass("The same again: ")
        if password != again:
            console.print("The two differ; please try again.")
            continue
        try:
            validate_password(password, Staff(username=name, display_name=name))
            return name, password
        except ValidationError as error:
            console.print(" ".join(error.messages), markup=False)
