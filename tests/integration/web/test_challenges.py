"""The draft before the landlord: issued, challenged, answered, by actions."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from challenge_ground import ADDRESS, WRITTEN, challenge, given, issued, paragraph, send
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.reports.blocks import ReportDocument
from kloe.web.audit.models import AuditEvent
from kloe.web.challenges import actions, answering, giving, issuing, queries, reporting
from kloe.web.challenges.answering import Answer
from kloe.web.challenges.holding import ChangedMeanwhile, TooLate
from kloe.web.challenges.models import Challenge, Draft, DraftParagraph, DraftTime, LateEvidence
from kloe.web.evidence import actions as evidence
from kloe.web.evidence import storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.ids import new_id
from kloe.web.judgements.models import Finding, Judgement

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, request: Any) -> None:
    """Mail goes at once; the pages are laid out where a test looks at them."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda run, **_more: run())
    if "laid_out" not in request.keywords:
        monkeypatch.setattr(issuing, "render", lambda *_args: b"%PDF-1.7")


def later(days: int) -> date:
    return TODAY() + timedelta(days=days)


def over(draft: Draft) -> None:
    """Its time ended yesterday."""
    DraftTime.objects.create(
        draft=draft, n=1, kind="extended", deadline=later(-1), reason="For the test."
    )


@pytest.fixture
def ground_and_draft(db: None) -> tuple[Ground, Draft]:
    return issued()


@pytest.fixture
def ground(ground_and_draft: Any) -> Ground:
    return ground_and_draft[0]


@pytest.fixture
def draft(ground_and_draft: Any) -> Draft:
    return ground_and_draft[1]


def events(verb: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=verb))


# Issuing -------------------------------------------------------------------------------------


