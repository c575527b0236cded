"""What a device sends after a day without a network: taken once, merged or told back, traced."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from checks_ground import finished, planned, write
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kloe.core.errors import EnvironmentFault
from kloe.web.assessments.models import Participation, Revision
from kloe.web.audit.models import AuditEvent
from kloe.web.checks import actions, carried, people, risks, sample
from kloe.web.checks.models import (
    Check,
    CheckEntry,
    CheckFile,
    CheckOutcome,
    CheckVisit,
    PeopleSeen,
    UrgentRisk,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def check(assessment: Any, lead: Any) -> Check:
    return planned(assessment, lead)


@pytest.fixture
def other(org: Any, user_with: Any) -> Any:
    return user_with("assessor", org)


class Phone:
    """A device of one person: makes writes as its page does, and sends them."""

    def __init__(self, client: Any, user: Any, check: Check, off: timedelta = timedelta()) -> None:
        self.client, self.user, self.check, self.off = client, user, check, off

    def write(self, kind: str, /, base: int = 0, **more: Any) -> dict[str, Any]:
        own = ["item", "made_at", "located", "id"] + ["place"] * (kind != "risk")
        known = {n: more.pop(n) for n in own if n in more}
        made = known.pop("made_at", timezone.now() - 5 * HOUR)
        return {
            "id": str(known.pop("id", uuid4())),
            "kind": kind,
            "assessment": str(self.check.assessment_id),
            "check": str(self.check.pk),
            "base": base,
            "made_at": (made + self.off).isoformat(),
            "values": more,
            **known,
        }

    def entry(self, item: str, answer: str, note: str = "", **more: Any) -> dict[str, Any]:
        return self.write("entry", item=item, answer=answer, note=note, **more)

    def post(self, body: Any, **headers: str) -> Any:
        return self.client.post(
            reverse("pocket-send"),
            data=body if isinstance(body, bytes | str) else json.dumps(body),
            content_type="application/json",
            headers={"X-Kloe-Write": str(self.user.pk), "Accept": "application/json"} | headers,
        )

    def send(self, *writes: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.post(
            {"sent_at": (timezone.now() + self.off).isoformat(), "writes": list(writes)}
        )
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["answers"]
        assert [a["id"] for a in found] == [w["id"] for w in writes]
        return found


@pytest.fixture
def phone(check: Check, lead: Any, client_of: Any) -> Phone:
    return Phone(client_of(lead), lead, check)


def events(verb: str) -> list[dict[str, Any]]:
    return [e.after or {} for e in AuditEvent.objects.filter(verb=verb).order_by("id")]


def test_a_day_of_writes_is_taken_with_the_times_of_the_device(phone: Phone, check: Check) -> None:
    made = timezone.now().replace(microsecond=0) - 5 * HOUR
    answers = phone.send(
        phone.entry("clean", "yes", "Spotless.", made_at=made, located="51.5,-3.2 ±9 m"),
        phone.entry("dry", "no", "Mould.", made_at=made + HOUR),
        phone.write("outcome", result="mixed", conclusion="Half.", notes="", done_on="2026-01-15"),
        phone.write("done"),
    )
    assert [a["state"] for a in answers] == ["saved"] * 4
    assert [a["version"] for a in answers[:3]] == [1, 1, 1]
    clean = CheckEntry.objects.get(check_of=check, item="clean")
    assert (clean.answer, clean.made_at, clean.located) == ("yes", made, "51.5,-3.2 ±9 m")
    assert Check.objects.get(pk=check.pk).state == "done"
    told = events("took from device")
    assert [t["what"] for t in told] == ["clean", "dry", "outcome", "done"]
    assert datetime.fromisoformat(told[0]["made_at"]) == made
    assert abs(datetime.fromisoformat(told[0]["received_at"]) - timezone.now()) < timedelta(
        minutes=1
    )
    assert "clock_ahead" not in told[0]


def test_sent_twice_changes_nothing(phone: Phone, check: Check) -> None:
    sample.set_sample(check=check, method="all", frame="Homes", references="A\nB", size=0,
                      seed="", by=phone.user)  # fmt: skip
    now = timezone.now()
    writes = [
        phone.write("risk", kind="gas", text="Smell of gas", place="2 Heol y Bont"),
        phone.entry("clean", "yes", place=1),
        phone.write("missing", place=2, reason="Nobody at home"),
        phone.write("seen", role="tenant", group="Bryn Glas", count="6"),
        phone.write("visit", began_at=(now - 3 * HOUR).isoformat(), ended_at=now.isoformat()),
        phone.write("outcome", result="confirms", conclusion="So.", notes="", done_on=""),
    ]
    first = phone.send(*writes)
    assert [a["state"] for a in first] == ["saved"] * 6

    def stands() -> list[int]:
        models = (CheckEntry, CheckVisit, PeopleSeen, UrgentRisk, Revision, AuditEvent)
        return [m.objects.count() for m in models]

    before = stands()
    second = phone.send(*writes)
    assert [a["state"] for a in second] == ["already"] * 6
    assert stands() == before
    assert second[1]["version"] == first[1]["version"]


def test_a_write_sent_again_after_others_went_on_holds_the_version_it_made(
    phone: Phone, check: Check, other: Any
) -> None:
    mine = phone.entry("clean", "yes")
    phone.send(mine)
    actions.save_entry(check=check, item="clean", case=None, answer="no", note="",
                       write=write(other, 1))  # fmt: skip
    (again,) = phone.send(mine)
    assert (again["state"], again["version"]) == ("already", 1)
    assert CheckEntry.objects.get(check_of=check, item="clean").answer == "no"


def test_two_people_after_a_day_apart_meet_item_by_item(
    phone: Phone, check: Check, other: Any, client_of: Any
) -> None:
    theirs = Phone(client_of(other), other, check)
    theirs.send(phone.entry("clean", "no", "Dust."), phone.entry("dry", "yes"))
    clean, secure = phone.send(phone.entry("clean", "yes", "Fine."), phone.entry("secure", "no"))
    assert secure["state"] == "saved", "what nobody else touched is taken"
    assert clean["state"] == "conflict"
    assert clean["values"] == {"answer": "no", "note": "Dust."}
    assert (clean["version"], clean["by"]) == (1, str(other))
    row = CheckEntry.objects.get(check_of=check, item="clean")
    assert (row.answer, row.note, row.version) == ("no", "Dust.", 1), "nothing was overwritten"
    (held,) = events("held back from device")
    assert (held["answer"], held["note"]) == ("yes", "Fine."), "the trail has what was held back"
    # Asked again, the trail does not grow; the person chooses theirs or mine from version 1.
    again = phone.entry("clean", "yes", "Fine.", base=1)
    assert phone.send(again)[0]["state"] == "saved"
    row.refresh_from_db()
    assert (row.answer, row.version, row.updated_by) == ("yes", 2, phone.user)


def test_a_conflict_asked_about_again_and_again_is_traced_once(
    phone: Phone, check: Check, other: Any
) -> None:
    actions.save_entry(check=check, item="clean", case=None, answer="no", note="",
                       write=write(other))  # fmt: skip
    mine = phone.entry("clean", "yes")
    for _n in range(3):
        assert phone.send(mine)[0]["state"] == "conflict"
    assert len(events("held back from device")) == 1


def test_different_parts_of_a_conclusion_are_merged(phone: Phone, check: Check, other: Any) -> None:
    actions.save_outcome(check=check, result="", conclusion="", notes="Rang twice.", done_on="",
                         write=write(other))  # fmt: skip
    mine = phone.write("outcome", result="mixed", conclusion="Half.", notes="", done_on="")
    (answer,) = phone.send(mine)
    assert answer["state"] == "merged"
    row = CheckOutcome.objects.get(pk=check.pk)
    assert (row.result, row.notes, row.version) == ("mixed", "Rang twice.", 2)
    assert answer["values"]["notes"] == "Rang twice."
    assert phone.send(mine)[0]["state"] == "already"
    assert CheckOutcome.objects.get(pk=check.pk).version == 2


def test_both_wrote_the_same_and_neither_is_asked(phone: Phone, check: Check, other: Any) -> None:
    actions.save_entry(check=check, item="clean", case=None, answer="yes", note="",
                       write=write(other))  # fmt: skip
    assert phone.send(phone.entry("clean", "yes"))[0]["state"] == "already"


@pytest.mark.parametrize("off", [timedelta(days=30), -timedelta(hours=7)])
def test_a_phone_whose_clock_is_wrong_tells_the_right_times(
    check: Check, lead: Any, client_of: Any, off: timedelta
) -> None:
    phone = Phone(client_of(lead), lead, check, off)
    made = timezone.now() - 5 * HOUR
    began = made - HOUR
    phone.send(
        phone.entry("clean", "yes", made_at=made),
        phone.write("visit", began_at=(began + off).isoformat(), ended_at=""),
    )
    entry = CheckEntry.objects.get(check_of=check, item="clean")
    assert entry.made_at is not None
    assert abs(entry.made_at - made) < timedelta(seconds=20)
    assert abs(CheckVisit.objects.get().began_at - began) < timedelta(seconds=20)
    assert events("took from device")[0]["clock_ahead"][:5] == str(off)[:5]


def test_a_visit_begins_and_ends_once_and_is_its_makers(
    phone: Phone, check: Check, other: Any, client_of: Any
) -> None:
    began = timezone.now() - 3 * HOUR
    one = phone.write("visit", began_at=began.isoformat(), ended_at="", located="51.5,-3.2")
    phone.send(one)
    assert Check.objects.get(pk=check.pk).state == "under way"
    ended = one | {"values": {"began_at": began.isoformat(),
                              "ended_at": (began + HOUR).isoformat()}}  # fmt: skip
    assert phone.send(ended)[0]["state"] == "saved"
    row = CheckVisit.objects.get()
    assert row.ended_at is not None
    assert abs(row.ended_at - row.began_at - HOUR) < timedelta(seconds=20)
    assert phone.send(ended)[0]["state"] == "already"
    stranger = Phone(client_of(other), other, check).send(one)[0]
    assert stranger["state"] == "refused"
    backwards = phone.write("visit", began_at=began.isoformat(),
                            ended_at=(began - HOUR).isoformat())  # fmt: skip
    assert "before it" in phone.send(backwards)[0]["error"]["given"]


def test_an_urgent_risk_tells_the_contact_as_it_comes_in(
    phone: Phone, check: Check, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    risks.set_contact(assessment=check.assessment, name="Rhys", email="rhys@example.org",
                      telephone="", hours=8, by=phone.user)  # fmt: skip
    made = timezone.now().replace(microsecond=0) - 4 * HOUR
    one = phone.write("risk", kind="gas", text="Smell of gas", place="", made_at=made)
    with django_capture_on_commit_callbacks(execute=True):
        (first,) = phone.send(one)
    assert first["state"] == "saved", first
    risk = UrgentRisk.objects.get()
    assert (risk.client_at, risk.check_of) == (made, check)
    assert len(mailoutbox) == 1
    with django_capture_on_commit_callbacks(execute=True):
        (again,) = phone.send(one)
    assert again["said"] == "U1 is raised. Told: Rhys <rhys@example.org>."
    assert len(mailoutbox) == 1


def test_a_photograph_sent_twice_stands_once_and_keeps_its_time(phone: Phone, check: Check) -> None:
    made = timezone.now().replace(microsecond=0) - 4 * HOUR
    off = timedelta(days=2)
    form = {"write_id": str(uuid4()), "client_at": (made + off).isoformat(), "item": "dry",
            "caption": "Ceiling", "located": "51.5,-3.2"}  # fmt: skip
    address = reverse("check-files", args=[check.assessment_id, check.pk])
    for _n in range(2):
        answer = phone.client.post(
            address,
            form | {"upload": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff picture"),
                    "sent_at": (timezone.now() + off).isoformat()},
            headers={"X-Kloe-Write": str(phone.user.pk), "Accept": "application/json"},
        )  # fmt: skip
        assert answer.json() == {"state": "saved", "said": "Kept as E1."}
    kept = CheckFile.objects.get()
    assert kept.made_at is not None
    assert abs(kept.made_at - made) < timedelta(seconds=20)
    assert (kept.item, kept.located, kept.evidence.confidentiality) == (
        "dry", "51.5,-3.2", "restricted",
    )  # fmt: skip


def test_what_cannot_be_taken_is_said_of_each_and_stops_no_other(
    phone: Phone, check: Check, make_assessment: Any, other_org: Any, user_with: Any
) -> None:
    elsewhere = phone.entry("clean", "yes") | {"assessment": str(uuid4())}
    no_check = phone.entry("clean", "yes") | {"check": str(uuid4())}
    answers = phone.send(
        elsewhere,
        no_check,
        phone.entry("clean", "perhaps"),
        phone.entry("no-such-item", "yes"),
        phone.entry("clean", "yes", "n" * 20_001),
        phone.entry("clean", "yes", place=9),
        phone.write("outcome", result="mixed", conclusion="", notes="", done_on="2126-01-01"),
        phone.write("seen", role="tenant", group="", count="²"),
        phone.write("done"),
        phone.write("missing", place=1, reason=""),
        phone.entry("clean", "a\x00b"),
        phone.entry("dry", "yes"),
    )
    assert [a["state"] for a in answers] == ["refused"] * 11 + ["saved"]
    for answer in answers[:-1]:
        assert answer["error"]["given"], answer
    assert "perhaps" in answers[2]["error"]["given"]
    assert "result" in str(answers[8]["error"])
    assert CheckEntry.objects.filter(check_of=check).count() == 1
    refused = events("did not take from device")
    assert {r["what"] for r in refused} >= {"clean", "outcome", "seen", "done"}


def test_a_check_that_was_finished_meanwhile_takes_nothing_more_and_says_so(
    phone: Phone, check: Check, other: Any
) -> None:
    finished(check, other)
    (answer,) = phone.send(phone.entry("clean", "yes"))
    assert answer["state"] == "refused"
    assert "closed" in answer["error"]["given"]
    assert "Open it again" in answer["error"]["remedy"]


def test_tenant_inspectors_send_to_their_checks_and_no_others(
    assessment: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    tenant = user_with()
    Participation.objects.create(assessment=assessment, user=tenant, role="tenant inspector")
    theirs, others = planned(assessment, lead, assigned=tenant.pk), planned(assessment, lead)
    phone = Phone(client_of(tenant), tenant, theirs)
    assert phone.send(phone.entry("clean", "yes"))[0]["state"] == "saved"
    stranger = Phone(phone.client, tenant, others)
    assert stranger.send(stranger.entry("clean", "yes"))[0]["state"] == "refused"
    assert [c["id"] for c in phone.client.get(reverse("pocket-mine")).json()["checks"]] == [
        str(theirs.pk)
    ]
    pack = reverse("check-pocket", args=[assessment.pk, others.pk])
    assert phone.client.get(pack).status_code == 404


def test_readers_send_nothing(check: Check, org: Any, user_with: Any, client_of: Any) -> None:
    reader = user_with("reader", org)
    phone = Phone(client_of(reader), reader, check)
    (answer,) = phone.send(phone.entry("clean", "yes"))
    assert answer["state"] == "refused"
    assert not CheckEntry.objects.exists()


def test_a_check_of_another_assessment_is_not_reached_through_ones_own(
    phone: Phone, check: Check, make_assessment: Any, lead: Any
) -> None:
    """Not even when an earlier write of the batch reached it rightly."""
    second = make_assessment(title="Another")
    wrong = phone.entry("dry", "yes") | {"assessment": str(second.pk)}
    answers = phone.send(phone.entry("clean", "yes"), wrong)
    assert [a["state"] for a in answers] == ["saved", "refused"]


def test_nobody_sends_what_another_person_wrote(phone: Phone, other: Any) -> None:
    body = {"sent_at": "", "writes": [phone.entry("clean", "yes")]}
    assert phone.post(body, **{"X-Kloe-Write": str(other.pk)}).status_code == 401
    phone.client.logout()
    assert phone.post(body).status_code == 401
    assert not CheckEntry.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"writes": 3}', b"\xff\xfe", "[" * 5000, '{"writes": [1, null, {}]}']
)
def test_what_is_no_batch_is_answered_in_words(phone: Phone, body: Any) -> None:
    answer = phone.post(body)
    if answer.status_code == 200:
        assert [a["state"] for a in answer.json()["answers"]] == ["refused"] * 3
    else:
        assert answer.status_code == 400
        assert answer.json()["remedy"]


@pytest.mark.parametrize(
    "changed",
    [{"id": "x"}, {"kind": "rating"}, {"kind": ["entry"]}, {"base": -1}, {"base": True},
     {"place": 1.5}, {"values": {"answer": 3}}, {"values": None}, {"check": ""}, {"item": None}],
)  # fmt: skip
def test_a_write_that_cannot_be_read_is_refused_alone(
    phone: Phone, changed: dict[str, Any]
) -> None:
    body = {"writes": [phone.entry("clean", "yes") | changed, phone.entry("dry", "yes")]}
    answers = phone.post(body).json()["answers"]
    assert [a["state"] for a in answers] == ["refused", "saved"]
    assert answers[0]["error"]["given"]


def test_half_an_emoji_is_no_fault_and_loses_no_words(phone: Phone, check: Check) -> None:
    """As a page sends what was cut in the middle of one: the queue would never empty."""
    cut = "Damp \ud83d in the bedroom \U0001f600"
    answers = phone.send(
        phone.entry("clean", "no", cut, located="\ude00 52.4,-4.1"),
        phone.write("outcome", result="mixed", conclusion=cut, notes="", done_on=""),
        phone.entry("dry", "yes"),
    )
    assert [a["state"] for a in answers] == ["saved"] * 3
    kept = CheckEntry.objects.get(check_of=check, item="clean")
    assert kept.note == "Damp \ufffd in the bedroom \U0001f600"


def test_a_form_in_parts_is_answered_in_words(phone: Phone) -> None:
    answer = phone.client.post(reverse("pocket-send"), {"writes": "[]"})
    assert answer.status_code == 400
    assert "is a form" in answer.content.decode()


def test_batches_are_limited(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    one = phone.entry("clean", "yes")
    answer = phone.post({"writes": [one] * (carried.MOST_WRITES + 1)})
    assert answer.status_code == 413
    assert str(carried.MOST_WRITES) in answer.json()["allowed"]
    monkeypatch.setattr(carried, "MOST_BYTES", 100)
    assert phone.post({"writes": [one]}).status_code == 413
    assert not CheckEntry.objects.exists()


def test_a_fault_of_the_server_is_no_answer_to_a_write(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device keeps it, and asks again."""

    def full(**_: Any) -> None:
        raise EnvironmentFault("The disk is full.", "", "Make room.")

    one = phone.entry("clean", "yes")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "save_entry", full)
        assert phone.post({"writes": [one]}).status_code == 503
    assert phone.send(one)[0]["state"] == "saved"


