"""Emerging findings: prepared from chosen findings, told to the landlord, then frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kloe.assessment.vocabulary import FindingKind
from kloe.core.digest import value_digest
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, Write, save_versioned
from kloe.web.assessments.trail import trace
from kloe.web.judgements.models import Finding
from kloe.web.judgements.writing import add_once, once, text_within
from kloe.web.library.store import Pinned
from kloe.web.moderation.models import Feedback, FeedbackWaived, GivenFeedback
from kloe.web.moderation.talking import inspected

FORMAT = "kloe-feedback/1"
MAX_PEOPLE, MAX_SAID = 2_000, 20_000


@dataclass(frozen=True)
class Told:
    """What is written of one feedback."""

    held_on: date
    spoke: str
    heard: str
    place: str = ""
    reaction: str = ""
    #: Words of points by finding; a finding that is not named is not told.
    points: Mapping[UUID, str] = field(default_factory=dict)
    #: How they took what was said, by theme.
    reactions: Mapping[str, str] = field(default_factory=dict)


def _values(assessment: Assessment, pinned: Pinned, told: Told) -> dict[str, Any]:
    rows = {
        f.pk: f for f in Finding.objects.filter(assessment=assessment, pk__in=list(told.points))
    }
    if set(told.points) - set(rows):
        raise InvalidInput(
            _("Some of the findings are not in this assessment, or were removed."),
            _("Told are findings of this inspection."),
            _("Load the page again and choose among what is there."),
        )
    said: dict[str, dict[str, Any]] = {}
    places = {t.id: n for n, t in enumerate(pinned.themes())}
    for row in sorted(rows.values(), key=lambda f: (places.get(f.theme, 0), *in_order(f))):
        entry = said.setdefault(row.theme, {"theme": row.theme, "points": [], "reaction": ""})
        words = text_within(told.points[row.pk], MAX_SAID, _("point"))
        entry["points"].append({"finding": str(row.pk), "kind": row.kind, "text": words})
    for theme, entry in said.items():
        entry["reaction"] = told.reactions.get(theme, "").strip()[:MAX_SAID]
    return {
        "held_on": told.held_on,
        "place": " ".join(told.place.split())[:200],
        "spoke": text_within(told.spoke, MAX_PEOPLE, _("list of who spoke")),
        "heard": text_within(told.heard, MAX_PEOPLE, _("list of who heard")),
        "said": list(said.values()),
        "reaction": told.reaction.strip()[:MAX_SAID],
    }


def in_order(finding: Finding) -> tuple[int, int]:
    """Strengths first, as they stand on a theme's page."""
    return list(FindingKind).index(FindingKind(finding.kind)), finding.order


class _Row:
    """A feedback whose day is kept in its versions as JSON keeps it."""

    def __init__(self, row: Feedback) -> None:
        object.__setattr__(self, "row", row)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.row, name)
        return value.isoformat() if name == "held_on" and isinstance(value, date) else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.row, name, date.fromisoformat(value) if name == "held_on" else value)


def _save(
    assessment: Assessment, row: Feedback, values: dict[str, Any], write: Write, *, new: bool
) -> Saved:
    saved = save_versioned(
        assessment=assessment,
        row=_Row(row),  # type: ignore[arg-type]
        values=values | {"held_on": values["held_on"].isoformat()},
        write=write,
        verb="prepared feedback" if new else "changed feedback",
        subject_kind="feedback",
        subject=str(row.pk),
        new=new,
    )
    return Saved(row, saved.changed, saved.replayed, saved.made)


def prepare(*, assessment: Assessment, pinned: Pinned, told: Told, write: Write) -> Saved:
    """Write a new feedback; sent twice, it stands once.

    :raises InvalidInput: without who spoke and who heard, or with findings from elsewhere.
    """
    with transaction.atomic():
        inspected(assessment)
        values = _values(assessment, pinned, told)
        kept = values | {"held_on": values["held_on"].isoformat()}
        rows = Feedback.objects.filter(assessment=assessment)
        there, write = once(write, kept, rows)
        if there is not None:
            return Saved(there, changed=False, replayed=True)
        last = rows.aggregate(last=Max("number"))["last"] or 0
        row = Feedback(assessment=assessment, number=last + 1, version=0)
        return add_once(lambda: _save(assessment, row, values, write, new=True), write, kept, rows)


