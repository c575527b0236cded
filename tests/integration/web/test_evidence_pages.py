# ruff: noqa: F811
"""Evidence by real requests: what comes in, what is shown to whom, what each page costs."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from evidence_ground import (  # noqa: F401
    CONTACT,
    CONTACT_TOO,
    RENT,
    SETUP,
    Ground,
    ground,
    make_small_assessment,
)

from kloe.web.assessments.models import Answer, CriterionState
from kloe.web.evidence import actions, queries, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem, EvidenceLink

PDF = b"%PDF-1.7\n" + b"x" * 500
SAID = {
    "title": "Minutes of March",
    "kind": "document",
    "origin": "landlord",
    "confidentiality": "internal",
    "source": "Board papers",
}


def upload(content: bytes = PDF, name: str = "minutes.pdf", claimed: str = "") -> Any:
    return SimpleUploadedFile(name, content, content_type=claimed or "application/pdf")


def add(client: Client, ground: Ground, **fields: Any) -> Any:
    return client.post(ground.url("add"), {**SAID, "what": "file"} | fields)


def note(ground: Ground, title: str = "A note", by: Any = None, **more: Any) -> EvidenceItem:
    details = Details(title=title, **({"text": "Seen"} | more))
    return actions.add_note(assessment=ground.assessment, details=details, by=by or ground.lead)


def link(ground: Ground, item: EvidenceItem, criterion: str = SETUP, **more: Any) -> EvidenceLink:
    values = {"direction": "shows this", "by": ground.lead} | more
    return actions.link(item=item, descriptor=f"{criterion}/upper-1", **values)


def download(client: Client, ground: Ground, item: EvidenceItem | None = None) -> Any:
    """The answer with the bytes as ``body``; reading them to the end closes the file."""
    answer = client.get(ground.url(f"{(item or the_item()).pk}/file"))
    answer.body = b"".join(answer) if answer.streaming else answer.content
    return answer


def the_item() -> EvidenceItem:
    return EvidenceItem.objects.get()


# Adding --------------------------------------------------------------------------------------


def test_a_file_is_added_and_given_out_safely(ground: Ground) -> None:
    client = ground.client_of(ground.contributor)
    answer = add(client, ground, upload=upload())
    item = the_item()
    assert answer.status_code == 303
    assert answer.headers["Location"] == ground.url(f"{item.pk}/")
    assert (item.title, item.file_name, item.added_by) == (
        SAID["title"],
        "minutes.pdf",
        ground.contributor,
    )
    got = download(client, ground, item)
    assert got.body == PDF
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Length"] == str(len(PDF))
    assert got.headers["Content-Disposition"] == 'attachment; filename="minutes.pdf"'
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in got.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"<!doctype html><script>alert(1)</script>", "page.html", "text/html"),
        (b"<svg xmlns='x' onload='alert(1)'></svg>", "drawing.svg", "image/svg+xml"),
        (b"<svg onload='alert(1)'></svg>", "photo.png", "image/svg+xml"),
    ],
)
def test_what_a_browser_would_run_comes_as_bytes_without_meaning(
    ground: Ground, content: bytes, name: str, found: str
) -> None:
    client = ground.client_of(ground.lead)
    add(client, ground, upload=upload(content, name, "image/png"))
    assert the_item().media_type == found
    got = download(client, ground)
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_what_a_browser_claims_of_a_file_is_not_believed(ground: Ground) -> None:
    client = ground.client_of(ground.lead)
    add(client, ground, upload=upload(b"just words", "minutes.pdf", "text/html"))
    assert the_item().media_type == "text/plain"
    page = client.get(ground.url(f"{the_item().pk}/")).content.decode()
    assert "content is not what the name says" in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("nul\x00byte.pdf", "nulbyte.pdf"),
        ("right\u202efdp.exe", "rightfdp.exe"),
        ("語" * 300 + ".pdf", "語" * 65 + ".pdf"),
    ],
)
def test_hostile_names(ground: Ground, given: str, kept: str) -> None:
    """Written into the body by hand: a test client would make the name safe itself."""
    client = ground.client_of(ground.lead)
    parts = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        for k, v in {**SAID, "what": "file"}.items()
    )
    body = (
        f'{parts}--edge\r\nContent-Disposition: form-data; name="upload"; filename="{given}"\r\n'
        f"Content-Type: application/pdf\r\n\r\n%PDF-\r\n--edge--\r\n"
    ).encode()
    answer = client.post(
        ground.url("add"), data=body, content_type="multipart/form-data; boundary=edge"
    )
    assert answer.status_code == 303
    assert the_item().file_name == kept
    assert len(ground.files()) == 1
    assert ground.files()[0].parent == ground.data / "files" / str(ground.org.pk)
    got = download(client, ground)
    assert "\r" not in got.headers["Content-Disposition"]
    assert len(got.headers["Content-Disposition"]) < 1000


def test_names_beyond_ascii_are_given_out_by_rfc_5987(ground: Ground) -> None:
    client = ground.client_of(ground.lead)
    add(client, ground, upload=upload(name="polisi trwsio ŵ.pdf"))
    got = download(client, ground)
    assert (
        got.headers["Content-Disposition"]
        == "attachment; filename*=utf-8''polisi%20trwsio%20%C5%B5.pdf"
    )


def test_an_empty_file_is_refused_and_nothing_typed_is_lost(ground: Ground) -> None:
    answer = add(ground.client_of(ground.lead), ground, upload=upload(b""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "minutes.pdf: The file is empty: it has 0 bytes." in page
    assert 'value="Minutes of March"' in page
    assert 'value="Board papers"' in page
    assert not EvidenceItem.objects.exists()
    assert ground.files() == ground.temporary() == []


def test_beyond_the_limit_no_more_is_written(ground: Ground, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1 << 20
    written = 0
    real = storage.Receiver.write

    def counting(self: Any, chunk: bytes) -> None:
        nonlocal written
        written += len(chunk)
        real(self, chunk)

    client = ground.client_of(ground.lead)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.Receiver, "write", counting)
        answer = add(client, ground, upload=upload(b"x" * (5 << 20), "large.bin"))
    assert answer.status_code == 422
    assert "large.bin: The file is larger than 1 MB." in answer.content.decode()
    assert "Minutes of March" in answer.content.decode()
    assert written < 1.5 * (1 << 20)
    assert ground.files() == ground.temporary() == []


def test_far_beyond_the_limit_the_body_is_not_read_at_all(ground: Ground, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    client = ground.client_of(ground.lead)
    answer = add(client, ground, upload=upload(b"x" * 30_000))
    assert answer.status_code == 400
    assert "several goes" in answer.content.decode()
    assert ground.temporary() == []


def test_files_that_came_in_well_wait_for_the_rest_of_the_form(ground: Ground) -> None:
    client = ground.client_of(ground.contributor)
    answer = add(client, ground, upload=[upload(), upload(b"", "empty.txt")], kind="")
    page = answer.context["form"]
    assert answer.status_code == 422
    assert set(page.errors) == {"upload", "kind"}
    (held,) = answer.context["held"]
    assert held.upload.name == "minutes.pdf"
    assert len(ground.temporary()) == 1
    # Nobody else can take it up, nor can a token be made up.
    for other, token in ((ground.assessor, held.token), (ground.contributor, "made:up")):
        refused = add(ground.client_of(other), ground, held=token)
        assert refused.status_code == 422
        assert "Choose it again" in refused.content.decode()
    assert add(client, ground, held=held.token).status_code == 303
    assert the_item().file_name == "minutes.pdf"
    assert the_item().file.sha256
    assert len(ground.files()) == 1
    assert ground.temporary() == []


def test_several_files_at_once(ground: Ground) -> None:
    client = ground.client_of(ground.lead)

    def files() -> list[Any]:
        return [upload(name="may.pdf"), upload(b"other", "june.txt")]

    answer = add(client, ground, upload=files(), title="")
    assert answer.headers["Location"] == ground.url()
    assert [str(i) for i in EvidenceItem.objects.all()] == ["E1 may", "E2 june"]
    add(client, ground, upload=files(), title="Minutes")
    assert str(EvidenceItem.objects.get(number=4)) == "E4 Minutes: june"
    assert len(ground.files()) == 2


def test_the_same_form_sent_twice_adds_once(ground: Ground) -> None:
    client = ground.client_of(ground.lead)
    same = str(uuid4())
    for _ in range(2):
        assert add(client, ground, upload=upload(), item_id=same).status_code == 303
    assert EvidenceItem.objects.count() == 1
    assert ground.temporary() == []


def test_a_link_and_a_note(ground: Ground) -> None:
    client = ground.client_of(ground.lead)
    add(client, ground, what="link", url="https://example.org/policy")
    add(client, ground, what="note", text="Two phones rang <b>unanswered</b>.")
    one, other = EvidenceItem.objects.all()
    assert (one.url, other.text) == (
        "https://example.org/policy",
        "Two phones rang <b>unanswered</b>.",
    )
    page = client.get(ground.url(f"{one.pk}/")).content.decode()
    assert 'rel="noopener noreferrer external"' in page
    assert "&lt;b&gt;unanswered" in client.get(ground.url(f"{other.pk}/")).content.decode()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"what": "link", "url": "javascript:alert(1)"}, "url"),
        ({"what": "link", "url": ""}, "url"),
        ({"what": "link", "url": "https://example.org", "title": ""}, "title"),
        ({"what": "note", "text": " "}, "text"),
        ({"what": "file"}, "upload"),
        ({"what": "magic"}, "what"),
        ({"what": "note", "text": "x", "kind": "hearsay"}, "kind"),
        ({"what": "note", "text": "x", "origin": ""}, "origin"),
        ({"what": "note", "text": "x", "title": "x" * 301}, "title"),
        ({"what": "note", "text": "x", "period_start": "soon"}, "period_start"),
        (
            {"what": "note", "text": "x", "period_start": "2026-02-01", "period_end": "2026-01-01"},
            "period_end",
        ),
    ],
)
def test_a_form_with_a_fault_comes_back_with_everything_typed(
    ground: Ground, fields: dict[str, str], fault: str
) -> None:
    answer = add(ground.client_of(ground.lead), ground, **fields)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {fault}
    page = answer.content.decode()
    assert "error-summary" in page
    for name, value in ({**SAID} | fields).items():
        if value.strip() and name not in {"what", "kind", "origin"}:
            assert value in page
    assert not EvidenceItem.objects.exists()


def test_a_descriptor_named_in_the_address_is_linked_at_once(ground: Ground) -> None:
    client = ground.client_of(ground.lead)
    descriptor, back = f"{SETUP}/upper-1", f"/assessments/{ground.assessment.pk}/themes/{RENT}"
    page = client.get(ground.url("add"), {"descriptor": descriptor, "next": back})
    assert "Does it always: rent account ready in time." in page.content.decode()
    answer = add(
        client,
        ground,
        upload=upload(),
        descriptor=descriptor,
        next=back,
        locator="p. 3",
        **{"direction-upper-1": "shows this"},
    )
    assert answer.headers["Location"] == back
    made = EvidenceLink.objects.get()
    assert (made.descriptor, made.direction, made.locator) == (descriptor, "shows this", "p. 3")


@pytest.mark.parametrize(
    "next_", ["https://evil.example/x", "//evil.example", "javascript:alert(1)"]
)
def test_one_is_never_sent_elsewhere_afterwards(ground: Ground, next_: str) -> None:
    client = ground.client_of(ground.lead)
    answer = add(client, ground, upload=upload(), next=next_)
    assert answer.headers["Location"] == ground.url(f"{the_item().pk}/")
    assert next_ not in client.get(ground.url("add"), {"next": next_}).content.decode()


def test_an_upload_needs_the_token_against_forgery(ground: Ground) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ground.lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert add(client, ground, upload=upload()).status_code == 403
    assert ground.temporary() == []
    client.get(ground.url("add"))
    token = client.cookies["csrftoken"].value
    assert add(client, ground, upload=upload(), csrfmiddlewaretoken=token).status_code == 303


def test_who_may_not_add_sends_no_byte(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.Receiver, "write", pytest.fail)
    for client, status in (
        (ground.client_of(ground.reader), 403),
        (ground.client_of(ground.stranger), 404),
        (Client(), 302),
    ):
        assert add(client, ground, upload=upload()).status_code == status
    assert ground.temporary() == []


# Who sees and may do what --------------------------------------------------------------------


def test_routes_by_role(ground: Ground) -> None:
    """Every route of evidence, granted and denied."""
    item = note(ground, by=ground.lead)
    made = link(ground, item)
    get_for = {
        "": ("reader", 200),
        f"{item.pk}/": ("reader", 200),
        f"more/{SETUP}": ("reader", 200),
        "add": ("contributor", 200),
        f"for/{SETUP}": ("contributor", 200),
        f"choices/{SETUP}": ("contributor", 200),
        f"{item.pk}/edit": ("assessor", 200),
        f"{item.pk}/delete": ("assessor", 200),
        f"links/{made.pk}": ("assessor", 200),
        f"{item.pk}/file": ("reader", 404),
    }
    order = ["reader", "contributor", "assessor", "lead"]
    for tail, (lowest, granted) in get_for.items():
        for role in order:
            client = ground.client_of(getattr(ground, role))
            wanted = granted if order.index(role) >= order.index(lowest) else 403
            assert client.get(ground.url(tail)).status_code == wanted, (tail, role)
        assert ground.client_of(ground.stranger).get(ground.url(tail)).status_code == 404
        assert Client().get(ground.url(tail)).status_code == 302
    for tail in (f"{item.pk}/restore", f"links/{made.pk}/remove"):
        assert ground.client_of(ground.lead).get(ground.url(tail)).status_code == 405
        assert ground.client_of(ground.reader).post(ground.url(tail)).status_code == 403
        assert ground.client_of(ground.contributor).post(ground.url(tail)).status_code == 403
        assert ground.client_of(ground.stranger).post(ground.url(tail)).status_code == 404
        assert ground.client_of(ground.assessor).post(ground.url(tail)).status_code == 303


def test_who_added_it_may_change_it(ground: Ground) -> None:
    mine = note(ground, by=ground.contributor)
    client = ground.client_of(ground.contributor)
    assert client.get(ground.url(f"{mine.pk}/edit")).status_code == 200
    answer = client.post(ground.url(f"{mine.pk}/delete"), {"reason": "Outdated"})
    assert answer.status_code == 303
    page = client.get(ground.url(f"{mine.pk}/")).content.decode()
    assert "Outdated" in page
    assert "Bring it back" in page
    assert client.post(ground.url(f"{mine.pk}/restore")).status_code == 303


def test_an_item_of_another_assessment_is_not_found(ground: Ground) -> None:
    theirs = make_small_assessment(ground.other_org, ground.stranger)
    item = actions.add_note(
        assessment=theirs, details=Details(title="Theirs", text="x"), by=ground.stranger
    )
    made = actions.link(
        item=item, descriptor=f"{SETUP}/upper-1", direction="shows this", by=ground.stranger
    )
    client = ground.client_of(ground.lead)
    for tail in ("", "edit", "delete", "file"):
        assert client.get(ground.url(f"{item.pk}/{tail}")).status_code == 404
    assert client.get(ground.url(f"links/{made.pk}")).status_code == 404
    for_setup = {"what": "existing", "items": str(item.pk), "direction-upper-1": "shows this"}
    assert client.post(ground.url(f"for/{SETUP}"), for_setup).status_code == 422
    assert EvidenceLink.objects.count() == 1


@pytest.fixture
def secret(ground: Ground) -> EvidenceItem:
    item = actions.add_file(
        assessment=ground.assessment,
        received=storage.receive([PDF]),
        file_name="case-of-mrs-jones.pdf",
        details=Details(
            title="Case of Mrs Jones",
            source="Safeguarding file",
            text="Very private",
            kind="testimony",
            origin="third party",
            confidentiality="restricted",
            period_start=date(2025, 5, 5),
        ),
        by=ground.lead,
    )
    link(ground, item, locator="page seventeen", note="very telling")
    return item


WORDS = ("Jones", "Safeguarding", "private", "Third party", "seventeen", "telling", "5 May 2025")


def test_restricted_evidence_shows_number_and_kind_only(
    ground: Ground, secret: EvidenceItem
) -> None:
    for person in (ground.contributor, ground.reader):
        client = ground.client_of(person)
        for tail in ("", f"{secret.pk}/", f"more/{SETUP}"):
            page = client.get(ground.url(tail)).content.decode()
            body = page.split('id="main"')[1].split("<tbody>")[-1]
            assert "E1" in page
            assert "Testimony" in page
            for word in WORDS:
                assert word not in body, (tail, word)
        assert download(client, ground, secret).status_code == 403
    for person in (ground.assessor, ground.lead):
        page = ground.client_of(person).get(ground.url(f"{secret.pk}/")).content.decode()
        for word in WORDS:
            assert word in page
        assert download(ground.client_of(person), ground, secret).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"q": "Jones"},
        {"q": "safeguarding"},
        {"origin": "third party"},
        {"form": "file"},
        {"when": "inside"},
        {"start": "2025-05-01"},
        {"end": "2025-06-01"},
    ],
)
def test_restricted_evidence_is_not_found_by_guessing(
    ground: Ground, secret: EvidenceItem, query: dict[str, str]
) -> None:
    def found(person: Any) -> int:
        return ground.client_of(person).get(ground.url(), query).context["page"].paginator.count

    assert found(ground.contributor) == 0
    assert found(ground.lead) == 1


def test_restricted_evidence_tells_nothing_by_its_place(
    ground: Ground, secret: EvidenceItem
) -> None:
    for title in ("Alpha", "Zulu"):
        note(ground, title)
    for sort in ("title", "-title", "origin", "-period"):
        listed = ground.client_of(ground.reader).get(ground.url(), {"sort": sort}).context["rows"]
        assert listed[-1].item.number == secret.number


def test_who_added_restricted_evidence_sees_it(ground: Ground) -> None:
    mine = note(ground, "Told in trust", by=ground.contributor, confidentiality="restricted")
    page = ground.client_of(ground.contributor).get(ground.url(f"{mine.pk}/")).content.decode()
    assert "Told in trust" in page


def test_restricted_links_are_blank_on_the_theme_page(ground: Ground, secret: EvidenceItem) -> None:
    (shown,), total = queries.links_for_theme(ground.assessment, RENT)[SETUP]
    assert total == 1
    assert (shown.hidden, shown.title, shown.kind, shown.locator, shown.note) == (
        True,
        "Restricted",
        "testimony",
        "",
        "",
    )
    choices, _all = queries.choices_for(
        ground.assessment, SETUP, "", access=_access(ground, ground.contributor)
    )
    assert choices == []


def _access(ground: Ground, person: Any) -> Any:
    from kloe.assessment.permissions import Permission
    from kloe.web.access import fetch_assessment

    return fetch_assessment(person, ground.assessment.pk, Permission.ASSESSMENT_VIEW)


# The library ---------------------------------------------------------------------------------


@pytest.fixture
def stocked(ground: Ground) -> Ground:
    """Five items that differ in everything a filter asks for."""
    year = {"period_start": date(2025, 4, 1), "period_end": date(2026, 3, 31)}
    policy = note(ground, "Repairs policy", **year)
    note(ground, "Repairs call figures", kind="data", origin="system", **year)
    old = note(ground, "Old survey", kind="tenant voice", origin="tenant", source="Repairs panel",
               period_start=date(2020, 1, 1), period_end=date(2020, 12, 31))  # fmt: skip
    actions.add_link(
        assessment=ground.assessment,
        url="https://example.org/standard",
        details=Details(title="Standard", confidentiality="open"),
        by=ground.lead,
    )
    gone = note(ground, "Gone")
    actions.delete(item=gone, reason="Wrong", by=ground.lead)
    link(ground, policy)
    answer = Answer.objects.create(
        assessment=ground.assessment, question=f"{RENT}/Q1", theme=RENT, text="Well"
    )
    answer.cites.add(old)
    return ground


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"q": "repairs"}, [3, 2, 1]),
        ({"q": "repairs figures"}, [2]),
        ({"q": "e2"}, [2]),
        ({"q": "example.org"}, [4]),
        ({"q": "%"}, []),
        ({"kind": "data"}, [2]),
        ({"origin": "tenant"}, [3]),
        ({"form": "link"}, [4]),
        ({"confidentiality": "open"}, [4]),
        ({"used": "yes"}, [3, 1]),
        ({"used": "no"}, [4, 2]),
        ({"theme": RENT}, [1]),
        ({"criterion": SETUP}, [1]),
        ({"when": "inside"}, [2, 1]),
        ({"when": "outside"}, [3]),
        ({"when": "unstated"}, [4]),
        ({"start": "2026-01-01"}, [2, 1]),
        ({"end": "2020-06-30"}, [3]),
        ({"start": "nonsense"}, [4, 3, 2, 1]),
        ({"kind": "nonsense"}, [4, 3, 2, 1]),
        ({"deleted": "1"}, [5]),
        ({"sort": "title"}, [3, 2, 1, 4]),
        ({"sort": "-title"}, [4, 1, 2, 3]),
        ({"sort": "used"}, [4, 3, 2, 1]),
        ({"sort": "-used"}, [1, 4, 3, 2]),
        ({"sort": "period"}, [3, 2, 1, 4]),
        ({"sort": "'; drop"}, [4, 3, 2, 1]),
        ({"page": "nonsense"}, [4, 3, 2, 1]),
    ],
)
def test_the_library_is_filtered_and_sorted_by_its_address(
    stocked: Ground, query: dict[str, str], numbers: list[int]
) -> None:
    for person in (stocked.lead, stocked.reader):
        answer = stocked.client_of(person).get(stocked.url(), query)
        assert answer.status_code == 200
        assert [row.item.number for row in answer.context["rows"]] == numbers


def test_the_library_says_how_each_item_speaks(stocked: Ground) -> None:
    answer = stocked.client_of(stocked.lead).get(stocked.url())
    rows = {row.item.number: row for row in answer.context["rows"]}
    assert [(t.number, t.shows, t.otherwise) for t in rows[1].themes] == [("1.2/1", 1, 0)]
    assert rows[3].outside
    assert answer.context["totals"] == {"all": 4, "unused": 2, "restricted": 0, "deleted": 1}
    page = answer.content.decode()
    assert "April 2025 to March 2026" in page
    assert "outside the period assessed" in page


def _many(ground: Ground, n: int) -> None:
    first = EvidenceItem.objects.count()
    items = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            organisation=ground.org,
            assessment=ground.assessment,
            number=first + i + 1,
            form="note",
            title=f"Note {i}",
            kind="document",
            origin="landlord",
            added_by=ground.lead,
        )
        for i in range(n)
    )
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            item=item,
            assessment=ground.assessment,
            descriptor=f"{criterion}/upper-1",
            criterion=criterion,
            theme=criterion.rpartition("/")[0],
            side="upper",
            polarity="strength",
            direction="shows this",
            by=ground.lead,
        )
        for item in items
        for criterion in (SETUP, CONTACT_TOO)
    )


def test_pages_cost_the_same_with_two_thousand_items(
    ground: Ground, django_assert_max_num_queries: Any
) -> None:
    client = ground.client_of(ground.lead)
    _many(ground, 2)
    paths = {
        ground.url(): 12,
        ground.url() + "?q=note&sort=-used&used=yes&theme=" + RENT: 12,
        ground.url(f"{EvidenceItem.objects.all()[0].pk}/"): 12,
        ground.url(f"for/{SETUP}"): 12,
        ground.url(f"choices/{SETUP}?q=note"): 9,
        ground.url(f"more/{SETUP}"): 8,
    }

    def costs() -> dict[str, int]:
        found = {}
        for path, most in paths.items():
            with django_assert_max_num_queries(most) as counted:
                assert client.get(path).status_code == 200
            found[path] = len(counted)
        return found

    costs()  # the pinned edition is read once for each process
    few = costs()
    _many(ground, 2000)
    assert costs() == few
    assert len(client.get(ground.url()).context["rows"]) == 50


def test_the_theme_page_reads_first_links_in_one_query(
    ground: Ground, django_assert_num_queries: Any
) -> None:
    _many(ground, 300)
    with django_assert_num_queries(1):
        found = queries.links_for_theme(ground.assessment, RENT)
    links, total = found[SETUP]
    assert ([shown.number for shown in links], total) == ([1, 2, 3, 4, 5], 300)
    assert set(found) == {SETUP}


# An item -------------------------------------------------------------------------------------


def test_an_item_shows_where_it_is_used(stocked: Ground) -> None:
    client = stocked.client_of(stocked.lead)
    item = EvidenceItem.objects.get(number=1)
    page = client.get(stocked.url(f"{item.pk}/"), {"theme": RENT}).content.decode()
    assert "Rent account ready in time" in page
    assert "Shows this" in page
    assert f"for/{SETUP}?item={item.pk}" in page
    cited = EvidenceItem.objects.get(number=3)
    assert "Cited by answers" in client.get(stocked.url(f"{cited.pk}/")).content.decode()


def test_changing_an_item_and_what_the_other_person_saved(ground: Ground) -> None:
    item = note(ground)
    client = ground.client_of(ground.assessor)
    form = {**SAID, "text": "Seen twice", "base_version": 1}
    assert client.post(ground.url(f"{item.pk}/edit"), form).status_code == 303
    late = client.post(ground.url(f"{item.pk}/edit"), form | {"title": "Mine"})
    assert late.status_code == 409
    assert 'value="Mine"' in late.content.decode()
    assert ("Title", "Minutes of March") in late.context["theirs"]
    item.refresh_from_db()
    assert item.title == "Minutes of March"
    again = client.post(ground.url(f"{item.pk}/edit"), form | {"title": "Mine", "base_version": 2})
    assert again.status_code == 303
    bad = client.post(ground.url(f"{item.pk}/edit"), form | {"title": "", "base_version": 3})
    assert bad.status_code == 422


def test_deleting_asks_for_a_reason_and_leaves_a_tombstone(ground: Ground) -> None:
    item = note(ground)
    link(ground, item)
    client = ground.client_of(ground.lead)
    assert client.post(ground.url(f"{item.pk}/delete"), {"reason": " "}).status_code == 422
    assert client.post(ground.url(f"{item.pk}/delete"), {"reason": "Twice"}).status_code == 303
    page = client.get(ground.url(f"{item.pk}/")).content.decode()
    assert "Deleted on" in page
    assert "Twice" in page
    assert client.get(ground.url(f"{item.pk}/edit")).status_code == 200
    form = {**SAID, "text": "x", "base_version": 2}
    assert client.post(ground.url(f"{item.pk}/edit"), form).status_code == 409
    assert queries.links_for_theme(ground.assessment, RENT) == {}


# For a criterion -----------------------------------------------------------------------------

HTMX = {"HX-Request": "true"}


def test_choosing_evidence_for_a_criterion(ground: Ground) -> None:
    one, other = note(ground, "Policy"), note(ground, "Figures")
    client = ground.client_of(ground.contributor)
    panel = client.get(ground.url(f"for/{SETUP}"), headers=HTMX)
    assert b"<html" not in panel.content
    assert panel.content.decode().count('name="items"') == 2
    answer = client.post(
        ground.url(f"for/{SETUP}"),
        {
            "what": "existing",
            "items": [str(one.pk), str(other.pk)],
            "direction-upper-1": "shows this",
            "direction-lower-1": "shows otherwise",
            "locator": "p. 6",
        },
        headers=HTMX,
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'id="evidence-account-set-up"' in page
    assert "E1, E2 added: shows otherwise, shows this." in page
    assert "Policy, p. 6" in page
    assert "kloe-rated" in answer.headers["HX-Trigger-After-Swap"]
    assert EvidenceLink.objects.count() == 4
    assert CriterionState.objects.get(criterion=SETUP).evidence == 4


def test_adding_something_new_to_a_criterion_without_script(ground: Ground) -> None:
    client = ground.client_of(ground.contributor)
    answer = client.post(
        ground.url(f"for/{SETUP}"),
        {**SAID, "what": "file", "upload": upload(), "direction-lower-1": "shows this"},
    )
    assert answer.status_code == 303
    there = f"/assessments/{ground.assessment.pk}/themes/{RENT}#c-account-set-up"
    assert answer.headers["Location"] == there
    assert EvidenceLink.objects.get().item == the_item()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"what": "existing"}, "items"),
        ({"what": "note", "title": "T", "text": "Heard"}, "direction-upper-1"),
        ({"what": "note", "title": "T", "text": "", "direction-upper-1": "context"}, "text"),
    ],
)
def test_a_panel_with_a_fault_keeps_what_was_typed(
    ground: Ground, fields: dict[str, str], fault: str
) -> None:
    said = {**SAID, "locator": "row 12"} | fields
    if fault == "items":
        said["direction-upper-1"] = "context"
    answer = ground.client_of(ground.lead).post(ground.url(f"for/{SETUP}"), said, headers=HTMX)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {fault}
    assert answer.headers["HX-Retarget"] == "#panel-account-set-up"
    assert 'value="row 12"' in answer.content.decode()
    assert not EvidenceItem.objects.exists()


def test_saying_something_else_of_the_same_descriptor_is_explained(ground: Ground) -> None:
    item = note(ground)
    link(ground, item)
    client = ground.client_of(ground.lead)
    said = {"what": "existing", "items": str(item.pk), "direction-upper-1": "shows otherwise"}
    answer = client.post(ground.url(f"for/{SETUP}"), said, headers=HTMX)
    assert answer.status_code == 422
    assert "already speaks to this statement" in answer.content.decode()
    assert EvidenceLink.objects.get().direction == "shows this"


def test_looking_for_evidence_without_script_keeps_what_was_typed(ground: Ground) -> None:
    one = note(ground, "Repairs policy")
    note(ground, "Call figures")
    answer = ground.client_of(ground.lead).post(
        ground.url(f"for/{SETUP}"),
        {**SAID, "what": "existing", "search": "1", "q": "figures", "items": str(one.pk),
         "locator": "row 12", "direction-upper-1": "context"},
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 200
    assert [(c.item.title, c.chosen) for c in answer.context["choices"]] == [
        ("Repairs policy", True),
        ("Call figures", False),
    ]
    assert 'value="row 12"' in page
    assert "error-summary" not in page
    assert not EvidenceLink.objects.exists()


def test_an_offer_is_taken_with_one_press(ground: Ground) -> None:
    link(ground, note(ground, "Call figures"), CONTACT, locator="p. 2")
    client = ground.client_of(ground.contributor)
    page = client.get(ground.url(f"for/{CONTACT_TOO}"))
    (offer,) = page.context["offered"]
    assert "Use it here too" in page.content.decode()
    said = {
        "what": "existing",
        "items": str(offer.link.item_id),
        offer.field: offer.link.direction,
        "locator": offer.link.locator,
    }
    assert client.post(ground.url(f"for/{CONTACT_TOO}"), said).status_code == 303
    made = EvidenceLink.objects.get(criterion=CONTACT_TOO)
    assert (made.direction, made.locator) == ("shows this", "p. 2")


def test_changing_and_removing_a_link(ground: Ground) -> None:
    mine = link(ground, note(ground), by=ground.contributor)
    theirs = link(ground, note(ground))
    client = ground.client_of(ground.contributor)
    said = {"direction": "context", "locator": "p. 9", "note": ""}
    assert client.post(ground.url(f"links/{mine.pk}"), said).status_code == 303
    assert client.post(ground.url(f"links/{mine.pk}"), {"direction": "x"}).status_code == 422
    assert client.post(ground.url(f"links/{theirs.pk}"), said).status_code == 403
    assert client.post(ground.url(f"links/{theirs.pk}/remove")).status_code == 403
    answer = client.post(ground.url(f"links/{mine.pk}/remove"), headers=HTMX)
    assert "not linked to this statement any more" in answer.content.decode()
    assert EvidenceLink.objects.get() == theirs


def test_more_than_five_on_demand(ground: Ground) -> None:
    _many(ground, 60)
    client = ground.client_of(ground.reader)
    part = client.get(ground.url(f"more/{SETUP}"), headers=HTMX)
    assert len(part.context["links"]) == 50
    assert "10 more" in part.content.decode()
    assert "show=100" in part.content.decode()
    assert "Add evidence" not in part.content.decode()
    whole = client.get(ground.url(f"more/{SETUP}"), {"show": "100"})
    assert b"<html" in whole.content
    assert whole.context["more"] == 0
    assert client.get(ground.url(f"more/{SETUP}"), {"show": "x"}).status_code == 200
    assert client.get(ground.url(f"more/{RENT}/nothing")).status_code == 404
