"""Evidence for one criterion: the panel of the theme page, its list, and each link in it."""

from __future__ import annotations

import json
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, Direction
from kloe.core.errors import KloeError, NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.frameworks.model import Criterion
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.documents import passages
from kloe.web.evidence import actions, adding, queries
from kloe.web.evidence.checks import MAX_LOCATOR
from kloe.web.evidence.forms import EXISTING, CriterionForm, LinkForm
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.evidence.uploads import receiving
from kloe.web.evidence.views import see_other
from kloe.web.ids import new_id
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.sent import words_asked

#: Links of a criterion shown at least, and with each "more".
FIRST, MORE = 5, 50


def theme_url(access: AssessmentAccess, criterion: str) -> str:
    """The criterion on its theme page."""
    theme, _slash, key = criterion.rpartition("/")
    return reverse("theme", args=[access.assessment.pk, theme]) + f"#c-{key}"


def by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def columns_of(pinned: Pinned, criterion: Criterion) -> dict[str, str]:
    """The grade each column describes, by side."""
    framework = pinned.framework_of(criterion.id)
    scale = framework.scale_of(criterion.id)
    found = {side: scale.describing(side) for side in ("upper", "lower")}
    return {side: str(grade.label) if grade else side for side, grade in found.items()}


def shown_list(
    request: HttpRequest,
    access: AssessmentAccess,
    criterion: Criterion,
    *,
    said: str,
) -> HttpResponse:
    """The criterion's evidence as the theme page shows it, with what was just done to it."""
    links, total = queries.links_of_criterion(
        access.assessment, criterion.id, access=access, count=MORE
    )
    response = render(
        request,
        "evidence/_criterion_evidence.html",
        {
            "assessment": access.assessment,
            "criterion": criterion,
            "links": links,
            "more": total - len(links),
            "said": said,
        },
    )
    # The column beside the page speaks of evidence too.
    told = {"kloe-rated": None, "kloe-evidence": {"criterion": criterion.id}}
    response["HX-Trigger-After-Swap"] = json.dumps(told)
    return response


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
@receiving
def for_criterion(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """The panel: choose evidence that is there or add new, and say what it shows."""
    assessment = access.assessment
    pinned = store.pinned(assessment)
    found = pinned.criterion(criterion)
    posted = request.method == "POST"
    intake = adding.files_of(request, access)
    chosen = _identifiers(request.POST.getlist("items") + request.GET.getlist("item"))
    # Without script, looking for evidence is a button of the same form; nothing typed is lost.
    searching = "search" in request.POST
    fresh = {
        "what": request.GET.get("what", EXISTING),
        "item_id": new_id(),
        "locator": request.GET.get("locator", "")[:MAX_LOCATOR],
    }
    form = CriterionForm(
        request.POST if posted and not searching else None,
        criterion=found,
        intake=intake,
        chosen=chosen,
        initial=request.POST.dict() if searching else fresh,
        auto_id=f"add-{found.key}-%s",
    )
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                items = _items(form, access)
                adding.link_all(form, items, access.user)
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            return _linked(request, access, found, form, items)
    words = request.POST.get("q", words_asked(request))
    listed, total = queries.choices_for(assessment, found.id, words, access=access, chosen=chosen)
    status = 422 if form.is_bound else 200
    context = {
        "assessment": assessment,
        "nav": "enquiry",
        "criterion": found,
        "theme": pinned.theme(found.theme_id),
        "columns": columns_of(pinned, found),
        "form": form,
        "choices": listed,
        "choices_total": total,
        "directions": [d.value for d in Direction],
        "statements": [(d, form[queries.direction_field(d)]) for d in found.descriptors],
        "offered": queries.offered_by_common(assessment, found, access=access, pinned=pinned),
        "passages": passages.for_criterion(access, found),
        "held": adding.held_files(intake, access),
        "limit": adding.limit_words(),
        "back": adding.safe_next(request, theme_url(access, found.id)),
    }
    if not by_htmx(request):
        return render(request, "evidence/for_criterion.html", context, status=status)
    response = render(request, "evidence/_panel.html", context | {"inline": True}, status=status)
    if posted:
        response["HX-Retarget"] = f"#panel-{found.key}"
        response["HX-Reswap"] = "innerHTML show:top"
    return response


def _identifiers(given: list[str]) -> list[UUID]:
    """Identifiers of items in the order given, each once; what is none is left out."""
    found = []
    for one in given:
        with suppress(ValueError):
            found.append(UUID(one))
    return list(dict.fromkeys(found))


def _items(form: CriterionForm, access: AssessmentAccess) -> list[EvidenceItem]:
    """The items chosen, or those made of what was given.

    :raises NotFound: if one chosen is not of this assessment, deleted or not to be seen.
    """
    if form.cleaned_data["what"] != EXISTING:
        return adding.make_items(form, access.assessment, access.user)
    items = list(
        EvidenceItem.objects.select_related("assessment")
        .filter(assessment=access.assessment, pk__in=form.chosen, deleted_at=None)
        .exclude(queries.hidden_from(access))
    )
    if len(items) != len(form.chosen):
        raise NotFound(
            Message("Evidence that was chosen is not there any more."),
            "",
            Message("Look for it again."),
        )
    return items


def _linked(
    request: HttpRequest,
    access: AssessmentAccess,
    criterion: Criterion,
    form: CriterionForm,
    items: list[EvidenceItem],
) -> HttpResponse:
    directions = {str(LABELS[Direction(d)]).lower() for d in form.directions().values()}
    said = _("%(numbers)s added: %(directions)s.") % {
        "numbers": ", ".join(f"E{i.number}" for i in items),
        "directions": ", ".join(sorted(directions)),
    }
    if by_htmx(request):
        return shown_list(request, access, criterion, said=said)
    messages.success(request, said)
    return see_other(adding.safe_next(request, theme_url(access, criterion.id)))


@in_assessment(Permission.EVIDENCE_ADD)
@require_safe
def choices(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Evidence to choose from, as the words are typed."""
    found = store.pinned(access.assessment).criterion(criterion)
    chosen = _identifiers(request.GET.getlist("items"))
    listed, total = queries.choices_for(
        access.assessment, found.id, words_asked(request), access=access, chosen=chosen
    )
    return render(
        request,
        "evidence/_choices.html",
        {"choices": listed, "choices_total": total, "criterion": found},
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def more(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """All evidence of a criterion, some at a time."""
    pinned = store.pinned(access.assessment)
    found = pinned.criterion(criterion)
    try:
        count = min(max(int(request.GET.get("show") or MORE), FIRST), 100_000)
    except ValueError:
        count = MORE
    links, total = queries.links_of_criterion(
        access.assessment, found.id, access=access, count=count
    )
    context = {
        "assessment": access.assessment,
        "nav": "enquiry",
        "criterion": found,
        "theme": pinned.theme(found.theme_id),
        "links": links,
        "more": total - len(links),
        "show": count + MORE,
        "back": theme_url(access, found.id),
    }
    template = "_criterion_evidence" if by_htmx(request) else "of_criterion"
    return render(request, f"evidence/{template}.html", context)


def _own_link(access: AssessmentAccess, pk: UUID) -> EvidenceLink:
    """A link this person may change: made by them, of an item of theirs, or any with permission.

    :raises PermissionRefused: if they may not.
    """
    link = queries.link_of(access.assessment, pk)
    mine = access.user.pk in (link.by_id, link.item.added_by_id)
    visible = queries.may_see(access, link.item.confidentiality, link.item.added_by_id)
    if not (visible and (mine or access.may(Permission.EVIDENCE_MANAGE))):
        raise PermissionRefused(
            Message("E%(n)d was linked here by somebody else.", n=link.item.number),
            Message("Assessors and leads may change any link, others their own."),
            Message("Ask whoever linked it, or the lead of the assessment."),
        )
    return link


@in_assessment(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def change_link(request: HttpRequest, access: AssessmentAccess, link: UUID) -> HttpResponse:
    """Change what an item says of a descriptor, and where in it."""
    found = _own_link(access, link)
    pinned = store.pinned(access.assessment)
    criterion = pinned.criterion(found.criterion)
    back = adding.safe_next(request, theme_url(access, criterion.id))
    form = LinkForm(
        request.POST if request.method == "POST" else None,
        initial={"direction": found.direction, "locator": found.locator, "note": found.note},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.relink(link=found, by=access.user, **form.cleaned_data)
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("E%(n)d is saved.") % {"n": found.item.number})
            return see_other(back)
    descriptor = next(d for d in criterion.descriptors if d.id == found.descriptor)
    return render(
        request,
        "evidence/link.html",
        {
            "assessment": access.assessment,
            "nav": "evidence",
            "link": found,
            "item": found.item,
            "criterion": criterion,
            "descriptor": descriptor,
            "column": columns_of(pinned, criterion)[descriptor.side],
            "form": form,
            "back": back,
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def remove_link(request: HttpRequest, access: AssessmentAccess, link: UUID) -> HttpResponse:
    """Take back what an item says of a descriptor. The item stays."""
    found = _own_link(access, link)
    criterion = store.pinned(access.assessment).criterion(found.criterion)
    actions.unlink(link=found, by=access.user)
    said = _("E%(n)d is not linked to this statement any more.") % {"n": found.item.number}
    if by_htmx(request):
        return shown_list(request, access, criterion, said=said)
    messages.success(request, said)
    return see_other(adding.safe_next(request, theme_url(access, criterion.id)))
