"""Making an assessment, its scope, context, what is known, comments, the overview."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kloe.core.errors import InvalidInput
from kloe.web.assessments import actions, queries
from kloe.web.assessments.models import (
    Assessment,
    ContextRecord,
    FrameworkComment,
    KnownFact,
    ThemeWork,
)
from kloe.web.assessments.warnings import warnings_for
from kloe.web.audit.models import AuditEvent
from kloe.web.library import store
from kloe.web.library.models import FrameworkEdition

BOTH = ["wao-housing-2005", "hi-cross-cutting-2005"]
THEME = "wao-housing-2005/1.2/3"


def form(org: Any, **changes: Any) -> dict[str, Any]:
    return {
        "organisation": str(org.pk),
        "kind": "self-assessment",
        "title": "Self-assessment",
        "frameworks": BOTH,
        "leading": "",
        "period_start": "2025-04-01",
        "period_end": "2026-03-31",
        "lead": "",
        **changes,
    }


def test_creating_pins_the_editions_and_puts_everything_in_scope(
    org: Any, lead: Any, client_of: Any
) -> None:
    answer = client_of(lead).post(reverse("assessment-create"), form(org))
    made = Assessment.objects.get()
    assert answer["Location"] == reverse("scope", args=[made.pk])
    assert [e.framework for e in made.editions.all()] == BOTH
    pinned = store.pinned(made)
    assert {e.edition_id for e in made.editions.all()} == {f.digest for f in pinned.frameworks}
    assert made.themes.filter(in_scope=True).count() == len(pinned.themes()) == 62
    assert AuditEvent.objects.filter(verb="created assessment", assessment_id=made.pk).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Title"),
        ({"frameworks": []}, "Framework"),
        ({"frameworks": ["no-such"]}, "no-such"),
        ({"period_end": "2024-01-01"}, "ends before it begins"),
        ({"period_start": "yesterday"}, "Period"),
        ({"kind": "inspection of everything"}, "inspection of everything"),
        ({"leading": "hi-cross-cutting-2005", "frameworks": BOTH[:1]}, "among those chosen"),
        ({"organisation": str(uuid4())}, "Organisation"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(
    org: Any, lead: Any, client_of: Any, changes: dict[str, Any], words: str
) -> None:
    answer = client_of(lead).post(reverse("assessment-create"), form(org, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    if changes.get("title") != "":
        assert 'value="Self-assessment"' in answer.content.decode()
    assert not Assessment.objects.exists()


def test_a_lead_from_elsewhere_is_refused(
    org: Any, other_org: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    stranger = user_with("lead", other_org)
    answer = client_of(lead).post(reverse("assessment-create"), form(org, lead=str(stranger.pk)))
    assert answer.status_code == 422
    with pytest.raises(InvalidInput, match="does not belong"):
        actions.create(
            organisation=org,
            frameworks=BOTH,
            kind="self-assessment",
            title="x",
            period_start=date(2025, 4, 1),
            period_end=date(2026, 3, 31),
            lead=stranger,
            by=lead,
        )


def test_an_organisation_is_offered_only_to_those_who_may(
    other_org: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    page = client_of(lead).get(reverse("assessment-create")).content.decode()
    assert org.name in page
    assert other_org.name not in page
    reader = client_of(user_with("reader", org))
    assert reader.get(reverse("assessment-create")).status_code == 403


def test_an_assessment_outlives_the_package(assessment: Any, monkeypatch: Any) -> None:
    """What it pinned comes from the database, not from the package's files."""
    from kloe.frameworks import library

    monkeypatch.setattr(library, "compiled_path", lambda name: 1 / 0)
    store.edition.cache_clear()
    store._pinned.cache_clear()
    assert store.pinned(assessment).theme(THEME).criteria
    assert FrameworkEdition.objects.count() == 1


def test_overlaps_and_another_country_are_pointed_out(make_assessment: Any) -> None:
    said = [str(w) for w in warnings_for(make_assessment(frameworks=BOTH))]
    assert any("KLOE 30 and KLOE 2.2" in w for w in said)
    assert any("KLOE 31 and KLOE 2.3" in w for w in said)
    assert any("written for England" in w for w in said)
    assert warnings_for(make_assessment(frameworks=BOTH[:1])) == []


