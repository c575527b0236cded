"""Published results: choosing a dataset, the indicators page, the scope proposal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.scope_weights import NAMES, WORDS, Weights
from kloe.core.disk import room
from kloe.core.errors import InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.measures.benchmarks import list_datasets
from kloe.measures.dataset import open_dataset
from kloe.measures.positions import rounded
from kloe.measures.published import register
from kloe.web.access import (
    AssessmentAccess,
    in_assessment,
    organisations_where,
    person,
    signed_in,
)
from kloe.web.accounts.models import User
from kloe.web.evidence.filenames import clean_name
from kloe.web.ids import new_id
from kloe.web.indicators import actions, queries, scoping
from kloe.web.indicators.jobs import folder as import_folder
from kloe.web.jobs import actions as jobs
from kloe.web.library import store
from kloe.web.organisations.models import Organisation
from kloe.web.sent import words_asked

QUARTERS = {
    "": gettext_lazy("All"),
    "worst": gettext_lazy("Worst quarter"),
    "best": gettext_lazy("Best quarter"),
    "none": gettext_lazy("No figure"),
}
RANK = {"worst": 0, "worse": 1, "better": 2, "best": 3}


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """All results with their place among peers, those out of line first if wanted."""
    shown = queries.everything(access.assessment)
    wanted = request.GET.get("show", "")
    if wanted == "none":
        shown = [s for s in shown if s.position.value is None]
    elif wanted in RANK:
        shown = [s for s in shown if s.quarter == wanted]
    sort = request.GET.get("sort", "")
    if sort == "place":
        shown = sorted(shown, key=lambda s: RANK.get(s.quarter, 9))
    elif sort == "title":
        shown = sorted(shown, key=lambda s: str(s.measure.title))
    pinned = store.pinned(access.assessment)
    known = {t.id: t for t in pinned.themes()}
    rows = [
        {
            "shown": s,
            "themes": [
                known[t] for t in dict.fromkeys(p.theme for p in s.measure.placings) if t in known
            ],
        }
        for s in shown
    ]
    return render(
        request,
        "indicators/index.html",
        {
            "assessment": access.assessment,
            "rows": rows,
            "filters": QUARTERS.items(),
            "wanted": wanted,
            "sort": sort,
            "datasets": list_datasets(settings.DATA_DIR),
            "any": bool(access.assessment.dataset),
            "nav": "indicators",
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """One measure: what it is, the figure, the peers, what it speaks to."""
    found = register().measure(measure)
    shown = [s for s in queries.everything(access.assessment) if s.row.measure == found.code]
    pinned = store.pinned(access.assessment)
    placings = [
        {
            "placing": p,
            "theme": pinned.theme(p.theme),
            "criterion": pinned.criterion(p.criterion) if p.criterion else None,
        }
        for p in found.placings
        if p.theme.split("/")[0] in pinned.by_id
    ]
    return render(
        request,
        "indicators/measure.html",
        {
            "assessment": access.assessment,
            "measure": found,
            "results": shown,
            "placings": placings,
            "nav": "indicators",
        },
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_GET
def choose(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Choose a dataset and the landlord in it."""
    datasets = list_datasets(settings.DATA_DIR)
    chosen = request.GET.get("dataset") or access.assessment.dataset
    landlords: Any = None
    words = words_asked(request)
    if any(d.id == chosen for d in datasets):
        found = [
            x
            for x in open_dataset(settings.DATA_DIR, chosen).landlords()
            if not words or words.lower() in x.name.lower() or words.lower() == x.code.lower()
        ]
        landlords = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "indicators/choose.html",
        {
            "assessment": access.assessment,
            "datasets": datasets,
            "chosen": chosen,
            "landlords": landlords,
            "q": words,
            "nav": "indicators",
        },
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_POST
def set_beside(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Set a landlord's published results beside the assessment."""
    n = actions.set_beside(
        assessment=access.assessment,
        dataset=request.POST.get("dataset", ""),
        landlord=request.POST.get("landlord", ""),
        by=access.user,
    )
    messages.success(
        request,
        ngettext(
            "%(n)d result set beside the assessment.", "%(n)d results set beside the assessment.", n
        )
        % {"n": n},
    )
    return redirect("indicators", access.assessment.pk)


def _weights(request: HttpRequest) -> Weights | None:
    given = {name: request.GET[name] for name in NAMES if name in request.GET}
    return Weights.from_mapping(given) if given else None


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def proposal(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Which themes to look at, ranked, each with its reasons; weights to try by URL."""
    weights = _weights(request) or Weights.from_mapping(access.assessment.scope_weights)
    made = scoping.propose(access.assessment, weights)
    pinned = store.pinned(access.assessment)
    return render(
        request,
        "indicators/proposal.html",
        {
            "assessment": access.assessment,
            "proposal": made,
            "rows": [
                {"p": p, "theme": pinned.theme(p.theme), "kloe": pinned.kloe(p.kloe)}
                for p in made.themes
            ],
            "kloes": [{"p": k, "kloe": pinned.kloe(k.kloe)} for k in made.kloes],
            "weights": [
                {"name": name, "label": NAMES[name], "words": WORDS[name], "value": value}
                for name, value in asdict(weights).items()
            ],
            "nav": "scope",
        },
    )


@in_assessment(Permission.SCOPE_SET)
@require_POST
def accept(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Keep the weights; with ``accept`` also fill the scope."""
    given = {name: request.POST[name] for name in NAMES if name in request.POST}
    weights = actions.set_weights(assessment=access.assessment, weights=given, by=access.user)
    if "accept" not in request.POST:
        messages.success(request, _("Weights kept."))
        return redirect("scope-proposal", access.assessment.pk)
    made = scoping.propose(access.assessment, weights)
    n = actions.accept_proposal(
        assessment=access.assessment,
        proposed={p.theme: (p.proposed, str(p.words)) for p in made.themes},
        by=access.user,
    )
    messages.success(
        request,
        ngettext(
            "Scope filled from the proposal: %(n)d theme changed.",
            "Scope filled from the proposal: %(n)d themes changed.",
            n,
        )
        % {"n": n},
    )
    return redirect("scope", access.assessment.pk)


@signed_in
@require_GET
def datasets(request: HttpRequest) -> HttpResponse:
    """The published datasets at hand."""
    return render(
        request,
        "indicators/datasets.html",
        {
            "datasets": list_datasets(settings.DATA_DIR),
            "may_import": _importers(person(request)).exists(),
            "nav": "benchmarks",
        },
    )


def _importers(user: User) -> QuerySet[Organisation]:
    """The organisations for which a person may bring published results in."""
    return organisations_where(user, Permission.ORGANISATION_MANAGE)


@signed_in
@require_POST
def import_dataset(request: HttpRequest) -> HttpResponse:
    """Take an uploaded workbook and have it imported in the background."""
    user = person(request)
    organisation = _importers(user).first()
    if organisation is None:
        raise PermissionRefused(
            Message("Published results are brought in by administrators."),
            Message("An administrator of any organisation here may."),
            Message("Ask one, or use “kloe benchmarks import FILE”."),
        )
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        raise InvalidInput(
            Message("No workbook was chosen, or it is empty."),
            Message("A workbook is an .xlsx file as the regulator publishes it."),
            Message("Choose the file and send it again."),
        )
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        raise InvalidInput(
            Message("The file has %(n)d MB.", n=upload.size >> 20),
            Message("At most %(most)d MB.", most=settings.EVIDENCE_MAX_BYTES >> 20),
            Message("A published workbook is far smaller: check that it is the right file."),
        )
    stored = f"{new_id().hex}.xlsx"
    place = import_folder() / stored
    try:
        with room(), place.open("wb") as f:
            for chunk in upload.chunks():
                f.write(chunk)
        job = jobs.enqueue(
            kind="import-benchmark",
            by=user,
            organisation=organisation,
            payload={"stored": stored, "name": clean_name(upload.name or "workbook.xlsx")},
            request_id=getattr(request, "id", ""),
        )
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return redirect("job", job.pk)


@signed_in
@require_GET
def dataset(request: HttpRequest, dataset: str) -> HttpResponse:
    """One dataset: quartiles of each measure, what did not agree."""
    found = [d for d in list_datasets(settings.DATA_DIR) if d.id == dataset]
    if not found:
        raise NotFound(
            Message("There is no dataset %(id)s.", id=dataset),
            "",
            Message("“kloe benchmarks import FILE” brings one in."),
        )
    opened = open_dataset(settings.DATA_DIR, dataset)
    return render(
        request,
        "indicators/dataset.html",
        {
            "info": found[0],
            "quartiles": [
                {
                    "measure": register().measure(q.measure),
                    "population": q.population,
                    "n": q.spread.n,
                    "cuts": [
                        rounded(cut, register().measure(q.measure).decimals)
                        for cut in (q.spread.q1, q.spread.median, q.spread.q3)
                    ],
                }
                for q in opened.quartiles()
            ],
            "nav": "benchmarks",
        },
    )
