"""The summary for tenants: filled in, written part by part, told where it is too long."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from kloe.assessment.plain_words import PARTS, Part
from kloe.core.errors import InvalidInput
from kloe.reports.fitting import DoesNotFit, pages_of
from kloe.web.assessments.models import Revision
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.audit.models import AuditEvent
from kloe.web.judgements.models import Finding
from kloe.web.reporting.actions import make
from kloe.web.reporting.snapshot import take
from kloe.web.summaries import actions, queries
from kloe.web.summaries.models import SummaryPart

THEME = "wao-housing-2005/1.2/3"
WORDS = "We read your letters. We spoke to 40 of you."


def write(by: Any, base: int = 0, **more: Any) -> Write:
    return Write(id=more.pop("id", None) or uuid4(), base_version=base, by=by)


def save(assessment: Any, by: Any, text: str, part: Part = Part.LOOKED, **more: Any) -> Any:
    base = more.pop("base", 0)
    return actions.save(assessment=assessment, part=part, text=text, write=write(by, base, **more))


def address(assessment: Any, *part: str) -> str:
    name = "tenants-summary-save" if part else "tenants-summary"
    return reverse(name, args=[assessment.pk, *part])


def test_every_part_is_filled_in(assessment: Any, lead: Any, client_of: Any) -> None:
    Finding.objects.create(
        assessment=assessment, theme=THEME, kind="strength", text="Rent letters are plain."
    )
    page = client_of(lead).get(address(assessment)).content.decode()
    for about in PARTS.values():
        assert str(about.title) in page
    assert "- Rent letters are plain." in page
    assert page.count("filled in</span>") == len(PARTS)


def test_a_part_in_own_words(assessment: Any, lead: Any, client_of: Any) -> None:
    answer = client_of(lead).post(
        address(assessment, "looked"), {"text": WORDS, "base_version": "0"}
    )
    assert answer.status_code == 302
    assert answer.url.endswith("#part-looked")
    row = SummaryPart.objects.get(assessment=assessment)
    assert (row.key, row.text, row.version, row.updated_by) == ("looked", WORDS, 1, lead)
    event = AuditEvent.objects.filter(assessment_id=assessment.pk).latest("pk")
    assert event.verb == "wrote tenants' summary"
    assert [(p.key, p.text) for p in take(assessment).tenants] == [("looked", WORDS)]
    assert "We spoke to 40 of you." in make(assessment, format="html", view="tenants").decode()
    trail = client_of(lead).get(reverse("audit-assessment", args=[assessment.pk])).content.decode()
    assert "wrote the summary for tenants" in trail


def test_emptied_it_is_filled_in_again(assessment: Any, lead: Any) -> None:
    save(assessment, lead, WORDS)
    save(assessment, lead, "  ", base=1)
    assert take(assessment).tenants == ()
    assert "We looked at how" in make(assessment, format="html", view="tenants").decode()
    # Both versions are kept.
    kept = Revision.objects.filter(assessment=assessment, subject_kind="tenants' summary")
    assert sorted(r.values["text"] for r in kept) == ["", WORDS]


def test_words_nobody_changed_go_on_following_the_assessment(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    [good] = [p for p in queries.shown(assessment, take(assessment)) if p.part is Part.GOOD]
    client_of(lead).post(
        address(assessment, "good"),
        {"text": good.text, "filled": good.filled_digest, "base_version": "0"},
    )
    assert not SummaryPart.objects.exists()
    Finding.objects.create(
        assessment=assessment, theme=THEME, kind="strength", text="Something new is good."
    )
    assert "Something new is good." in make(assessment, format="html", view="tenants").decode()


def test_of_two_at_once_one_is_told(assessment: Any, lead: Any, client_of: Any) -> None:
    save(assessment, lead, "Theirs.")
    with pytest.raises(StaleWrite):
        save(assessment, lead, "Mine.")
    answer = client_of(lead).post(
        address(assessment, "looked"), {"text": "Mine, at length.", "base_version": "0"}
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs." in page
    assert "Mine, at length." in page
    assert SummaryPart.objects.get().text == "Theirs."
    # Sent twice, the same write is one.
    same = uuid4()
    save(assessment, lead, "Third.", base=1, id=same)
    assert save(assessment, lead, "Third.", base=1, id=same).row.version == 2


def test_who_may_write(assessment: Any, org: Any, user_with: Any, client_of: Any) -> None:
    reader, outsider = user_with("reader", org), user_with("reader")
    given = {"text": WORDS, "base_version": "0"}
    assert client_of(reader).get(address(assessment)).status_code == 200
    assert "<textarea" not in client_of(reader).get(address(assessment)).content.decode()
    assert client_of(reader).post(address(assessment, "looked"), given).status_code == 403
    assert client_of(outsider).get(address(assessment)).status_code == 404
    assert client_of(outsider).post(address(assessment, "looked"), given).status_code == 404
    assert not SummaryPart.objects.exists()


@pytest.mark.parametrize("part", ["pocket", "LOOKED"])
def test_a_part_there_is_not(assessment: Any, lead: Any, client_of: Any, part: str) -> None:
    there = address(assessment, "looked").replace("/looked", f"/{part}")
    answer = client_of(lead).post(there, {"text": WORDS})
    assert answer.status_code == 404


def test_too_long_to_be_meant(assessment: Any, lead: Any, client_of: Any) -> None:
    with pytest.raises(InvalidInput, match="At most 6000"):
        save(assessment, lead, "word " * 2000)
    answer = client_of(lead).post(
        address(assessment, "looked"), {"text": "word " * 2000, "base_version": "0"}
    )
    assert answer.status_code == 400
    # What no document may hold does not get in.
    save(assessment, lead, "A\x00\x0b b\r\nc")
    assert SummaryPart.objects.get().text == "A b\nc"


def test_what_does_not_fit_is_said_and_not_cut(assessment: Any, lead: Any, client_of: Any) -> None:
    assert pages_of(make(assessment, format="pdf", view="tenants")) == 2
    client = client_of(lead)
    assert "It takes two pages." in client.get(address(assessment), {"check": 1}).content.decode()
    long = " ".join(["We will write to every one of you about your rent."] * 115)
    save(assessment, lead, long, Part.BETTER)
    with pytest.raises(DoesNotFit) as caught:
        make(assessment, format="pdf", view="tenants")
    over = 115 * 11 - PARTS[Part.BETTER].room
    assert f"by {over} words" in str(caught.value)
    page = client.get(address(assessment), {"check": 1}).content.decode()
    assert "The summary for tenants takes" in page
    assert f"{over} too many" in page
    # The forms that have no pages to keep to say everything.
    for view, format in (("tenants", "html"), ("tenants-large", "html"), ("full", "html")):
        made = make(assessment, format=format, view=view).decode()
        assert made.count("We will write to every one of you") == (115 if view != "full" else 0)
    assert make(assessment, format="pdf", view="tenants-large").startswith(b"%PDF")


def test_a_job_that_does_not_fit_says_so(assessment: Any, lead: Any, client_of: Any) -> None:
    from kloe.web.jobs.models import Job
    from kloe.web.jobs.worker import run_waiting

    save(assessment, lead, "We will write to you. " * 270, Part.BETTER)
    asked = {"format": "pdf", "view": "tenants", "order": "kloe"}
    client_of(lead).post(reverse("report-make", args=[assessment.pk]), asked)
    run_waiting()
    job = Job.objects.latest("pk")
    page = client_of(lead).get(reverse("job", args=[job.pk])).content.decode()
    assert "The summary for tenants takes" in page


def test_few_queries(
    assessment: Any, lead: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(lead)
    client.get(address(assessment))
    with django_assert_max_num_queries(34):
        client.get(address(assessment))
    save(assessment, lead, WORDS)
    with django_assert_max_num_queries(9):
        client.get(reverse("tenants-summary-reads", args=[assessment.pk, "looked"]))


def test_hints_of_how_it_reads(assessment: Any, lead: Any, client_of: Any) -> None:
    long = "This is a sentence that goes on and on and on " + "and on " * 12 + "without end."
    save(assessment, lead, f"{long} Short. Notwithstanding misrepresentation.")
    page = client_of(lead).get(address(assessment)).content.decode()
    assert "1 long sentence" in page
    assert "Notwithstanding, misrepresentation" in page