def scope_post(assessment: Any, leave_out: dict[str, str], **more: str) -> dict[str, Any]:
    themes = list(assessment.themes.values_list("theme", flat=True))
    data: dict[str, Any] = {"in": [t for t in themes if t not in leave_out], **more}
    data |= {f"reason:{theme}": reason for theme, reason in leave_out.items()}
    return data


def test_a_theme_is_left_out_with_a_reason_only(assessment: Any, lead: Any, client_of: Any) -> None:
    client, url = client_of(lead), reverse("scope-set", args=[assessment.pk])
    refused = client.post(url, scope_post(assessment, {THEME: " "}))
    assert refused.status_code == 422
    assert "Say why it is left out" in refused.content.decode()
    assert ThemeWork.objects.get(assessment=assessment, theme=THEME).in_scope
    done = client.post(url, scope_post(assessment, {THEME: "Run by the county."}))
    assert done.status_code == 302
    work = ThemeWork.objects.get(assessment=assessment, theme=THEME)
    assert (work.in_scope, work.reason) == (False, "Run by the county.")
    event = AuditEvent.objects.filter(verb="set scope").latest("id")
    assert event.after == {THEME: {"in_scope": False, "reason": "Run by the county."}}
    back = client.post(url, scope_post(assessment, {}))
    assert back.status_code == 302
    assert ThemeWork.objects.get(assessment=assessment, theme=THEME).in_scope


def test_one_reason_serves_all_newly_left_out(assessment: Any, lead: Any, client_of: Any) -> None:
    out = dict.fromkeys(assessment.themes.values_list("theme", flat=True)[:3], "")
    url = reverse("scope-set", args=[assessment.pk])
    client_of(lead).post(url, scope_post(assessment, out, reason_all="Next year."))
    assert set(assessment.themes.filter(in_scope=False).values_list("reason", flat=True)) == {
        "Next year."
    }


def test_a_theme_gets_a_lead_and_a_due_date_and_waits_for_them(
    assessment: Any, lead: Any, user_with: Any, org: Any, other_org: Any, client_of: Any
) -> None:
    person = user_with("assessor", org)
    url = reverse("theme-assign", args=[assessment.pk, THEME])
    client_of(lead).post(url, {"lead": str(person.pk), "due": "2026-05-29"})
    waiting = queries.waiting_for(person, [assessment])
    assert [(w["work"].theme, w["work"].due) for w in waiting] == [(THEME, date(2026, 5, 29))]
    page = client_of(person).get(reverse("mine", args=[assessment.pk])).content.decode()
    assert "29 May 2026" in page
    home = client_of(person).get(reverse("home")).content.decode()
    assert "Rent and service charge accounting" in home
    stranger = user_with("assessor", other_org)
    client_of(lead).post(url, {"lead": str(stranger.pk), "due": ""})
    assert ThemeWork.objects.get(assessment=assessment, theme=THEME).lead == person


