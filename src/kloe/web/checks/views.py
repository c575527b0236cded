"""The list of checks, planning one, and its page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.checks import states, words
from kloe.assessment.checks.templates import Template
from kloe.assessment.permissions import Permission
from kloe.core import icalendar
from kloe.core.errors import KloeError
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments import actions as assessments
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.checks import actions, claims, own_templates, people, queries, risks
from kloe.web.checks.forms import FilterForm, PlanForm, RiskForm, SeenForm
from kloe.web.checks.models import Check, CheckEntry, CheckOutcome
from kloe.web.checks.queries import Wanted
from kloe.web.evidence.adding import limit_words
from kloe.web.evidence.views import see_other
from kloe.web.ids import new_id
from kloe.web.judgements.answering import Differing, conflict, saved
from kloe.web.library import store

FILTERS = tuple(FilterForm.base_fields)
OUTCOME_LABELS = {
    "result": _("Result"),
    "conclusion": _("Conclusion"),
    "notes": _("Notes"),
    "done_on": _("Done on"),
}


def check_url(check: Check, place: int | None = None) -> str:
    """The page of a check, or of one of its cases."""
    if place:
        return reverse("check-case", args=[check.assessment_id, check.pk, place])
    return reverse("check", args=[check.assessment_id, check.pk])


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """All checks of an assessment: searched, filtered, sorted and paged by address."""
    pinned = store.pinned(access.assessment)
    themes = {t.id: t for t in pinned.themes()}
    form = FilterForm(
        request.GET,
        themes=[(t.id, f"{t.number} {t.title}") for t in themes.values()],
        auto_id="filter-%s",
    )
    form.is_valid()
    said = form.cleaned_data
    wanted = Wanted(
        words=said.get("q", "").strip(),
        sort=request.GET.get("sort", ""),
        **{name: said.get(name) or "" for name in ("kind", "theme", "state", "result", "who")},
    )
    page = Paginator(queries.listed(access, wanted), settings.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "checks/list.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "form": form,
            "page": page,
            "rows": [(check, themes.get(check.theme)) for check in page.object_list],
            "counts": queries.counts(access),
            "filtered": any(request.GET.get(f) for f in FILTERS),
            "now": timezone.now(),
            "overdue": queries.overdue(access.assessment)
            if access.may(Permission.RISKS_VIEW)
            else 0,
        },
    )


def _people(access: AssessmentAccess) -> list[tuple[str, str]]:
    return [(str(u.pk), str(u)) for u in assessments.people_of(access.assessment)]


def _criteria(access: AssessmentAccess, theme: str) -> list[tuple[str, str]]:
    return [(c.id, str(c.title)) for c in store.pinned(access.assessment).theme(theme).criteria]


@in_assessment(Permission.CHECKS_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Plan a check: choose a theme, a claim and a template, then say when, where and who."""
    pinned = store.pinned(access.assessment)
    asked = request.POST if request.method == "POST" else request.GET
    themes = claims.themes_in_scope(access.assessment, pinned)
    wanted = asked.get("theme", "")
    theme = pinned.theme(wanted) if wanted else None
    offered = own_templates.offered(access.assessment.organisation_id)
    context: dict[str, Any] = {
        "assessment": access.assessment,
        "nav": "checks",
        "themes": themes,
        "theme": theme,
    }
    if theme is None:
        return render(request, "checks/new.html", context)
    claimed = claims.find(access, theme, asked.get("claim_from", ""))
    fitting, others = claims.fitting(offered, theme)
    key = asked.get("template") or claims.template_for(claimed, fitting) or fitting[0].key
    template, _own = own_templates.current(access.assessment.organisation_id, key)
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        criteria=_criteria(access, theme.id),
        people=_people(access),
        initial={
            "claim": claimed.text if claimed else "",
            "criteria": claims.tested(claimed, template, theme),
            "minutes": template.minutes,
            "title": template.title,
            "assigned": str(access.user.pk),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            check = actions.plan_check(
                assessment=access.assessment,
                template=own_templates.row_for(access.assessment.organisation_id, key),
                plan=form.plan(
                    theme=theme.id,
                    claim_source=claims.source_of(claimed, form.cleaned_data["claim"]),
                    claim_ref=claimed.ref if claimed else "",
                ),
                by=access.user,
                id=Write.of(request).id,
            )
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("C%(n)d is planned.") % {"n": check.number})
            return see_other(check_url(check))
    context |= {
        "claims": claims.offered(access, theme),
        "claimed": claimed,
        "fitting": fitting,
        "others": others,
        "template": template,
        "key": key,
        "form": form,
        "write_id": request.POST.get("write_id") or new_id(),
    }
    return render(request, "checks/new.html", context, status=422 if form.is_bound else 200)


