"""The report page: ask for a report, follow it, open it."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.jobs import actions as jobs
from kloe.web.reporting import actions

FORMATS = {
    "pdf": gettext_lazy("PDF, to print and publish"),
    "docx": gettext_lazy("Word, to edit"),
    "html": gettext_lazy("HTML, one page to read in the browser"),
    "json": gettext_lazy("JSON, for programs"),
}
VIEWS = {
    "full": gettext_lazy("The whole report"),
    "board": gettext_lazy("One page for the board"),
    "tenants": gettext_lazy("Two pages for tenants, in plain words"),
    "large": gettext_lazy("The whole report in large print"),
    "tenants-large": gettext_lazy("The summary for tenants in large print"),
}
ORDERS = {"kloe": gettext_lazy("by KLOE"), "strand": gettext_lazy("by strand")}


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What can be made, and what was made."""
    return render(
        request,
        "reporting/page.html",
        {
            "assessment": access.assessment,
            "formats": FORMATS.items(),
            "views": VIEWS.items(),
            "orders": ORDERS.items(),
            "kept": [
                {**k, "what": VIEWS.get(k["view"], k["view"])}
                for k in actions.kept(access.assessment)
            ],
            "running": access.assessment.jobs.filter(
                kind="report", state__in=["waiting", "running"]
            ),
            "nav": "report",
        },
    )


def _one_of(request: HttpRequest, name: str, allowed: object) -> str:
    given = request.POST.get(name, "")
    known = list(allowed)  # type: ignore[call-overload]
    if given not in known:
        raise InvalidInput(
            Message("The report is asked for as “%(given)s”.", given=given[:40]),
            Message("Allowed: %(all)s.", all=", ".join(known)),
            Message("Choose one of them."),
        )
    return given


@in_assessment(Permission.REPORT, when_published=True)
@require_POST
def make(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Have a report made in the background."""
    job = jobs.enqueue(
        kind="report",
        by=access.user,
        assessment=access.assessment,
        payload={
            "format": _one_of(request, "format", FORMATS),
            "view": _one_of(request, "view", VIEWS),
            "order": _one_of(request, "order", ORDERS),
        },
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)


@in_assessment(Permission.REPORT)
@require_GET
def file(request: HttpRequest, access: AssessmentAccess, name: str) -> HttpResponseBase:
    """A report that was made."""
    if name not in {k["name"] for k in actions.kept(access.assessment)}:
        raise NotFound(
            Message("There is no report of this name."),
            "",
            Message("The report page lists those there are."),
        )
    path = settings.DATA_DIR / "reports" / str(access.assessment.pk) / name
    kind = path.suffix.lstrip(".")
    response = FileResponse(
        path.open("rb"),
        as_attachment=kind in {"docx", "json"},
        filename=name,
        content_type=actions.MEDIA_TYPES[kind],
    )
    if kind == "html":
        # One self-contained page of ours: its own style, no scripts, nothing from elsewhere.
        response._csp_replace = {  # type: ignore[attr-defined]
            "default-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "sandbox": [],
        }
    return response