def test_context_is_saved_in_versions_and_conflicts_are_shown(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    client, url = client_of(lead), reverse("context-save", args=[assessment.pk])
    head = {"X-Kloe-Write": "1"}
    first = client.post(url, {"baseline": "In 2022 …", "base_version": "0"}, headers=head)
    assert first.json()["version"] == 1
    late = client.post(url, {"baseline": "Other", "base_version": "0"}, headers=head)
    assert late.status_code == 409
    record = ContextRecord.objects.get(assessment=assessment)
    assert record.baseline == "In 2022 …"
    assert record.evidence is not None
    assert record.evidence.text == "In 2022 …"
    assert "In 2022 …" in client.get(reverse("context", args=[assessment.pk])).content.decode()


def test_what_is_known_is_dated_sourced_and_traced(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    add = reverse("known-add", args=[assessment.pk])
    empty = client.post(add, {"kind": "audit", "text": "typed <b>already</b>"})
    assert empty.status_code == 422
    assert "typed &lt;b&gt;already&lt;/b&gt;" in empty.content.decode()
    said = {
        "kind": "Ombudsman determination",
        "date": "2025-06-17",
        "source": "Ombudsman",
        "text": "Upheld.",
        "tone": "against",
        "themes": [THEME],
    }
    assert client.post(add, said).status_code == 302
    fact = KnownFact.objects.get()
    assert (fact.themes, fact.tone) == ([THEME], "against")
    edit = reverse("known-edit", args=[assessment.pk, fact.pk])
    assert client.post(edit, said | {"text": "Upheld in part."}).status_code == 302
    fact.refresh_from_db()
    assert fact.evidence is not None
    assert (fact.evidence.text, fact.evidence.origin) == ("Upheld in part.", "third party")
    event = AuditEvent.objects.filter(verb="changed what is known").get()
    assert event.before is not None
    assert event.before["text"] == "Upheld."
    client.post(reverse("known-remove", args=[assessment.pk, fact.pk]))
    assert not KnownFact.objects.exists()
    fact.evidence.refresh_from_db()
    assert fact.evidence.deleted_at is not None
    assert client.post(add, said | {"url": "javascript:alert(1)"}).status_code == 422


def test_comments_on_the_framework_are_counted_and_exported(
    assessment: Any, pinned: Any, lead: Any, client_of: Any
) -> None:
    criterion = pinned.theme(THEME).criteria[0]
    client, url = client_of(lead), reverse("criterion-comment", args=[assessment.pk, criterion.id])
    write = str(uuid4())
    for _sent in range(2):
        client.post(url, {"kind": "unclear", "text": "What is routine?", "write_id": write})
    client.post(url, {"kind": "unclear", "text": "", "write_id": str(uuid4())})
    assert client.post(url, {"kind": "bad", "text": ""}).status_code == 400
    assert FrameworkComment.objects.count() == 2
    export = client.get(reverse("comments", args=[assessment.pk]), {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(export.content.decode())))
    assert [(r["criterion"], r["kind"], r["count"]) for r in rows] == [
        (criterion.id, "unclear", "2")
    ]
    assert "What is routine?" in rows[0]["comments"]
    assert client.get(reverse("comments", args=[assessment.pk]), {"format": "json"}).json()


def test_lists_page_sort_and_search_by_address(
    make_assessment: Any, lead: Any, client_of: Any, settings: Any
) -> None:
    settings.PAGE_SIZE = 5
    for n in range(12):
        make_assessment(title=f"Review {n:02d}")
    client, url = client_of(lead), reverse("assessments")
    first = client.get(url, {"sort": "title"}).content.decode()
    assert "Review 04" in first
    assert "Review 05" not in first
    assert "Review 11" in client.get(url, {"sort": "title", "page": "3"}).content.decode()
    assert client.get(url, {"sort": "nonsense", "page": "x"}).status_code == 200
    found = client.get(url, {"q": "review 07"}).content.decode()
    assert "Review 07" in found
    assert "Review 08" not in found


@pytest.mark.parametrize("query", ["", "?by=strand", "?show=mine", "?show=worst", "?show=x&by=y"])
def test_the_overview_draws_every_theme_in_scope(
    assessment: Any, lead: Any, client_of: Any, query: str
) -> None:
    answer = client_of(lead).get(reverse("overview", args=[assessment.pk]) + query)
    assert answer.status_code == 200
    shown = answer.content.decode().count(f"/assessments/{assessment.pk}/themes/")
    expected = 0 if query in {"?show=mine", "?show=worst"} else assessment.themes.count()
    assert shown == expected


def counted(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_pages_take_the_same_few_queries_whatever_the_size(
    make_assessment: Any, lead: Any, client_of: Any, org: Any
) -> None:
    """Twenty at most, with nothing rated and with everything rated and evidenced."""
    from kloe.web.assessments import states
    from kloe.web.assessments.models import Rating
    from kloe.web.evidence.models import EvidenceItem, EvidenceLink

    empty, full = make_assessment(title="Empty"), make_assessment(title="Full")
    criteria = [c for t in store.pinned(full).themes() for c in t.criteria]
    item = EvidenceItem.objects.create(
        organisation=org, assessment=full, number=1, form="note", title="Seen",
        kind="document", origin="landlord", text="x",
    )  # fmt: skip
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            item=item, assessment=full, descriptor=d.id, criterion=c.id, theme=c.theme_id,
            side=d.side, polarity=d.polarity, direction="shows this", by=lead,
        )
        for c in criteria
        for d in c.descriptors
    )  # fmt: skip
    Rating.objects.bulk_create(
        Rating(
            assessment=full, criterion=c.id, theme=c.theme_id, position="cannot-tell",
            reason="Not yet.", updated_by=lead,
        )
        for c in criteria
    )  # fmt: skip
    states.rebuild(full)
    client = client_of(lead)
    for name, more in (("theme", [THEME]), ("overview", []), ("scope", [])):
        few, many = (counted(client, reverse(name, args=[a.pk, *more])) for a in (empty, full))
        assert few == many, name
        assert many <= 20, name
