"""The files of an agreement: every opening is put on record, for they hold what is masked."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import Agreement
from doorstep.agreements.selectors.agreements import pdf_of, picture_of, sealed_of
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, NotFound
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.agreements_page import agreement_or_404
from doorstep.sites.office.agreements_words import refused_words
from doorstep.workforce.models import PersonalDataAccess
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def agreement_pdf(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """The document as it is signed."""
    return _sent(request, _opened_by(request, agreement_id), pdf_of, "")


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def agreement_sealed(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """The document with all signatures and the lender's seal; 404 before it is sealed."""
    return _sent(request, _opened_by(request, agreement_id), sealed_of, "-signed")


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def agreement_picture(request: StaffRequest, agreement_id: int, party: str) -> HttpResponse:
    """A drawing or scan; 404 where there is none."""
    found = _opened_by(request, agreement_id)
    signature = get_object_or_404(found.signatures, party=party)
    picture = picture_of(signature)
    if picture is None:
        raise Http404
    _on_record(request, found)
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return attachment(picture, f"image/{kind}", f"{found.number}-{party}.{kind}")


def _sent(
    request: StaffRequest, found: Agreement, opened: Callable[[Agreement], bytes], suffix: str
) -> HttpResponse:
    try:
        content = opened(found)
    except NotFound as error:
        raise Http404 from error
    except DoorstepError as error:
        messages.error(request, refused_words(error))
        return redirect("office:agreement", agreement_id=found.pk)
    _on_record(request, found)
    name = f"{found.number}-{found.version}{suffix}.pdf"
    return attachment(content, "application/pdf", name)


def attachment(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep, which no cache keeps."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _opened_by(request: StaffRequest, agreement_id: int) -> Agreement:
    """The agreement, for who has it signed or may see personal data in full."""
    if not any(request.user.may(each) for each in (Permission.SIGN_AGREEMENTS, Permission.UNMASK)):
        raise PermissionDenied(_("Your role does not include this."))
    return agreement_or_404(request.user, agreement_id)


def _on_record(request: StaffRequest, found: Agreement) -> None:
    PersonalDataAccess.objects.create(
        staff=request.user, borrower_id=found.case.borrower_id, what="agreement",
        purpose=_("Agreement %(number)s") % {"number": found.number}, at=clock.now(),
    )  # fmt: skip
