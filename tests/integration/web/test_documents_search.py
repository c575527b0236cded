"""Documents are read in the background, their pages found by those who may see them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "unit" / "assessment"))

import files_to_read as made

from kloe.assessment.documents.asking import asked
from kloe.assessment.documents.outcome import Reading, Reason
from kloe.assessment.permissions import Permission
from kloe.web.access import fetch_assessment, fetch_assessments
from kloe.web.audit.models import AuditEvent
from kloe.web.documents import actions as documents
from kloe.web.documents import indexing, search
from kloe.web.documents import jobs as work
from kloe.web.documents.models import Document, DocumentPage
from kloe.web.evidence import actions, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting

pytestmark = pytest.mark.django_db


def upload(assessment: Any, by: Any, content: bytes, name: str, **details: Any) -> EvidenceItem:
    """A file as evidence."""
    return actions.add_file(
        assessment=assessment,
        received=storage.receive(iter([content])),
        file_name=name,
        details=Details(**({"title": name} | details)),
        by=by,
    )


def note(assessment: Any, by: Any, text: str, **details: Any) -> EvidenceItem:
    said = {"title": "A note", "text": text} | details
    return actions.add_note(assessment=assessment, details=Details(**said), by=by)


def found(user: Any, assessment: Any, words: str) -> set[tuple[int, int]]:
    """(number of the item, page) of what a person finds."""
    access = fetch_assessment(user, assessment.pk, Permission.ASSESSMENT_VIEW)
    hits = search.search(asked(words), search.visible([access]), [assessment.pk], count=100).hits
    return {(h.item.number, h.number) for h in hits}


def page_of(client: Any, assessment: Any, tail: str) -> str:
    answer = client.get(f"/assessments/{assessment.pk}/evidence/{tail}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.fixture
def gas(assessment: Any, lead: Any) -> EvidenceItem:
    content = made.pdf(
        "Rents are collected weekly.", "Every boiler is serviced within twelve months."
    )
    item = upload(assessment, lead, content, "gas.pdf", title="Gas report")
    run_waiting()
    return item


def test_a_page_of_a_pdf_is_found_with_its_words_marked(
    gas: EvidenceItem, assessment: Any, lead: Any, client_of: Any
) -> None:
    document = Document.objects.get(item=gas)
    assert (document.state, document.pages) == ("read", 2), document.reason
    said = page_of(client_of(lead), assessment, "search?q=BOILER+serviced")
    assert "Gas report, Page 2" in said
    assert "Every <mark>boiler</mark> is <mark>serviced</mark>" in said
    assert AuditEvent.objects.filter(verb="read evidence", after__pages=2).exists()


def test_each_kind_of_file_is_found_at_its_place(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    upload(assessment, lead, made.word("Wording zebra."), "a.docx")
    upload(assessment, lead, made.workbook({"Stock": [["x"], ["zebra"]]}), "a.xlsx")
    upload(assessment, lead, made.slides("one", "zebra two"), "a.pptx")
    upload(assessment, lead, b"<html><body><h1>Stripes</h1><p>zebra", "a.html")
    upload(assessment, lead, b"A zebra.", "a.txt")
    run_waiting()
    said = page_of(client_of(lead), assessment, "search?q=zebra")
    for place in ("Sheet Stock 1–2", "Slide 2", "Section Stripes", "5 pages"):
        assert place in said, place


def test_one_job_reads_all_that_waits(assessment: Any, lead: Any) -> None:
    for n in range(3):
        upload(assessment, lead, f"words {n}".encode(), f"{n}.txt")
    assert Job.objects.filter(kind=documents.KIND).count() == 1
    run_waiting()
    assert set(Document.objects.values_list("state", flat=True)) == {"read"}


def test_what_people_write_about_an_item_is_found_and_follows_changes(
    assessment: Any, lead: Any
) -> None:
    item = note(assessment, lead, "The lift at Llys y Coed was out of order.", source="Walkabout")
    assert found(lead, assessment, "llys coed walkabout") == {(item.number, 0)}
    actions.edit(
        item=item, by=lead, base_version=1, details=Details(title="A note", text="The stairs.")
    )
    assert found(lead, assessment, "lift") == set()
    assert found(lead, assessment, "stairs") == {(item.number, 0)}


def test_deleted_evidence_is_found_no_more_until_it_is_back(
    gas: EvidenceItem, assessment: Any, lead: Any
) -> None:
    content = storage.path_of(gas.organisation_id, gas.file.sha256).read_bytes()
    keeper = upload(assessment, lead, content, "copy.pdf")
    run_waiting()
    actions.delete(item=gas, reason="Wrong one.", by=lead)
    assert {n for n, _page in found(lead, assessment, "boiler")} == {keeper.number}
    assert not DocumentPage.objects.filter(document__item=gas).exists()
    actions.restore(item=gas, by=lead)
    run_waiting()
    assert {n for n, _page in found(lead, assessment, "boiler")} == {keeper.number, gas.number}


# What goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (made.encrypted_pdf(), "a.pdf", "The file is encrypted"),
        (bytes(range(256)) * 9, "a.pdf", "damaged or not what its name says"),
        (made.bomb(), "a.docx", "unpacks to far more"),
        (made.laughing_word(), "a.docx", "defines entities"),
        (b"\x89PNG\r\n\x1a\n\x00", "a.png", "No text is read from files of this kind"),
    ],
    ids=["encrypted", "not a pdf", "bomb", "entities", "picture"],
)
def test_the_page_of_the_item_says_why_there_is_no_text(
    assessment: Any, lead: Any, client_of: Any, content: bytes, name: str, words: str
) -> None:
    item = upload(assessment, lead, content, name)
    run_waiting()
    said = page_of(client_of(lead), assessment, f"{item.pk}/")
    assert words in said
    # The file is as it was, and can be had.
    got = client_of(lead).get(f"/assessments/{assessment.pk}/evidence/{item.pk}/file")
    assert b"".join(got.streaming_content) == content
    assert AuditEvent.objects.filter(verb="could not read evidence").exists()
    assert Job.objects.get(kind=documents.KIND).state == "done"


def test_macros_are_told_of(assessment: Any, lead: Any, client_of: Any) -> None:
    content = made.word_of(made.paragraph("Words."), **{"word/vbaProject.bin": b"code"})
    item = upload(assessment, lead, content, "a.docm")
    run_waiting()
    said = page_of(client_of(lead), assessment, f"{item.pk}/")
    assert "The file holds macros" in said
    assert "Read it here: 1 page" in said


def test_a_reading_that_was_killed_is_told_and_can_be_repeated(
    assessment: Any, lead: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = upload(assessment, lead, b"A zebra.", "a.txt")
    with monkeypatch.context() as patched:
        patched.setattr(work, "read", lambda *a, **k: Reading(reason=Reason.KILLED))
        run_waiting()
    said = page_of(client_of(lead), assessment, f"{item.pk}/")
    assert "stopped from outside" in said
    assert "Read it again" in said
    address = f"/assessments/{assessment.pk}/evidence/{item.pk}/read"
    assert client_of(lead).post(address).status_code == 303
    run_waiting()
    assert found(lead, assessment, "zebra") == {(item.number, 1)}


def test_limits_come_from_the_settings(assessment: Any, lead: Any, settings: Any) -> None:
    settings.READ_SECONDS = 1
    item = upload(assessment, lead, made.slow_word(), "a.docx")
    run_waiting()
    assert Document.objects.get(item=item).reason == "slow"


def test_a_document_over_which_workers_die_is_given_up(assessment: Any, lead: Any) -> None:
    item = upload(assessment, lead, b"A zebra.", "a.txt")
    document = Document.objects.get(item=item)
    for _death in range(documents.MOST_ATTEMPTS):
        assert documents.take_up(document.pk) is not None  # and the worker dies
    run_waiting()
    document.refresh_from_db()
    assert (document.state, document.reason) == ("failed", "killed")


def test_called_off_the_document_waits_on(
    assessment: Any, lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kloe.core.errors import Cancelled

    item = upload(assessment, lead, b"A zebra.", "a.txt")

    def stop(*args: Any, **more: Any) -> Reading:
        raise Cancelled("Stopped.")

    with monkeypatch.context() as patched:
        patched.setattr(work, "read", stop)
        run_waiting()
    assert Document.objects.get(item=item).state == "waiting"
    Job.objects.all().delete()
    assert documents.ask_for_all() == 1
    run_waiting()
    assert Document.objects.get(item=item).state == "read"


def test_evidence_from_before_there_was_a_search_is_read(assessment: Any, lead: Any) -> None:
    item = upload(assessment, lead, b"A zebra.", "a.txt")
    other = note(assessment, lead, "Another zebra.")
    Document.objects.all().delete()
    Job.objects.all().delete()
    assert documents.ask_for_all() == 1
    assert documents.ask_for_all() == 0
    run_waiting()
    assert found(lead, assessment, "zebra") == {(item.number, 1), (other.number, 0)}
    assert documents.ask_for_all() == 0


def test_the_index_can_be_built_anew(gas: EvidenceItem, assessment: Any, lead: Any) -> None:
    from django.db import connection

    from kloe.core.progress import Silent

    before = found(lead, assessment, "boiler")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_search(documents_search) VALUES ('delete-all')"
            if connection.vendor == "sqlite"
            else "UPDATE documents_documentpage SET search = NULL"
        )
    assert found(lead, assessment, "boiler") == set()
    told = indexing.rebuild([assessment], by=None, again=False, progress=Silent())
    assert (told.read, told.failed, told.pages) == (0, 0, 3)
    assert found(lead, assessment, "boiler") == before
    assert indexing.rebuild([assessment], by=None, again=True, progress=Silent()).read == 1
    assert found(lead, assessment, "boiler") == before


# Who finds what ------------------------------------------------------------------------------


def test_nobody_finds_what_is_restricted_to_others(
    assessment: Any, org: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    contributor, other = user_with("contributor", org), user_with("contributor", org)
    item = note(assessment, contributor, "A zebra.", confidentiality="restricted")
    for person, sees in ((lead, True), (contributor, True), (other, False)):
        assert (found(person, assessment, "zebra") == {(item.number, 0)}) is sees
        said = page_of(client_of(person), assessment, "search?q=zebra")
        assert ("<mark>zebra</mark>" in said) is sees
        answer = client_of(person).get(f"/assessments/{assessment.pk}/evidence/{item.pk}/text")
        assert answer.status_code == (200 if sees else 403)


def test_nobody_finds_what_is_of_another_assessment(
    make_assessment: Any, org: Any, other_org: Any, lead: Any, user_with: Any
) -> None:
    stranger = user_with("lead", other_org)
    ours, theirs = make_assessment(), make_assessment(organisation=other_org, lead=stranger)
    mine, its = note(ours, lead, "A zebra."), note(theirs, stranger, "A zebra.")
    assert found(lead, ours, "zebra") == {(mine.number, 0)}
    assert found(stranger, theirs, "zebra") == {(its.number, 0)}
    assert len(fetch_assessments(lead, org.pk, Permission.ASSESSMENT_VIEW)) == 1
    assert fetch_assessments(stranger, org.pk, Permission.ASSESSMENT_VIEW) == []


def test_a_whole_organisation_is_searched(
    make_assessment: Any, org: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    note(make_assessment(title="First"), lead, "A zebra.")
    note(make_assessment(title="Second"), lead, "The zebra.", confidentiality="restricted")
    address = f"/organisations/{org.pk}/evidence/search?q=zebra"
    said = client_of(lead).get(address).content.decode()
    assert "First" in said
    assert "Second" in said
    reader = client_of(user_with("reader", org)).get(address).content.decode()
    assert "First" in reader
    assert "Second" not in reader


ROLES = ("lead", "assessor", "contributor", "reader")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    items=st.lists(
        st.tuples(
            st.sampled_from(["open", "internal", "restricted"]),
            st.integers(0, len(ROLES) - 1),
            st.booleans(),
            st.sampled_from(["zebra", "lion", "zebra lion", "tŷ zebra"]),
        ),
        max_size=6,
    ),
    words=st.sampled_from(["zebra", "lion", "zeb*", "zebra -lion", '"ty zebra"', "note"]),
)
def test_what_is_found_is_seen_in_full(
    items: list[tuple[str, int, bool, str]], words: str, make_assessment: Any, people: list[Any]
) -> None:
    """Nobody finds a page of an item they may not see; all else that fits is found."""
    from kloe.web.evidence.queries import may_see

    assessment = make_assessment()
    for confidentiality, adder, deleted, text in items:
        item = note(assessment, people[adder], text, confidentiality=confidentiality)
        if deleted:
            actions.delete(item=item, reason="Gone.", by=people[0])
    fits = {
        "zebra": lambda t: "zebra" in t,
        "lion": lambda t: "lion" in t,
        "zeb*": lambda t: "zebra" in t,
        "zebra -lion": lambda t: "zebra" in t and "lion" not in t,
        '"ty zebra"': lambda t: "tŷ zebra" in t,
        "note": lambda t: True,
    }[words]
    for person in people:
        access = fetch_assessment(person, assessment.pk, Permission.ASSESSMENT_VIEW)
        expected = {
            (i.number, 0)
            for i in EvidenceItem.objects.filter(assessment=assessment, deleted_at=None)
            if may_see(access, i.confidentiality, i.added_by_id) and fits(i.text)
        }
        assert found(person, assessment, words) == expected


@pytest.fixture
def people(user_with: Any, org: Any) -> list[Any]:
    return [user_with(role, org) for role in ROLES]


# Pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["q=", "q=-only", "q=%22", "q=*&page=0", "q=a&page=-1", "q=a&page=99999999999", "q=%27%28OR",
     "q=scope:x%20NOT%20text", "page=x", "q=" + "a%20" * 300, "q=%F0%9F%8F%A0", "q=a&page=%C2%B2"],
)  # fmt: skip
def test_bad_searches_are_answered(
    gas: EvidenceItem, lead: Any, client_of: Any, assessment: Any, query: str
) -> None:
    page_of(client_of(lead), assessment, f"search?{query}")


def test_words_of_a_document_never_become_markup(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    item = upload(assessment, lead, b"zebra <script>alert(1)</script> & <mark>", "a.txt")
    run_waiting()
    for tail in ("search?q=zebra+script", f"{item.pk}/text?q=script"):
        said = page_of(client_of(lead), assessment, tail)
        assert "alert(1)</script>" not in said
        assert "&lt;<mark>script</mark>&gt;" in said


def test_results_come_in_pages_at_the_same_cost(
    assessment: Any, lead: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(lead)
    for n in range(3):
        note(assessment, lead, f"zebra {n}")
    page_of(client, assessment, "search?q=zebra")
    with django_assert_max_num_queries(9) as few:
        page_of(client, assessment, "search?q=zebra")
    for n in range(42):
        note(assessment, lead, f"zebra {n}")
    with django_assert_max_num_queries(len(few)):
        said = page_of(client, assessment, "search?q=zebra")
    assert "45 pages" in said
    assert said.count("<li><p><a") == 20
    last = page_of(client, assessment, "search?q=zebra&page=3")
    assert last.count("<li><p><a") == 5


def test_a_passage_is_quoted_as_the_place_of_a_link(
    gas: EvidenceItem, assessment: Any, lead: Any, client_of: Any, pinned: Any
) -> None:
    client = client_of(lead)
    theme = pinned.themes()[0]
    said = page_of(client, assessment, f"{gas.pk}/text?page=2&p=1&theme={theme.id}")
    assert "Quote this passage" in said
    criterion = theme.criteria[0]
    locator = "Page 2: “Every boiler is serviced within twelve months.”"
    form = page_of(client, assessment, f"for/{criterion.id}?item={gas.pk}&locator={locator}")
    assert f'value="{locator}"' in form
    from kloe.web.evidence.queries import direction_field

    posted = client.post(
        f"/assessments/{assessment.pk}/evidence/for/{criterion.id}",
        {
            "what": "existing",
            "items": [str(gas.pk)],
            direction_field(criterion.descriptors[0]): "shows this",
            "locator": locator,
        },
    )
    assert posted.status_code == 303
    assert gas.links.get().locator == locator


@pytest.mark.parametrize(
    "tail", ["page=99", "page=0&p=x&p=9999", "page=-1", "p=2&p=1", "page=%C2%B2", "q=%00"]
)
def test_bad_addresses_of_the_reader_are_answered(
    gas: EvidenceItem, assessment: Any, lead: Any, client_of: Any, tail: str
) -> None:
    answer = client_of(lead).get(f"/assessments/{assessment.pk}/evidence/{gas.pk}/text?{tail}")
    assert answer.status_code in {200, 400, 404}


def test_a_long_passage_is_cut_to_fit(assessment: Any) -> None:
    from kloe.web.documents.places import quotation
    from kloe.web.evidence.checks import MAX_LOCATOR

    said = quotation("Page 7", "word " * 400)
    assert len(said) <= MAX_LOCATOR
    assert said.startswith("Page 7: “word")
    assert said.endswith("…”")


def test_the_job_does_not_tell_the_title_of_what_is_restricted(
    assessment: Any, lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(assessment, lead, b"A zebra.", "a.txt", title="Whistle", confidentiality="restricted")
    told: list[str] = []
    monkeypatch.setattr(work, "read", lambda *a, what="", **k: told.append(str(what)) or Reading())
    run_waiting()
    assert told == ["Reading E1"]
    assert "Whistle" not in str(list(Job.objects.values()))
