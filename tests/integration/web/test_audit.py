"""The audit trail: who may read it, how it reads, how it is filtered, whether it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from kloe.core.errors import Cancelled
from kloe.frameworks import library
from kloe.web.audit import actions, wording
from kloe.web.audit.models import AuditEvent, AuditSeal
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.library import store

THEME = "wao-housing-2005/1.5/4"


def note(org, by=None, verb="rated", kind="rating", subject="x", before=None, after=None, **more):
    with transaction.atomic():
        actions.record(
            by=by,
            verb=verb,
            subject_kind=kind,
            subject_id=subject,
            organisation_id=org.pk,
            before=before,
            after=after,
            **more,
        )
        event = AuditEvent.objects.order_by("-id").first()
        assert event is not None
        return event


@pytest.fixture
def criterion():
    return library.load("wao-housing-2005").theme(THEME).criteria[0]


@pytest.fixture
def rated(org, lead, assessment, criterion):
    return note(
        org,
        lead,
        subject=criterion.id,
        assessment_id=assessment.pk,
        before={"position": "lower", "reason": "Slow, on the whole."},
        after={"position": "between", "reason": "Slow, in part."},
    )


# Who may read it


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("administrator", 200),
        ("lead", 200),
        ("assessor", 403),
        ("contributor", 403),
        ("reader", 403),
    ],
)
def test_leads_and_administrators_read_the_trail(
    client_of, user_with, org, assessment, role, status
):
    client = client_of(user_with(role, org))
    assert client.get(f"/assessments/{assessment.pk}/audit").status_code == status
    assert client.get(f"/organisations/{org.pk}/audit").status_code == status


def test_a_trail_does_not_exist_for_others(client_of, user_with, other_org, org, assessment):
    client = client_of(user_with("administrator", other_org))
    assert client.get(f"/assessments/{assessment.pk}/audit").status_code == 404
    assert client.get(f"/organisations/{org.pk}/audit").status_code == 404


def test_trails_do_not_mix(client_of, lead, org, other_org, assessment, make_assessment):
    note(other_org, after={"reason": "theirs alone"})
    note(org, after={"reason": "of the organisation"})
    another = make_assessment(title="Another")
    note(org, assessment_id=another.pk, after={"reason": "of the other"})
    client = client_of(lead)
    whole = client.get(f"/organisations/{org.pk}/audit").content.decode()
    assert "theirs alone" not in whole
    assert "of the organisation" in whole
    assert "of the other" in whole
    one = client.get(f"/assessments/{assessment.pk}/audit").content.decode()
    assert "of the other" not in one
    assert "of the organisation" not in one


# How it reads


def test_an_event_reads_before_and_after(client_of, lead, assessment, rated, criterion):
    page = client_of(lead).get(f"/assessments/{assessment.pk}/audit").content.decode()
    assert f"<strong>{lead.email}</strong> rated" in page
    assert str(criterion.title) in page
    assert f"/assessments/{assessment.pk}/themes/{THEME}#c-{criterion.key}" in page
    assert "<del>Lower</del>" in page
    assert "<ins>Between</ins>" in page
    assert "Slow, <del>on the whole.</del> <ins>in part.</ins>" in " ".join(page.split())


def test_words_are_compared_and_what_stayed_is_left_out():
    made = wording.changes(
        {"title": "Old name", "kind": "document", "due": "2026-05-03"},
        {"title": "New name", "kind": "document", "due": None},
    )
    assert [c.label for c in made] == ["Title", "Due"]
    assert [(p.kind, p.text) for p in made[0].pieces] == [
        ("del", "Old"),
        ("ins", "New"),
        ("same", "name"),
    ]
    assert [(p.kind, p.text) for p in made[1].pieces] == [("del", "3 May 2026")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("tenant voice", "Tenant voice"),
        (True, "yes"),
        (["2025-04-01", "2025-02-31"], "1 April 2025, 2025-02-31"),
        ({"wao": "a" * 64}, "Wao: aaaaaaaaaaaa…"),
        (0, "0"),
    ],
)
def test_values_in_words(value, words):
    made = wording.changes(None, {"thing": value})
    assert made[0].pieces[0].text == words


def test_an_event_says_what_it_is_about_even_when_that_is_gone(assessment, lead, org):
    pinned = store.pinned(assessment)
    gone = note(org, lead, subject="wao-housing-2005/1.5/4/gone", assessment_id=assessment.pk)
    assert wording.line(gone, pinned).subject == "1.5/4 Responsive repairs (gone)"
    theme = note(
        org, lead, verb="set scope", kind="theme", subject=THEME, assessment_id=assessment.pk
    )
    line = wording.line(theme, pinned)
    assert (line.subject, line.verb) == ("1.5/4 Responsive repairs", "set the scope")
    kloe = note(
        org, lead, kind="judgement", subject="wao-housing-2005/1.5", assessment_id=assessment.pk
    )
    assert wording.line(kloe, pinned).subject.startswith("1.5 ")
    person = note(
        org, None, verb="added member", kind="person", after={"email": "a@b.org", "role": "lead"}
    )
    told = wording.line(person)
    assert told.subject == "a@b.org"
    assert [c.label for c in told.changes] == ["Role"]


def test_text_is_shown_as_text(client_of, lead, org):
    note(org, after={"reason": "<script>alert(1)</script>"})
    page = client_of(lead).get(f"/organisations/{org.pk}/audit").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# Filters


def test_filters_by_person_verb_kind_words_and_date(client_of, lead, org, user_with, rated):
    other = user_with("assessor", org)
    note(org, other, verb="answered", kind="answer", subject="q1", after={"text": "Tŷ newydd"})
    client, base = client_of(lead), f"/organisations/{org.pk}/audit"

    def shown(query: str) -> str:
        return client.get(f"{base}?{query}").content.decode().split('class="entries', 1)[-1]

    assert "Tŷ newydd" in shown(f"who={other.email}")
    assert "Slow," not in shown(f"who={other.email}")
    assert "Slow," in shown("verb=rated")
    assert "Slow," not in shown("kind=answer")
    assert "Tŷ newydd" in shown("subject=Tŷ")
    assert "Slow," in shown("subject=in+part")
    assert "Slow," in shown("subject=1.5/4")
    today = timezone.localdate()
    assert "Slow," in shown(f"from={today}&to={today}")
    assert "Nothing fits these filters." in shown(f"to={today - timedelta(days=1)}")
    assert "Show all" in client.get(f"{base}?verb=rated").content.decode()


@pytest.mark.parametrize("given", ["2026-13-01", "yesterday", "2026-02-31"])
def test_a_date_that_is_none_is_told_beside_its_field(client_of, lead, org, rated, given):
    answer = client_of(lead).get(f"/organisations/{org.pk}/audit?from={given}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"“{given}” is no date. Write it as 2026-05-03." in page
    assert f'value="{given}"' in page
    assert "Slow," in page


def test_days_in_the_wrong_order_are_told(client_of, lead, org, rated):
    page = client_of(lead).get(f"/organisations/{org.pk}/audit?from=2026-05-03&to=2026-05-01")
    assert "The last day comes before the first." in page.content.decode()


def test_a_long_trail_is_paged_at_a_fixed_price(
    client_of, lead, org, settings, django_assert_max_num_queries
):
    settings.PAGE_SIZE = 5
    for n in range(12):
        note(org, lead, after={"reason": f"number {n}"})
    client = client_of(lead)
    client.get(f"/organisations/{org.pk}/audit")
    with django_assert_max_num_queries(8):
        page = client.get(f"/organisations/{org.pk}/audit?page=2").content.decode()
    assert "6 to 10 of" in page
    assert "number 0" not in page


# Seals


def test_seals_are_shown_and_checked_on_demand(client_of, lead, org, rated):
    client, base = client_of(lead), f"/organisations/{org.pk}/audit"
    assert "Nothing is sealed yet" in client.get(base).content.decode()
    actions.seal()
    page = client.get(base).content.decode()
    assert f"Sealed up to event {AuditEvent.objects.latest('id').pk}" in page
    assert "Check all seals" in page
    assert "the seal fits its events" in client.get(f"{base}?seals=check").content.decode()


def test_a_changed_past_shows(client_of, lead, org, rated):
    actions.seal()
    if connection.vendor != "sqlite":
        pytest.skip("the trigger is taken away the way of SQLite")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_auditevent_no_update")
        cursor.execute("UPDATE audit_auditevent SET actor = 'somebody@else.org'")
    page = client_of(lead).get(f"/organisations/{org.pk}/audit?seals=check").content.decode()
    assert "1 seal is broken" in page
    assert "Compare with a backup." in page


@pytest.mark.parametrize("place", ["organisations", "assessments"])
def test_many_seals_are_checked_in_the_background(
    client_of, lead, org, assessment, rated, place, monkeypatch
):
    for _n in range(3):
        note(org, lead)
        actions.seal()
    count = AuditSeal.objects.count()
    monkeypatch.setattr("kloe.web.audit.queries.FEW", count - 1)
    client = client_of(lead)
    base = f"/{place}/{(org if place == 'organisations' else assessment).pk}/audit"
    page = client.get(f"{base}?seals=check").content.decode()
    assert "fits its events" not in page, "nothing is computed while somebody waits"
    assert f'action="{base}/seals"' in page
    answer = client.post(f"{base}/seals")
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    assert client.post(f"{base}/seals").headers["Location"] == answer.headers["Location"]
    page = client.get(base).content.decode()
    assert "All seals are being checked" in page
    assert "Check all seals" not in page
    run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result["seals"], job.result["broken"]) == ("done", count, 0)
    assert (job.done, job.total) == (count, count)
    page = client.get(base).content.decode()
    assert f"every seal fits its events, all {count}" in page
    assert "Check all seals" in page


def test_a_changed_past_shows_after_a_check_in_the_background(
    client_of, lead, org, rated, monkeypatch
):
    if connection.vendor != "sqlite":
        pytest.skip("the trigger is taken away the way of SQLite")
    actions.seal()
    changed = note(org, lead)
    actions.seal()
    monkeypatch.setattr("kloe.web.audit.queries.FEW", 0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_auditevent_no_update")
        cursor.execute(
            "UPDATE audit_auditevent SET actor = 'somebody@else.org' WHERE id = %s", [changed.pk]
        )
    client = client_of(lead)
    client.post(f"/organisations/{org.pk}/audit/seals")
    run_waiting()
    page = client.get(f"/organisations/{org.pk}/audit").content.decode()
    assert "1 seal is broken" in page
    seal = AuditSeal.objects.latest("id")
    assert seal.first_event <= changed.pk <= seal.last_event
    assert f"Events {seal.first_event} to {seal.last_event}" in page


def test_a_check_of_seals_can_be_called_off(db):
    class Stops:
        def step(self, done, total, what=""):
            raise Cancelled("no")

    AuditSeal.objects.create(
        first_event=1, last_event=1, previous="", digest="x", sealed_at=timezone.now()
    )
    with pytest.raises(Cancelled):
        actions.broken_seals(Stops())


def test_the_trail_cannot_be_changed(org, rated):
    from django.db import DatabaseError

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(pk=rated.pk).update(actor="me@example.org")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(pk=rated.pk).delete()


def test_an_event_belongs_into_a_transaction(transactional_db):
    with pytest.raises(RuntimeError, match="transaction of what it records"):
        actions.record(by=None, verb="x", subject_kind="y", subject_id="z")


def test_verbs_of_every_action_have_their_wording():
    """A verb an action leaves and nobody worded would read as it is kept."""
    import re
    from pathlib import Path

    import kloe.web

    found = set()
    for path in Path(kloe.web.__file__).parent.rglob("*.py"):
        if path.parent.name == "tests" or path.name in {"words.py"}:
            continue
        source = path.read_text()
        found |= set(re.findall(r'verb="([^"{]+)"', source))
        found |= set(re.findall(r'_?trace\(\s*(?:[\w.]+,\s*)*"([^"]+)"', source))
    missing = {v for v in found if v not in wording.VERBS}
    assert not missing
    assert len(found) > 20
