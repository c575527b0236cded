"""The library of evidence: the list, an item, adding, changing, deleting, downloading."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.documents import queries as documents
from kloe.web.evidence import actions, adding, catalogue, queries, storage
from kloe.web.evidence.filenames import UNKNOWN, claims_otherwise, served_as
from kloe.web.evidence.forms import AddForm, DeleteForm, EditForm, FilterForm, added_words
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.uploads import receiving
from kloe.web.ids import new_id
from kloe.web.library import store

SANDBOX = "sandbox; default-src 'none'"
FILTERS = tuple(FilterForm.base_fields)
#: Filters that are folded away until one of them is used.
FURTHER = ("origin", "form", "confidentiality", "when", "start", "end")


def see_other(url: str) -> HttpResponse:
    """After a POST, look there: 303."""
    return HttpResponse(status=303, headers={"Location": url})


def item_url(item: EvidenceItem) -> str:
    return reverse("evidence-item", args=[item.assessment_id, item.pk])


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def library(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """All evidence of an assessment: searched, filtered, sorted and paged by address."""
    assessment = access.assessment
    pinned = store.pinned(assessment)
    themes = [(t.id, f"{t.number} {t.title}") for t in pinned.themes()]
    form = FilterForm(request.GET, themes=themes, auto_id="filter-%s")
    criterion = request.GET.get("criterion", "")
    wanted = form.wanted(
        criterion=criterion,
        deleted=request.GET.get("deleted") == "1",
        sort=request.GET.get("sort", ""),
    )
    paginator = Paginator(catalogue.items_wanted(assessment, wanted, access), settings.PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "evidence/library.html",
        {
            "assessment": assessment,
            "nav": "evidence",
            "form": form,
            "page": page,
            "rows": catalogue.rows(page.object_list, assessment, pinned, access),
            "totals": catalogue.totals(assessment),
            "filtered": any(request.GET.get(f) for f in (*FILTERS, "criterion")),
            "narrowed": any(request.GET.get(f) for f in FURTHER),
            "criterion": pinned.criterion(criterion) if criterion else None,
            "deleted": wanted.deleted,
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def item(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """One item: what is said about it, where it is used and how it speaks there."""
    assessment = access.assessment
    pinned = store.pinned(assessment)
    found = queries.item_of(assessment, item)
    shown = queries.veiled(access, [found])[0]
    here = request.GET.get("theme", "")
    return render(
        request,
        "evidence/item.html",
        {
            "assessment": assessment,
            "nav": "evidence",
            "item": shown,
            "uses": catalogue.uses_of(found, pinned, access),
            "outside": catalogue.is_outside(shown, assessment),
            # What a landlord handed over is only read.
            "may_change": queries.may_change(access, found.added_by_id)
            and not hasattr(found, "brought"),
            "can_restore": actions.can_restore(found),
            "has_file": bool(shown.file_id) and found.deleted_at is None,
            "mismatch": claims_otherwise(shown.file_name, shown.media_type),
            "text": documents.status_of(found, access),
            "themes": pinned.themes(),
            "theme": pinned.theme(here) if here else None,
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def download(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """The bytes of a file, always to be saved and never to be run in the page's name."""
    found = queries.item_of(access.assessment, item)
    if not queries.may_see(access, found.confidentiality, found.added_by_id):
        raise PermissionRefused(
            Message("E%(n)d is restricted.", n=found.number),
            Message("Assessors and leads may see restricted evidence."),
            Message("Ask the lead of the assessment."),
        )
    if found.file is None or found.deleted_at is not None:
        raise NotFound(
            Message("E%(n)d has no file to download.", n=found.number),
            "",
            Message("Look at the item: it says what became of it."),
        )
    response = FileResponse(
        storage.open_file(found.file),
        as_attachment=True,
        filename=found.file_name or "file",
        content_type=served_as(found.media_type) or UNKNOWN,
    )
    response["Content-Length"] = str(found.file.size)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
