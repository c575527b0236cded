"""Records on the web: sending, mapping, checking, loading, undoing; and what is refused."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from web_records import HOMES, TENANCIES, Records, file, ground  # noqa: F401

from kloe.records.mapping import parse_mapping
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators.holdings import records_of, shelf_of
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.records import actions, storage
from kloe.web.records.housekeeping import sweep
from kloe.web.records.models import RecordDraft

pytestmark = pytest.mark.django_db


VERBS = {
    "sent extract", "proposed mapping", "changed mapping", "decided extract", "checked extract",
    "loaded records", "undid load", "discarded extract",
}  # fmt: skip


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_without_records_the_page_says_what_to_do(ground: Records) -> None:  # noqa: F811
    answer = ground.client.get(ground.url("records"))
    page = answer.content.decode()
    assert "Nothing is loaded yet" in page
    assert ground.url("records-add") in page
    assert ground.url("records-layouts") in page


def test_who_may_look_but_not_load_is_told_who_may(
    ground: Records,  # noqa: F811
    org: Any,
    user_with: Any,
    client_of: Any,
) -> None:
    page = client_of(user_with("assessor", org)).get(ground.url("records")).content.decode()
    assert "A lead or administrator" in page
    assert ground.url("records-add") not in page


def test_from_files_to_records_and_back(ground: Records, org: Any, lead: Any) -> None:  # noqa: F811
    draft = ground.sent()
    assert ground.files(draft) == ["homes.csv", "tenancies.csv"]
    page = ground.page(draft)
    assert "What becomes what" in page
    assert "homes.csv" in page
    assert "T1" in page
    assert {s.table for s in parse_mapping(draft.mapping).sources} == {"property", "tenancy"}

    draft = ground.check(draft)
    assert draft.checked["version"] == draft.version
    page = ground.page(draft)
    assert "All 120 rows keep every rule" in page
    assert ground.url("records-load", draft.pk) in page
    assert records_of(org) is None

    draft = ground.load(draft)
    assert draft.state == "loaded"
    records = records_of(org)
    assert records is not None
    assert records.tables["tenancy"].rows == 60
    assert records.landlord == str(org.pk)
    assert str(records.as_at) == "2026-03-31"
    assert "The records are loaded" in ground.page(draft)
    assert ground.files(draft) == []
    assert not storage.folder_of(draft.pk).exists()
    assert draft.proposal == {}
    assert "# T1" not in draft.mapping

    page = ground.client.get(ground.url("records")).content.decode()
    assert "in use" in page
    assert str(lead.name) in page
    assert "tenancies.csv" in page

    answer = ground.client.get(ground.url("records-undo"))
    assert "It was the first load" in answer.content.decode()
    version = shelf_of(org).current_id
    answer = ground.client.post(ground.url("records-undo"), {"version": version})
    assert answer.status_code == 303
    assert records_of(org) is None
    assert "Undone" in ground.client.get(ground.url("records")).content.decode()
    assert [v for v in verbs() if v in VERBS] == [
        "sent extract", "proposed mapping", "checked extract", "loaded records", "undid load",
    ]  # fmt: skip


def test_what_one_loads_another_organisation_does_not_see(
    ground: Records,  # noqa: F811
    other_org: Any,
    user_with: Any,
    client_of: Any,
) -> None:
    ground.org.landlord_code = "L1"
    ground.org.save()
    other_org.landlord_code = str(ground.org.pk)
    other_org.save()
    ground.loaded()
    theirs = Records(other_org, client_of(user_with("administrator", other_org)))
    assert records_of(other_org) is None
    assert "Nothing is loaded yet" in theirs.client.get(theirs.url("records")).content.decode()
    assert theirs.client.get(ground.url("records")).status_code == 404


def test_a_mapping_cannot_choose_another_landlord(ground: Records, other_org: Any) -> None:  # noqa: F811
    draft = ground.sent()
    words = draft.mapping.replace("format: kloe-mapping/1", "format: kloe-mapping/1\nlandlord: x")
    words = words.replace("landlord: x", f"landlord: {other_org.pk}")
    assert ground.upload_mapping(draft, words, draft.version).status_code == 303
    draft.refresh_from_db()
    ground.load(ground.check(draft))
    assert records_of(other_org) is None
    assert records_of(ground.org) is not None


def test_a_load_with_rejects_lists_them_by_rule(ground: Records) -> None:  # noqa: F811
    broken = TENANCIES.replace("2011-02-10", "10 Feb eleven").replace("T7,", ",")
    draft = ground.check(ground.sent(homes=HOMES, tenancies=broken))
    page = ground.page(draft)
    assert "Rules that were broken" in page
    assert "10 Feb eleven" in page
    assert "tenancies.csv:" in page
    assert "There has to be a value." in page
    answer = ground.client.get(ground.url("records-draft-rejects", draft.pk, "tenancy"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"10 Feb eleven" in b"".join(answer)
    ground.load(draft)
    answer = ground.client.get(ground.url("records-rejects", "tenancy"))
    assert b"10 Feb eleven" in b"".join(answer)
    assert ground.client.get(ground.url("records-rejects", "property")).status_code == 404


def test_too_many_rejects_are_refused_until_more_are_allowed(ground: Records) -> None:  # noqa: F811
    lines = TENANCIES.splitlines()
    broken = "\n".join(
        [lines[0], *(r.replace("20", "x", 1) if n % 7 == 0 else r for n, r in enumerate(lines[1:]))]
    )
    draft = ground.check(ground.sent(homes=HOMES, tenancies=broken))
    page = ground.page(draft)
    assert "nothing would be loaded" in page
    assert "--most-rejects" not in page
    answer = ground.client.post(
        ground.url("records-load", draft.pk), {"base_version": draft.version}
    )
    assert answer.status_code == 409
    draft = ground.check(draft, most_rejects=50)
    assert not draft.checked.get("refusal")
    assert ground.load(draft).state == "loaded"


def test_only_what_was_checked_as_it_is_is_loaded(ground: Records) -> None:  # noqa: F811
    draft = ground.sent()
    load = ground.url("records-load", draft.pk)
    assert ground.client.post(load, {"base_version": draft.version}).status_code == 409
    draft = ground.check(draft)
    seen = draft.version
    assert ground.upload_mapping(draft, draft.mapping + "# more\n", seen).status_code == 303
    assert ground.client.post(load, {"base_version": seen}).status_code == 409
    assert ground.client.post(load, {"base_version": "x"}).status_code == 409
    draft.refresh_from_db()
    assert draft.version == seen + 1
    assert draft.checked == {}
    assert ground.client.post(load, {"base_version": seen + 1}).status_code == 409


def test_mapping_goes_out_and_comes_in_again(ground: Records) -> None:  # noqa: F811
    draft = ground.sent()
    answer = ground.client.get(ground.url("records-mapping", draft.pk))
    assert answer["Content-Disposition"] == 'attachment; filename="mapping.yaml"'
    words = answer.content.decode()
    assert words == draft.mapping
    edited = words.replace("tenure: tenure", "tenure: {leave_out: true}")
    assert ground.upload_mapping(draft, edited, draft.version).status_code == 303
    assert "not taken over" in ground.page(draft)
    # From the version seen only; what stands is shown, nothing is overwritten.
    answer = ground.upload_mapping(draft, words, draft.version)
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.mapping == edited


@pytest.mark.parametrize(
    "words",
    [
        "", "x", "format: kloe-mapping/1", "format: kloe-mapping/1\nsources: []",
        "format: kloe-mapping/1\nsources:\n  - {files: ../../x, table: tenancy, columns: {}}",
        "format: kloe-mapping/1\nsources:\n  - {files: /etc/x, table: tenancy, columns: {a: b}}",
        "&a [*a]", "a: &a [x]\nb: [*a,*a]", "!!python/object:os.system x", b"\xff\xfe\x00a",
        b"format: kloe-mapping/1\x00", "{" * 3000, "[" * 500 + "]" * 500,
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused_and_the_one_there_stays(
    ground: Records,  # noqa: F811
    words: str | bytes,
) -> None:
    draft = ground.sent(tenancies=TENANCIES)
    answer = ground.upload_mapping(draft, words, draft.version)
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    before = draft.mapping
    draft.refresh_from_db()
    assert draft.mapping == before


def test_files_come_in_with_names_that_can_stand_in_a_mapping(ground: Records) -> None:  # noqa: F811
    names = ["../../t[1].csv", "~$t.csv", "*.csv", "T(1).CSV", "…/con.csv"]
    answer = ground.send(*(file(name, TENANCIES) for name in names))
    assert answer.status_code == 303
    draft = ground.draft()
    kept = [f["name"] for f in draft.files]
    assert len({n.casefold() for n in kept}) == len(names)
    assert not any(set(n) & set("[]*?~/\\") for n in kept)
    assert ground.files(draft) == sorted(kept)
    run_waiting()
    draft = ground.check(ground.draft())
    assert draft.job is not None
    assert draft.job.state == "done"
    assert draft.checked["tables"]


def test_a_form_that_comes_back_keeps_the_files(ground: Records, settings: Any) -> None:  # noqa: F811
    settings.RECORDS_MAX_BYTES = 2000
    answer = ground.send(file("small.csv", TENANCIES[:1500]), file("large.csv", HOMES * 3))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "large.csv: The file is larger than" in page
    assert "csv.gz" in page
    held = answer.context["held"]
    assert [h.upload.name for h in held] == ["small.csv"]
    answer = ground.client.post(
        ground.url("records-add"), {"as_at": "2026-13-31", "held": held[0].token}
    )
    assert answer.status_code == 422
    held = answer.context["held"]
    answer = ground.client.post(
        ground.url("records-add"), {"as_at": "2026-03-31", "held": held[0].token}
    )
    assert answer.status_code == 303
    assert ground.files(ground.draft()) == ["small.csv"]


def test_files_held_for_one_are_not_given_to_another(
    ground: Records,  # noqa: F811
    org: Any,
    user_with: Any,
    client_of: Any,
) -> None:
    answer = ground.client.post(
        ground.url("records-add"), {"as_at": "", "upload": [file("t.csv", TENANCIES)]}
    )
    token = answer.context["held"][0].token
    other = Records(org, client_of(user_with("lead", org)))
    answer = other.client.post(other.url("records-add"), {"as_at": "2026-03-31", "held": token})
    assert answer.status_code == 422
    assert RecordDraft.objects.count() == 0


@pytest.mark.parametrize("day", ["", "2999-01-01", "0026-03-31", "31.3.", "9999-12-31"])
def test_days_that_cannot_be_are_said(ground: Records, day: str) -> None:  # noqa: F811
    answer = ground.client.post(
        ground.url("records-add"), {"as_at": day, "upload": [file("t.csv", TENANCIES)]}
    )
    assert answer.status_code == 422
    assert RecordDraft.objects.count() == 0
    assert len(answer.context["held"]) == 1


def test_more_than_one_extract_may_hold_is_refused_before_it_is_read(
    ground: Records,  # noqa: F811
    settings: Any,
) -> None:
    settings.RECORDS_MAX_TOTAL = 3000
    answer = ground.send(file("a.csv", TENANCIES), file("b.csv", TENANCIES))
    assert answer.status_code == 400
    assert "At most" in answer.content.decode()
    assert RecordDraft.objects.count() == 0


def test_files_that_are_none_are_named_and_the_others_taken(ground: Records) -> None:  # noqa: F811
    answer = ground.send(
        file("tenancies.csv", TENANCIES),
        file("broken.xlsx", b"no workbook"),
        file("page.csv", b"\x00\x01\x02" * 100),
        file("words.csv", "nothing that is a table\n"),
    )
    assert answer.status_code == 303
    run_waiting()
    page = ground.page(ground.draft())
    assert "Not taken" in page
    assert "broken.xlsx" in page
    assert [s.table for s in parse_mapping(ground.draft().mapping).sources] == ["tenancy"]


def test_only_files_that_say_nothing_give_an_empty_page_not_a_fault(ground: Records) -> None:  # noqa: F811
    draft = ground.sent(words="alpha,beta\n1,2\n")
    page = ground.page(draft)
    assert "None of the files looks like a table kloe knows" in page
    answer = ground.client.post(
        ground.url("records-check", draft.pk), {"as_at": "2026-03-31", "most_rejects": 10}
    )
    assert answer.status_code == 400


def test_hostile_words_in_files_are_shown_as_words(ground: Records) -> None:  # noqa: F811
    script = "<script>alert(1)</script>"
    words = TENANCIES.replace("T3,", f'"{script}",').replace("tenure", f"tenure{script}")
    draft = ground.check(ground.sent(tenancies=words))
    page = ground.page(draft)
    assert script not in page
    assert "&lt;script&gt;" in page


def test_a_draft_is_discarded_with_its_files(ground: Records) -> None:  # noqa: F811
    draft = ground.sent()
    assert storage.folder_of(draft.pk).exists()
    assert (
        "Discard the extract?"
        in ground.client.get(ground.url("records-discard", draft.pk)).content.decode()
    )
    assert ground.client.post(ground.url("records-discard", draft.pk)).status_code == 303
    assert not storage.folder_of(draft.pk).exists()
    ground.page(draft, 404)
    draft.refresh_from_db()
    assert draft.mapping == ""
    assert draft.proposal == {}
    assert "discarded extract" in verbs()
    assert ground.client.post(ground.url("records-discard", draft.pk)).status_code == 404


def test_work_under_way_is_shown_and_can_be_stopped(ground: Records) -> None:  # noqa: F811
    assert ground.send(file("t.csv", TENANCIES)).status_code == 303
    draft = ground.draft()
    page = ground.page(draft)
    assert "work-progress" in page
    polled = ground.client.get(
        ground.url("records-draft", draft.pk), headers={"HX-Request": "true"}
    )
    assert "work-progress" in polled.content.decode()
    for name in ("records-propose", "records-discard"):
        assert ground.client.post(ground.url(name, draft.pk)).status_code == 409, name
    assert ground.client.post(ground.url("records-cancel", draft.pk)).status_code == 303
    run_waiting()
    polled = ground.client.get(
        ground.url("records-draft", draft.pk), headers={"HX-Request": "true"}
    )
    assert polled["HX-Refresh"] == "true"
    page = ground.page(draft)
    assert "Try again" in page
    assert ground.client.post(ground.url("records-propose", draft.pk)).status_code == 303
    run_waiting()
    assert "What becomes what" in ground.page(draft)


def test_the_form_sent_twice_sends_once(ground: Records) -> None:  # noqa: F811
    page = ground.client.get(ground.url("records-add"))
    made = page.context["form"]["draft_id"].initial
    for _ in range(2):
        assert ground.send(file("t.csv", TENANCIES), draft_id=str(made)).status_code == 303
    assert RecordDraft.objects.count() == 1
    assert Job.objects.filter(kind=actions.PROPOSE).count() == 1


def test_the_form_sent_a_second_time_while_the_first_comes_in(ground: Records) -> None:  # noqa: F811
    made = uuid4()
    storage.files_of(made).mkdir(parents=True)
    answer = ground.send(file("t.csv", TENANCIES), draft_id=str(made))
    assert answer.status_code == 409
    assert storage.files_of(made).is_dir()
    storage.remove(made)


def test_a_load_run_again_after_a_crash_changes_nothing(ground: Records, org: Any) -> None:  # noqa: F811
    draft = ground.check(ground.sent())
    from kloe.core.progress import Silent
    from kloe.web.records import jobs

    job = actions.load(draft=draft, by=draft.by, base_version=draft.version)
    kept = {p.name: p.read_bytes() for p in storage.files_of(draft.pk).iterdir()}
    jobs.load(job, Silent())
    version = shelf_of(org).current_id
    # Died after the records were in use and before the database said so.
    RecordDraft.objects.filter(pk=draft.pk).update(state="open", mapping=draft.mapping)
    storage.files_of(draft.pk).mkdir(parents=True)
    for name, words in kept.items():
        (storage.files_of(draft.pk) / name).write_bytes(words)
    run_waiting()
    draft.refresh_from_db()
    assert draft.state == "loaded"
    assert shelf_of(org).current_id == version
    assert len(shelf_of(org).history()) == 1


def test_undo_undoes_what_was_seen_and_nothing_else(ground: Records, org: Any) -> None:  # noqa: F811
    ground.loaded()
    first = shelf_of(org).current_id
    ground.loaded(tenancies=TENANCIES + "T99,P1,secure,2024-05-01,\n")
    second = shelf_of(org).current_id
    undo = ground.url("records-undo")
    assert ground.client.post(undo, {"version": first}).status_code == 409
    assert shelf_of(org).current_id == second
    assert ground.client.post(undo, {"version": second}).status_code == 303
    assert shelf_of(org).current_id == first
    assert records_of(org).tables["tenancy"].rows == 60  # type: ignore[union-attr]


def test_two_undo_at_once_undo_once(ground: Records, org: Any) -> None:  # noqa: F811
    ground.loaded()
    first = shelf_of(org).current_id
    ground.loaded(tenancies=TENANCIES + "T99,P1,secure,2024-05-01,\n")
    second = shelf_of(org).current_id
    shelf, told = shelf_of(org), []

    def undo() -> None:
        try:
            shelf.undo("me", version=second)
        except Exception as error:
            told.append(error)

    both = [threading.Thread(target=undo) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(told) == 1
    assert shelf.current_id == first


def test_what_can_be_computed_is_said_with_what_lacks(ground: Records) -> None:  # noqa: F811
    page = ground.client.get(ground.url("records-measures")).content.decode()
    assert "not loaded" in page
    ground.loaded()
    page = ground.client.get(ground.url("records-measures") + "?show=can")
    assert page.status_code == 200
    assert all(one.can for one in page.context["page"])
    page = ground.client.get(ground.url("records-measures") + "?show=cannot&area=rents")
    assert {one.area for one in page.context["page"]} == {"rents"}


def test_layouts_are_listed_and_said_in_full(ground: Records) -> None:  # noqa: F811
    page = ground.client.get(ground.url("records-layouts")).content.decode()
    assert ground.url("records-layout", "tenancy") in page
    ground.loaded()
    page = ground.client.get(ground.url("records-layout", "tenancy")).content.decode()
    assert "60 rows are in use" in page
    assert "not given" in page
    assert ground.client.get(ground.url("records-layout", "nothing")).status_code == 404


def test_pages_take_few_queries(
    ground: Records,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(3):
        ground.sent()
    ground.loaded()
    draft = ground.check(ground.sent())
    for name, more, most in (
        ("records", [], 6), ("records-measures", [], 5), ("records-layouts", [], 4),
        ("records-layout", ["tenancy"], 4), ("records-draft", [draft.pk], 5),
        ("records-add", [], 4), ("records-undo", [], 4),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert ground.client.get(ground.url(name, *more)).status_code == 200


def test_extracts_nobody_loads_are_removed_in_time(ground: Records, settings: Any) -> None:  # noqa: F811
    old, new = ground.sent(), ground.sent()
    busy = ground.draft()
    RecordDraft.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    lost = storage.folder_of(uuid4())
    lost.mkdir(parents=True)
    sweep()
    old.refresh_from_db()
    assert old.state == "discarded"
    assert not storage.folder_of(old.pk).exists()
    assert storage.folder_of(new.pk).exists()
    assert storage.folder_of(busy.pk).exists()
    assert lost.exists()
    os.utime(lost, (0, 0))
    sweep()
    assert not lost.exists()


# The mapping by form


def answers(page: Any, **changes: str) -> dict[str, str]:
    """What the form says as it came, but for changes."""
    form = page.context["form"]
    sent = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (None, False):
            sent[name] = str(value)
    return {k: v for k, v in {**sent, **changes}.items() if v != "-"}


def test_a_form_sent_as_it_came_changes_nothing(ground: Records) -> None:  # noqa: F811
    draft = ground.sent(homes=HOMES, tenancies=TENANCIES)
    for number in (1, 2):
        address = ground.url("records-source", draft.pk, number)
        page = ground.client.get(address)
        assert page.status_code == 200
        assert ground.client.post(address, answers(page)).status_code == 303
    words = draft.mapping
    draft.refresh_from_db()
    assert draft.mapping == words
    assert draft.version == 1


def test_columns_codes_days_and_what_is_right_by_form(ground: Records) -> None:  # noqa: F811
    words = TENANCIES.replace("secure", "SEC").replace("T4,P4,SEC", "T4,P4,Zz")
    draft = ground.sent(tenancies=words)
    address = ground.url("records-source", draft.pk, 1)
    page = ground.client.get(address)
    form = page.context["form"]
    (odd,) = [n for n, f in form.fields.items() if n.startswith("code_") and f.label == "Zz"]
    answer = ground.client.post(
        address,
        answers(
            page, **{odd: "starter", "from_end_on": "", "dates_start_on": "%d/%m/%Y"},
            right_all="on",
        ),
    )  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()
    draft.refresh_from_db()
    source = parse_mapping(draft.mapping).sources[0]
    assert source.columns["tenure"].codes["Zz"] == "starter"
    assert source.columns["end_on"].leave_out
    assert source.columns["start_on"].dates == ("%d/%m/%Y",)
    assert source.unsure == ()
    assert source.confirmed
    assert draft.version == 2
    assert "changed mapping" in verbs()
    page = ground.client.get(address)
    ground.client.post(address, answers(page, dates_start_on="", from_end_on="end_on"))
    draft = ground.load(ground.check(draft))
    assert records_of(ground.org).tables["tenancy"].rows == 60  # type: ignore[union-attr]


def test_the_key_cannot_be_left_out(ground: Records) -> None:  # noqa: F811
    draft = ground.sent(tenancies=TENANCIES)
    address = ground.url("records-source", draft.pk, 1)
    answer = ground.client.post(
        address, answers(ground.client.get(address), from_tenancy_ref="", from_end_on="start_on")
    )
    assert answer.status_code == 422
    assert "tenancy_ref" in answer.content.decode()
    assert answer.context["form"]["from_end_on"].value() == "start_on"


def test_columns_the_files_do_not_have_are_refused(ground: Records) -> None:  # noqa: F811
    draft = ground.sent(tenancies=TENANCIES)
    address = ground.url("records-source", draft.pk, 1)
    page = ground.client.get(address)
    answer = ground.client.post(address, answers(page, from_end_on="nowhere"))
    assert answer.status_code == 422
    assert ground.client.get(ground.url("records-source", draft.pk, 9)).status_code == 404


def test_two_who_change_it_at_once(ground: Records) -> None:  # noqa: F811
    draft = ground.sent(tenancies=TENANCIES)
    address = ground.url("records-source", draft.pk, 1)
    mine = theirs = ground.client.get(address)
    assert ground.client.post(address, answers(theirs, from_end_on="")).status_code == 303
    answer = ground.client.post(address, answers(mine, from_tenure=""))
    assert answer.status_code == 409
    assert "Somebody else changed the mapping" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.version == 2
    assert "tenure" in parse_mapping(draft.mapping).sources[0].columns


@pytest.mark.django_db
def test_records_put_there_without_a_load_are_shown(
    org: Any, user_with: Any, client_of: Any, data_root: Path
) -> None:
    """As an invented landlord is: the history tells what is in use, from its manifest."""
    from kloe.records.generator import Wanted, generate
    from kloe.records.store import use_version

    place = data_root / "records" / str(org.pk)
    (place / "versions").mkdir(parents=True)
    generate(Wanted(homes=100, years=1, seed=1, workers=1), place / "versions" / "one")
    use_version(place, "one")
    answer = client_of(user_with("administrator", org)).get(reverse("records", args=[org.pk]))
    assert answer.status_code == 200
    assert "31 Mar" in answer.content.decode()
