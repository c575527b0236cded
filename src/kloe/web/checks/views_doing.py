"""While a check is done: its sample, photographs, people seen, and what it is evidence of."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.checks.words import CheckState
from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, Direction
from kloe.core.errors import InvalidInput, KloeError, NotFound
from kloe.core.messages import Message
from kloe.records.sampling import METHOD_IN_WORDS, Sample
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import Write
from kloe.web.assessments.views_theme import wants_json
from kloe.web.checks import carried, evidencing, people, queries, sample, taking
from kloe.web.checks.forms import NameForm, SampleForm, SeenForm
from kloe.web.checks.views import check_url
from kloe.web.evidence.adding import files_of
from kloe.web.evidence.models import EvidenceLink
from kloe.web.evidence.uploads import receiving
from kloe.web.evidence.views import see_other
from kloe.web.ids import new_id
from kloe.web.indicators.models import CaseSample
from kloe.web.library import store
from kloe.web.site.templatetags.kloe import error_summary


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise InvalidInput(
            Message("The page sent an identifier that cannot be read."),
            "",
            Message("Load the page again."),
        ) from None


def _wrong(form: object) -> InvalidInput:
    said = "; ".join(words for _target, words in error_summary(form)["found"])  # type: ignore[arg-type]
    return InvalidInput(said, "", Message("Correct it and try again."))


@in_assessment(Permission.CHECKS_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """The sample of a check: as it was drawn, or to be drawn."""
    found = queries.one(access, check)
    form = SampleForm(
        request.POST if request.method == "POST" else None,
        initial={"method": found.method or "random", "frame": found.frame, "size": 10},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            sample.set_sample(
                check=found,
                method=said["method"],
                frame=said["frame"],
                references=said["references"],
                size=said["size"] or 0,
                seed=said["seed"],
                by=access.user,
            )
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The cases are set."))
            return see_other(f"{check_url(found)}#cases")
    may_cases = access.may(Permission.CASES_VIEW)
    drawn = Sample.from_dict(found.sample) if found.sample else None
    return render(
        request,
        "checks/sample.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "form": form,
            "drawn": drawn,
            "cases": list(found.cases.all()),
            "method": METHOD_IN_WORDS,
            "kept": list(CaseSample.objects.filter(assessment=access.assessment)[:50])
            if may_cases
            else [],
            "frames": sample.frames_of(found) if may_cases else [],
            "answered": found.entries.exclude(case=None).exists(),
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.CHECKS_EDIT)
@require_POST
def take_cases(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Take a sample that was drawn from an indicator's cases."""
    found = queries.one(access, check)
    access.demand(Permission.CASES_VIEW)
    sample.take_case_sample(
        check=found, sample=_uuid(request.POST.get("sample", "")), by=access.user
    )
    messages.success(request, _("The cases are set."))
    return see_other(f"{check_url(found)}#cases")