@in_assessment(Permission.CHECKS_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Change what is planned."""
    found = queries.one(access, check)
    initial = {
        name: getattr(found, name) for name in ("title", "claim", "criteria", "minutes", "place")
    }
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        criteria=_criteria(access, found.theme),
        people=_people(access),
        initial=initial
        | {
            "planned_at": timezone.localtime(found.planned_at) if found.planned_at else None,
            "assigned": str(found.assigned_id or ""),
            "doers": [str(pk) for pk in found.doers.values_list("pk", flat=True)],
            "base_version": found.version,
        },
    )
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_plan(
                check=found,
                plan=form.plan(
                    theme=found.theme,
                    claim_source=found.claim_source
                    if form.cleaned_data["claim"].strip() == found.claim
                    else words.ClaimSource.OWN.value,
                    claim_ref=found.claim_ref,
                ),
                by=access.user,
                base_version=form.cleaned_data["base_version"] or 0,
            )
        except actions.CheckChangedMeanwhile as clash:
            current = clash.current
            form.add_error(None, str(clash))
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("C%(n)d is saved.") % {"n": found.number})
            return see_other(check_url(found))
    status = 409 if current else 422 if form.is_bound else 200
    return render(
        request,
        "checks/edit.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "form": form,
            "current": current,
            "base": current.version if current else form["base_version"].value(),
        },
        status=status,
    )


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def show(
    request: HttpRequest, access: AssessmentAccess, check: UUID, place: int | None = None
) -> HttpResponse:
    """A check: what it tests, its checklist, what it came to."""
    found = queries.one(access, check)
    sheet = queries.sheet(access, found, place)
    pinned = store.pinned(access.assessment)
    theme = pinned.theme(found.theme)
    tested = set(found.criteria)
    may = access.may(Permission.CHECKS_DO)
    involved = people.did(found, access.user)
    standing = states.Standing(
        found.state, found.outcome.result, found.outcome.conclusion, bool(found.outcome.done_on)
    )
    context: dict[str, Any] = {
        "assessment": access.assessment,
        "nav": "checks",
        "check": found,
        "outcome": found.outcome,
        "sheet": sheet,
        "template": sheet.template,
        "theme": theme,
        "criteria": [c for c in theme.criteria if c.id in tested],
        "open": found.state in {"planned", "under way"} and may,
        "answers": words.choices(words.ItemAnswer),
        "results": words.choices(words.CheckResult),
        "involved": involved,
        "lacks": states.missing(standing, "done"),
        "limit": limit_words(),
        "file_id": new_id(),
        "risk_form": RiskForm(initial={"place": found.place}, auto_id="risk-%s"),
        "risk_id": new_id(),
        "risk_kinds": words.choices(words.RiskKind),
    }
    if sheet.case is None:
        context |= {
            "tallies": [t for t in queries.tallies(found) if t.tally.answered],
            "doers": list(found.doers.all()),
            "visits": list(found.visits.select_related("by")[:20]),
            "groups": people.groups(found),
            "seen": list(found.people_seen.all()) if involved else [],
            "seen_form": SeenForm(auto_id="seen-%s"),
            "seen_id": new_id(),
            "no_contact": may and risks.contact_of(access.assessment) is None,
            "today": timezone.localdate().isoformat(),
        }
    return render(request, "checks/check.html", context)


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def printed(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Checklist and interview guide, to print and write on."""
    found = queries.one(access, check)
    template: Template = actions.template_of(found.template)
    pinned = store.pinned(access.assessment)
    tested = set(found.criteria)
    theme = pinned.theme(found.theme)
    return render(
        request,
        "checks/print.html",
        {
            "assessment": access.assessment,
            "nav": "checks",
            "check": found,
            "template": template,
            "theme": theme,
            "criteria": [c for c in theme.criteria if c.id in tested],
            "cases": list(found.cases.all()),
            "doers": list(found.doers.all()),
            "answers": words.choices(words.ItemAnswer),
        },
    )


@in_assessment(Permission.CHECKS_DO)
@require_POST
def answer(
    request: HttpRequest, access: AssessmentAccess, check: UUID, item: str, place: int | None = None
) -> HttpResponse:
    """Save the answer to one item, as it is made: of the check as a whole, or of a case."""
    found = queries.one(access, check)
    case = queries.case(found, place) if place else None
    back = f"{check_url(found, place)}#i-{item}"
    try:
        outcome = actions.save_entry(
            check=found,
            item=item,
            case=case,
            answer=request.POST.get("answer", ""),
            note=request.POST.get("note", ""),
            write=Write.of(request),
            located=request.POST.get("located", ""),
        )
    except StaleWrite as stale:
        # Nothing stands where the page thought of a version that never was.
        mine = {"check_of": found, "item": item, "case": case}
        row = CheckEntry.objects.filter(**mine).first() or CheckEntry(**mine)
        return conflict(
            request,
            access,
            stale,
            fields=[
                Differing(
                    "answer",
                    _("Answer"),
                    words.label(row.answer),
                    words.label(stale.mine["answer"]),
                    values=[stale.mine["answer"]],
                ),
                Differing(
                    "note", _("Note"), row.note, stale.mine["note"], [stale.mine["note"]], long=True
                ),
            ],
            row=row,
            kind="check entry",
            subject=f"{found.pk}|{item}|{place or 0}",
            back=back,
            nav="checks",
        )
    return saved(request, outcome, back)


@in_assessment(Permission.CHECKS_DO)
@require_POST
def outcome(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Save what the check came to, as it is written."""
    found = queries.one(access, check)
    back = f"{check_url(found)}#outcome"
    try:
        made = actions.save_outcome(
            check=found,
            result=request.POST.get("result", ""),
            conclusion=request.POST.get("conclusion", ""),
            notes=request.POST.get("notes", ""),
            done_on=request.POST.get("done_on", ""),
            write=Write.of(request),
        )
    except StaleWrite as stale:
        row = CheckOutcome.objects.get(pk=found.pk)
        return conflict(
            request,
            access,
            stale,
            fields=[
                Differing(
                    name,
                    label,
                    words.label(getattr(row, name)),
                    words.label(stale.mine[name]),
                    values=[stale.mine[name]],
                    long=name in {"conclusion", "notes"},
                )
                for name, label in OUTCOME_LABELS.items()
            ],
            row=row,
            kind="check outcome",
            subject=str(found.pk),
            back=back,
            nav="checks",
        )
    return saved(request, made, back)


@in_assessment(Permission.CHECKS_DO)
@require_POST
def move(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """Move a check on."""
    found = queries.one(access, check)
    to = request.POST.get("to", "")
    if to in {words.CheckState.WITHDRAWN, words.CheckState.PLANNED}:
        access.demand(Permission.CHECKS_EDIT)
    moved = actions.move(check=found, to=to, by=access.user, reason=request.POST.get("reason", ""))
    messages.success(
        request,
        _("C%(n)d: %(state)s.") % {"n": moved.number, "state": words.label(moved.state).lower()},
    )
    return see_other(check_url(moved))


def _calendar(
    request: HttpRequest, access: AssessmentAccess, checks: list[Check], name: str
) -> HttpResponse:
    events = [
        icalendar.Event(
            uid=f"{check.pk}@kloe",
            start=check.planned_at,
            minutes=check.minutes,
            title=f"C{check.number} {check.title}",
            text=check.claim,
            place=check.place,
            url=request.build_absolute_uri(check_url(check)),
            sequence=check.version,
            changed=check.updated_at,
        )
        for check in checks
        if check.planned_at is not None
    ]
    text = icalendar.calendar(events, name=access.assessment.title, now=timezone.now())
    return HttpResponse(
        text,
        content_type=icalendar.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.ics"'},
    )


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def calendar(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """All planned checks as a calendar file."""
    return _calendar(request, access, list(queries.planned(access)), "checks")


@in_assessment(Permission.CHECKS_VIEW)
@require_safe
def event(request: HttpRequest, access: AssessmentAccess, check: UUID) -> HttpResponse:
    """One check as a calendar file."""
    found = queries.one(access, check)
    return _calendar(request, access, [found], f"check-C{found.number}")
