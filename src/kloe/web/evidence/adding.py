"""What the page for adding and the panel of a criterion have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kloe.web.access import AssessmentAccess
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import actions
from kloe.web.evidence.forms import AddForm
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.storage import limit, megabytes
from kloe.web.evidence.uploads import Intake, Upload, intake_of


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where to go afterwards: an address of this site, or ``otherwise``."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return given if safe else otherwise


def files_of(request: HttpRequest, access: AssessmentAccess) -> Intake:
    """The files of this request, with those an earlier sending of the form left waiting."""
    intake = intake_of(request)
    for token in dict.fromkeys(request.POST.getlist("held")):
        found = intake.resume(token, user=access.user.pk, place=access.assessment.pk)
        if found is None:
            intake.refused.append((_("A file sent earlier"), _("Choose it again, please.")))
    return intake


@dataclass(frozen=True, slots=True)
class Held:
    """A file that came in well while something else has to be put right."""

    upload: Upload
    token: str


def held_files(intake: Intake, access: AssessmentAccess) -> list[Held]:
    """Keep the files of a form that comes back, so that nobody uploads them twice."""
    return [
        Held(u, intake.hold(u, user=access.user.pk, place=access.assessment.pk))
        for u in intake.uploads
    ]


def limit_words() -> str:
    """The largest file, as the page says it."""
    return megabytes(limit())


def make_items(form: AddForm, assessment: Assessment, by: User) -> list[EvidenceItem]:
    """The items a valid form describes. Call within a transaction.

    Each gets its identifier from the form's, so that the form sent twice adds nothing twice.
    """
    said = form.cleaned_data
    base: UUID | None = said.get("item_id")
    common: dict[str, Any] = {"assessment": assessment, "by": by}
    if said["what"] == EvidenceItem.Form.LINK:
        return [actions.add_link(url=said["url"], details=form.details(), id=base, **common)]
    if said["what"] == EvidenceItem.Form.NOTE:
        return [actions.add_note(details=form.details(), id=base, **common)]
    return [
        actions.add_file(
            received=upload.received,
            file_name=upload.name,
            details=form.details(title),
            id=uuid5(base, f"{n} {upload.received.sha256}") if base else None,
            **common,
        )
        for n, (upload, title) in enumerate(form.titled())
    ]


def link_all(form: AddForm, items: list[EvidenceItem], by: User) -> None:
    """Say of every item what the form says. Call within a transaction."""
    for item in items:
        for descriptor, direction in form.directions().items():
            actions.link(
                item=item,
                descriptor=descriptor,
                direction=direction,
                locator=form.cleaned_data["locator"],
                note=form.cleaned_data["note"],
                by=by,
            )
