# ruff: noqa: F811
"""Which files become which tables on the web: another, a further one, none, and as before."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from web_records import HOMES, TENANCIES, Records, file, ground  # noqa: F401

from kloe.records.mapping import parse_mapping
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.records import storage
from kloe.web.records.models import RecordDraft

pytestmark = pytest.mark.django_db

#: One list with the homes in it, as many systems give it out.
BOTH = "tenancy_ref,start_on,property_ref,property_type,bedrooms,build_year\n" + "".join(
    f"T{n},20{10 + n % 15}-0{n % 9 + 1}-10,P{n},{('house', 'flat')[n % 2]},{n % 4 + 1},{1950 + n}\n"
    for n in range(60)
)
ODD = "q,w\n" + "7,8\n" * 40


def tables(draft: RecordDraft) -> list[tuple[str, tuple[str, ...]]]:
    draft.refresh_from_db()
    return [(s.table, s.files) for s in parse_mapping(draft.mapping).sources]


def make(ground: Records, draft: RecordDraft, number: int, table: str, **more: object) -> object:
    said = {"base_version": draft.version, "table": table, "do": "change", **more}
    answer = ground.client.post(ground.url("records-table", draft.pk, number), said)
    run_waiting()
    draft.refresh_from_db()
    return answer


# Another table, a further one, none -------------------------------------------------------------


def test_files_become_another_table(ground: Records) -> None:
    draft = ground.sent(homes=HOMES, tenancies=TENANCIES)
    number = [t for t, _f in tables(draft)].index("tenancy") + 1
    other = [t for t, _f in tables(draft)].index("property")
    before = parse_mapping(draft.mapping).sources[other]
    page = ground.client.get(ground.url("records-source", draft.pk, number)).content.decode()
    assert 'value="tenancy" selected' in page
    answer = make(ground, draft, number, "void")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert tables(draft)[number - 1] == ("void", ("tenancies.csv",))
    after = parse_mapping(draft.mapping).sources[other]
    assert after.columns == before.columns
    assert f'href="{ground.url("records-layout", "void")}"' in ground.page(draft)
    event = AuditEvent.objects.filter(verb="changed mapping").latest("id")
    assert event.after["table"] == "void"  # type: ignore[index]


def test_the_same_table_changes_nothing(ground: Records) -> None:
    draft = ground.sent(homes=HOMES)
    version = draft.version
    answer = make(ground, draft, 1, "property")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert draft.version == version
    assert not Job.objects.filter(state="waiting").exists()


def test_whoever_knows_better_makes_any_table_of_files_not_taken(ground: Records) -> None:
    """What cannot be found stands there as unsure, with why."""
    draft = ground.sent(homes=HOMES, odd=ODD)
    assert "odd.csv: None of the tables looks like it" in ground.page(draft)
    place = next(n for n, p in enumerate(draft.proposal["places"]) if p["files"] == ["odd.csv"])
    answer = ground.client.post(
        ground.url("records-further", draft.pk),
        {"base_version": draft.version, "place": place, "table": "ombudsman_order"},
    )
    assert answer.status_code == 303
    run_waiting()
    assert tables(draft) == [("property", ("homes.csv",)), ("ombudsman_order", ("odd.csv",))]
    source = parse_mapping(draft.mapping).sources[1]
    assert set(source.unsure) == set(source.columns)
    assert "None of the tables looks like it" not in ground.page(draft)


def test_work_that_fails_leaves_the_mapping_and_says_why(ground: Records) -> None:
    draft = ground.sent(homes=HOMES)
    was = draft.mapping, draft.version
    for path in storage.files_of(draft.pk).iterdir():
        path.unlink()
    make(ground, draft, 1, "void")
    assert (draft.mapping, draft.version) == was
    assert draft.job is not None
    assert draft.job.state == Job.State.FAILED
    assert "homes.csv" in ground.page(draft)


def test_one_file_feeds_a_further_table_and_both_are_loaded(ground: Records) -> None:
    draft = ground.sent(both=BOTH)
    first = {t for t, _f in tables(draft)}
    wanted = ({"tenancy", "property"} - first) or set()
    for table in sorted(wanted):
        answer = ground.client.post(
            ground.url("records-further", draft.pk),
            {"base_version": draft.version, "place": 0, "table": table},
        )
        assert answer.status_code == 303
        run_waiting()
        draft.refresh_from_db()
    assert dict(tables(draft)) == {"tenancy": ("both.csv",), "property": ("both.csv",)}
    ground.load(ground.check(draft))
    assert draft.state == RecordDraft.State.LOADED
    assert sorted(draft.loaded["tables"]) == ["property", "tenancy"]
    assert draft.loaded["rows"] == 120


def test_a_part_is_left_out_but_not_the_last(ground: Records) -> None:
    draft = ground.sent(homes=HOMES, tenancies=TENANCIES)
    gone = tables(draft)[0]
    answer = make(ground, draft, 1, gone[0], do="leave-out")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert gone not in tables(draft)
    assert len(tables(draft)) == 1
    page = ground.client.get(ground.url("records-source", draft.pk, 1)).content.decode()
    assert "leave-out" not in page
    answer = make(ground, draft, 1, tables(draft)[0][0], do="leave-out")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert len(tables(draft)) == 1


@pytest.mark.parametrize(
    "said", [{"table": "nothing"}, {"table": ""}, {"base_version": ""}, {"table": "x" * 5000}]
)
def test_what_is_no_table_comes_back(ground: Records, said: dict[str, str]) -> None:
    draft = ground.sent(homes=HOMES)
    for name, more in (("records-table", [1]), ("records-further", [])):
        given = {"base_version": draft.version, "table": "void", "place": 0, "do": "change"}
        answer = ground.client.post(ground.url(name, draft.pk, *more), {**given, **said})
        assert answer.status_code == 422
        assert 'class="error' in answer.content.decode()
    assert not Job.objects.filter(state="waiting").exists()


def test_who_saw_an_older_mapping_is_told(ground: Records) -> None:
    draft = ground.sent(homes=HOMES)
    old = draft.version - 1
    for name, more in (("records-table", [1]), ("records-further", [])):
        answer = ground.client.post(
            ground.url(name, draft.pk, *more),
            {"base_version": old, "table": "void", "place": 0, "do": "change"},
        )
        assert answer.status_code == 409
        assert "Somebody else changed the mapping" in answer.content.decode()


def test_a_job_for_a_mapping_that_changed_since_does_nothing(ground: Records) -> None:
    """Run again after a crash, when its part stands there already."""
    draft = ground.sent(homes=HOMES)
    make(ground, draft, 1, "void")
    was, version = draft.mapping, draft.version
    job = draft.job
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, worker="")
    run_waiting()
    draft.refresh_from_db()
    assert (draft.mapping, draft.version) == (was, version)


# An earlier mapping -----------------------------------------------------------------------------


def rename(words: str) -> str:
    """The same columns in a system that calls them otherwise."""
    return words.replace("property_ref", "Asset No").replace("bedrooms", "Zimmer")


def corrected(ground: Records) -> RecordDraft:
    """Loaded with a mapping that somebody put right by hand."""
    draft = ground.sent(**{"assets 2025": rename(HOMES)})
    words = (
        "format: kloe-mapping/1\nsources:\n- files: assets 2025.csv\n  table: property\n"
        "  columns: {property_ref: Asset No, bedrooms: Zimmer}\n  confirmed: true\n"
    )
    assert ground.upload_mapping(draft, words, draft.version).status_code == 303
    draft.refresh_from_db()
    return ground.load(ground.check(draft))


def test_next_years_files_are_read_as_last_years(ground: Records) -> None:
    first = corrected(ground)
    draft = ground.sent(**{"assets 2026": rename(HOMES).replace(",1951", ",1952")})
    page = ground.page(draft)
    assert "Files with the same columns were loaded before" in page
    assert str(first.pk) in page
    answer = ground.client.post(
        ground.url("records-earlier", draft.pk),
        {"base_version": draft.version, "earlier": first.pk},
    )
    assert answer.status_code == 303
    assert tables(draft) == [("property", ("assets 2026.csv",))]
    assert parse_mapping(draft.mapping).sources[0].columns["bedrooms"].sources == ("Zimmer",)
    assert "Files with the same columns" not in ground.page(draft)
    event = AuditEvent.objects.filter(verb="changed mapping").latest("id")
    assert event.after["of"] == str(first.pk)  # type: ignore[index]
    assert ground.load(ground.check(draft)).loaded["rows"] == 60


def test_other_columns_propose_nothing_but_any_can_be_chosen(ground: Records) -> None:
    first = corrected(ground)
    more = rename(HOMES).replace("build_year", "Baujahr")
    draft = ground.sent(more=more, tenancies=TENANCIES)
    page = ground.page(draft)
    assert "Files with the same columns" not in page
    assert f'value="{first.pk}"' in page
    ground.client.post(
        ground.url("records-earlier", draft.pk),
        {"base_version": draft.version, "earlier": first.pk},
    )
    found = dict(tables(draft))
    assert found["property"] == ("more.csv",)
    assert found["tenancy"] == ("tenancies.csv",)


def test_a_mapping_that_fits_no_file_is_refused_and_changes_nothing(ground: Records) -> None:
    first = corrected(ground)
    draft = ground.sent(tenancies=TENANCIES)
    version, was = draft.version, draft.mapping
    answer = ground.client.post(
        ground.url("records-earlier", draft.pk),
        {"base_version": version, "earlier": first.pk},
    )
    assert answer.status_code == 422
    assert "assets 2025.csv" in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.version, draft.mapping) == (version, was)


def test_the_newest_with_the_same_columns_is_proposed(ground: Records) -> None:
    corrected(ground)
    newer = ground.load(ground.check(ground.sent(b=rename(HOMES).replace(",1953", ",1954"))))
    assert newer.state == RecordDraft.State.LOADED
    draft = ground.sent(c=rename(HOMES).replace(",1955", ",1956"))
    notice = ground.page(draft).partition("Use the mapping used then")[0]
    assert str(newer.pk) in notice


def test_mappings_of_others_cannot_be_taken(
    ground: Records, other_org: object, user_with: object, client_of: object
) -> None:
    theirs = Records(other_org, client_of(user_with("lead", other_org)))  # type: ignore[operator]
    draft = theirs.loaded(homes=HOMES)
    mine = ground.sent(homes=HOMES)
    assert "Files with the same columns" not in ground.page(mine)
    for wanted in (draft.pk, mine.pk, "0", ""):
        answer = ground.client.post(
            ground.url("records-earlier", mine.pk),
            {"base_version": mine.version, "earlier": wanted},
        )
        assert answer.status_code == 422
    mine.refresh_from_db()
    assert tables(mine) == [("property", ("homes.csv",))]


def test_sheets_of_a_workbook_are_places(ground: Records) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for title, words in (("Homes", HOMES), ("Odd", ODD)):
            sheet = book.add_worksheet(title)
            for n, line in enumerate(words.strip().splitlines()):
                sheet.write_row(n, 0, line.split(","))
    answer = ground.send(SimpleUploadedFile("all.xlsx", out.getvalue()), file("t.csv", TENANCIES))
    assert answer.status_code == 303
    run_waiting()
    draft = ground.draft()
    page = ground.page(draft)
    assert "all.xlsx (Homes)" in page
    assert "all.xlsx (Odd)" in page
    number = [t for t, _f in tables(draft)].index("property") + 1
    make(ground, draft, number, "void")
    source = parse_mapping(draft.mapping).sources[number - 1]
    assert (source.table, source.sheet) == ("void", "Homes")
