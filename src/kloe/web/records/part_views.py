"""Pages that say which files become which tables: another one, a further one, none, as before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.evidence.views import see_other
from kloe.web.records import actions, arranging, queries
from kloe.web.records.draft_views import found_source, home, page, request_id, source_page
from kloe.web.records.forms import EarlierForm, FurtherForm, TableForm


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def table(
    request: HttpRequest, access: OrganisationAccess, draft: UUID, number: int
) -> HttpResponse:
    """Make another table of the files of a part, or leave the part out."""
    found = queries.draft_of(access.organisation, draft)
    shown = found_source(found, number)
    form = TableForm(request.POST)
    if not form.is_valid():
        return source_page(request, access, found, shown, table=form, status=422)
    said = form.cleaned_data
    who: dict[str, Any] = {"draft": found, "by": access.user, "request_id": request_id(request)}
    try:
        if request.POST.get("do") == "leave-out":
            arranging.leave_out(**who, number=number, base_version=said["base_version"])
            messages.success(request, _("This part is left out of the mapping."))
        elif said["table"] == shown.source.table:
            messages.info(request, _("It is that table already: nothing changed."))
        else:
            arranging.make_table(
                **who,
                place=arranging.place_of(found, number),
                table=said["table"],
                number=number,
                base_version=said["base_version"],
            )
    except (InvalidInput, actions.ChangedMeanwhile) as error:
        status = 409 if isinstance(error, actions.ChangedMeanwhile) else 422
        form.add_error("table", str(error))
        return source_page(request, access, found, shown, table=form, status=status)
    return see_other(home(found))


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def further(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Have files feed a further table."""
    found = queries.draft_of(access.organisation, draft)
    places = arranging.places(found)
    form = FurtherForm(request.POST, places=places)
    status = 422
    if form.is_valid():
        said = form.cleaned_data
        try:
            arranging.make_table(
                draft=found,
                by=access.user,
                place=places[said["place"]],
                table=said["table"],
                number=None,
                base_version=said["base_version"],
                request_id=request_id(request),
            )
        except actions.ChangedMeanwhile as error:
            status = 409
            form.add_error("table", str(error))
        else:
            return see_other(home(found))
    return page(request, access, found, further=form, status=status)


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def earlier(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Read the files as an earlier extract was read."""
    found = queries.draft_of(access.organisation, draft)
    form = EarlierForm(request.POST, found=queries.earlier_mappings(found))
    status = 422
    if form.is_valid():
        said = form.cleaned_data
        try:
            left_out = arranging.use_earlier(
                draft=found,
                by=access.user,
                earlier=said["earlier"],
                base_version=said["base_version"],
                request_id=request_id(request),
            )
        except (InvalidInput, actions.ChangedMeanwhile) as error:
            status = 409 if isinstance(error, actions.ChangedMeanwhile) else 422
            form.add_error("earlier", str(error))
        else:
            messages.success(request, _("The files are read as then."))
            if left_out:
                messages.warning(
                    request,
                    _("No file fits these parts of it, which are left out: %(all)s.")
                    % {"all": "; ".join(left_out)},
                )
            return see_other(home(found))
    return page(request, access, found, earlier=form, status=status)
