"""The bundle an auditor takes away: the chosen entries with their proofs and the verifier."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.evidence.export import Exported, export_write
from doorstep.evidence.selection import Selection
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Refused
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.audit import asked_for, selection_of
from doorstep.workforce.roles import Permission

MOST_ENTRIES = 5000


@needs(Permission.EXPORT_EVIDENCE)
@require_POST
def audit_bundle(request: StaffRequest) -> HttpResponse | FileResponse:
    """What the form chose as a ZIP file; who took it and what for is on the log before."""
    chosen = selection_of(asked_for(request))
    purpose = " ".join(request.POST.get("purpose", "").replace("\x00", "").split())[:300]
    try:
        _must_be_bundle(chosen, purpose)
        with tempfile.TemporaryDirectory() as place:
            done = export_write(
                folder=Path(place) / "bundle",
                selection=chosen or Selection(),
                by=request.user.username,
                purpose=purpose,
                at=clock.now(),
            )
            file = _packed(done)
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:audit")
    name = f"doorstep-evidence-{done.size}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _must_be_bundle(chosen: Selection | None, purpose: str) -> None:
    if chosen is None or chosen.is_whole:
        raise InputError(_("Choose a case, a customer, a member of staff or a day first."))
    if len(purpose) < 4:
        raise InputError(_("Say what the bundle is for."))
    entries = chosen.leaves().count()
    if entries > MOST_ENTRIES:
        raise Refused(
            _("These are %(count)s entries; a page gives at most %(most)s.")
            % {"count": entries, "most": MOST_ENTRIES},
            hint=_("Narrow the selection, or have them exported by command."),
        )


def _packed(done: Exported) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115 -- FileResponse closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(done.folder.iterdir()):
            packed.write(path, f"doorstep-evidence-{done.size}/{path.name}")
    file.seek(0)
    return file
