"""Challenges: the list, one of them, writing, sending, answering."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.challenges import LABELS, ChallengeKind, ChallengeState, Outcome
from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput, KloeError, NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.challenges import actions, answering, giving, issuing, queries, sheets
from kloe.web.challenges.forms import AnswerForm, ChallengeForm
from kloe.web.challenges.holding import ChangedMeanwhile, challenge_of, paragraph_of
from kloe.web.challenges.models import Challenge, Draft, DraftParagraph
from kloe.web.challenges.views import address_of, context_of, newest, pieces
from kloe.web.evidence import adding, storage
from kloe.web.evidence.uploads import Intake, receiving
from kloe.web.evidence.views import SANDBOX
from kloe.web.ids import new_id
from kloe.web.inspections import queries as inspections
from kloe.web.inspections.views import see
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import subjects_of
from kloe.web.library import store

SORTS = {"number": ("number",), "paragraph": ("paragraph", "number")}


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every challenge this person sees, filtered and sorted by address."""
    inspections.inspection_of(access.assessment)
    rows = queries.visible(access)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    if state in set(ChallengeState):
        rows = rows.filter(state=state)
    if state in set(Outcome):
        rows = rows.filter(outcome=state, state=ChallengeState.ANSWERED)
        if queries.of_the_landlord(access):
            rows = rows.exclude(told_at=None)
    if kind in set(ChallengeKind):
        rows = rows.filter(kind=kind)
    sort = request.GET.get("sort", "") or "number"
    order = SORTS.get(sort.lstrip("-"), SORTS["number"])
    back = "-" if sort.startswith("-") else ""
    rows = queries.with_everything(rows).order_by(*(f"{back}{name}" for name in order), "pk")
    page = Paginator(rows, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    draft = issuing.latest(access.assessment)
    return render(
        request,
        "challenges/list.html",
        context_of(
            access,
            "challenges",
            page=page,
            rows=[queries.show(access, row) for row in page.object_list],
            figures=queries.figures(access),
            draft=draft,
            state=queries.state_of(draft) if draft else None,
            states=[(s.value, LABELS[s]) for s in (*ChallengeState, *Outcome)],
            kinds=[(k.value, LABELS[k]) for k in ChallengeKind],
            asked_state=state,
            asked_kind=kind,
        ),
    )


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def export(request: HttpRequest, access: AssessmentAccess, format: str) -> HttpResponse:
    """The challenges with what is answered, as a workbook or as CSV."""
    inspections.inspection_of(access.assessment)
    return sheets.response(access, format)


def seen(access: AssessmentAccess, pk: UUID) -> Challenge:
    """A challenge that this person may see.

    :raises NotFound: if there is none.
    """
    row = challenge_of(access.assessment, pk)
    if row.state == ChallengeState.WRITING and not queries.of_the_landlord(access):
        raise NotFound(
            Message("This inspection has no such challenge."),
            "",
            Message("Look for it in the list."),
        )
    return row


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def show(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """One challenge: the paragraph, what the landlord says, its evidence, the answer."""
    row = seen(access, pk)
    shown = queries.show(access, row)
    draft = newest(access)
    state = queries.state_of(draft)
    return render(
        request,
        "challenges/challenge.html",
        context_of(access, "challenges", **_around(access, row), one=shown, state=state)
        | {
            "pieces": pieces(row.text, row.new_text) if shown.answered and row.new_text else (),
            "grades": _grades(access, row) if shown.answered else [],
            "inside": access.may(Permission.ASSESSMENT_VIEW),
            "may_change": row.state == ChallengeState.WRITING and queries.may_write(access, state),
        },
    )


def _around(access: AssessmentAccess, row: Challenge) -> dict[str, Any]:
    """The challenges before and after this one, by number, and its chapter."""
    others = queries.visible(access).exclude(number=None).only("pk", "number")
    found: dict[str, Any] = {"previous": None, "following": None}
    if row.number is not None:
        found["previous"] = others.filter(number__lt=row.number).order_by("-number").first()
        found["following"] = others.filter(number__gt=row.number).order_by("number").first()
    found["chapter"] = (
        row.draft.chapters.filter(first__lte=row.paragraph, last__gte=row.paragraph)
        .defer("content", "anchors")
        .first()
    )
    return found


def _grades(access: AssessmentAccess, row: Challenge) -> list[str]:
    if not row.moves:
        return []
    known = subjects_of(store.pinned(access.assessment))
    return [known[m].name if m in known else m for m in row.moves]


# Writing -------------------------------------------------------------------------------------


@in_assessment(Permission.CHALLENGE)
@require_http_methods(["GET", "HEAD", "POST"])
@receiving
def write(request: HttpRequest, access: AssessmentAccess, paragraph: int) -> HttpResponse:
    """Challenge a paragraph of the draft."""
    draft = newest(access)
    found = paragraph_of(draft, paragraph)
    intake = adding.files_of(request, access)
    form = _form(request, intake, draft, {"paragraph": found.number, "row": new_id()})
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            _check_read(draft, said["draft"])
            row = actions.write(
                draft=draft,
                paragraph=said["paragraph"],
                words=_words(said),
                given=_given(said, intake),
                id=said["row"],
                by=access.user,
            )
        except (InvalidInput, Conflict, NotFound) as error:
            status = _fault(form, error)
        else:
            messages.success(request, _("Written. It is not sent yet."))
            return see("challenge", access.assessment.pk, row.pk)
    return _form_page(request, access, form, draft, found, intake, status=status)


@in_assessment(Permission.CHALLENGE)
@require_http_methods(["GET", "HEAD", "POST"])
@receiving
def edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change a challenge that is not sent yet; of two at once both versions are shown."""
    row = seen(access, pk)
    draft = newest(access)
    intake = adding.files_of(request, access)
    initial = {n: getattr(row, n) for n in ("kind", "quote", "claim")}
    initial |= {"base_version": row.version, "paragraph": row.paragraph or None}
    form = _form(request, intake, draft, initial)
    status = 422 if form.is_bound else 200
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            _check_read(draft, said["draft"])
            actions.change(
                challenge=row,
                words=_words(said),
                paragraph=said["paragraph"],
                given=_given(said, intake),
                base_version=said["base_version"] or 0,
                by=access.user,
            )
        except (InvalidInput, Conflict, NotFound) as error:
            status = _fault(form, error)
            if isinstance(error, ChangedMeanwhile):
                theirs = _theirs(form, error.current, ("paragraph", "kind", "quote", "claim"))
        else:
            messages.success(request, _("Saved."))
            return see("challenge", access.assessment.pk, row.pk)
    found = draft.paragraphs.filter(number=row.paragraph).first() if row.paragraph else None
    return _form_page(
        request, access, form, draft, found, intake, status=status, row=row, theirs=theirs
    )


def _form(
    request: HttpRequest, intake: Intake, draft: Draft, initial: dict[str, Any]
) -> ChallengeForm:
    form = ChallengeForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"draft": draft.version, "evidence_kind": "document"},
    )
    form.with_files = bool(intake.uploads)
    if form.is_bound:
        for name, why in intake.refused:
            form.add_error(None, f"{name}: {why}")
    return form


def _check_read(draft: Draft, version: int) -> None:
    """:raises Conflict: if another draft was read when this was written."""
    if version != draft.version:
        raise Conflict(
            Message("You read draft %(n)d; draft %(now)d was issued since.", n=version,
                    now=draft.version),
            Message("A challenge is of a paragraph of the newest draft."),
            Message("Look at the paragraph in the newest draft; what you wrote stands below."),
        )  # fmt: skip


def _words(said: dict[str, Any]) -> actions.Words:
    return actions.Words(kind=said["kind"], claim=said["claim"], quote=said["quote"])


def _given(said: dict[str, Any], intake: Intake) -> giving.Given | None:
    if not intake.uploads and not said["url"]:
        return None
    return giving.Given(
        when=said["when"],
        title=said["title"],
        kind=said["evidence_kind"] or "document",
        url=said["url"],
        uploads=intake.uploads,
    )


def _fault(form: Any, error: KloeError) -> int:
    """Say in the form what is wrong, and give the status of the answer."""
    form.add_error(None, str(error))
    if isinstance(error, Conflict):
        return 409
    return 404 if isinstance(error, NotFound) else 422


def _theirs(form: Any, current: Challenge, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """What somebody else saved where the form says otherwise; the next save starts from it."""
    found = []
    for name in names:
        now, mine = getattr(current, name), form.cleaned_data.get(name)
        if now != mine:
            choices = dict(getattr(form.fields[name], "choices", ()))
            words = now if isinstance(now, list) else [now]
            said = ", ".join(str(choices.get(one, one)) for one in words)
            found.append((str(form.fields[name].label), said or "–"))
    form.data = form.data.copy()
    form.data["base_version"] = str(current.version)
    return found


def _form_page(
    request: HttpRequest,
    access: AssessmentAccess,
    form: ChallengeForm,
    draft: Draft,
    paragraph: DraftParagraph | None,
    intake: Intake,
    *,
    status: int,
    row: Challenge | None = None,
    theirs: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    if form.is_bound:
        # The draft that stands now was shown: the next sending is of it.
        data: Any = form.data
        form.data = data.copy()
        form.data["draft"] = str(draft.version)  # type: ignore[index]
    return render(
        request,
        "challenges/write.html",
        context_of(
            access,
            "challenges",
            form=form,
            draft=draft,
            state=queries.state_of(draft),
            paragraph=paragraph,
            row=row,
            theirs=theirs,
            pieces_given=[queries.piece(p, draft.looked_until) for p in row.evidence.all()]
            if row
            else [],
            held=adding.held_files(intake, access),
            limit=adding.limit_words(),
        ),
        status=status,
    )


@in_assessment(Permission.CHALLENGE)
@require_POST
def remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take a challenge away that is not sent yet."""
    actions.remove(challenge=seen(access, pk), by=access.user)
    messages.success(request, _("Taken away."))
    return see("challenges", access.assessment.pk)


@in_assessment(Permission.CHALLENGE)
@require_POST
def take_back(
    request: HttpRequest, access: AssessmentAccess, pk: UUID, evidence: UUID
) -> HttpResponse:
    """Take evidence from a challenge that is not sent yet."""
    row = seen(access, pk)
    giving.take_back(challenge=row, piece=giving.late_of(row, evidence), by=access.user)
    messages.success(request, _("Taken away."))
    return see("challenge", access.assessment.pk, row.pk)


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def file(
    request: HttpRequest, access: AssessmentAccess, pk: UUID, evidence: UUID
) -> HttpResponseBase:
    """A file that came with a challenge, to be saved and never to be run in the page's name."""
    one = giving.late_of(seen(access, pk), evidence)
    if one.file is None:
        raise NotFound(
            Message("This evidence has no file."), "", Message("It is a link; follow it.")
        )
    response = FileResponse(
        storage.open_file(one.file),
        as_attachment=True,
        filename=one.file_name or "file",
        content_type="application/octet-stream",
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@in_assessment(Permission.CHALLENGE_SEND)
@require_POST
def send(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Send challenges: those named, or all that are written."""
    draft = newest(access)
    named = request.POST.getlist("challenge")
    rows = [seen(access, _uuid(pk)) for pk in named] if named else None
    sent = actions.send(
        draft=draft,
        challenges=rows,
        by=access.user,
        address=address_of(request, access, "challenges"),
    )
    n = len(sent)
    told = ngettext("%(n)d challenge is sent.", "%(n)d challenges are sent.", n) % {"n": n}
    messages.success(request, told)
    return see("challenges", access.assessment.pk)


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound(
            Message("This inspection has no such challenge."), "", Message("Load the page again.")
        ) from None


# Answering -----------------------------------------------------------------------------------


@in_assessment(Permission.CHALLENGE_ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Answer a challenge; of two at once both answers are shown."""
    row = seen(access, pk)
    initial = {n: getattr(row, n) for n in answering.SAID}
    initial |= {"new_text": row.new_text or row.text, "base_version": row.version}
    form = AnswerForm(
        request.POST if request.method == "POST" else None,
        subjects=_subjects(access),
        initial=initial,
    )
    status = 422 if form.is_bound else 200
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        base = said.pop("base_version")
        try:
            answering.answer(
                challenge=row,
                answer=answering.Answer(**said | {"moves": tuple(said["moves"])}),
                base_version=base,
                by=access.user,
            )
        except (InvalidInput, Conflict) as error:
            status = _fault(form, error)
            if isinstance(error, answering.AnsweredMeanwhile):
                theirs = _theirs(form, error.current, answering.SAID)
        else:
            messages.success(request, _("Answered. The landlord does not know it yet."))
            return see("challenge", access.assessment.pk, row.pk)
    return render(
        request,
        "challenges/answer.html",
        context_of(
            access,
            "challenges",
            form=form,
            one=queries.show(access, row),
            row=row,
            theirs=theirs,
            inside=access.may(Permission.ASSESSMENT_VIEW),
            **_around(access, row),
        ),
        status=status,
    )


def _subjects(access: AssessmentAccess) -> list[tuple[str, str]]:
    """Judgements whose grade a challenge may move: those that were given."""
    known = subjects_of(store.pinned(access.assessment))
    given = set(
        Judgement.objects.filter(assessment=access.assessment).values_list("subject", flat=True)
    )
    return [(s.id, s.name) for s in known.values() if s.id in given]
