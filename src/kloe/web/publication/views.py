"""The page of a publication for those who take part: publish, correct, open, withdraw."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment import publishing as rules
from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.reports.sealing import PUBLIC
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence import storage
from kloe.web.evidence.uploads import intake_of, receiving
from kloe.web.ids import new_id
from kloe.web.inspections.queries import inspection_of, nav
from kloe.web.inspections.views import base_version, see
from kloe.web.jobs import actions as jobs
from kloe.web.publication import files, opening, publishing, queries, responding
from kloe.web.publication.forms import AskForm, CorrectForm, PublishForm, ResponseForm
from kloe.web.publication.models import PublishedPage

SANDBOX = "sandbox; default-src 'none'"


def _frame(access: AssessmentAccess) -> dict[str, object]:
    return {
        "assessment": access.assessment,
        "nav": "inspection",
        "tabs": nav(access, "publication"),
    }


def _page(
    request: HttpRequest, access: AssessmentAccess, *, form: PublishForm | None = None,
    ask: AskForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    assessment = access.assessment
    inspection = inspection_of(assessment)
    ready = inspection.stage == Stage.FACTUAL_ACCURACY
    versions = queries.versions(
        assessment.pk, restricted=access.may(Permission.EVIDENCE_RESTRICTED)
    )
    page = PublishedPage.objects.filter(assessment=assessment).first() if versions else None
    may = access.may(Permission.PUBLISH)
    if form is None and may and ready:
        form = PublishForm(
            initial={
                "public": "no",
                "slug": publishing.free_slug(assessment),
                "base_version": inspection.version,
            }
        )
    return render(
        request,
        "publication/page.html",
        _frame(access)
        | {
            "inspection": inspection,
            "stage": LABELS[Stage(inspection.stage)],
            "ready": ready,
            "missing": publishing.missing_to_publish(inspection) if may and ready else [],
            "versions": versions,
            "standing": versions[0] if versions else None,
            "page": page,
            "address": request.build_absolute_uri(reverse("published", args=[page.slug]))
            if page
            else "",
            "response": responding.response_of(assessment),
            "running": assessment.jobs.filter(
                kind__in=["publish", "correct"], state__in=["waiting", "running"]
            ),
            "form": form,
            "ask": ask or AskForm(),
        },
        status=status,
    )


@in_assessment(Permission.DRAFT_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What is published, or what it takes to publish."""
    return _page(request, access)


