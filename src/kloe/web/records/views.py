"""Pages of what is loaded: tables, layouts, what can be computed, loads and going back."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.evidence.views import SANDBOX, see_other
from kloe.web.indicators.holdings import records_of, shelf_of
from kloe.web.records import actions, measurable, queries

NAV = "organisations"


@in_organisation(Permission.RECORDS_VIEW)
@require_safe
def overview(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """What is loaded, what came of it, what is on its way in."""
    organisation = access.organisation
    shelf = shelf_of(organisation)
    records = shelf.current()
    loads = Paginator(queries.history(shelf), settings.PAGE_SIZE)
    tables = queries.loaded_tables(records) if records else []
    may_load = access.may(Permission.RECORDS_LOAD)
    return render(
        request,
        "records/overview.html",
        {
            "nav": NAV,
            "organisation": organisation,
            "records": records,
            "tables": tables,
            "rows": sum(t.table.rows for t in tables),
            "rejects": sum(t.table.rejects for t in tables),
            "loads": loads.get_page(request.GET.get("page")),
            "drafts": list(queries.open_drafts(organisation)) if may_load else [],
        },
    )


@in_organisation(Permission.RECORDS_VIEW)
@require_safe
def measures(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Which indicators can be computed from what is loaded, and what the others lack."""
    records = records_of(access.organisation)
    found = measurable.measurable(records)
    shown = request.GET.get("show", "")
    area = request.GET.get("area", "")
    wanted = [
        one
        for one in found
        if (not area or one.area == area)
        and (shown not in {"can", "cannot"} or one.can == (shown == "can"))
    ]
    page = Paginator(wanted, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "records/measures.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "records": records,
            "share": measurable.share(found),
            "page": page,
            "area": area,
            "show": shown,
            "assessments": _analysed(access) if records else [],
        },
    )


def _analysed(access: OrganisationAccess) -> list[tuple[str, str]]:
    """Where indicators are computed: title and address for each of the latest assessments."""
    try:
        return [
            (one.title, reverse("analysis", args=[one.pk]))
            for one in queries.assessments_of(access.organisation)[:5]
        ]
    except NoReverseMatch:
        return []


@in_organisation(Permission.RECORDS_VIEW)
@require_safe
def layouts(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """The tables records are brought into."""
    return render(
        request,
        "records/layouts.html",
        {"nav": NAV, "organisation": access.organisation, "groups": queries.layouts_by_group()},
    )


@in_organisation(Permission.RECORDS_VIEW)
@require_safe
def layout(request: HttpRequest, access: OrganisationAccess, table: str) -> HttpResponse:
    """One table: its columns, codes and rules, and how each is filled at present."""
    found = queries.layout_of(table)
    records = records_of(access.organisation)
    held = records.tables.get(table) if records else None
    return render(
        request,
        "records/layout.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "layout": found,
            "held": held,
            "columns": [(c, held.columns.get(c.name) if held else None) for c in found.columns],
        },
    )


@in_organisation(Permission.RECORDS_VIEW)
@require_safe
def rejects(request: HttpRequest, access: OrganisationAccess, table: str) -> HttpResponse:
    """The rejected rows of a table in use, with file, line, value and reason."""
    name = queries.layout_of(table).table
    records = shelf_of(access.organisation).current()
    return send_rejects(records.folder / "rejects" if records else None, name)


def send_rejects(folder: Path | None, table: str) -> HttpResponse:
    """A list of rejects as a file to save.

    :raises NotFound: where none was written.
    """
    path = folder / f"{table}.csv" if folder else None
    if path is None or not path.is_file():
        raise NotFound(
            Message("No row of %(table)s was rejected.", table=table),
            "",
            Message("Go back to the records."),
        )
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"rejects-{table}.csv",
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


@in_organisation(Permission.RECORDS_LOAD)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Go back to the records before the last load, having looked at what that means."""
    shelf = shelf_of(access.organisation)
    home = reverse("records", args=[access.organisation.pk])
    current = shelf.current_id
    if request.method == "POST":
        # What is undone is what the person saw, not what somebody loaded meanwhile.
        actions.undo(
            organisation=access.organisation,
            by=access.user,
            version=request.POST.get("version", ""),
            request_id=getattr(request, "id", ""),
        )
        messages.success(request, _("The last load is undone."))
        return see_other(home)
    loads = queries.history(shelf)
    return render(
        request,
        "records/undo.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "current": next((e for e in loads if e.state == "current"), None),
            "version": current or "",
            "before": queries.before(shelf),
        },
    )
