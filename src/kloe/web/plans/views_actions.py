"""One action: adding, changing, moving on, telling of it, what shows that it was done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.assessment.plan import OUTCOMES, STATUSES, LedBy, Shows, Status, moves_from
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.accounts.models import User
from kloe.web.ids import new_id
from kloe.web.plans import acting, outcomes, queries
from kloe.web.plans.forms import ActionForm, MoveForm, TellForm, steps_text
from kloe.web.plans.models import Action, ActionEvidence, Milestone, Recommendation
from kloe.web.plans.reach import assessments_of, evidence_of, improvements_of
from kloe.web.plans.templatetags.planning import truth
from kloe.web.plans.views import context_of, see_other
from kloe.web.plans.writing import ChangedMeanwhile, FieldFault
from kloe.web.sent import words_asked

read_or_post = require_http_methods(["GET", "HEAD", "POST"])
PLAIN = (
    "title", "detail", "origin", "source", "owner_name", "outcome", "outcome_groups", "measure",
    "indicator", "target", "agreed_with", "realistic_why", "resources", "budget", "spend",
    "made_on", "start_on", "due_on", "risk", "risk_note", "reference",
)  # fmt: skip
#: Evidence offered at a time.
OFFERED = 20


def may_tell(access: OrganisationAccess, action: Action) -> bool:
    """Whether a person may tell of an action: whoever edits the plan, and who answers for it."""
    return access.may(Permission.PLAN_EDIT) or (
        access.may(Permission.PLAN_TELL) and action.owner_id == access.user.pk
    )


def _demand_tell(access: OrganisationAccess, action: Action) -> None:
    if not may_tell(access, action):
        raise PermissionRefused(
            Message("%(ref)s is somebody else's to tell of.", ref=action.reference),
            Message("Who answers for an action tells of it, and whoever edits the plan."),
            Message("Ask a lead to make you answer for it."),
        )


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def show(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """One action with everything said of it."""
    return _page(request, access, queries.action(access.organisation, pk))


def _page(
    request: HttpRequest, access: OrganisationAccess, action: Action, status: int = 200, **more: Any
) -> HttpResponse:
    evidence: list[dict[str, Any]] = [
        {"row": e, "hidden": _hidden(access, e)}
        for e in action.evidence.all()
        if e.item.deleted_at is None
    ]
    shown_for = {e["row"].group for e in evidence if e["row"].shows == Shows.OUTCOME}
    groups = outcomes.groups_of(action)
    indicator = queries.indicator_of(access.organisation, action.indicator)
    context = context_of(
        access,
        "plan",
        action=action,
        smart=acting.smart_of(action),
        moves=moves_from(action.status),
        may_tell=may_tell(access, action),
        evidence=evidence,
        groups=[(g, g in shown_for) for g in groups],
        outcomes=[(k, str(v)) for k, v in OUTCOMES.items()],
        context_only=action.status == Status.COMPLETED and action.outcome_state != "evidenced",
        overdue=action.status in queries.OWED
        and action.due_on is not None
        and action.due_on < timezone.localdate(),
        indicator=indicator,
        tell=TellForm(auto_id="tell-%s"),
        **more,
    )
    return render(request, "plans/action.html", context, status=status)


def _hidden(access: OrganisationAccess, evidence: ActionEvidence) -> bool:
    return evidence.item.confidentiality == "restricted" and not access.may(
        Permission.EVIDENCE_RESTRICTED
    )


# Adding and changing


def _form(access: OrganisationAccess, data: Any, initial: dict[str, Any]) -> ActionForm:
    return ActionForm(
        data,
        initial=initial,
        recommendations=Recommendation.objects.filter(organisation=access.organisation).filter(
            Q(accepted=True) | Q(accepted=None) | Q(pk=initial.get("recommendation"))
        ),
        people=User.objects.filter(memberships__organisation=access.organisation).order_by("name"),
    )


def fault_of(form: Any, error: InvalidInput | Conflict) -> None:
    """Show what an action refused by the field it is about."""
    field = getattr(error, "field", "")
    words = " ".join(str(part) for part in (error.given, error.allowed, error.remedy) if str(part))
    form.add_error(field if field in form.fields else None, words)


def _begun(request: HttpRequest, access: OrganisationAccess) -> dict[str, Any]:
    """What a new action begins with, as the address says it: where it comes from."""
    origin = request.GET.get("origin", "")
    initial: dict[str, Any] = {
        "id": new_id(),
        "made_on": timezone.localdate(),
        "origin": origin if origin in set(LedBy) else LedBy.OTHER.value,
    }
    for name in ("recommendation", "finding"):
        try:
            wanted = UUID(request.GET.get(name, ""))
        except ValueError:
            continue
        if name == "recommendation":
            row = queries.recommendation(access.organisation, wanted)
            initial |= {
                "recommendation": row.pk, "title": row.what[:300], "outcome": row.benefit,
                "due_on": row.due_on, "origin": LedBy.RECOMMENDATION.value,
            }  # fmt: skip
        elif finding := improvements_of(access.organisation).filter(pk=wanted).first():
            initial |= {
                "finding": finding.pk, "title": (finding.recommendation or finding.text)[:300],
                "detail": finding.text, "origin": LedBy.FINDING.value,
                "source": finding.assessment.title,
            }  # fmt: skip
    if measure := request.GET.get("indicator", "")[:100]:
        initial |= {"indicator": measure, "origin": LedBy.INDICATOR.value}
        if (found := queries.indicator_of(access.organisation, measure)) is not None:
            line, _assessment = found
            initial |= {"measure": line.title, "target": line.target}
    return initial


@in_organisation(Permission.PLAN_EDIT)
@read_or_post
def add(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """A new action, begun from what led to it."""
    initial = _begun(request, access)
    form = _form(access, request.POST or None, initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = acting.add(
                organisation=access.organisation,
                by=access.user,
                id=form.cleaned_data["id"],
                milestones=form.cleaned_data["milestones"],
                finding=_finding(request, access),
                request_id=getattr(request, "id", ""),
                **form.values(),
            )
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(
                request, _("%(ref)s is added, as a proposal.") % {"ref": row.reference}
            )
            return see_other("action", access.organisation.pk, row.pk)
    return _form_page(request, access, form, finding=initial.get("finding"))


def _finding(request: HttpRequest, access: OrganisationAccess) -> Any:
    try:
        wanted = UUID(request.POST.get("finding", ""))
    except ValueError:
        return None
    return improvements_of(access.organisation).filter(pk=wanted).first()


def _form_page(
    request: HttpRequest,
    access: OrganisationAccess,
    form: ActionForm,
    action: Action | None = None,
    **more: Any,
) -> HttpResponse:
    context = context_of(access, "plan", form=form, action=action, **more)
    context["measures"] = _measures(access)
    return render(request, "plans/action_form.html", context, status=422 if form.is_bound else 200)


def _measures(access: OrganisationAccess) -> list[tuple[str, str]]:
    from kloe.measures.catalogue import catalogue

    return [
        (s.id, str(s.measure.title))
        for s in catalogue().sources.values()
        if not s.id.startswith("integrity/")
    ]


@in_organisation(Permission.PLAN_EDIT)
@read_or_post
def edit(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Change an action; what somebody else saved meanwhile is shown, never overwritten."""
    row = queries.action(access.organisation, pk)
    steps = [acting.Step(m.text, m.due_on, m.done_on) for m in row.milestones.all()]
    initial = {name: getattr(row, name) for name in PLAIN}
    initial |= {n: truth(getattr(row, n)) for n in ("agreed", "realistic", "needs_money")}
    initial |= {
        "owner": row.owner_id, "recommendation": row.recommendation_id,
        "milestones": steps_text(steps), "base_version": row.version,
    }  # fmt: skip
    form = _form(access, request.POST or None, initial)
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            acting.edit(
                action=row,
                by=access.user,
                base_version=form.cleaned_data["base_version"] or 0,
                milestones=form.cleaned_data["milestones"],
                reason=form.cleaned_data["reason"],
                request_id=getattr(request, "id", ""),
                **form.values(),
            )
        except ChangedMeanwhile as error:
            form.add_error(None, str(error))
            theirs = _theirs(form, row)
            # What stands now was shown: the next save starts from it.
            form.data = {**request.POST.dict(), "base_version": str(error.current.version)}
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(request, _("Saved."))
            return see_other("action", access.organisation.pk, row.pk)
    return _form_page(request, access, form, row, theirs=theirs)


