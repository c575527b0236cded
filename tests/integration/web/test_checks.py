"""Reality checks: planned, sampled, answered, concluded, and what they are evidence of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import computed_ground
import pytest
from checks_ground import CRITERIA, THEME, finished, planned, write
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.records import sampling
from kloe.web.assessments.models import Revision
from kloe.web.assessments.saving import StaleWrite
from kloe.web.audit.models import AuditEvent
from kloe.web.checks import actions, evidencing, own_templates, people, queries, sample
from kloe.web.checks.models import Check, CheckEntry, CheckOutcome
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.indicators.models import CaseSample
from kloe.web.inspections.models import Inspection
from kloe.web.organisations.models import Organisation

FRAME = "\n".join(f"H{n:03}" for n in range(40))


@pytest.fixture
def check(assessment: Any, lead: Any) -> Check:
    return planned(assessment, lead)


@pytest.fixture
def page(client_of: Any, lead: Any) -> Any:
    return client_of(lead)


def address(name: str, check: Check, *more: Any) -> str:
    return reverse(name, args=[check.assessment_id, check.pk, *more])


# Planning -------------------------------------------------------------------------------------


def test_checks_are_numbered_and_leave_a_trace(assessment: Any, lead: Any) -> None:
    first, second = planned(assessment, lead), planned(assessment, lead)
    assert (first.number, second.number) == (1, 2)
    event = AuditEvent.objects.filter(verb="planned check").first()
    assert event is not None
    assert event.after is not None
    assert event.after["number"] == "C2"


def test_a_plan_sent_twice_makes_one_check(
    page: Any, assessment: Any, client_of: Any, lead: Any
) -> None:
    url = reverse("check-new", args=[assessment.pk])
    sent = {
        "theme": THEME, "template": "empty-home-visit", "claim": "All is well.", "minutes": "45",
        "criteria": CRITERIA, "write_id": str(uuid4()), "assigned": str(lead.pk),
        "planned_at": "2026-05-04T09:30",
    }  # fmt: skip
    first, second = page.post(url, sent), page.post(url, sent)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    (made,) = Check.objects.all()
    assert made.title == "Visit to an empty home against the re-let standard"
    assert made.planned_at == datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    assert made.claim_source == "own words"


def test_a_claim_of_the_framework_keeps_where_it_comes_from(
    page: Any, assessment: Any, pinned: Any
) -> None:
    suggested = pinned.theme(THEME).suggested_checks[0]
    url = reverse("check-new", args=[assessment.pk])
    shown = page.get(url, {"theme": THEME, "claim_from": "framework:0"}).content.decode()
    assert str(suggested.claim) in shown.replace("&#x27;", "'")
    sent = {
        "theme": THEME, "template": "empty-home-visit", "claim_from": "framework:0",
        "claim": str(suggested.claim), "minutes": "45", "criteria": list(suggested.criteria),
    }  # fmt: skip
    assert page.post(url, sent).status_code == 303
    made = Check.objects.get()
    assert (made.claim_source, made.claim_ref) == ("framework", THEME)
    assert made.criteria == list(suggested.criteria)
    page.post(url, sent | {"claim": "Other words."})
    assert Check.objects.latest("number").claim_source == "own words"


@pytest.mark.parametrize(
    "wrong", [{"claim": ""}, {"criteria": []}, {"minutes": "1"}, {"planned_at": "someday"}]
)
def test_a_plan_that_is_not_right_comes_back_with_what_was_typed(
    page: Any, assessment: Any, wrong: dict[str, Any]
) -> None:
    sent = {
        "theme": THEME, "template": "empty-home-visit", "claim": "All is well.", "minutes": "45",
        "criteria": CRITERIA, "place": "Heol y Bont",
    }  # fmt: skip
    answer = page.post(reverse("check-new", args=[assessment.pk]), sent | wrong)
    assert answer.status_code == 422
    assert "Heol y Bont" in answer.content.decode()
    assert "error-summary" in answer.content.decode()
    assert not Check.objects.exists()


def test_criteria_of_another_theme_are_refused(assessment: Any, lead: Any) -> None:
    with pytest.raises(InvalidInput, match="account-set-up"):
        planned(assessment, lead, criteria=["wao-housing-2005/1.2/3/account-set-up"])


def test_two_who_change_a_plan_see_both_versions(page: Any, check: Check, lead: Any) -> None:
    sent = {
        "title": "Mine", "claim": check.claim, "minutes": "60", "criteria": CRITERIA,
        "base_version": "1",
    }  # fmt: skip
    assert page.post(address("check-edit", check), sent).status_code == 303
    late = page.post(address("check-edit", check), sent | {"title": "Theirs"})
    assert late.status_code == 409
    assert "Mine" in late.content.decode()
    assert "Theirs" in late.content.decode()
    assert Check.objects.get().title == "Mine"


# The checklist --------------------------------------------------------------------------------


def test_the_first_answer_sets_a_check_under_way(check: Check, lead: Any) -> None:
    actions.save_entry(
        check=check, item="clean", case=None, answer="yes", note="", write=write(lead)
    )
    assert Check.objects.get().state == "under way"


def test_an_answer_sent_twice_stands_once(check: Check, lead: Any) -> None:
    once = write(lead)
    for _go in range(2):
        saved = actions.save_entry(
            check=check, item="clean", case=None, answer="no", note="Hair.", write=once
        )
        assert saved.version == 1
    assert CheckEntry.objects.count() == 1
    assert Revision.objects.filter(subject_kind="check entry").count() == 1


def test_an_old_answer_sent_again_changes_nothing_that_came_after(check: Check, lead: Any) -> None:
    old = write(lead)
    for answer, w in (("no", old), ("yes", write(lead, 1))):
        actions.save_entry(check=check, item="clean", case=None, answer=answer, note="", write=w)
    saved = actions.save_entry(
        check=check, item="clean", case=None, answer="no", note="", write=old
    )
    assert saved.replayed
    assert CheckEntry.objects.get().answer == "yes"


def test_two_answers_to_one_item_are_both_shown(
    check: Check, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    other = client_of(user_with("assessor", org))
    url = address("check-answer", check, "clean")
    headers = {"HTTP_X_KLOE_WRITE": "1"}
    sent = {"answer": "yes", "note": "Spotless.", "base_version": "0"}
    first = client_of(lead).post(url, sent | {"write_id": str(uuid4())}, **headers)
    assert first.status_code == 200
    assert first.json()["version"] == 1
    late = other.post(
        url, sent | {"answer": "no", "note": "Hair.", "write_id": str(uuid4())}, **headers
    )
    assert late.status_code == 409
    assert "Spotless." in late.json()["html"]
    assert "Hair." in late.json()["html"]
    assert late.json()["values"] == {"answer": "yes", "note": "Spotless."}
    assert CheckEntry.objects.get().note == "Spotless."
    plain = other.post(url, sent | {"answer": "no", "note": "Hair."})
    assert plain.status_code == 409
    assert 'value="no"' in plain.content.decode()


def test_a_version_that_never_was_is_a_conflict_and_no_crash(
    page: Any, assessment: Any, lead: Any
) -> None:
    check = planned(assessment, lead)
    url = reverse("check-answer", args=[assessment.pk, check.pk, "clean"])
    sent = {"answer": "yes", "note": "Mine", "base_version": "7"}
    answer = page.post(url, sent)
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    again = page.post(url, sent | {"base_version": "0"})
    assert again.status_code in {302, 303}


def test_time_and_place_are_kept_with_an_answer(page: Any, check: Check) -> None:
    page.post(
        address("check-answer", check, "clean"),
        {
            "answer": "yes", "base_version": "0", "write_id": str(uuid4()),
            "client_at": "2026-01-15T10:11:12Z", "located": "52.41,-4.08",
        },
    )  # fmt: skip
    entry = CheckEntry.objects.get()
    assert entry.made_at == datetime(2026, 1, 15, 10, 11, 12, tzinfo=UTC)
    assert entry.located == "52.41,-4.08"


@pytest.mark.parametrize(
    ("item", "answer", "error"),
    [("nothing", "yes", NotFound), ("clean", "perhaps", InvalidInput)],
)
def test_answers_that_cannot_be_are_refused(
    check: Check, lead: Any, item: str, answer: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        actions.save_entry(
            check=check, item=item, case=None, answer=answer, note="", write=write(lead)
        )
    assert not CheckEntry.objects.exists()


# The end --------------------------------------------------------------------------------------


def test_a_check_is_not_done_before_its_conclusion_stands(
    page: Any, check: Check, lead: Any
) -> None:
    refused = page.post(address("check-move", check), {"to": "done"})
    assert refused.status_code == 400
    assert "conclusion" in refused.content.decode()
    finished(check, lead)
    assert Check.objects.get().state == "done"


def test_what_is_done_stays_until_it_is_opened_again(check: Check, lead: Any) -> None:
    done = finished(check, lead)
    with pytest.raises(Conflict):
        actions.save_entry(
            check=done, item="clean", case=None, answer="yes", note="", write=write(lead)
        )
    with pytest.raises(Conflict):
        actions.save_outcome(
            check=done, result="mixed", conclusion="", notes="", done_on="", write=write(lead, 1)
        )
    with pytest.raises(InvalidInput, match="reason"):
        actions.move(check=done, to="under way", by=lead)
    again = actions.move(check=done, to="under way", by=lead, reason="A home was mixed up.")
    assert again.state_reason == "A home was mixed up."
    actions.save_outcome(
        check=again, result="mixed", conclusion="Not so.", notes="", done_on="2026-01-15",
        write=write(lead, 1),
    )  # fmt: skip


def test_conclusions_of_two_do_not_overwrite_each_other(check: Check, lead: Any) -> None:
    said: dict[str, Any] = {"result": "", "notes": "", "done_on": ""}
    actions.save_outcome(check=check, conclusion="First.", write=write(lead), **said)
    with pytest.raises(StaleWrite):
        actions.save_outcome(check=check, conclusion="Second.", write=write(lead), **said)
    assert CheckOutcome.objects.get().conclusion == "First."


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "2026-02-30"])
def test_a_day_that_cannot_be_is_refused(page: Any, check: Check, day: str) -> None:
    answer = page.post(
        address("check-outcome", check), {"done_on": day, "base_version": "0"},
        HTTP_X_KLOE_WRITE="1",
    )  # fmt: skip
    assert answer.status_code == 400
    assert CheckOutcome.objects.get().done_on == ""


# The sample -----------------------------------------------------------------------------------


def test_a_random_sample_can_be_drawn_again_by_anybody(check: Check, lead: Any) -> None:
    sample.set_sample(
        check=check, method="random", frame="Homes", references=FRAME, size=6, seed="agreed",
        by=lead,
    )  # fmt: skip
    check.refresh_from_db()
    drawn = sampling.Sample.from_dict(check.sample or {})
    assert sampling.redrawn(drawn, FRAME.splitlines())
    assert tuple(c.reference for c in check.cases.all()) == drawn.refs
    assert (drawn.seed, drawn.cases, len(drawn.refs)) == ("agreed", 40, 6)


def test_without_a_seed_one_is_made_by_chance_and_kept(check: Check, lead: Any) -> None:
    sample.set_sample(
        check=check, method="random", frame="Homes", references=FRAME, size=6, seed="", by=lead
    )
    check.refresh_from_db()
    assert len((check.sample or {})["seed"]) == 32


def test_a_stratified_sample_takes_from_each_stratum(check: Check, lead: Any) -> None:
    lines = [f"own team;R{n}" for n in range(30)] + [f"contractor;R{n}" for n in range(2)]
    sample.set_sample(
        check=check, method="stratified", frame="Repairs", references="\n".join(lines), size=8,
        seed="agreed", by=lead,
    )  # fmt: skip
    strata = [c.stratum for c in check.cases.all()]
    assert strata.count("contractor") == 1
    assert len(strata) == 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "hunch"}, "no way to sample"),
        ({"references": "H1\nH1"}, "stands twice"),
        ({"references": " \n"}, "No case"),
        ({"size": 0}, "sample of 0"),
        ({"size": 10_000}, "sample of 10000"),
        ({"frame": " "}, "frame is empty"),
        ({"method": "stratified"}, "no strata"),
        ({"method": "all", "references": "\n".join(map(str, range(201)))}, "at most 200"),
        ({"references": ";"}, "Line 1"),
    ],
)
def test_samples_that_cannot_be_are_refused(
    check: Check, lead: Any, changes: dict[str, Any], words: str
) -> None:
    values: dict[str, Any] = {
        "method": "random", "frame": "Homes", "references": FRAME, "size": 6, "seed": "",
    }  # fmt: skip
    with pytest.raises(InvalidInput, match=words):
        sample.set_sample(check=check, by=lead, **(values | changes))
    assert not check.cases.exists()


def test_a_sample_stands_once_a_case_is_answered(check: Check, lead: Any) -> None:
    said: dict[str, Any] = {"frame": "Homes", "references": "H1\nH2", "size": 0, "seed": ""}
    sample.set_sample(check=check, method="purposive", by=lead, **said)
    actions.save_entry(
        check=check, item="clean", case=check.cases.first(), answer="yes", note="",
        write=write(lead),
    )  # fmt: skip
    with pytest.raises(Conflict, match="have answers"):
        sample.set_sample(check=check, method="all", by=lead, **said)


def test_a_case_that_cannot_be_found_is_stood_in_for_in_order(check: Check, lead: Any) -> None:
    sample.set_sample(
        check=check, method="random", frame="Homes", references=FRAME, size=4, seed="agreed",
        by=lead,
    )  # fmt: skip
    check.refresh_from_db()
    drawn = sampling.Sample.from_dict(check.sample or {})
    missing = check.cases.all()[1]
    stand_in = sample.not_found(check=check, case=missing, reason="Nobody in.", by=lead)
    assert stand_in is not None
    assert stand_in.reference == drawn.strata[0].reserve[0]
    assert sample.not_found(check=check, case=missing, reason="Again.", by=lead) is None
    for case in check.cases.filter(not_found=""):
        actions.save_entry(
            check=check, item="clean", case=case, answer="yes", note="", write=write(lead)
        )
    told = next(t for t in queries.tallies(check) if t.item.id == "clean")
    assert told.tally.base == 4
    assert told.tally.estimate is not None


def test_cases_drawn_from_records_are_taken_with_all_that_made_them(
    check: Check, lead: Any, assessment: Any, page: Any
) -> None:
    drawn = sampling.draw(["T1", "T2", "T3"], 2, seed="made", frame="rents/x fault", reserve=1)
    kept = CaseSample.objects.create(
        assessment=assessment, measure="rents/accounts-before-start", period_start="2025-04-01",
        period_end="2026-03-31", sample=drawn.as_dict(),
    )  # fmt: skip
    assert (
        "rents/accounts-before-start" in page.get(address("check-sample", check)).content.decode()
    )
    answer = page.post(address("check-sample-take", check), {"sample": str(kept.pk)})
    assert answer.status_code == 303
    check.refresh_from_db()
    assert sampling.Sample.from_dict(check.sample or {}) == drawn
    assert check.case_sample == kept
    missing = page.post(address("check-sample-take", check), {"sample": str(uuid4())})
    assert missing.status_code == 404


@pytest.fixture
def with_records(org: Any) -> Any:
    computed_ground.bring_in(org)
    yield org
    computed_ground.forget(org)


def test_cases_are_drawn_from_the_records_of_the_landlord(
    check: Check, page: Any, with_records: Any
) -> None:
    shown = page.get(address("check-sample", check)).content.decode()
    assert "Homes let" in shown
    sent = {"frame": "current-tenancies area", "size": "6", "seed": "agreed"}
    assert page.post(address("check-sample-draw", check), sent).status_code == 303
    check.refresh_from_db()
    assert (check.method, check.frame) == (
        "stratified",
        "Current tenancies, April 2025 to March 2026",
    )
    first = [(c.stratum, c.reference) for c in check.cases.all()]
    assert len(first) == 6
    page.post(address("check-sample-draw", check), sent)
    assert [(c.stratum, c.reference) for c in check.cases.all()] == first
    page.post(address("check-sample-draw", check), sent | {"seed": "another"})
    assert [(c.stratum, c.reference) for c in check.cases.all()] != first


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"frame": "nothing"}, 404), ({"frame": "homes nothing"}, 400), ({"size": "0"}, 400),
        ({"size": "many"}, 400),
    ],
)  # fmt: skip
def test_frames_that_cannot_be_drawn_from_are_refused(
    check: Check, page: Any, with_records: Any, changes: dict[str, Any], status: int
) -> None:
    sent = {"frame": "homes", "size": "6"} | changes
    assert page.post(address("check-sample-draw", check), sent).status_code == status
    assert not check.cases.exists()


def test_frames_so_small_that_people_could_be_told_are_not_drawn_from(
    check: Check, page: Any, with_records: Any
) -> None:
    Organisation.objects.filter(pk=with_records.pk).update(small_number=30_000)
    answer = page.post(address("check-sample-draw", check), {"frame": "homes", "size": "6"})
    assert answer.status_code == 409
    assert not check.cases.exists()


def test_without_records_none_are_drawn(check: Check, page: Any) -> None:
    answer = page.post(address("check-sample-draw", check), {"frame": "homes", "size": "6"})
    assert answer.status_code == 404
    assert "No records" in answer.content.decode()


# Files ----------------------------------------------------------------------------------------


def test_photographs_come_in_as_restricted_evidence_and_stand_once(page: Any, check: Check) -> None:
    sent = {"caption": "Ceiling", "item": "dry", "write_id": str(uuid4())}
    for _go in range(2):
        answer = page.post(
            address("check-files", check),
            sent | {"upload": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0 picture")},
        )
        assert answer.status_code == 303
    item = EvidenceItem.objects.get()
    assert (item.title, item.confidentiality, item.origin) == ("Ceiling", "restricted", "inspector")
    (tie,) = check.files.all()
    assert tie.item == "dry"
    assert "Ceiling" in page.get(address("check", check)).content.decode()


def test_names_of_photographs_are_for_those_who_see_restricted_evidence(
    page: Any, check: Check, org: Any, user_with: Any, client_of: Any
) -> None:
    picture = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0 picture")
    page.post(
        address("check-files", check),
        {
            "caption": "Mould at Mrs Pugh's",
            "item": "dry",
            "write_id": str(uuid4()),
            "upload": picture,
        },
    )
    reader = client_of(user_with("reader", org))
    told = reader.get(address("check", check)).content.decode()
    assert "Mrs Pugh" not in told
    assert "E1" in told
    assert "Mrs Pugh" in page.get(address("check", check)).content.decode()


def test_sending_no_file_is_said_so(page: Any, check: Check) -> None:
    for case in ("9" * 5_000, "-1", "²"):
        assert page.post(address("check-files", check), {"case": case}).status_code < 500
    answer = page.post(address("check-files", check), {"caption": "Nothing"})
    assert answer.status_code == 400
    assert "No file was chosen" in answer.content.decode()


# Evidence -------------------------------------------------------------------------------------


def test_a_check_is_evidence_of_what_a_person_says_and_nothing_else(
    page: Any, check: Check, lead: Any, pinned: Any
) -> None:
    url = address("check-evidence", check)
    assert page.post(url, {}).status_code == 409
    finished(check, lead, "contradicts")
    assert not EvidenceLink.objects.exists()
    upper, lower = pinned.criterion(CRITERIA[0]).descriptors[:2]
    assert page.post(url, {upper.id: "shows otherwise"}).status_code == 303
    link = EvidenceLink.objects.get()
    assert (link.descriptor, link.direction) == (upper.id, "shows otherwise")
    assert (link.item.kind, link.item.origin) == ("observation", "inspector")
    assert "As claimed." in link.item.text
    # Said anew, the same item says something else.
    page.post(url, {upper.id: "", lower.id: "shows this"})
    again = EvidenceLink.objects.get()
    assert (again.item_id, again.descriptor) == (link.item_id, lower.id)
    assert EvidenceItem.objects.count() == 1


def test_said_anew_a_restricted_result_stays_restricted(
    page: Any, check: Check, lead: Any, pinned: Any
) -> None:
    finished(check, lead)
    upper = pinned.criterion(CRITERIA[0]).descriptors[0]
    page.post(address("check-evidence", check), {upper.id: "shows this"})
    EvidenceItem.objects.update(confidentiality="restricted")
    page.post(address("check-evidence", check), {upper.id: "shows otherwise"})
    assert EvidenceItem.objects.get().confidentiality == "restricted"


def test_a_result_makes_a_direction_likely_and_only_that(check: Check) -> None:
    assert evidencing.proposed("confirms", "upper") == "shows this"
    assert evidencing.proposed("confirms", "lower") == "shows otherwise"
    assert evidencing.proposed("contradicts", "upper") == "shows otherwise"
    assert evidencing.proposed("contradicts", "lower") == "shows this"
    assert evidencing.proposed("mixed", "upper") == ""


def test_statements_the_check_does_not_test_are_refused(check: Check, lead: Any) -> None:
    done = finished(check, lead)
    with pytest.raises(InvalidInput, match="does not test"):
        evidencing.use_as_evidence(
            check=done,
            said={"wao-housing-2005/1.2/3/account-set-up/upper-1": "shows this"},
            by=lead,
        )


# Reading --------------------------------------------------------------------------------------


def test_the_list_is_searched_filtered_and_sorted_by_address(
    page: Any, assessment: Any, lead: Any
) -> None:
    planned(assessment, lead, title="Alpha")
    estate = "wao-housing-2005/1.4/5"
    planned(
        assessment, lead, title="Beta", template="estate-walkabout", theme=estate,
        criteria=[f"{estate}/estate-condition"],
    )  # fmt: skip
    finished(Check.objects.get(title="Alpha"), lead)
    url = reverse("checks", args=[assessment.pk])

    def titles(**query: str) -> list[str]:
        page_ = page.get(url, query).context["page"]
        return [c.title for c in page_.object_list]

    assert titles(sort="-title") == ["Beta", "Alpha"]
    assert titles(kind="walkabout") == ["Beta"]
    assert titles(state="done", result="confirms") == ["Alpha"]
    assert titles(theme=THEME) == ["Alpha"]
    assert titles(q="C2") == ["Beta"]
    assert titles(who="nobody") == []
    assert titles(kind="nonsense", sort="nonsense") == ["Alpha", "Beta"]


def test_lists_and_pages_cost_the_same_however_many_there_are(
    page: Any, assessment: Any, lead: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        planned(assessment, lead, title=f"Check {n}")
    check = Check.objects.first()
    assert check is not None
    sample.set_sample(
        check=check, method="random", frame="Homes", references=FRAME, size=20, seed="s", by=lead
    )
    for case in check.cases.all():
        actions.save_entry(
            check=check, item="clean", case=case, answer="yes", note="", write=write(lead)
        )
    page.get(reverse("checks", args=[assessment.pk]))
    with django_assert_max_num_queries(8):
        page.get(reverse("checks", args=[assessment.pk]))
    with django_assert_max_num_queries(18):
        page.get(address("check", check))
    with django_assert_max_num_queries(10):
        page.get(address("check-case", check, 3))


def test_the_theme_page_shows_its_checks_for_one_query(
    page: Any, assessment: Any, lead: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for n in range(5):
        planned(assessment, lead, title=f"Beside its theme {n}")
    url = reverse("theme", args=[assessment.pk, THEME])
    page.get(url)
    with CaptureQueriesContext(connection) as seen:
        shown = page.get(url).content.decode()
    assert "Beside its theme 4" in shown
    assert sum('FROM "checks_' in q["sql"] for q in seen.captured_queries) == 1


def test_a_calendar_file_holds_what_is_planned(page: Any, assessment: Any, lead: Any) -> None:
    when = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    check = planned(assessment, lead, planned_at=when, place="Heol y Bont")
    planned(assessment, lead, title="No time yet")
    answer = page.get(reverse("check-calendar", args=[assessment.pk]))
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20260504T083000Z" in text
    assert f"UID:{check.pk}@kloe" in text
    assert "LOCATION:Heol y Bont" in text


def test_what_is_printed_holds_the_whole_guide(page: Any, check: Check) -> None:
    shown = page.get(address("check-print", check)).content.decode().replace("&#x27;", "'")
    template = actions.template_of(check.template)
    for item in template.items:
        assert item.ask in shown
        assert item.contradicts in shown


def test_done_checks_are_told_to_the_measures_by_the_layout(
    assessment: Any, lead: Any, org: Any
) -> None:
    from kloe.records.layouts import layout

    check = finished(planned(assessment, lead), lead)
    planned(assessment, lead)
    (row,) = queries.published(org)
    columns = {c.name: c for c in layout("check_result").columns}
    assert set(row) == set(columns)
    assert row["check_ref"] == str(check.pk)
    assert row["kind"] in columns["kind"].codes
    assert row["result"] in columns["result"].codes
    assert str(row["on_date"]) == "2026-01-15"
    # What inspectors of a mock inspection found is told with the rest of it.
    inspection = Inspection.objects.create(assessment=assessment, stage="drafting")
    assert not list(queries.published(org))
    inspection.stage = "published"
    inspection.save(update_fields=["stage"])
    assert len(list(queries.published(org))) == 1


def test_what_was_undertaken_is_listed_for_the_report_in_one_query(
    assessment: Any, lead: Any, django_assert_num_queries: Any
) -> None:
    check = planned(assessment, lead)
    sample.set_sample(
        check=check, method="purposive", frame="Homes", references="H1\nH2\nH3", size=0, seed="",
        by=lead,
    )  # fmt: skip
    sample.not_found(check=check, case=check.cases.all()[0], reason="Let.", by=lead)
    finished(check, lead)
    planned(assessment, lead)
    with django_assert_num_queries(1):
        (row,) = queries.undertaken(assessment)
    assert (row.number, row.cases, row.method, row.result) == (1, 2, "purposive", "confirms")
    people.save_seen(check=check, role="staff", group="", count=3, by=lead)
    people.save_seen(check=check, role="tenant", group="", count=4, by=lead)
    (group,) = people.groups_of(assessment)
    assert (group.role, group.count) == ("", 7)


# Templates ------------------------------------------------------------------------------------


def changed(template: Any, **changes: Any) -> dict[str, Any]:
    return {**template.as_dict(), **changes}


def test_an_organisation_changes_its_own_version_and_checks_keep_theirs(
    org: Any, lead: Any, assessment: Any, check: Check
) -> None:
    shipped, none = own_templates.current(org.pk, "empty-home-visit")
    assert none is None
    first = own_templates.save(
        organisation=org, key=shipped.id, content=changed(shipped, title="Ours"), base_version=0,
        by=lead,
    )  # fmt: skip
    assert (first.version, first.based_on) == (1, "empty-home-visit 1")
    second = own_templates.save(
        organisation=org, key=shipped.id, content=changed(shipped, title="Ours anew"),
        base_version=1, by=lead,
    )  # fmt: skip
    assert second.version == 2
    with pytest.raises(Conflict, match="version 2"):
        own_templates.save(
            organisation=org, key=shipped.id, content=changed(shipped, title="Late"),
            base_version=1, by=lead,
        )  # fmt: skip
    assert actions.template_of(Check.objects.get().template).title == shipped.title
    assert planned(assessment, lead).template_id == second.pk


def test_a_template_is_changed_on_its_page(page: Any, org: Any) -> None:
    url = reverse("check-template-edit", args=[org.pk, "estate-walkabout"])
    shown = page.get(url)
    form, items = shown.context["form"], shown.context["items"]
    sent = {name: form[name].value() for name in form.fields}
    for one in items:
        sent |= {one.add_prefix(n): one[n].value() or "" for n in one.fields}
    sent |= {"count": len(items), "title": "Our walk"}
    n = len(items) - 1
    wrong = sent | {
        f"item-{n}-ask": "Is there a bench?", f"item-{n}-look": "Benches.",
        f"item-{n}-confirms": "There is.", f"item-{n}-contradicts": "There is none.",
        f"item-{n}-criteria": "wao-housing-2005/1.4/5/benches",
    }  # fmt: skip
    refused = page.post(url, wrong)
    assert refused.status_code == 422
    assert "1.4/5/benches" in refused.content.decode()
    good = wrong | {f"item-{n}-criteria": "wao-housing-2005/1.4/5/estate-condition"}
    assert page.post(url, good).status_code == 303
    template, own = own_templates.current(org.pk, "estate-walkabout")
    assert own is not None
    assert template.title == "Our walk"
    assert template.items[-1].id == "is-there-a-bench"
    assert len(template.items) == len(items) - 1


def test_checks_given_to_somebody_wait_for_them_at_home(
    page: Any, assessment: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    planned(assessment, lead, title="Mine to do")
    finished(planned(assessment, lead, title="Mine and done"), lead)
    planned(assessment, lead, title="Of nobody", assigned=None)
    shown = page.get(reverse("home")).content.decode()
    assert "Mine to do" in shown
    assert "Mine and done" not in shown
    assert "Of nobody" not in shown
    other = client_of(user_with("assessor", org)).get(reverse("home")).content.decode()
    assert "Mine to do" not in other