@in_assessment(Permission.PUBLISH, when_published=True)
@require_POST
def publish(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Have the report made and published in the background."""
    inspection = inspection_of(access.assessment)
    publishing.check(inspection, access.user)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _page(request, access, form=form, status=422)
    said = form.cleaned_data
    if said["base_version"] != inspection.version:
        raise Conflict(
            Message("Somebody else changed the inspection while you looked at it."),
            Message("Nothing was published."),
            Message("Look at the page as it is now, and decide again."),
        )
    job = jobs.enqueue(
        kind="publish",
        by=access.user,
        assessment=access.assessment,
        payload={
            "id": str(_same(access, "publish") or new_id()),
            "base_version": said["base_version"],
            "public": said["public"] == "yes",
            "slug": said["slug"],
        },
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)


def _same(access: AssessmentAccess, kind: str) -> str:
    """The identifier of a version that is just being made, for a button pressed twice."""
    found = access.assessment.jobs.filter(kind=kind, state__in=["waiting", "running"]).first()
    return str(found.payload["id"]) if found else ""


@in_assessment(Permission.PUBLISH, when_published=True)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Say what is wrong in the version that stands, and have the next one made."""
    inspection_of(access.assessment)
    standing = queries.of_version(access.assessment)
    form = CorrectForm(request.POST or None, initial={"base_number": standing.number})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            publishing.check_correction(access.assessment, **said)
        except (InvalidInput, Conflict, NotFound) as error:
            form.add_error(None, str(error))
        else:
            job = jobs.enqueue(
                kind="correct",
                by=access.user,
                assessment=access.assessment,
                payload={"id": str(_same(access, "correct") or new_id()), **said},
                once=True,
                request_id=getattr(request, "id", ""),
            )
            return redirect("job", job.pk)
    return render(
        request,
        "publication/correct.html",
        _frame(access)
        | {"form": form, "standing": standing, "longest": rules.LONGEST,
           "response": responding.response_of(access.assessment)},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@in_assessment(Permission.PUBLISH, when_published=True)
@require_POST
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Open or withdraw the public page."""
    row = opening.set_open(
        assessment=access.assessment,
        open=request.POST.get("open") == "yes",
        reason=request.POST.get("reason", ""),
        base_version=base_version(request),
        by=access.user,
    )
    messages.success(
        request, _("Anybody may read the report now.") if row.open else _("The page is withdrawn.")
    )
    return see("publication", access.assessment.pk)


@in_assessment(Permission.DRAFT_VIEW)
@require_GET
def file(
    request: HttpRequest, access: AssessmentAccess, number: int, edition: str, name: str
) -> HttpResponseBase:
    """A file of a version; the restricted edition for those who see restricted evidence."""
    if edition != PUBLIC:
        access.demand(Permission.EVIDENCE_RESTRICTED)
    found = queries.file_of(access.assessment.pk, number, edition, name)
    response = files.served(found)
    response["Cache-Control"] = "private, no-store"
    return response


# The board's response ------------------------------------------------------------------------


@in_assessment(Permission.PUBLISH, when_published=True)
@require_POST
def ask(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Ask the landlord for its board's response."""
    inspection_of(access.assessment)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            responding.ask(
                assessment=access.assessment,
                due=form.cleaned_data["due"],
                by=access.user,
                address=request.build_absolute_uri(
                    reverse("board-response", args=[access.assessment.pk])
                ),
            )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The landlord's people are asked by e-mail."))
            return see("publication", access.assessment.pk)
    return _page(request, access, ask=form, status=422)


@in_assessment(Permission.BOARD_RESPONSE, when_published=True)
@require_http_methods(["GET", "POST"])
@receiving
def respond(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The landlord's lead writes or attaches what the board says."""
    inspection_of(access.assessment)
    row = responding.response_of(access.assessment)
    intake = intake_of(request)
    form = ResponseForm(
        request.POST if request.method == "POST" else None,
        initial={"text": row.text, "base_version": row.version},
    )
    status = 200
    if request.method == "POST":
        status = 422
        for name, why in intake.refused:
            form.add_error(None, f"{name}: {why}")
        if form.is_valid():
            try:
                responding.answer(
                    assessment=access.assessment,
                    upload=intake.uploads[0] if intake.uploads else None,
                    by=access.user,
                    **form.cleaned_data,
                )
            except (InvalidInput, Conflict) as error:
                form.add_error(None, str(error))
                status = 409 if isinstance(error, Conflict) else 422
            else:
                messages.success(request, _("Saved. The inspectors see it; it is published next."))
                return see("publication", access.assessment.pk)
    return render(
        request,
        "publication/respond.html",
        _frame(access)
        | {
            "form": form,
            "row": row,
            "accept": ",".join(files.RESPONSE_SUFFIXES),
            "limit": storage.megabytes(storage.limit()),
            "published": publishing.latest(access.assessment),
        },
        status=status,
    )


@in_assessment(Permission.DRAFT_VIEW)
@require_GET
def response_file(request: HttpRequest, access: AssessmentAccess) -> HttpResponseBase:
    """The file the board attached, before it is published."""
    row = responding.response_of(access.assessment)
    if row.file is None:
        raise NotFound(
            Message("No file is attached to the response."),
            "",
            Message("Look at the publication's page."),
        )
    response = FileResponse(
        storage.open_file(row.file),
        as_attachment=True,
        filename=row.file_name,
        content_type=files.media_type(row.file_name),
    )
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, no-store"
    return response
