"""Texts of the report: written, undone, in conflict, refused, previewed, with what lies to hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from judgement_ground import KLOE, THEME, write

from kloe.core.errors import InvalidInput, NotFound
from kloe.reports import markdown
from kloe.reports.document import build
from kloe.reports.render import render
from kloe.web.assessments.models import Revision
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements import actions as judging
from kloe.web.reporting.snapshot import take
from kloe.web.texts import actions, queries
from kloe.web.texts.models import Text
from kloe.web.texts.parts import parts_of

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Kloe-Write": "1", "Accept": "application/json"}


@pytest.fixture
def client(client_of: Callable[..., Any], lead: Any) -> Any:
    return client_of(lead)


@pytest.fixture
def written(assessment: Any, pinned: Any, lead: Any) -> Callable[..., Text]:
    def make(text: str, part: str = THEME, base: int = 0) -> Text:
        row: Text = actions.save(
            assessment=assessment, pinned=pinned, part=part, text=text, write=write(lead, base)
        ).row
        return row

    return make


def address(name: str, assessment: Any, part: str = THEME) -> str:
    return reverse(name, args=[assessment.pk, part])


def item_of(assessment: Any, number: int, **more: Any) -> EvidenceItem:
    values = {"form": "note", "kind": "document", "origin": "landlord", **more}
    return EvidenceItem.objects.create(
        organisation=assessment.organisation, assessment=assessment, number=number, **values
    )


def test_a_text_is_saved_undone_and_traced(client: Any, assessment: Any) -> None:
    first = client.post(
        address("text-save", assessment), {"text": "One.\r\nTwo words.", "base_version": 0}
    )
    assert (first.status_code, first["Location"]) == (302, address("text", assessment))
    row = Text.objects.get(assessment=assessment)
    assert (row.subject, row.text, row.words, row.version) == (THEME, "One.\nTwo words.", 3, 1)
    second = client.post(
        address("text-save", assessment),
        {"text": "Other.", "base_version": 1, "write_id": str(uuid4())},
        headers=SCRIPT,
    )
    assert second.json()["version"] == 2
    assert second.json()["said"].startswith("Saved ")
    undone = client.post(
        address("text-undo", assessment),
        {"base_version": 2, "write_id": str(uuid4())},
        headers=SCRIPT,
    )
    assert undone.json()["values"] == {"text": "One.\nTwo words."}
    row.refresh_from_db()
    assert (row.text, row.version, row.words) == ("One.\nTwo words.", 3, 3)
    assert Revision.objects.filter(subject_kind="text", subject=THEME).count() == 3
    events = AuditEvent.objects.filter(verb="wrote text").order_by("id")
    assert [e.after["text"] for e in events] == ["One.\nTwo words.", "Other.", "One.\nTwo words."]


def test_sent_twice_it_is_saved_once_and_nothing_is_undone_of_nothing(
    client: Any, assessment: Any
) -> None:
    sent = {"text": "Once.", "base_version": 0, "write_id": str(uuid4())}
    for _time in range(2):
        answer = client.post(address("text-save", assessment), sent, headers=SCRIPT)
        assert answer.json()["version"] == 1
    assert Revision.objects.filter(subject_kind="text").count() == 1
    nothing = client.post(
        address("text-undo", assessment, "summary"), {"base_version": 0}, headers=SCRIPT
    )
    assert nothing.status_code == 400
    assert "nothing to undo" in nothing.json()["given"]


def test_of_two_writers_the_second_sees_both_versions(
    client: Any, assessment: Any, written: Any, client_of: Any, user_with: Any, org: Any
) -> None:
    written("Theirs & <b>bold</b>.")
    other = client_of(user_with("lead", org))
    for headers in ({}, SCRIPT):
        answer = other.post(
            address("text-save", assessment), {"text": "Mine.", "base_version": 0}, headers=headers
        )
        assert answer.status_code == 409
        shown = answer.json()["html"] if headers else answer.content.decode()
        assert "Theirs &amp; &lt;b&gt;bold&lt;/b&gt;." in shown
        assert "Mine." in shown
    assert answer.json()["values"] == {"text": "Theirs & <b>bold</b>."}
    assert Text.objects.get(assessment=assessment).text == "Theirs & <b>bold</b>."


@pytest.mark.parametrize("part", ["nothing", "wao-housing-2005/9.9", "x" * 300])
def test_parts_the_report_has_not_are_no_pages(client: Any, assessment: Any, part: str) -> None:
    assert client.get(address("text", assessment, part)).status_code == 404
    sent = client.post(address("text-save", assessment, part), {"text": "a"}, headers=SCRIPT)
    assert sent.status_code == 404
    assert not Text.objects.exists()


def test_what_is_too_long_is_refused_with_what_fits(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    answer = client.post(
        address("text-save", assessment),
        {"text": "a" * 1_000_000, "base_version": 0},
        headers=SCRIPT,
    )
    assert answer.status_code == 400
    assert str(markdown.MOST) in answer.json()["allowed"]
    assert "still on the page" in answer.json()["remedy"]
    assert not Text.objects.exists()
    with pytest.raises(NotFound):
        actions.save(
            assessment=assessment, pinned=pinned, part="no/part", text="a", write=write(lead)
        )


def test_themes_out_of_scope_have_no_text(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    assessment.themes.filter(theme=THEME).update(in_scope=False, reason="Small.")
    with pytest.raises(InvalidInput, match="left out"):
        actions.save(assessment=assessment, pinned=pinned, part=THEME, text="a", write=write(lead))
    listed = client.get(reverse("texts", args=[assessment.pk])).content.decode()
    assert address("text", assessment) not in listed
    assert address("text", assessment, KLOE) in listed


def test_hostile_words_are_kept_without_what_no_file_can_hold(
    client: Any, assessment: Any, written: Any
) -> None:
    row = written("a\x00b \x1b[31m </textarea><script>alert(1)</script> {{ 7*7 }}")
    assert "\x00" not in row.text
    page = client.get(address("text", assessment)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;/textarea&gt;" in page
    assert "HTML is not read" in page


def test_the_preview_is_what_the_report_shows(
    client: Any, assessment: Any, pinned: Any, lead: Any, written: Any
) -> None:
    item_of(assessment, 12, title="Rent letters")
    finding = judging.add_finding(
        assessment=assessment, pinned=pinned, theme=THEME, kind="strength", text="Plain letters.",
        write=write(lead),
    ).row  # fmt: skip
    text = f"# Letters\n\nThey are **plain** [E12], [F{finding.number}], not [E99].\n\n> Quoted."
    sent = client.post(
        address("text-preview", assessment), {"text": text}, headers={"HX-Request": "true"}
    )
    shown = sent.content.decode()
    assert not Text.objects.exists()
    for wanted in (
        ">Letters</h3>", "<strong>plain</strong>", "<strong>E12</strong>", "<strong>F1</strong>",
        "<blockquote><p>Quoted.</p></blockquote>", "[E99] is not in this assessment",
    ):  # fmt: skip
        assert wanted in shown, wanted
    assert "<html" not in shown
    whole = client.post(address("text-preview", assessment), {"text": text}).content.decode()
    assert "it is not saved yet" in whole
    assert "They are **plain** [E12]" in whole
    written(text)
    report = render(build(take(assessment)), "html").decode()
    for wanted in (">Letters</h", '<a href="#e-12"><strong>E12</strong></a>', "[E99]",
                   '<a href="#f-1"><strong>F1</strong></a>', "<blockquote>"):  # fmt: skip
        assert wanted in report, wanted


def test_figures_are_referred_to_with_their_value(
    client: Any, assessment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = queries.Hand([], [queries.Figure("TP01", "Satisfaction", "79.4 %")], [])
    monkeypatch.setattr(queries, "at_hand", lambda *_args, **_more: hand)
    page = client.get(address("text", assessment)).content.decode()
    assert 'data-insert="[I:TP01]"' in page
    assert "79.4 %" in page


def test_what_belongs_to_a_theme_lies_to_hand_and_words_find_the_rest(
    client: Any, assessment: Any, pinned: Any, lead: Any, client_of: Any, user_with: Any, org: Any
) -> None:
    item_of(assessment, 3, title="Secret letter", confidentiality="restricted")
    item_of(assessment, 4, title="Survey of tenants")
    judging.add_finding(
        assessment=assessment, pinned=pinned, theme=THEME, kind="strength", text="Plain letters.",
        draft="At *length*.", write=write(lead),
    )  # fmt: skip
    page = client.get(address("text", assessment)).content.decode()
    assert 'data-insert="[F1]"' in page
    assert 'data-insert-block="At *length*. [F1]"' in page
    assert "[E4]" not in page
    found = client.get(
        address("text-at-hand", assessment), {"q": "survey"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'data-insert="[E4]"' in found
    assert "[F1]" not in found
    plain = client.get(address("text-at-hand", assessment), {"q": "survey"})
    assert plain.status_code == 302
    assert plain["Location"].endswith("?q=survey")
    reader = client_of(user_with("reader", org))
    hidden = reader.get(address("text", assessment), {"q": "secret"}).content.decode()
    assert "Secret letter" not in hidden
    assert "[E3]" not in hidden
    assert "<textarea" not in hidden
    # Where nothing can be written, nothing is offered to be inserted.
    shown = reader.get(address("text", assessment)).content.decode()
    assert "Plain letters." in shown
    assert "data-insert" not in shown


def test_the_number_of_queries_depends_on_nothing(
    client: Any, assessment: Any, pinned: Any, lead: Any, written: Any
) -> None:
    written("One [E1].", "summary")
    pages = [address("text", assessment), reverse("texts", args=[assessment.pk])]

    def counted(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    for url in pages:
        counted(url)
    before = [counted(url) for url in pages]
    for n in range(30):
        item_of(assessment, n + 10, title=f"Paper {n}")
        judging.add_finding(
            assessment=assessment, pinned=pinned, theme=THEME, kind="strength", text=f"Found {n}.",
            write=write(lead),
        )  # fmt: skip
    written("See " + " ".join(f"[E{n + 10}] [F{n + 1}]" for n in range(30)))
    written("More.", KLOE)
    after = [counted(url) for url in pages]
    assert all(b <= a + 2 for a, b in zip(before, after, strict=True)), (before, after)
    assert max(after) <= 25


def test_every_part_has_its_page(client: Any, assessment: Any, pinned: Any) -> None:
    parts = list(parts_of(pinned))
    assert parts[:3] == ["summary", "context", "service"]
    assert {THEME, KLOE, "prospects"} <= set(parts)
    for part in ("summary", "context", "service", KLOE, "prospects"):
        assert client.get(address("text", assessment, part)).status_code == 200


def test_texts_reach_the_report_in_every_form(assessment: Any, written: Any) -> None:
    marks = {"summary": "AAA1", "context": "BBB2", "service": "CCC3", KLOE: "DDD4", THEME: "EEE5"}
    for part, words in marks.items():
        written(f"{words} in words.", part)
    document = build(take(assessment))
    dumped = json.dumps(document.to_json())
    html = render(document, "html").decode()
    order = [html.index(words) for words in marks.values()]
    assert all(words in dumped for words in marks.values())
    assert order == sorted(order)
    assert document == build(take(assessment)) or document.made