@receiving
def add(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Add files, a link or a note; linked to a descriptor at once if the address names one."""
    assessment = access.assessment
    named = request.POST.get("descriptor") or request.GET.get("descriptor") or ""
    descriptor = criterion = column = None
    if named:
        framework = store.pinned(assessment).framework_of(named)
        descriptor = framework.descriptor(named)
        criterion = framework.criterion(descriptor.criterion_id)
        grade = framework.scale_of(named).describing(descriptor.side)
        column = grade.label if grade else descriptor.side
    intake = adding.files_of(request, access)
    initial: dict[str, Any] = {"what": request.GET.get("what", "file"), "item_id": new_id()}
    form = AddForm(
        request.POST if request.method == "POST" else None,
        intake=intake,
        descriptors=[descriptor] if descriptor else [],
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                items = adding.make_items(form, assessment, access.user)
                adding.link_all(form, items, access.user)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, added_words(items))
            one = item_url(items[0]) if len(items) == 1 else ""
            library = reverse("evidence-list", args=[assessment.pk])
            where = adding.safe_next(request, one or library)
            if getattr(request, "htmx", False):
                return HttpResponse(status=204, headers={"HX-Redirect": where})
            return see_other(where)
    return render(
        request,
        "evidence/add.html",
        {
            "assessment": assessment,
            "nav": "evidence",
            "form": form,
            "held": adding.held_files(intake, access),
            "limit": adding.limit_words(),
            "descriptor": descriptor,
            "criterion": criterion,
            "column": column,
            "direction": form[queries.direction_field(descriptor)] if descriptor else None,
            "next": adding.safe_next(request, ""),
        },
        status=422 if form.is_bound else 200,
    )


def _own(access: AssessmentAccess, pk: UUID) -> EvidenceItem:
    """An item this person may change.

    :raises PermissionRefused: if they may not.
    """
    found = queries.item_of(access.assessment, pk)
    if not queries.may_change(access, found.added_by_id):
        raise PermissionRefused(
            Message("E%(n)d was added by somebody else.", n=found.number),
            Message("Assessors and leads may change any evidence, others their own."),
            Message("Ask whoever added it, or the lead of the assessment."),
        )
    return found


def _said(item: EvidenceItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in actions.SAID} | {"base_version": item.version}


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """Change what is said about an item; two who change it at once see both versions."""
    found = _own(access, item)
    form = EditForm(
        request.POST if request.method == "POST" else None, item=found, initial=_said(found)
    )
    theirs: list[tuple[str, Any]] = []
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(
                item=found,
                details=form.details(),
                by=access.user,
                base_version=form.cleaned_data["base_version"],
                url=form.cleaned_data.get("url", ""),
            )
        except actions.ChangedMeanwhile as error:
            status = 409
            theirs = [
                (str(bound.label), getattr(error.current, bound.name))
                for bound in form.visible_fields()
                if form.cleaned_data.get(bound.name) != getattr(error.current, bound.name)
            ]
            form.add_error(None, str(error))
            said = request.POST.copy()
            said["base_version"] = str(error.current.version)
            form.data = said
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("E%(n)d is saved.") % {"n": found.number})
            return see_other(adding.safe_next(request, item_url(found)))
    return render(
        request,
        "evidence/edit.html",
        {
            "assessment": access.assessment,
            "nav": "evidence",
            "item": found,
            "form": form,
            "theirs": theirs,
            "next": adding.safe_next(request, ""),
        },
        status=status,
    )


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """Delete an item with a reason; its number stays taken."""
    found = _own(access, item)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.delete(item=found, reason=form.cleaned_data["reason"], by=access.user)
        messages.success(request, _("E%(n)d is deleted.") % {"n": found.number})
        return see_other(item_url(found))
    uses = catalogue.uses_of(found, store.pinned(access.assessment), access)
    return render(
        request,
        "evidence/delete.html",
        {
            "assessment": access.assessment,
            "nav": "evidence",
            "item": found,
            "form": form,
            "uses": uses,
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def restore(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """Bring a deleted item back."""
    found = _own(access, item)
    actions.restore(item=found, by=access.user)
    messages.success(request, _("E%(n)d is back.") % {"n": found.number})
    return see_other(item_url(found))
