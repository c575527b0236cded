"""Pages of an extract on its way in: sending, the mapping, checking, loading, discarding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput, KloeError, NotFound
from kloe.core.messages import Message
from kloe.records.mapping import parse_mapping
from kloe.records.parts import places_of
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.evidence.uploads import Intake, intake_of, receiving_within
from kloe.web.evidence.views import SANDBOX, see_other
from kloe.web.ids import new_id
from kloe.web.records import actions, arranging, mappings, queries, storage
from kloe.web.records.editing import SourceForm
from kloe.web.records.forms import (
    CheckForm,
    EarlierForm,
    FurtherForm,
    MappingForm,
    SendForm,
    TableForm,
    earlier_words,
)
from kloe.web.records.models import RecordDraft
from kloe.web.records.views import NAV, send_rejects

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def home(draft: RecordDraft) -> str:
    """The page of an extract."""
    return reverse("records-draft", args=[draft.organisation_id, draft.pk])


def request_id(request: HttpRequest) -> str:
    """The number under which the trace keeps a request."""
    return str(getattr(request, "id", ""))


# Sending


def _intake(request: HttpRequest, access: OrganisationAccess) -> Intake:
    """The files of this request, with those an earlier sending of the form left waiting."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    storage.check_room(int(length) if length.isdigit() else 0)
    intake = intake_of(request)
    for token in dict.fromkeys(request.POST.getlist("held")):
        found = intake.resume(token, user=access.user.pk, place=access.organisation.pk)
        if found is None:
            intake.refused.append((_("A file sent earlier"), _("Choose it again, please.")))
    return intake


@dataclass(frozen=True, slots=True)
class Held:
    """A file that came in well while something else has to be put right."""

    upload: Any
    token: str


@in_organisation(Permission.RECORDS_LOAD)
@read_or_post
@receiving_within(storage.EXTRACTS)
def add(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Send the files of an extract."""
    posted = request.method == "POST"
    intake = _intake(request, access) if posted else Intake()
    form = SendForm(request.POST if posted else None, intake=intake, initial={"draft_id": new_id()})
    if posted and form.is_valid():
        said = form.cleaned_data
        try:
            draft = actions.send(
                organisation=access.organisation,
                by=access.user,
                uploads=form.uploads,
                as_at=said["as_at"],
                without_personal=said["without_personal"],
                id=said["draft_id"],
                request_id=request_id(request),
            )
        except InvalidInput as error:
            form.add_error("upload", str(error))
        else:
            where = home(draft)
            if getattr(request, "htmx", False):
                return HttpResponse(status=204, headers={"HX-Redirect": where})
            return see_other(where)
    held = [
        Held(u, intake.hold(u, user=access.user.pk, place=access.organisation.pk))
        for u in intake.uploads
    ]
    return render(
        request,
        "records/add.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "form": form,
            "held": held,
            **storage.limits_in_words(),
        },
        status=422 if form.is_bound else 200,
    )


# The extract


@in_organisation(Permission.RECORDS_LOAD)
@require_safe
def draft(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """One extract: how far it is, the mapping, what a check found. Asked by htmx, the progress."""
    found = queries.draft_of(access.organisation, draft)
    if getattr(request, "htmx", False):
        if not found.busy:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "records/_progress.html", {"draft": found})
    return page(request, access, found)


def page(
    request: HttpRequest,
    access: OrganisationAccess,
    found: RecordDraft,
    *,
    check: CheckForm | None = None,
    mapping: MappingForm | None = None,
    further: FurtherForm | None = None,
    earlier: EarlierForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an extract, with forms as they were sent where they come back."""
    sources: list[mappings.ShownSource] = []
    fault = None
    if found.mapping:
        try:
            sources = mappings.shown(parse_mapping(found.mapping), found.proposal)
        except KloeError as error:
            fault = error
    given = {name: getattr(found, name) for name in ("as_at", "without_personal", "most_rejects")}
    seen = {"base_version": found.version}
    before = queries.earlier_mappings(found) if found.state == RecordDraft.State.OPEN else []
    like = queries.like_it(found, before)
    return render(
        request,
        "records/draft.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "draft": found,
            "sources": sources,
            "fault": fault,
            "unsure": sum(len(s.unsure) for s in sources),
            "unknown": sum(len(c.unknown) for s in sources for c in s.columns),
            "check": check or CheckForm(initial=given),
            "mapping_form": mapping or MappingForm(initial=seen),
            "further": further or FurtherForm(initial=seen, places=arranging.places(found)),
            "earlier": earlier or (EarlierForm(initial=seen, found=before) if before else None),
            "like": like if like and str(like.pk) != found.proposal.get("adopted") else None,
            "like_words": earlier_words(like) if like else "",
            "not_taken": _not_taken(found, sources),
            "failed": found.job is not None and found.job.state in {"failed", "cancelled"},
            "checked": _checked(found),
        },
        status=status,
    )