@in_assessment(Permission.CHECKS_EDIT)
@require_POST
def draw_cases(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Draw the cases from the landlord's records."""
    found = queries.one(access, check)
    access.demand(Permission.CASES_VIEW)
    frame, _mark, strata = request.POST.get("frame", "").partition(" ")
    given = request.POST.get("size", "")
    sample.draw_from_records(
        check=found,
        frame=frame,
        strata=strata,
        size=int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0,
        seed=request.POST.get("seed", ""),
        by=access.user,
    )
    messages.success(request, _("The cases are set."))
    return see_other(f"{check_url(found)}#cases")


@in_assessment(Permission.CHECKS_DO)
@require_POST
def case_missing(
    request: HttpRequest, access: AssessmentAccess, check: UUID, place: int
) -> HttpResponse:
    """Say that a case could not be looked at."""
    found = queries.one(access, check)
    stand_in = sample.not_found(
        check=found,
        case=queries.case(found, place),
        reason=request.POST.get("reason", ""),
        by=access.user,
    )
    if stand_in is None:
        messages.success(request, _("Kept. There is no case left to stand in."))
        return see_other(f"{check_url(found)}#cases")
    messages.success(request, _("Kept. Case %(n)d stands in.") % {"n": stand_in.place})
    return see_other(check_url(found, stand_in.place))


@in_assessment(Permission.CHECKS_DO)
@require_POST
@receiving
def files(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Photographs and other files of a check."""
    found = queries.one(access, check)
    intake = files_of(request, access)
    write = Write.of(request)
    place = request.POST.get("case", "")
    known = place.isascii() and place.isdigit() and len(place) < 7
    case = queries.case(found, int(place)) if known else None
    if intake.refused:
        name, why = intake.refused[0]
        raise InvalidInput(f"{name}: {why}", "", Message("Choose another file."))
    if not intake.uploads:
        raise InvalidInput(
            Message("No file was chosen."),
            Message("A photograph or any other file, or several."),
            Message("Choose one, then send it."),
        )
    made = evidencing.add_files(
        check=found,
        uploads=intake.uploads,
        ids=[uuid5(write.id, f"{n} {u.received.sha256}") for n, u in enumerate(intake.uploads)],
        caption=request.POST.get("caption", ""),
        item=request.POST.get("item", ""),
        case=case,
        by=access.user,
        made_at=carried.put_right(write.client_at, request.POST.get("sent_at", "")),
        located=request.POST.get("located", ""),
    )
    numbers = ", ".join(f"E{one.number}" for one in made)
    said = _("Kept as %(numbers)s.") % {"numbers": numbers}
    if wants_json(request):
        return JsonResponse({"state": taking.SAVED, "said": said})
    messages.success(request, said)
    return see_other(f"{check_url(found, case.place if case else None)}#files")


@in_assessment(Permission.CHECKS_DO)
@require_POST
def seen(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Write down how many people of what group were seen."""
    found = queries.one(access, check)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise _wrong(form)
    people.save_seen(check=found, by=access.user, id=Write.of(request).id, **form.cleaned_data)
    return see_other(f"{check_url(found)}#people")


@in_assessment(Permission.CHECKS_DO)
@require_POST
def seen_remove(
    request: HttpRequest, access: AssessmentAccess, check: UUID, group: UUID
) -> HttpResponse:
    """Take a group of people seen back."""
    found = queries.one(access, check)
    people.remove_seen(check=found, pk=group, by=access.user)
    return see_other(f"{check_url(found)}#people")


@in_assessment(Permission.CHECK_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def names(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Who was seen, for those who did the check."""
    found = queries.one(access, check)
    listed = people.names(check=found, by=access.user)
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            people.add_name(
                check=found, by=access.user, id=Write.of(request).id, **form.cleaned_data
            )
        except NotFound:
            raise
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            return see_other(request.path)
    return render(
        request,
        "checks/names.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "people": listed.seen,
            "unseen": listed.unseen,
            "form": form,
            "write_id": new_id(),
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.CHECK_PEOPLE, when_published=True)
@require_POST
def forget(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Forget one name, or all of this check."""
    found = queries.one(access, check)
    given = request.POST.get("person", "")
    people.forget(check=found, by=access.user, pk=_uuid(given) if given else None)
    messages.success(request, _("Forgotten."))
    return see_other(f"{check_url(found)}#people")


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Say which statements a check that is done speaks to."""
    found = queries.one(access, check)
    pinned = store.pinned(access.assessment)
    theme = pinned.theme(found.theme)
    tested = set(found.criteria)
    criteria = [c for c in theme.criteria if c.id in tested]
    descriptors = [d for c in criteria for d in c.descriptors]
    if request.method == "POST":
        said = {d.id: request.POST.get(d.id, "") for d in descriptors}
        item = evidencing.use_as_evidence(check=found, said=said, by=access.user)
        messages.success(
            request,
            _("C%(c)d is evidence now: E%(e)d.") % {"c": found.number, "e": item.number},
        )
        return see_other(check_url(found))
    links = {}
    if found.evidence is not None and found.evidence.deleted_at is None:
        links = dict(
            EvidenceLink.objects.filter(item=found.evidence).values_list("descriptor", "direction")
        )
    return render(
        request,
        "checks/evidence.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "theme": theme,
            "done": found.state == CheckState.DONE,
            "tallies": [t for t in queries.tallies(found) if t.tally.base],
            "criteria": [
                (
                    c,
                    [
                        (
                            d,
                            links.get(d.id, ""),
                            evidencing.proposed(found.outcome.result, d.side),
                        )
                        for d in c.descriptors
                    ],
                )
                for c in criteria
            ],
            "directions": [(d.value, LABELS[d]) for d in Direction],
        },
    )


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def results(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """What every item came to, over all cases."""
    found = queries.one(access, check)
    return render(
        request,
        "checks/results.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "tallies": queries.tallies(found),
        },
    )