def queries_of(phone: Phone, *writes: dict[str, Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        phone.send(*writes)
    return len(seen.captured_queries)


def test_queries_grow_by_the_same_few_for_each_write(phone: Phone) -> None:
    items = [i.id for i in actions.template_of(phone.check.template).items]
    phone.send(phone.entry(items[5], "yes"))
    one = queries_of(phone, phone.entry(items[0], "yes"))
    four = queries_of(phone, *(phone.entry(i, "yes") for i in items[1:5]))
    each = (four - one) / 3
    assert each <= 12, each
    assert one - each <= 6, "who it is, the assessment, the check"


def test_what_is_taken_along_is_what_the_page_shows(
    phone: Phone, check: Check, other: Any, client_of: Any
) -> None:
    sample.set_sample(check=check, method="all", frame="Homes", references="A\nB", size=0,
                      seed="", by=phone.user)  # fmt: skip
    phone.send(phone.entry("clean", "no", "Dust.", place=2))
    people.add_name(check=check, name="Gwenllian Unigryw", contact="", note="", by=phone.user)
    address = reverse("check-pocket", args=[check.assessment_id, check.pk])
    answer = phone.client.get(address)
    assert "no-store" in answer["Cache-Control"]
    assert "Gwenllian" not in answer.content.decode(), "names stay on their page"
    pack = answer.json()
    assert (pack["claim"], pack["person"]) == (check.claim, str(phone.user.pk))
    assert [c["reference"] for c in pack["cases"]] == ["A", "B"]
    (entry,) = pack["entries"]
    assert (entry["item"], entry["place"], entry["version"]) == ("clean", 2, 1)
    assert entry["values"] == {"answer": "no", "note": "Dust."}
    with CaptureQueriesContext(connection) as few:
        phone.client.get(address)
    sample_more = "\n".join(f"H{n}" for n in range(40))
    second = planned(check.assessment, phone.user)
    sample.set_sample(check=second, method="all", frame="Homes", references=sample_more, size=0,
                      seed="", by=phone.user)  # fmt: skip
    big = Phone(phone.client, phone.user, second)
    big.send(*(big.entry("clean", "yes", place=n) for n in range(1, 41)))
    with CaptureQueriesContext(connection) as many:
        phone.client.get(reverse("check-pocket", args=[second.assessment_id, second.pk]))
    assert len(many.captured_queries) == len(few.captured_queries) <= 12


def test_who_may_not_see_references_takes_none_along(
    assessment: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    tenant = user_with()
    Participation.objects.create(assessment=assessment, user=tenant, role="tenant inspector")
    check = planned(assessment, lead, assigned=tenant.pk)
    sample.set_sample(check=check, method="all", frame="Homes", references="SECRET-1", size=0,
                      seed="", by=lead)  # fmt: skip
    address = reverse("check-pocket", args=[assessment.pk, check.pk])
    answer = client_of(tenant).get(address)
    assert answer.status_code == 200
    assert "SECRET-1" not in answer.content.decode()


def test_the_shell_and_its_worker_hold_nothing_of_anybody(
    client: Any, client_of: Any, lead: Any
) -> None:
    strange, mine = client.get(reverse("pocket")), client_of(lead).get(reverse("pocket"))
    assert strange.content == mine.content
    assert lead.email not in mine.content.decode()
    worker = client.get(reverse("pocket-worker"))
    assert worker["Service-Worker-Allowed"] == "/"
    assert worker["Content-Type"].startswith("text/javascript")
    text = worker.content.decode()
    assert 'const SHELL = "/pocket/"' in text
    assert "/static/kloe/kloe.css" in text


def test_every_file_of_the_shell_is_there(client: Any) -> None:
    from django.contrib.staticfiles import finders

    from kloe.web.checks.views_pocket import WORKER, _parts

    files, _version = _parts()
    assert all(finders.find(name) for name in [*files, WORKER])


def test_the_page_of_a_check_tells_when_somebody_was_there(phone: Phone, check: Check) -> None:
    began = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
    phone.send(phone.write("visit", began_at=began.isoformat(),
                           ended_at=(began + HOUR).isoformat()))  # fmt: skip
    page = phone.client.get(reverse("check", args=[check.assessment_id, check.pk]))
    assert "2 Mar" in page.content.decode()
    assert "10:05" in page.content.decode()
