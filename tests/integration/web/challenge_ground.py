"""Ground for the tests of drafts and challenges: a draft that is before the landlord."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage

ADDRESS = "https://kloe.example.org/draft"
CLAIM = "They go out on the day."
WRITTEN = "Letters are sent late, and tenants say so."


def issued(ground: Ground | None = None, **more: Any) -> tuple[Ground, Any]:
    """An inspection at factual accuracy, with a finding in it, and its first draft."""
    from kloe.web.challenges import issuing
    from kloe.web.judgements.models import Finding

    ground = ground or make_ground()
    Finding.objects.create(
        assessment=ground.assessment, theme=THEME, kind="area for improvement", text=WRITTEN
    )
    ground.assessment.themes.exclude(theme=THEME).update(in_scope=False, reason="Not now.")
    inspection = ground.at(Stage.FACTUAL_ACCURACY)
    draft = issuing.issue(
        inspection=inspection,
        by=ground.people.get(Role.LEAD_INSPECTOR, ground.chief),
        address=ADDRESS,
        **more,
    )
    return ground, draft


def paragraph(draft: Any, words: str = WRITTEN) -> int:
    """The number of the paragraph that says these words."""
    return int(draft.paragraphs.filter(text__contains=words).first().number)


def challenge(ground: Ground, draft: Any, claim: str = CLAIM, **more: Any) -> Any:
    """A challenge of the landlord's contributor to what was found, not sent yet."""
    from kloe.web.challenges import actions

    return actions.write(
        draft=draft,
        paragraph=more.pop("paragraph", None) or paragraph(draft),
        words=actions.Words(kind=more.pop("kind", "fact wrong"), claim=claim),
        by=ground.people[Role.LANDLORD_CONTRIBUTOR],
        **more,
    )


def send(ground: Ground, draft: Any, *rows: Any) -> list[Any]:
    """The landlord's lead sends challenges, or all there are."""
    from kloe.web.challenges import actions

    return actions.send(
        draft=draft, challenges=rows or None, by=ground.landlord_lead, address=ADDRESS
    )


def heard(ground: Any) -> Any:
    """A draft was issued, and the time for it is over: nothing of it stops publication."""
    from django.utils import timezone

    from kloe.web.challenges.models import Draft

    yesterday = timezone.localdate() - timedelta(days=1)
    return Draft.objects.create(
        assessment=ground.assessment, version=1, document={}, digest="0" * 64, pdf="0" * 64,
        deadline=yesterday, days=20, looked_until=yesterday, by=ground.chief,
    )  # fmt: skip


def given(when: date, **more: Any) -> Any:
    """Evidence as a link, of a day."""
    from kloe.web.challenges.giving import Given

    return Given(when=when, **({"url": "https://example.org/letters"} | more))


def routes(assessment: Any, by: Any) -> dict[str, list[Any]]:
    """A draft and a challenge for every route that names them, made in this assessment."""
    from django.utils import timezone

    from kloe.web.challenges.models import Challenge, Draft, LateEvidence

    today = timezone.localdate()
    draft = Draft.objects.create(
        assessment=assessment, version=1, document={}, digest="0" * 64, pdf="0" * 64,
        deadline=today, days=20, looked_until=today, by=by,
    )  # fmt: skip
    content = {
        "kind": "section", "title": "Summary", "level": 1,
        "blocks": [{"kind": "paragraph", "line": [{"text": WRITTEN}], "number": 1}],
    }  # fmt: skip
    draft.chapters.create(n=1, number="1", title="Summary", content=content, first=1, last=1)
    draft.paragraphs.create(number=1, section="1 Summary", text=WRITTEN)
    row = Challenge.objects.create(
        assessment=assessment, draft=draft, paragraph=1, section="1 Summary", text=WRITTEN,
        kind="fact wrong", claim=CLAIM, state="sent", number=1, sent_at=timezone.now(),
    )  # fmt: skip
    late = LateEvidence.objects.create(
        challenge=row, title="Letters", kind="document", when=today, counts="service",
        url="https://example.org/letters",
    )  # fmt: skip
    a = assessment.pk
    one = ("", "-edit", "-remove", "-answer")
    return {
        "draft-chapter": [a, 1, 1],
        "draft-changes": [a, 1],
        "draft-pdf": [a, 1],
        "challenges-export": [a, "csv"],
        "challenge-write": [a, 1],
        **{f"challenge{name}": [a, row.pk] for name in one},
        "challenge-file": [a, row.pk, late.pk],
        "challenge-take-back": [a, row.pk, late.pk],
    }
