"""What a device takes along of a check, to carry it out without a network: no more than its page.

Names of people seen are never among it, nor references of cases for those who may not see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from kloe.assessment.checks import words
from kloe.assessment.checks.templates import Item
from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, visible_assessments
from kloe.web.accounts.models import User
from kloe.web.checks import people, risks
from kloe.web.checks.actions import template_of
from kloe.web.checks.models import Check, CheckEntry
from kloe.web.evidence.storage import limit
from kloe.web.library import store

#: The layout of what a device keeps; one that knows another fetches anew.
LAYOUT = 1
#: So many checks are offered at most; the list of checks has them all.
MOST = 60
OPEN = (words.CheckState.PLANNED.value, words.CheckState.UNDER_WAY.value)


def given_to(user: User) -> Iterator[dict[str, Any]]:
    """The checks given to somebody that are not done, soonest first. Two queries."""
    by_pk = {a.pk: a for a in visible_assessments(user)}
    doing = Check.doers.through.objects.filter(user_id=user.pk).values("check_id")
    rows = Check.objects.filter(
        Q(assigned=user) | Q(pk__in=doing), assessment__in=list(by_pk), state__in=OPEN
    ).order_by("planned_at", "number")
    for check in rows.defer("sample", "claim")[:MOST]:
        assessment = by_pk[check.assessment_id]
        yield {
            "id": str(check.pk),
            "assessment": str(check.assessment_id),
            "where": f"{assessment.landlord.name}, {assessment.title}",
            "title": f"C{check.number} {check.title}",
            "kind": words.label(check.kind),
            "planned_at": _time(check.planned_at),
            "place": check.place,
        }


def _time(when: Any) -> str:
    return when.isoformat() if when else ""


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "ask": str(item.ask),
        "look": str(item.look),
        "confirms": str(item.confirms),
        "contradicts": str(item.contradicts),
        "section": str(item.section or ""),
        "per_case": item.per_case,
    }


def pack(access: AssessmentAccess, check: Check) -> dict[str, Any]:
    """A check with its checklist, its cases and what was answered so far.

    A fixed number of queries, whatever its size.
    """
    template = template_of(check.template)
    theme = store.pinned(access.assessment).theme(check.theme)
    tested = set(check.criteria)
    cases = list(check.cases.all())
    place = {c.pk: c.place for c in cases}
    entries = CheckEntry.objects.filter(check_of=check).select_related("updated_by")
    contact = risks.contact_of(access.assessment)
    outcome = check.outcome
    may_cases = access.may(Permission.CASES_VIEW)
    return {
        "layout": LAYOUT,
        "id": str(check.pk),
        "assessment": str(check.assessment_id),
        "person": str(access.user.pk),
        "where": f"{access.landlord.name}, {access.assessment.title}",
        "url": reverse("check", args=[check.assessment_id, check.pk]),
        "title": f"C{check.number} {check.title}",
        "kind": words.label(check.kind),
        "state": check.state,
        "open": check.state in OPEN,
        "claim": check.claim,
        "claim_source": words.label(check.claim_source),
        "planned_at": _time(check.planned_at),
        "place": check.place,
        "frame": check.frame,
        "theme": f"{theme.number} {theme.title}",
        "criteria": [str(c.title) for c in theme.criteria if c.id in tested],
        "before": [str(one) for one in template.before],
        "opening": str(template.opening or ""),
        "after": [str(one) for one in template.after],
        "items": [_item(item) for item in template.items],
        "cases": [
            {
                "place": c.place,
                "reference": c.reference if may_cases else "",
                "not_found": c.not_found,
            }
            for c in cases
        ],
        "entries": [
            {
                "item": e.item,
                "place": place.get(e.case_id, 0) if e.case_id else 0,
                "values": {"answer": e.answer, "note": e.note},
                "version": e.version,
                "by": str(e.updated_by or ""),
                "at": _time(e.updated_at),
            }
            for e in entries
        ],
        "outcome": {
            "values": {
                "result": outcome.result,
                "conclusion": outcome.conclusion,
                "notes": outcome.notes,
                "done_on": outcome.done_on,
            },
            "version": outcome.version,
        },
        "seen": [
            {
                "count": g.count,
                "role": words.label(g.role) if g.role else "",
                "group": g.group,
            }
            for g in people.groups(check)
        ],
        "may_seen": people.did(check, access.user),
        "may_risk": access.may(Permission.RISKS_RAISE),
        "contact": {"name": contact.name, "telephone": contact.telephone} if contact else None,
        "most_bytes": limit(),
        "fetched_at": timezone.now().isoformat(),
    }