def _theirs(form: ActionForm, row: Action) -> list[tuple[str, str]]:
    """What stands now where the form says something else."""
    found = []
    for name, value in form.values().items():
        now = getattr(row, name)
        if now != value:
            found.append((str(form.fields[name].label), str("–" if now in (None, "") else now)))
    return found


# Moving on


@in_organisation(Permission.PLAN_TELL)
@require_POST
def move(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Take an action to its next state; agreeing and dropping are for whoever edits the plan."""
    row = queries.action(access.organisation, pk)
    form = MoveForm(request.POST)
    to = request.POST.get("to", "")
    if to in (Status.AGREED, Status.DROPPED, Status.PROPOSED) or row.status == Status.PROPOSED:
        access.demand(Permission.PLAN_EDIT)
    _demand_tell(access, row)
    if form.is_valid():
        try:
            acting.move(
                action=row,
                to=to,
                by=access.user,
                reason=form.cleaned_data["reason"],
                done_on=form.cleaned_data["done_on"],
                spend=form.cleaned_data["spend"],
                request_id=getattr(request, "id", ""),
            )
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(
                request,
                _("%(ref)s: %(status)s.") % {"ref": row.reference, "status": STATUSES.get(to, to)},
            )
            return see_other("action", access.organisation.pk, row.pk)
    return _page(request, access, row, status=422, moving=form, moving_to=to)


@in_organisation(Permission.PLAN_TELL)
@require_POST
def tell(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Tell how an action goes."""
    row = queries.action(access.organisation, pk)
    _demand_tell(access, row)
    form = TellForm(request.POST, auto_id="tell-%s")
    if form.is_valid():
        try:
            acting.tell(
                action=row, by=access.user, request_id=getattr(request, "id", ""),
                **form.cleaned_data,
            )  # fmt: skip
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(request, _("Told."))
            return see_other("action", access.organisation.pk, row.pk)
    response = _page(request, access, row, status=422, telling=form)
    return response


@in_organisation(Permission.PLAN_TELL)
@require_POST
def milestone(
    request: HttpRequest, access: OrganisationAccess, pk: UUID, milestone: UUID
) -> HttpResponse:
    """Say that a milestone was reached, or that it was not."""
    row = queries.action(access.organisation, pk)
    _demand_tell(access, row)
    one = Milestone.objects.filter(action=row, pk=milestone).first()
    if one is None:
        raise NotFound(Message("This action has no such milestone."))
    given = request.POST.get("done_on", "")
    try:
        on = parse_date(given) if given else None
    except ValueError:
        on = None
    if request.POST.get("reached") == "yes":
        on = on or timezone.localdate()
    acting.milestone_done(
        milestone=one, on=on, by=access.user, request_id=getattr(request, "id", "")
    )
    messages.success(request, _("Saved."))
    return see_other("action", access.organisation.pk, row.pk)


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def remove(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Take a proposal away that was added by mistake."""
    row = queries.action(access.organisation, pk)
    acting.remove(action=row, by=access.user, request_id=getattr(request, "id", ""))
    messages.success(request, _("%(ref)s is taken away.") % {"ref": row.reference})
    return see_other("plan", access.organisation.pk)


# What shows it


@in_organisation(Permission.PLAN_TELL)
@read_or_post
def evidence(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Choose evidence that an action was done, or of what came of it."""
    row = queries.action(access.organisation, pk)
    _demand_tell(access, row)
    offered = evidence_of(
        access.organisation, restricted=access.may(Permission.EVIDENCE_RESTRICTED)
    )
    fault = ""
    if request.method == "POST":
        try:
            item = offered.filter(pk=UUID(request.POST.get("item", ""))).first()
        except ValueError:
            item = None
        shows, _space, group = request.POST.get("shows", "").partition(" ")
        try:
            if item is None:
                raise FieldFault(
                    "item",
                    Message("No evidence is chosen that may be used here."),
                    "",
                    Message("Choose one."),
                )
            outcomes.put_evidence(
                action=row, item=item, shows=shows, group=group, by=access.user,
                request_id=getattr(request, "id", ""),
            )  # fmt: skip
        except InvalidInput as error:
            fault = str(error)
        else:
            messages.success(request, _("E%(n)d stands for it now.") % {"n": item.number})
            return see_other("action", access.organisation.pk, row.pk)
    words = words_asked(request)
    if words:
        number = words[1:] if words[:1] in "Ee" else words
        by_number = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q()
        offered = (
            offered.filter(Q(title__icontains=words) | by_number)
            if by_number
            else (offered.filter(title__icontains=words))
        )
    context = context_of(
        access,
        "plan",
        action=row,
        words=words,
        fault=fault,
        offered=list(offered.order_by("-added_at")[:OFFERED]),
        all=offered.count(),
        groups=outcomes.groups_of(row),
        assessments=list(assessments_of(access.organisation)[:10]),
    )
    return render(request, "plans/evidence.html", context, status=422 if fault else 200)


@in_organisation(Permission.PLAN_TELL)
@require_POST
def evidence_take(
    request: HttpRequest, access: OrganisationAccess, pk: UUID, evidence: int
) -> HttpResponse:
    """Take evidence from an action."""
    row = queries.action(access.organisation, pk)
    _demand_tell(access, row)
    one = ActionEvidence.objects.filter(action=row, pk=evidence).select_related("item").first()
    if one is not None:
        outcomes.take_evidence(evidence=one, by=access.user, request_id=getattr(request, "id", ""))
        messages.success(request, _("Taken away."))
    return see_other("action", access.organisation.pk, row.pk)


@in_organisation(Permission.PLAN_TELL)
@require_POST
def outcome(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Say whether service users got what the action was for."""
    row = queries.action(access.organisation, pk)
    _demand_tell(access, row)
    try:
        outcomes.say_outcome(
            action=row,
            state=request.POST.get("state", ""),
            note=request.POST.get("note", ""),
            by=access.user,
            request_id=getattr(request, "id", ""),
        )
    except (InvalidInput, Conflict) as error:
        return _page(
            request, access, row, status=422, outcome_fault=str(error),
            outcome_note=request.POST.get("note", ""),
        )  # fmt: skip
    messages.success(request, _("Saved."))
    return see_other("action", access.organisation.pk, row.pk)
