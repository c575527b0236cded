"""The lines of enquiry to read: every edition, KLOE and theme; instruments, faults, search."""

from __future__ import annotations

import gzip
import json
from html import unescape

import pytest

from kloe.core.digest import sha256_hex
from kloe.frameworks import library
from kloe.web.library import queries
from kloe.web.library.models import FrameworkEdition

WAO = "wao-housing-2005"


@pytest.fixture
def reader(client_of, user_with):
    """Somebody who belongs nowhere: the lines of enquiry are for everybody who signed in."""
    return client_of(user_with())


def text(answer) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize(
    "path",
    [
        "/library/",
        f"/library/editions/{WAO}",
        f"/library/kloes/{WAO}/1.5",
        f"/library/themes/{WAO}/1.5/4",
        f"/library/instruments/{WAO}",
        f"/library/faults/{WAO}",
        "/library/search?q=repairs",
    ],
)
def test_pages_ask_for_sign_in_and_only_for_that(client, reader, path):
    assert client.get(path).status_code == 302
    assert reader.get(path).status_code == 200
    assert reader.post(path).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/library/editions/nothing",
        f"/library/kloes/{WAO}/9.9",
        f"/library/themes/{WAO}/1.5/99",
        "/library/themes/nothing/1.5/4",
        f"/library/instruments/{WAO}?edition={'0' * 64}",
    ],
)
def test_what_is_not_there_is_told(reader, path):
    answer = reader.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.content.decode()


def test_editions_list_all_kloes(reader):
    page = text(reader.get("/library/"))
    for framework in library.load_all():
        assert str(framework.title) in page
        for kloe in framework.kloes:
            assert f"/library/kloes/{kloe.id}" in page
            assert str(kloe.title) in page


def test_an_edition_shows_scales_and_where_it_comes_from(reader):
    page = text(reader.get(f"/library/editions/{WAO}"))
    framework = library.load(WAO)
    for scale in framework.scales.values():
        assert str(scale.question) in page
        for grade in scale.grades:
            assert f'<span class="grade g{grade.rank}">{grade.label}</span>' in page
    assert str(framework.url_note) in page


@pytest.mark.parametrize("framework", library.load_all(), ids=lambda f: f.id)
def test_every_kloe_and_theme_can_be_read(reader, framework):
    for kloe in framework.kloes:
        page = text(reader.get(f"/library/kloes/{kloe.id}"))
        for question in kloe.questions:
            assert str(question.text) in page
        for main in kloe.main_questions:
            assert str(main.title) in page
        for theme in kloe.themes:
            page = text(reader.get(f"/library/themes/{theme.id}"))
            assert str(theme.title) in page
            for criterion in theme.criteria:
                assert f'id="c-{criterion.key}"' in page
                for descriptor in criterion.descriptors:
                    assert str(descriptor.text) in page
            for detailed in theme.detailed_questions:
                assert str(detailed.text) in page
            for suggested in theme.suggested_evidence:
                assert str(suggested.text) in page


def test_a_kloe_is_found_by_its_other_number_too(reader):
    assert "2.10 / 2.11" in text(reader.get(f"/library/kloes/{WAO}/2.11"))


def test_a_theme_page_asks_the_database_for_the_person_only(reader, django_assert_max_num_queries):
    reader.get(f"/library/themes/{WAO}/1.5/4")
    with django_assert_max_num_queries(2):
        reader.get(f"/library/themes/{WAO}/1.5/4")


def test_a_common_criterion_leads_to_its_others(reader):
    framework = library.load(WAO)
    criterion = next(
        c for c in framework.criteria() if c.common and len(framework.sharing(c.common)) > 1
    )
    page = text(reader.get(f"/library/themes/{criterion.theme_id}"))
    for theme, other in queries.elsewhere(criterion, [framework]):
        assert f'/library/themes/{theme.id}#c-{other.key}"' in page