def test_a_draft_is_frozen_told_and_numbered(ground: Ground, draft: Draft) -> None:
    assert draft.version == 1
    assert draft.digest == sha256_hex(canonical_json(draft.document))
    assert ReportDocument.from_json(draft.document).tags[0].style == "draft"
    assert issuing.pdf_path(draft).read_bytes().startswith(b"%PDF")
    assert sha256_hex(issuing.pdf_path(draft).read_bytes()) == draft.pdf
    numbers = list(draft.paragraphs.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    chapters = list(draft.chapters.all())
    assert chapters[0].first == 1
    assert chapters[-1].last == len(numbers)
    assert all(a.last + 1 == b.first for a, b in pairwise(chapters))
    to = {m.to[0] for m in mail.outbox}
    assert to == {
        ground.landlord_lead.email,
        ground.people[Role.LANDLORD_CONTRIBUTOR].email,
    }
    assert ADDRESS in mail.outbox[0].body
    assert events("issued draft")[0].after["version"] == 1


def test_the_usual_time_is_the_settings_working_days(settings: Any) -> None:
    settings.DRAFT_DAYS = 7
    _ground, draft = issued()
    days = [later(n) for n in range(1, 40)]
    weekdays = [d for d in days if d.weekday() < 5]
    assert draft.deadline == weekdays[6]
    assert draft.days == 7


def test_what_a_draft_holds_stays_as_it_was(ground: Ground, draft: Draft) -> None:
    Finding.objects.update(text="Letters are sent on time.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.update(note="rewritten")
    with pytest.raises(IntegrityError), transaction.atomic():
        DraftParagraph.objects.update(text="rewritten")
    assert paragraph(draft)


def test_nothing_restricted_and_no_person_is_in_it() -> None:
    ground = make_ground()
    lead = ground.people[Role.LEAD_INSPECTOR]
    Judgement.objects.create(
        assessment=ground.assessment, subject=THEME, stage="agreed", grade="good",
        reasons="Mostly on time.", by=ground.people[Role.MODERATOR],
    )  # fmt: skip
    hidden = evidence.add_note(
        assessment=ground.assessment,
        details=Details(
            title="What Gwen of flat 4 said", text="Late.", confidentiality="restricted",
            source="Gwen Prosser",
        ),
        by=lead,
    )  # fmt: skip
    shown = evidence.add_note(
        assessment=ground.assessment,
        details=Details(title="Rent letters", text="Late.", source="Told by Huw Bevan"),
        by=lead,
    )
    from kloe.web.library import store

    descriptor = store.pinned(ground.assessment).theme(THEME).criteria[0].descriptors[0].id
    for item in (hidden, shown):
        evidence.link(
            item=item, descriptor=descriptor, direction="shows this", by=lead,
            locator="page 7 of the diary",
        )  # fmt: skip
    finding = Finding.objects.create(
        assessment=ground.assessment, theme=THEME, kind="strength", text="Clear."
    )
    finding.evidence.add(hidden, shown)
    _ground, draft = issued(ground)
    whole = json.dumps(draft.document)
    assert "Rent letters" in whole
    for word in (
        "Gwen", "Prosser", "Huw Bevan", "page 7 of the diary", f"#e-{hidden.number}",
        str(ground.people[Role.MODERATOR]),
    ):  # fmt: skip
        assert word not in whole, word


@pytest.mark.parametrize("stage", [Stage.DRAFTING, Stage.MODERATION, Stage.PUBLISHED])
def test_it_is_issued_at_factual_accuracy_only(stage: Stage) -> None:
    ground = make_ground()
    with pytest.raises(Conflict, match="cannot be issued at this stage"):
        issuing.issue(inspection=ground.at(stage), by=ground.chief, address=ADDRESS)
    assert not Draft.objects.exists()


def test_nobody_to_read_it_is_said() -> None:
    ground = make_ground(team=False)
    with pytest.raises(Conflict, match="Nobody of the landlord"):
        issuing.issue(
            inspection=ground.at(Stage.FACTUAL_ACCURACY), by=ground.chief, address=ADDRESS
        )


def test_of_two_issuing_at_once_one_is_told(ground: Ground, draft: Draft) -> None:
    with pytest.raises(Conflict, match="Draft 1 was issued in the meantime"):
        issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=0)
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("days", [0, -3, 367 * 2])
def test_a_last_day_that_leaves_no_time_is_refused(days: int) -> None:
    ground = make_ground()
    with pytest.raises(InvalidInput):
        issuing.issue(
            inspection=ground.at(Stage.FACTUAL_ACCURACY),
            by=ground.chief,
            address=ADDRESS,
            deadline=later(days),
        )


def test_a_full_disk_leaves_no_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = make_ground()

    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(issuing, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        issued(ground)
    assert not Draft.objects.exists()
    assert not mail.outbox


def test_a_draft_that_could_not_be_written_leaves_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = make_ground()

    def broken(*_args: Any) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr(issuing, "_carry_over", broken)
    with pytest.raises(RuntimeError):
        issued(ground)
    assert not Draft.objects.exists()
    folder = issuing.pdf_path(Draft(assessment=ground.assessment, version=1, pdf="x")).parent
    assert not list(folder.iterdir())


# Challenges ----------------------------------------------------------------------------------


def test_a_challenge_keeps_the_paragraph_and_gets_its_number_when_sent(
    ground: Ground, draft: Draft
) -> None:
    row = challenge(ground, draft)
    assert row.number is None
    assert WRITTEN in row.text
    other = challenge(ground, draft, claim="Tenants were asked in 2019 only.")
    send(ground, draft, other)
    other.refresh_from_db()
    row.refresh_from_db()
    assert (other.number, other.state) == (1, "sent")
    assert (row.number, row.state) == (None, "writing")
    send(ground, draft)
    row.refresh_from_db()
    assert row.name == "CH2"
    assert any("CH2" in m.body for m in mail.outbox)
    assert [e.after["paragraph"] for e in events("sent challenge")] == [row.paragraph] * 2


def test_the_same_form_sent_twice_writes_once_and_other_words_write_anew(
    ground: Ground, draft: Draft
) -> None:
    made = new_id()
    first = challenge(ground, draft, id=made)
    assert challenge(ground, draft, id=made).pk == first.pk
    another = challenge(ground, draft, claim="Something else is so.", id=made)
    assert another.pk != first.pk
    assert Challenge.objects.count() == 2


def test_the_same_said_twice_is_refused(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    with pytest.raises(Conflict, match="not sent yet"):
        challenge(ground, draft, claim="they go  out on THE day.")
    send(ground, draft)
    with pytest.raises(Conflict, match="already: CH1"):
        challenge(ground, draft)
    assert challenge(ground, draft, kind="wording").pk != row.pk


@pytest.mark.parametrize("number", [0, -1, 10**6, 10**30])
def test_a_paragraph_that_does_not_exist(ground: Ground, draft: Draft, number: int) -> None:
    with pytest.raises(NotFound, match="no paragraph"):
        actions.write(
            draft=draft,
            paragraph=number,
            words=actions.Words("fact wrong", "So."),
            by=ground.landlord_lead,
        )


@pytest.mark.parametrize(
    ("kind", "claim", "quote"),
    [("nonsense", "So.", ""), ("fact wrong", "  ", ""), ("fact wrong", "x" * 5001, ""),
     ("fact wrong", "So.", "q" * 5001), ("fact wrong", "a\x00b", "")],
)  # fmt: skip
def test_words_that_are_none(kind: str, claim: str, quote: str) -> None:
    with pytest.raises(InvalidInput):
        actions.Words(kind, claim, quote)


def test_after_the_deadline_nothing_is_taken_and_the_trail_says_so(
    ground: Ground, draft: Draft
) -> None:
    row = challenge(ground, draft)
    over(draft)
    with pytest.raises(TooLate, match="ended on"):
        challenge(ground, draft, claim="Too late.")
    with pytest.raises(TooLate):
        send(ground, draft)
    with pytest.raises(TooLate):
        actions.change(
            challenge=row,
            words=actions.Words("fact wrong", "Other."),
            base_version=1,
            by=ground.landlord_lead,
        )
    assert Challenge.objects.count() == 1
    refused = events("could not challenge")
    assert len(refused) == 3
    assert {e.after["what"] for e in refused} == {"Too late.", "sending challenges", "Other."}


def test_on_the_last_day_there_is_time(ground: Ground, draft: Draft) -> None:
    DraftTime.objects.create(
        draft=draft, n=1, kind="extended", deadline=TODAY(), reason="For the test."
    )
    assert challenge(ground, draft)
    assert queries.state_of(draft).days_left == 1


def test_the_lead_gives_more_time_with_a_reason(ground: Ground, draft: Draft) -> None:
    over(draft)
    lead = ground.people[Role.LEAD_INSPECTOR]
    common: dict[str, Any] = {"draft": draft, "by": lead, "address": ADDRESS}
    with pytest.raises(InvalidInput, match="without a reason"):
        issuing.extend(deadline=later(5), reason=" ", base=1, **common)
    with pytest.raises(InvalidInput):
        issuing.extend(deadline=later(0), reason="Ill.", base=1, **common)
    with pytest.raises(Conflict, match="Somebody else changed"):
        issuing.extend(deadline=later(5), reason="Ill.", base=0, **common)
    issuing.extend(deadline=later(5), reason="The director was ill.", base=1, **common)
    assert challenge(ground, draft)
    assert "director was ill" in mail.outbox[-1].body
    with pytest.raises(InvalidInput, match="has until"):
        issuing.extend(deadline=later(4), reason="Less.", base=2, **common)


def test_no_more_to_say_ends_the_time(ground: Ground, draft: Draft) -> None:
    challenge(ground, draft)
    with pytest.raises(Conflict, match="written and not sent"):
        issuing.close(draft=draft, base=0, by=ground.landlord_lead)
    send(ground, draft)
    issuing.close(draft=draft, base=0, by=ground.landlord_lead)
    assert queries.facts(ground.assessment)["draft_days_left"] == 0
    with pytest.raises(TooLate, match="no more to say"):
        challenge(ground, draft, claim="One more thing.")
    with pytest.raises(Conflict, match="over already"):
        issuing.close(draft=draft, base=1, by=ground.landlord_lead)
    issuing.extend(
        draft=draft, deadline=draft.deadline, reason="They asked.", base=1,
        by=ground.chief, address=ADDRESS,
    )  # fmt: skip
    assert challenge(ground, draft, claim="One more thing.")


def test_of_two_who_change_a_challenge_one_sees_both(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    changed = actions.change(
        challenge=row,
        words=actions.Words("fact wrong", "They go out the day before."),
        base_version=1,
        by=ground.landlord_lead,
    )
    assert changed.version == 2
    with pytest.raises(ChangedMeanwhile) as told:
        actions.change(
            challenge=row,
            words=actions.Words("fact wrong", "Mine."),
            base_version=1,
            by=ground.people[Role.LANDLORD_CONTRIBUTOR],
        )
    assert told.value.current.claim == "They go out the day before."


def test_what_is_sent_stays(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    with pytest.raises(Conflict, match="CH1 was sent"):
        actions.change(
            challenge=row,
            words=actions.Words("fact wrong", "Other."),
            base_version=2,
            by=ground.landlord_lead,
        )
    with pytest.raises(Conflict):
        actions.remove(challenge=row, by=ground.landlord_lead)
    with pytest.raises(Conflict, match="Nothing is written"):
        send(ground, draft)


def test_one_that_is_taken_away_is_gone(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    actions.remove(challenge=row, by=ground.landlord_lead)
    assert not Challenge.objects.exists()
    with pytest.raises(Conflict, match="taken away"):
        actions.remove(challenge=row, by=ground.landlord_lead)


# Evidence ------------------------------------------------------------------------------------


def received(content: bytes) -> Any:
    from kloe.web.evidence.uploads import Upload

    return Upload("letters.pdf", storage.receive([content]))


def test_late_evidence_comes_in_when_sent_and_counts_by_its_date(
    ground: Ground, draft: Draft
) -> None:
    existed, since = draft.looked_until, draft.looked_until + timedelta(days=1)
    one = challenge(ground, draft, given=given(existed, title="The register"))
    two = challenge(ground, draft, claim="And now weekly.", given=given(since, title="The rota"))
    assert not EvidenceItem.objects.filter(assessment=ground.assessment).exists()
    send(ground, draft)
    service, prospects = one.evidence.get(), two.evidence.get()
    assert (service.counts, prospects.counts) == ("service", "prospects")
    item = service.item
    assert (item.origin, item.title) == ("landlord", "The register")
    assert (item.period_start, item.period_end) == (existed, existed)
    assert "CH1, challenge to draft 1" in item.source
    assert "prospects for improvement" in prospects.item.source


def test_what_was_done_since_is_no_evidence_for_the_service(ground: Ground, draft: Draft) -> None:
    from kloe.web.library import store

    challenge(ground, draft, given=given(draft.looked_until + timedelta(days=1)))
    send(ground, draft)
    item = LateEvidence.objects.get().item
    pinned = store.pinned(ground.assessment)
    service = pinned.theme(THEME).criteria[0].descriptors[0].id
    prospects = pinned.theme("wao-housing-2005/2.10/1").criteria[0].descriptors[0].id
    with pytest.raises(Conflict, match="done since the inspectors looked"):
        evidence.link(item=item, descriptor=service, direction="shows this", by=ground.chief)
    link = evidence.link(item=item, descriptor=service, direction="context", by=ground.chief)
    with pytest.raises(Conflict, match="done since"):
        evidence.relink(link=link, direction="shows otherwise", by=ground.chief)
    assert evidence.link(item=item, descriptor=prospects, direction="shows this", by=ground.chief)


def test_evidence_of_a_day_to_come_is_refused(ground: Ground, draft: Draft) -> None:
    with pytest.raises(InvalidInput, match="has not come yet"):
        challenge(ground, draft, given=given(later(1)))
    assert not Challenge.objects.exists()


def test_a_file_waits_with_its_challenge_and_goes_with_it(ground: Ground, draft: Draft) -> None:
    upload = received(b"%PDF-1.4 letters")
    row = challenge(
        ground, draft, given=given(TODAY(), url="", uploads=[upload]), claim="With a file."
    )
    piece = row.evidence.get()
    assert not storage.remove_unused(piece.file_id)
    assert storage.sweep(grace_seconds=0).unused == 0
    assert storage.has_bytes(piece.file)
    giving.take_back(challenge=row, piece=piece, by=ground.landlord_lead)
    piece.file.refresh_from_db()
    assert not storage.has_bytes(piece.file)


def test_a_file_that_was_sent_is_the_inspections(ground: Ground, draft: Draft) -> None:
    row = challenge(
        ground, draft, given=given(TODAY(), url="", uploads=[received(b"%PDF-1.4 sent")])
    )
    send(ground, draft)
    item = row.evidence.get().item
    assert (item.form, item.file_name, item.media_type) == (
        "file", "letters.pdf", "application/pdf",
    )  # fmt: skip
    assert storage.has_bytes(item.file)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://", "http://a b"])
def test_links_that_are_none(ground: Ground, draft: Draft, url: str) -> None:
    with pytest.raises(InvalidInput):
        challenge(ground, draft, given=given(TODAY(), url=url))
    assert not Challenge.objects.exists()


# Answers -------------------------------------------------------------------------------------


def answered(row: Challenge, base: int | None = None, **said: Any) -> Challenge:
    row.refresh_from_db()
    values = {"outcome": "accepted", "new_text": "Letters go out on the day."} | said
    return answering.answer(
        challenge=row,
        answer=Answer(**values),
        base_version=row.version if base is None else base,
        by=row.assessment.lead,
    )


def test_an_answer_says_what_changes(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    with pytest.raises(Conflict, match="not been sent"):
        answered(row)
    send(ground, draft)
    done = answered(row)
    assert (done.state, done.outcome, done.told_at) == ("answered", "accepted", None)
    assert done.new_text == "Letters go out on the day."
    assert events("answered challenge")[0].after["outcome"] == "accepted"


@pytest.mark.parametrize(
    "said",
    [
        {"outcome": "nonsense"},
        {"outcome": "rejected"},
        {"outcome": "rejected", "ground": "nonsense"},
        {"outcome": "rejected", "ground": "another reason"},
        {"outcome": "accepted in part", "new_text": "Shorter."},
        {"outcome": "accepted", "new_text": ""},
        {"outcome": "rejected", "ground": "judgement, not fact", "moves": (THEME,)},
        {"moves": ("wao-housing-2005/9.9/9",)},
        {"reason": "x" * 5001},
    ],
)
def test_answers_that_are_none(ground: Ground, draft: Draft, said: dict[str, Any]) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    Judgement.objects.create(
        assessment=ground.assessment, subject=THEME, stage="agreed", grade="good", reasons="So."
    )
    with pytest.raises(InvalidInput):
        answered(row, **said)
    row.refresh_from_db()
    assert row.state == "sent"


def test_judgement_not_fact_is_a_reason(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft, kind="judgement")
    send(ground, draft)
    done = answered(row, outcome="rejected", ground="judgement, not fact", new_text="")
    assert (done.outcome, done.ground, done.new_text) == (
        "rejected", "judgement, not fact", "",
    )  # fmt: skip


def test_of_two_who_answer_at_once_one_sees_both(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    row.refresh_from_db()
    answered(row)
    with pytest.raises(answering.AnsweredMeanwhile) as told:
        answered(row, base=row.version, outcome="rejected", ground="not shown by evidence")
    assert told.value.current.outcome == "accepted"
    row.refresh_from_db()
    assert row.outcome == "accepted"


def test_answers_are_told_once_and_again_when_changed(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    answered(row)
    common: dict[str, Any] = {
        "assessment": ground.assessment, "by": ground.chief, "address": ADDRESS,
    }  # fmt: skip
    assert answering.tell_answers(**common) == 1
    with pytest.raises(Conflict, match="no answer"):
        answering.tell_answers(**common)
    answered(row, new_text="Letters go out on the same day.")
    assert answering.tell_answers(**common) == 1
    assert "CH1" in mail.outbox[-1].body


# The next draft ------------------------------------------------------------------------------


def test_a_new_draft_waits_for_answers_and_says_what_changed(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    unsent = challenge(ground, draft, claim="Not sent.", paragraph=1)
    unchanged = unsent.text
    with pytest.raises(Conflict, match="1 challenge has no answer"):
        issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=1)
    answered(row)
    Finding.objects.update(text="Letters are sent on the day, and tenants say so.")
    new = issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=1)
    changed = [c for c in new.changes if c["kind"] == "changed" and WRITTEN in c["before"]]
    assert changed
    assert "on the day" in changed[0]["after"]
    row.refresh_from_db()
    unsent.refresh_from_db()
    assert row.told_at is not None
    assert row.draft_id == draft.pk
    assert unsent.draft_id == new.pk
    assert unsent.paragraph
    assert new.paragraphs.get(number=unsent.paragraph).text == unchanged
    with pytest.raises(Conflict, match="not the newest"):
        challenge(ground, draft, claim="Of the old one.")


def test_a_challenge_whose_paragraph_is_gone_waits_for_another(
    ground: Ground, draft: Draft
) -> None:
    row = challenge(ground, draft)
    Finding.objects.all().delete()
    new = issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=1)
    row.refresh_from_db()
    assert (row.paragraph, row.draft_id) == (0, new.pk)
    with pytest.raises(Conflict, match="of a paragraph that the new draft has not"):
        send(ground, new)
    actions.change(
        challenge=row,
        words=actions.Words("fact wrong", row.claim),
        paragraph=1,
        base_version=row.version,
        by=ground.landlord_lead,
    )
    assert send(ground, new)


# What other parts ask ------------------------------------------------------------------------


def test_stages_ask_for_the_draft_its_answers_and_its_time(ground: Ground, draft: Draft) -> None:
    challenge(ground, draft)
    send(ground, draft)
    assert queries.facts(ground.assessment) == {
        "challenges_open": 1,
        "draft_days_left": (draft.deadline - TODAY()).days + 1,
        "draft_unissued": 0,
        "grades_moving": 0,
    }


def test_without_a_draft_nothing_is_published() -> None:
    from kloe.assessment.stages import missing_for, move_between
    from kloe.web.inspections import facts

    ground = make_ground()
    inspection = ground.at(Stage.FACTUAL_ACCURACY)
    assert queries.facts(ground.assessment)["draft_unissued"] == 1
    move = move_between(Stage.FACTUAL_ACCURACY, Stage.PUBLISHED)
    assert move is not None
    missing = {m.condition.key for m in missing_for(move, facts.gather(inspection))}
    assert "draft" in missing


def test_the_report_gets_what_was_sent_without_names(ground: Ground, draft: Draft) -> None:
    row = challenge(ground, draft, given=given(draft.looked_until, title="The register"))
    send(ground, draft)
    challenge(ground, draft, claim="Never sent.")
    answered(row)
    told = reporting.for_report(ground.assessment)
    assert [d.version for d in told.drafts] == [1]
    assert [c.number for c in told.challenges] == [1]
    one = told.challenges[0]
    assert (one.outcome, one.new_text) == ("accepted", "Letters go out on the day.")
    assert one.evidence[0].title == "The register"
    EvidenceItem.objects.update(confidentiality="restricted")
    assert reporting.for_report(ground.assessment).challenges[0].evidence[0].title == ""


@pytest.mark.parametrize("place", ["appendix", "annex"])
def test_the_list_stands_in_the_report_where_it_was_put(
    ground: Ground, draft: Draft, place: str
) -> None:
    from kloe.reports import document, numbering
    from kloe.web.reporting.snapshot import take

    row = challenge(ground, draft, given=given(draft.looked_until, title="The register"))
    send(ground, draft)
    answered(row)
    issuing.set_place(assessment=ground.assessment, place=place, by=ground.chief)
    made = document.build(take(ground.assessment))
    [section] = [b for b in made.blocks if getattr(b, "anchor", "") == "challenges"]
    assert section.number.startswith("Appendix" if place == "appendix" else "") or not place
    assert bool(section.number) == (place == "appendix")
    words = json.dumps(made.to_json())
    for said in ("CH1", row.claim, "Letters go out on the day.", "The register", draft.digest[:32]):
        assert said in words, said
    assert ReportDocument.from_json(made.to_json()) == made
    assert numbering.numbered(made)
    # The next draft does not tell the landlord what it said itself.
    new = issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=1)
    assert row.claim not in json.dumps(new.document)


def test_a_text_that_refers_to_restricted_evidence_is_issued(ground: Ground) -> None:
    from kloe.web.texts.models import Text

    item = evidence.add_note(
        assessment=ground.assessment,
        details=Details(title="Gwen's letter", text="Late.", confidentiality="restricted"),
        by=ground.chief,
    )
    Text.objects.create(
        assessment=ground.assessment, subject=THEME, text=f"It is so [E{item.number}]."
    )
    new = issuing.issue(inspection=ground.inspection, by=ground.chief, address=ADDRESS, base=1)
    whole = json.dumps(new.document)
    assert "It is so" in whole
    assert "Gwen" not in whole
