"""The pages of a publication: for those who take part, and for anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from inspection_ground import Ground
from publication_ground import RIGHT, WRONG, quick, ready
from test_publication import corrected, published

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.inspections.models import Inspection
from kloe.web.jobs.worker import run_waiting
from kloe.web.publication import opening, responding
from kloe.web.publication.models import BoardResponse, Publication, PublishedPage

__all__ = ["quick"]
SLUG = "tai-landlord-inspection-2026"


@pytest.fixture
def ground(db: None) -> Ground:
    return ready()


@pytest.fixture
def anybody() -> Client:
    return Client()


def here(ground: Ground, name: str = "publication", *more: Any) -> str:
    return reverse(name, args=[ground.assessment.pk, *more])


def public(*more: Any) -> str:
    return reverse("published-file" if more else "published", args=[SLUG, *more])


# Within --------------------------------------------------------------------------------------


def test_the_lead_publishes_from_the_page(ground: Ground, quick: None, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    page = client.get(here(ground)).content.decode()
    assert "Publish the report" in page
    assert SLUG in page
    said = {"public": "yes", "slug": "", "base_version": ground.inspection.version}
    first = client.post(here(ground, "publication-publish"), said)
    again = client.post(here(ground, "publication-publish"), said)
    assert first.status_code == again.status_code == 302
    # A button pressed twice is one job.
    assert first["Location"] == again["Location"]
    run_waiting()
    assert Publication.objects.get().number == 1
    job = client.get(first["Location"]).content.decode()
    assert "What was published" in job
    page = client.get(here(ground)).content.decode()
    assert "Version 1 stands" in page
    assert "restricted edition" in page
    assert f"/published/{SLUG}/" in page
    late = client.post(here(ground, "publication-publish"), said)
    assert late.status_code == 409


def test_a_page_that_is_old_publishes_nothing(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    said = {"public": "yes", "base_version": ground.inspection.version + 1}
    assert client.post(here(ground, "publication-publish"), said).status_code == 409
    assert client.post(here(ground, "publication-publish"), {}).status_code == 422
    assert not ground.assessment.jobs.exists()


def test_a_job_called_off_publishes_nothing(ground: Ground, quick: None, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    said = {"public": "no", "slug": "", "base_version": ground.inspection.version}
    client.post(here(ground, "publication-publish"), said)
    job = ground.assessment.jobs.get()
    assert client.post(reverse("job-cancel", args=[job.pk])).status_code < 400
    run_waiting()
    assert not Publication.objects.exists()


def test_what_is_missing_stands_on_the_page(ground: Ground, client_of: Any) -> None:
    ground.at(Stage.MODERATION)
    page = client_of(ground.people[Role.LEAD_INSPECTOR]).get(here(ground)).content.decode()
    assert "It is published from factual accuracy" in page
    assert "Publish the report" not in page


@pytest.mark.parametrize(
    ("role", "status", "inside"),
    [
        (Role.LEAD_INSPECTOR, 200, 200),
        (Role.MODERATOR, 200, 200),
        (Role.OBSERVER, 200, 403),
        (Role.LANDLORD_LEAD, 200, 403),
        (Role.TENANT_INSPECTOR, 403, 403),
    ],
)
def test_who_reads_which_edition(
    role: Role, status: int, inside: int, ground: Ground, quick: None, client_of: Any
) -> None:
    published(ground, public=False)
    client = client_of(ground.people[role])
    assert client.get(here(ground)).status_code == status
    for edition, wanted in (("public", status), ("restricted", inside)):
        for name in ("report.html", "report.pdf", "package.zip"):
            address = here(ground, "publication-file", 1, edition, name)
            answer = client.get(address)
            answer.close()
            assert answer.status_code == wanted, (edition, name)
    assert client.get(here(ground, "publication-file", 1, "public", "x")).status_code in {403, 404}


def test_a_correction_from_the_page(ground: Ground, quick: None, client_of: Any) -> None:
    published(ground)
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    address = here(ground, "publication-correct")
    assert client.get(address).status_code == 200
    wrong = client.post(
        address, {"was": "Nobody said.", "now": "x", "reason": "y", "base_number": 1}
    )
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "The report does not say" in text
    assert "Nobody said." in text
    right = client.post(
        address, {"was": WRONG, "now": RIGHT, "reason": "A slip.", "base_number": 1}
    )
    assert right.status_code == 302
    run_waiting()
    page = client.get(here(ground)).content.decode()
    assert "Version 2 stands" in page
    assert "replaced" in page
    stale = client.post(address, {"was": RIGHT, "now": WRONG, "reason": "No.", "base_number": 1})
    assert stale.status_code == 422
    assert "version 2 meanwhile" in stale.content.decode()


def test_nothing_is_corrected_that_is_not_published(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    assert client.get(here(ground, "publication-correct")).status_code == 404
    assert client.post(here(ground, "publication-page"), {}).status_code == 404


def test_the_page_asks_a_fixed_number_of_queries(
    ground: Ground, quick: None, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    published(ground)
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    client.get(here(ground))
    with django_assert_max_num_queries(14):
        client.get(here(ground))


# The board's response ------------------------------------------------------------------------


def test_the_response_is_asked_for_and_given(ground: Ground, client_of: Any) -> None:
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    landlord = client_of(ground.people[Role.LANDLORD_LEAD])
    due = timezone.localdate() + timedelta(days=7)
    asked = lead.post(here(ground, "board-response-ask"), {"due": due.isoformat()})
    assert asked.status_code == 303
    past = lead.post(here(ground, "board-response-ask"), {"due": "2020-01-01"})
    assert past.status_code == 422
    assert "a day that is past" in past.content.decode()
    assert "The board" in landlord.get(reverse("home")).content.decode()
    given = landlord.post(
        here(ground, "board-response"),
        {
            "text": "We accept it.", "base_version": 0,
            "file": SimpleUploadedFile("answer.pdf", b"%PDF-1.7 answer"),
        },
    )  # fmt: skip
    assert given.status_code == 303, given.content.decode()
    row = BoardResponse.objects.get()
    assert (row.text, row.file_name, row.version) == ("We accept it.", "answer.pdf", 1)
    page = lead.get(here(ground)).content.decode()
    assert "We accept it." in page
    file = lead.get(here(ground, "board-response-file"))
    assert b"".join(file.streaming_content) == b"%PDF-1.7 answer"
    file.close()
    assert "sandbox" in file["Content-Security-Policy"]


def test_mail_goes_to_the_landlords_people(
    ground: Ground, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        responding.ask(
            assessment=ground.assessment, due=timezone.localdate(),
            by=ground.people[Role.LEAD_INSPECTOR], address="https://kloe.example.org/r",
        )  # fmt: skip
    to = {address for m in mail.outbox for address in m.to}
    assert to == {ground.people[r].email for r in (Role.LANDLORD_LEAD, Role.LANDLORD_CONTRIBUTOR)}
    assert "https://kloe.example.org/r" in mail.outbox[0].body


def test_of_two_responses_the_second_keeps_its_words(ground: Ground, client_of: Any) -> None:
    landlord = client_of(ground.people[Role.LANDLORD_LEAD])
    address = here(ground, "board-response")
    assert landlord.post(address, {"text": "First.", "base_version": 0}).status_code == 303
    second = landlord.post(address, {"text": "Second words.", "base_version": 0})
    assert second.status_code == 409
    text = second.content.decode()
    assert "Second words." in text
    assert "First." in text
    assert BoardResponse.objects.get().text == "First."


@pytest.mark.parametrize("name", ["page.html", "macro.docm", "program.exe", "none"])
def test_a_file_of_another_kind_is_refused(name: str, ground: Ground, client_of: Any) -> None:
    landlord = client_of(ground.people[Role.LANDLORD_LEAD])
    answer = landlord.post(
        here(ground, "board-response"),
        {"text": "x", "base_version": 0, "file": SimpleUploadedFile(name, b"<p>")},
    )
    assert answer.status_code == 422
    assert "cannot be published as a response" in answer.content.decode()
    assert not BoardResponse.objects.filter(version__gt=0).exists()


@pytest.mark.parametrize("role", [Role.LEAD_INSPECTOR, Role.MODERATOR, Role.LANDLORD_CONTRIBUTOR])
def test_nobody_else_speaks_for_the_board(role: Role, ground: Ground, client_of: Any) -> None:
    answer = client_of(ground.people[role]).post(here(ground, "board-response"), {"text": "x"})
    assert answer.status_code == 403


def test_an_empty_response_is_none(ground: Ground) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        responding.answer(assessment=ground.assessment, text=" ", base_version=0, by=None)
    with pytest.raises(InvalidInput, match="20001 characters"):
        responding.answer(assessment=ground.assessment, text="x" * 20001, base_version=0, by=None)


# For anybody ---------------------------------------------------------------------------------


def test_anybody_reads_it_without_a_session_or_cookie(
    ground: Ground, quick: None, anybody: Client
) -> None:
    row = published(ground)
    page = anybody.get(public())
    text = page.content.decode()
    assert page.status_code == 200
    assert row.fingerprint in text
    for name in ("report.html", "report.pdf", "package.zip"):
        file = anybody.get(public(1, name))
        file.close()
        assert file.status_code == 200
        assert "public" in file["Cache-Control"]
        assert not file.cookies
        assert "Cookie" not in file.get("Vary", "")
    assert not page.cookies
    assert "Cookie" not in page.get("Vary", "")
    assert "max-age=60" in page["Cache-Control"]
    assert "X-Robots-Tag" not in page
    assert not anybody.session.keys()


def test_what_somebody_has_already_is_not_sent_again(
    ground: Ground, quick: None, anybody: Client
) -> None:
    published(ground)

    def ask(address: str, tag: str = "") -> Any:
        answer = anybody.get(address, headers={"if-none-match": tag} if tag else {})
        answer.close()
        return answer

    for address in (public(), public(1, "report.pdf")):
        assert ask(address, ask(address)["ETag"]).status_code == 304
        assert ask(address, '"other"').status_code == 200
    before = ask(public())["ETag"]
    corrected(ground)
    assert ask(public())["ETag"] != before


def test_the_public_page_asks_four_queries_whatever_there_is(
    ground: Ground, quick: None, anybody: Client, django_assert_num_queries: Any
) -> None:
    published(ground)
    anybody.get(public())
    with django_assert_num_queries(3):
        anybody.get(public())
    corrected(ground)
    corrected(ground, was="Let them.", now="Let them soon.", base_number=2)
    with django_assert_num_queries(3):
        anybody.get(public())


def test_versions_stand_beside_each_other(ground: Ground, quick: None, anybody: Client) -> None:
    published(ground)
    corrected(ground)
    page = anybody.get(public()).content.decode()
    assert "This is version 2." in page
    assert "replaced" in page
    assert public(1, "report.html") in page
    assert public(2, "report.html") in page
    answer = anybody.get(public(1, "report.html"))
    old = b"".join(answer.streaming_content)
    answer.close()
    assert WRONG.encode() in old


def test_nobody_reaches_the_restricted_edition_from_outside(
    ground: Ground, quick: None, anybody: Client
) -> None:
    published(ground)
    for name in ("snapshot.json", "../restricted/report.pdf", "data.jsonl", "none.pdf"):
        assert anybody.get(f"{public()}1/{name}").status_code == 404, name
    assert anybody.get(public(9, "report.pdf")).status_code == 404
    assert anybody.post(public()).status_code == 405
    assert anybody.get(here(ground)).status_code == 302


def test_without_a_public_page_there_is_none(ground: Ground, quick: None, anybody: Client) -> None:
    published(ground, public=False)
    assert anybody.get(public()).status_code == 404
    assert anybody.get(public(1, "report.pdf")).status_code == 404


def test_a_page_is_withdrawn_with_a_reason_and_opened_again(
    ground: Ground, quick: None, anybody: Client, client_of: Any
) -> None:
    published(ground)
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    address = here(ground, "publication-page")
    assert client.post(address, {"open": "no", "base_version": 1}).status_code == 400
    gone = client.post(
        address, {"open": "no", "base_version": 1, "reason": "A tenant could be recognised."}
    )
    assert gone.status_code == 303
    page = anybody.get(public())
    assert page.status_code == 410
    assert "A tenant could be recognised." in page.content.decode()
    assert not page.cookies
    assert anybody.get(public(1, "report.pdf")).status_code == 404
    assert client.post(address, {"open": "yes", "base_version": 1}).status_code == 409
    assert client.post(address, {"open": "yes", "base_version": 2}).status_code == 303
    assert anybody.get(public()).status_code == 200


def test_of_two_who_change_the_page_one_is_told(ground: Ground, quick: None) -> None:
    published(ground)
    opening.set_open(
        assessment=ground.assessment, open=False, reason="First.", base_version=1, by=None
    )
    with pytest.raises(Conflict, match="First"):
        opening.set_open(
            assessment=ground.assessment, open=False, reason="Second.", base_version=1, by=None
        )


def test_search_engines_are_told_by_the_setting_and_for_invented_landlords(
    ground: Ground, quick: None, anybody: Client, settings: Any
) -> None:
    published(ground)
    settings.PUBLISHED_INDEXED = False
    assert anybody.get(public())["X-Robots-Tag"] == "noindex"
    file = anybody.get(public(1, "report.html"))
    file.close()
    assert file["X-Robots-Tag"] == "noindex"
    settings.PUBLISHED_INDEXED = True
    type(ground.assessment.landlord).objects.update(invented=True)
    assert anybody.get(public())["X-Robots-Tag"] == "noindex"


def test_an_address_belongs_to_one_report(ground: Ground, quick: None) -> None:
    from kloe.web.publication.publishing import free_slug

    published(ground)
    assert free_slug(ground.assessment) == f"{SLUG}-2"
    assert free_slug(ground.assessment, "Ein Blick!") == "ein-blick"
    assert PublishedPage.objects.get().slug == SLUG
    assert Inspection.objects.get(pk=ground.assessment.pk).stage == "published"