def test_instruments_say_what_there_is_now(reader):
    page = text(reader.get(f"/library/instruments/{WAO}?q=racial+equality"))
    assert "Commission for Racial Equality (CRE)" in page
    assert "Equality and Human Rights Commission" in page
    assert "since 1 October 2007" in page
    assert "/library/themes/wao-housing-2005/2.3/1" in page


def test_instruments_are_filtered_by_kind_and_country(reader):
    framework = library.load(WAO)
    bodies = queries.register(framework, words="", kind="body", jurisdiction="")
    assert bodies
    assert {e.instrument.kind for e in bodies} == {"body"}
    wales = queries.register(framework, words="", kind="", jurisdiction="wales")
    assert all(r.jurisdiction in {"wales", "great-britain", "uk"} for e in wales for r in e.now)
    assert len(wales) == len(framework.instruments)
    none = text(reader.get(f"/library/instruments/{WAO}?q=zzzz"))
    assert "No instrument fits these filters." in none


def test_faults_are_told_with_their_treatment(reader):
    for framework in library.load_all():
        page = text(reader.get(f"/library/faults/{framework.id}"))
        for fault in framework.faults:
            assert str(fault.fault) in page
            assert str(fault.treatment) in page


# Search


def test_search_marks_words_and_leads_to_the_criterion(reader):
    page = text(reader.get("/library/search?q=communal+areas"))
    assert "<mark>communal</mark>" in page
    assert "/library/themes/wao-housing-2005/1.5/4#c-" in page
    assert " places." in page


def test_search_within_one_kind_and_framework(reader):
    page = text(reader.get("/library/search?q=repairs&kind=question&in=wao-housing-2005"))
    assert '<span class="tag">Question</span>' in page
    assert '<span class="tag">Descriptor</span>' not in page
    assert "Cross-cutting Key Lines of Enquiry</p>" not in page


def test_search_that_finds_nothing_says_what_to_do(reader):
    page = text(reader.get("/library/search?q=zzzqqq"))
    assert "No line of enquiry has “zzzqqq”." in page
    assert "Try fewer or other words" in page
    assert "No line of enquiry" not in text(reader.get("/library/search"))


def test_search_is_text_not_markup(reader):
    answer = reader.get("/library/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert b"<script>alert" not in answer.content


def test_every_hit_has_a_page_and_an_anchor(reader):
    pages: dict[str, str] = {}
    for found in queries.find("tenants repairs diversity rent")[:120]:
        path = f"/library/themes/{found.theme}" if found.theme else f"/library/kloes/{found.kloe}"
        if path not in pages:
            pages[path] = text(reader.get(path))
        if found.anchor:
            assert f'id="{found.anchor}"' in pages[path], found.hit.id


# Older editions


def test_an_edition_that_was_pinned_stays_readable(reader):
    raw = json.loads(library.compiled(WAO))
    raw["edition"] = "An earlier draft"
    raw["kloes"][0]["title"] = "Rents as they were"
    compiled = json.dumps(raw).encode()
    digest = sha256_hex(compiled)
    FrameworkEdition.objects.create(
        digest=digest,
        framework=WAO,
        title=raw["title"],
        edition=raw["edition"],
        compiled=gzip.compress(compiled),
    )
    page = text(reader.get("/library/"))
    assert f"/library/editions/{WAO}?edition={digest}" in page
    old = text(reader.get(f"/library/editions/{WAO}?edition={digest}"))
    assert "Rents as they were" in old
    assert "An older edition" in old
    assert f"/library/kloes/{WAO}/1.2?edition={digest}" in old
    theme = text(reader.get(f"/library/themes/{WAO}/1.2/1?edition={digest}"))
    assert f"/library/themes/{WAO}/1.2/2?edition={digest}" in theme
    assert "Rents as they were" not in text(reader.get(f"/library/kloes/{WAO}/1.2"))
    assert (
        reader.get(f"/library/editions/hi-cross-cutting-2005?edition={digest}").status_code == 404
    )
