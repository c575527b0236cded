"""The plan out as a workbook, and in again: looked at first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.core.disk import room
from kloe.core.errors import InvalidInput
from kloe.core.tables import XLSX
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.ids import new_id
from kloe.web.jobs import actions as jobs
from kloe.web.plans import importing, sheets
from kloe.web.plans.importing import Outcome
from kloe.web.plans.jobs import IMPORT, gone, workbook_of
from kloe.web.plans.views import context_of, see_other
from kloe.web.plans.views_actions import read_or_post

MOST_BYTES = 20 << 20


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def export(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """The whole plan as an Excel workbook."""
    name = f"{slugify(access.organisation.name) or 'plan'}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response = HttpResponse(sheets.workbook(access.organisation), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@in_organisation(Permission.PLAN_EDIT)
@read_or_post
def look(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Send a workbook, and see what it would change. Nothing is brought in yet."""
    if request.method != "POST":
        return _page(request, access)
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return _page(request, access, fault=_("Choose a workbook (.xlsx) that is not empty."))
    if upload.size > MOST_BYTES:
        return _page(
            request,
            access,
            fault=_("The file has %(n)d MB; at most %(most)d MB.")
            % {"n": upload.size >> 20, "most": MOST_BYTES >> 20},
        )
    token = new_id().hex
    place = workbook_of(access.user.pk, access.organisation.pk, token)
    try:
        with room(), place.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        outcome = importing.bring_in(
            place, organisation=access.organisation, by=access.user, trial=True
        )
    except InvalidInput as error:
        place.unlink(missing_ok=True)
        # The reader names what it read; the sender knows it by another name.
        told = str(error).replace(str(place), place.name).replace(place.name, upload.name or "")
        return _page(request, access, fault=told)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    if outcome.faults:
        place.unlink(missing_ok=True)
    return _page(request, access, outcome=outcome, token=token)


def _page(
    request: HttpRequest,
    access: OrganisationAccess,
    *,
    fault: str = "",
    outcome: Outcome | None = None,
    token: str = "",
) -> HttpResponse:
    wrong = bool(fault or (outcome and outcome.faults))
    context = context_of(
        access,
        "plan",
        fault=fault,
        outcome=outcome,
        token=token,
        lines=_lines(outcome) if outcome else [],
        columns=[(name, [c for c in cols if not c.told]) for _k, name, cols in sheets.SHEETS],
    )
    return render(request, "plans/import.html", context, status=422 if wrong else 200)


def _lines(outcome: Outcome) -> list[tuple[str, int, int, int]]:
    return [
        (str(name), outcome.new.get(key, 0), outcome.changed.get(key, 0), outcome.same.get(key, 0))
        for key, name, _columns in sheets.SHEETS
    ]


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def bring_in(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Have the workbook brought in that was looked at: all of it, or nothing."""
    token = request.POST.get("token", "")
    try:
        there = workbook_of(access.user.pk, access.organisation.pk, token).is_file()
    except ValueError:
        there = False
    if not there:
        raise gone()
    job = jobs.enqueue(
        kind=IMPORT,
        by=access.user,
        organisation=access.organisation,
        payload={"token": token},
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return see_other("job", job.pk)