def _not_taken(found: RecordDraft, sources: Sequence[mappings.ShownSource]) -> list[dict[str, Any]]:
    """What the proposal made nothing of, without what somebody has made something of since."""
    named = [
        f"{', '.join(p.files)} ({p.sheet})" if p.sheet else ", ".join(p.files)
        for p in arranging.places(found)
        if any(p in places_of(s.source, [p]) for s in sources)
    ]
    return [n for n in found.proposal.get("not_taken", ()) if n["title"] not in named]


def _checked(found: RecordDraft) -> dict[str, Any]:
    """What the last check found, with titles of tables and how much of each was rejected."""
    if not found.checked:
        return {}
    known = queries.titles()
    tables = [
        {**t, "title": known.get(t["table"], t["table"])} for t in found.checked.get("tables", ())
    ]
    findings = [
        {**f, "title": known.get(f["table"], f["table"])} for f in found.checked.get("findings", ())
    ]
    return {**found.checked, "tables": tables, "findings": findings}


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def propose(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Have a mapping proposed anew."""
    found = queries.draft_of(access.organisation, draft)
    actions.propose_again(draft=found, by=access.user, request_id=request_id(request))
    return see_other(home(found))


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def cancel(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Stop the work on an extract."""
    found = queries.draft_of(access.organisation, draft)
    if found.busy:
        actions.cancel(draft=found, by=access.user, request_id=request_id(request))
    return see_other(home(found))


# The mapping as a file


@in_organisation(Permission.RECORDS_LOAD)
@require_safe
def mapping_file(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """The mapping as the command line reads it."""
    found = queries.draft_of(access.organisation, draft)
    response = HttpResponse(found.mapping, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mapping.yaml"'
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
@receiving_within(storage.MAPPINGS)
def mapping_upload(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Put a mapping that was edited elsewhere in place of the one here."""
    found = queries.draft_of(access.organisation, draft)
    intake = intake_of(request)
    form = MappingForm(request.POST)
    status = 422
    if form.is_valid():
        for name, why in intake.refused:
            form.add_error("mapping", f"{name}: {why}")
        if not intake.uploads and not intake.refused:
            form.add_error("mapping", _("Choose the file."))
    if form.is_valid():
        try:
            actions.change_mapping(
                draft=found,
                by=access.user,
                mapping=_words(intake),
                base_version=form.cleaned_data["base_version"],
                request_id=request_id(request),
            )
        except actions.ChangedMeanwhile as error:
            status = 409
            found = queries.draft_of(access.organisation, draft)
            said = request.POST.copy()
            said["base_version"] = str(found.version)
            form.data = said
            form.add_error("mapping", str(error))
        except InvalidInput as error:
            form.add_error("mapping", str(error))
        else:
            messages.success(request, _("The mapping is put in place."))
            return see_other(home(found))
    return page(request, access, found, mapping=form, status=status)


def _words(intake: Intake) -> str:
    """The text of a mapping that came in.

    :raises InvalidInput: where it is no text.
    """
    raw = intake.uploads[0].received.path.read_bytes()
    try:
        words = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            Message("The file is not UTF-8."),
            Message("A mapping is a YAML file."),
            Message("Save it as UTF-8."),
        ) from error
    if "\x00" in words:
        raise InvalidInput(
            Message("The file is no text."), Message("A mapping is a YAML file."), ""
        )
    return words


# The mapping by form


@in_organisation(Permission.RECORDS_LOAD)
@read_or_post
def source(
    request: HttpRequest, access: OrganisationAccess, draft: UUID, number: int
) -> HttpResponse:
    """Change what feeds the columns of one table."""
    found = queries.draft_of(access.organisation, draft)
    shown = found_source(found, number)
    posted = request.method == "POST"
    form = SourceForm(
        request.POST if posted else None, source=shown, initial={"base_version": found.version}
    )
    status = 422 if posted else 200
    if posted and form.is_valid():
        try:
            actions.change_mapping(
                draft=found,
                by=access.user,
                mapping=form.changed(found.mapping),
                base_version=form.cleaned_data["base_version"],
                request_id=request_id(request),
            )
        except actions.ChangedMeanwhile as error:
            status = 409
            said = request.POST.copy()
            said["base_version"] = str(error.current.version)
            form.data = said
            form.add_error(None, str(error))
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The mapping is saved."))
            return see_other(f"{home(found)}#source-{number}")
    return source_page(request, access, found, shown, form=form, status=status)


def source_page(
    request: HttpRequest,
    access: OrganisationAccess,
    found: RecordDraft,
    shown: mappings.ShownSource,
    *,
    form: SourceForm | None = None,
    table: TableForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one part of a mapping, with forms as they were sent where they come back."""
    seen = {"base_version": found.version}
    return render(
        request,
        "records/source.html",
        {
            "nav": NAV,
            "organisation": access.organisation,
            "draft": found,
            "source": shown,
            "form": form or SourceForm(source=shown, initial=seen),
            "table": table or TableForm(initial={**seen, "table": shown.source.table}),
            "only": len(parse_mapping(found.mapping).sources) == 1,
            "deep": True,
        },
        status=status,
    )


def found_source(found: RecordDraft, number: int) -> mappings.ShownSource:
    """One source of the mapping as it stands.

    :raises NotFound: where it has none of that number.
    :raises Conflict: where it was loaded already.
    """
    if found.state != RecordDraft.State.OPEN or found.busy:
        raise Conflict(
            Message("The mapping cannot be changed now."),
            Message("The extract is loaded, or work on it is under way."),
            Message("Go back to the extract."),
        )
    sources = mappings.shown(parse_mapping(found.mapping), found.proposal) if found.mapping else []
    one = next((s for s in sources if s.number == number), None)
    if one is None:
        raise NotFound(
            Message("The mapping has no part of this number."),
            "",
            Message("Go back to the extract; somebody may have put another mapping in place."),
        )
    return one


# Checking, loading, discarding


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def check(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Have the extract read with every rule."""
    found = queries.draft_of(access.organisation, draft)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return page(request, access, found, check=form, status=422)
    with transaction.atomic():
        said: dict[str, Any] = {
            "draft": found,
            "by": access.user,
            "request_id": request_id(request),
        }
        actions.decide(**said, **form.cleaned_data)
        actions.check(**said)
    return see_other(home(found))


@in_organisation(Permission.RECORDS_LOAD)
@require_POST
def load(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Load what a check has passed."""
    found = queries.draft_of(access.organisation, draft)
    base = request.POST.get("base_version", "")
    actions.load(
        draft=found,
        by=access.user,
        base_version=int(base) if base.isascii() and base.isdigit() and len(base) < 9 else -1,
        request_id=request_id(request),
    )
    return see_other(home(found))


@in_organisation(Permission.RECORDS_LOAD)
@require_safe
def rejects(
    request: HttpRequest, access: OrganisationAccess, draft: UUID, table: str
) -> HttpResponse:
    """The rows of a table that the check rejected."""
    found = queries.draft_of(access.organisation, draft)
    return send_rejects(storage.rejects_of(found.pk), queries.layout_of(table).table)


@in_organisation(Permission.RECORDS_LOAD)
@read_or_post
def discard(request: HttpRequest, access: OrganisationAccess, draft: UUID) -> HttpResponse:
    """Forget an extract and its files."""
    found = queries.draft_of(access.organisation, draft)
    if request.method == "POST":
        actions.discard(draft=found, by=access.user, request_id=request_id(request))
        messages.success(request, _("The extract is discarded, and its files are removed."))
        return see_other(reverse("records", args=[access.organisation.pk]))
    return render(
        request,
        "records/discard.html",
        {"nav": NAV, "organisation": access.organisation, "draft": found, "deep": True},
    )