def change(*, feedback: Feedback, pinned: Pinned, told: Told, write: Write) -> Saved:
    """Change what is prepared.

    :raises Conflict: where it was given meanwhile.
    :raises StaleWrite: if somebody else changed it first.
    """
    with transaction.atomic():
        row = _open(feedback)
        return _save(row.assessment, row, _values(row.assessment, pinned, told), write, new=False)


def _open(feedback: Feedback) -> Feedback:
    row = (
        Feedback.objects.select_for_update(of=("self",))
        .select_related("assessment")
        .get(pk=feedback.pk)
    )
    if GivenFeedback.objects.filter(pk=row.pk).exists():
        raise Conflict(
            _("These emerging findings were given already."),
            _("What was told does not change."),
            _("Write another feedback for what is to be added or put right."),
        )
    return row


def give(*, feedback: Feedback, pinned: Pinned, base_version: int, by: User) -> GivenFeedback:
    """Freeze a feedback as it was told; the landlord's people read it from now on.

    :raises InvalidInput: where nothing was said, or its day is still to come.
    :raises Conflict: where it was given, or changed, meanwhile.
    """
    with transaction.atomic():
        row = _open(feedback)
        if row.version != base_version:
            raise Conflict(
                _("Somebody changed these emerging findings while you looked at them."),
                _("Given is what you have read."),
                _("Read them as they are now, then give them."),
            )
        if not row.said:
            raise InvalidInput(
                _("Nothing is said in it."),
                _("Emerging findings are told by theme, from chosen findings."),
                _("Choose the findings that were told."),
            )
        if row.held_on > timezone.localdate():
            raise InvalidInput(
                _("Its day is still to come: %(day)s.", day=row.held_on.isoformat()),
                _("It is frozen once it was told."),
                _("Come back after the meeting, or put the day right."),
            )
        content = content_of(row, pinned)
        given = GivenFeedback.objects.create(
            feedback=row,
            assessment=row.assessment,
            content=content,
            digest=value_digest(content),
            by=by,
        )
        trace(
            row.assessment,
            by,
            "gave feedback",
            "feedback",
            row.pk,
            after={"number": row.number, "digest": given.digest},
        )
        return given


def content_of(row: Feedback, pinned: Pinned) -> dict[str, Any]:
    """What is frozen: words, people and days; no identifiers of findings, no ratings."""
    themes: Sequence[dict[str, Any]] = row.said
    return {
        "format": FORMAT,
        "number": row.number,
        "held_on": row.held_on.isoformat(),
        "place": row.place,
        "spoke": row.spoke,
        "heard": row.heard,
        "themes": [
            {
                "theme": said["theme"],
                "number": pinned.theme(said["theme"]).number,
                "title": dict(pinned.theme(said["theme"]).title.by_language),
                "points": [{"kind": p["kind"], "text": p["text"]} for p in said["points"]],
                "reaction": said["reaction"],
            }
            for said in themes
        ],
        "reaction": row.reaction,
    }


def waive(*, assessment: Assessment, reason: str, by: User) -> FeedbackWaived:
    """Say why no emerging findings are fed back; said anew, the new reason stands.

    :raises InvalidInput: without a reason.
    """
    with transaction.atomic():
        inspected(assessment)
        reason = text_within(reason, 500, _("reason"))
        before = FeedbackWaived.objects.filter(assessment=assessment).first()
        row, _made = FeedbackWaived.objects.update_or_create(
            assessment=assessment, defaults={"reason": reason, "by": by, "at": timezone.now()}
        )
        trace(
            assessment,
            by,
            "said why no feedback",
            "feedback",
            assessment.pk,
            before={"reason": before.reason} if before else None,
            after={"reason": reason},
        )
        return row
