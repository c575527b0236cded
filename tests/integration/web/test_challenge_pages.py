"""The draft and its challenges on their pages, to everybody in their role."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from challenge_ground import CLAIM, WRITTEN, challenge, given, issued, paragraph, send
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hostile_ground import LIVE, VALUES, WORST
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.challenges import answering, issuing
from kloe.web.challenges.models import Challenge, ChallengesPlace, Draft, DraftTime
from kloe.web.evidence.models import EvidenceItem
from kloe.web.ids import new_id
from kloe.web.jobs.models import Job
from kloe.web.judgements.models import Judgement

pytestmark = pytest.mark.django_db
LANDLORDS = (Role.LANDLORD_LEAD, Role.LANDLORD_CONTRIBUTOR)
READERS = (Role.OBSERVER, Role.MODERATOR, Role.SPECIALIST, Role.INSPECTOR, Role.LEAD_INSPECTOR)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "render", lambda *_args: b"%PDF-1.7")


@pytest.fixture
def both() -> tuple[Ground, Draft]:
    return issued()


@pytest.fixture
def ground(both: Any) -> Ground:
    return both[0]


@pytest.fixture
def draft(both: Any) -> Draft:
    return both[1]


def at(ground: Ground, name: str, *args: Any) -> str:
    return reverse(name, args=[ground.assessment.pk, *args])


def chapter_of(draft: Draft, number: int) -> int:
    return int(draft.chapters.get(first__lte=number, last__gte=number).n)


def body(draft: Draft, **more: Any) -> dict[str, Any]:
    return {
        "paragraph": paragraph(draft), "kind": "fact wrong", "quote": "", "claim": CLAIM,
        "url": "", "title": "", "evidence_kind": "document", "when": "", "draft": draft.version,
        "row": str(new_id()), "base_version": "",
    } | more  # fmt: skip


# Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*LANDLORDS, *READERS])
def test_the_draft_is_read_by_chapter(
    role: Role, ground: Ground, draft: Draft, client_of: Any
) -> None:
    client = client_of(ground.people[role])
    front = client.get(at(ground, "draft")).content.decode()
    assert "Draft report, version 1" in front
    number = paragraph(draft)
    page = client.get(at(ground, "draft-chapter", 1, chapter_of(draft, number))).content.decode()
    assert WRITTEN in page
    assert f'id="p-{number}"' in page
    offered = at(ground, "challenge-write", number) in page
    assert offered == (role in LANDLORDS)
    answer = client.get(at(ground, "draft-pdf", 1))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_tenant_inspectors_see_none_of_it(ground: Ground, draft: Draft, client_of: Any) -> None:
    client = client_of(ground.people[Role.TENANT_INSPECTOR])
    for name, args in (("draft", []), ("draft-pdf", [1]), ("challenges", []),
                       ("draft-chapter", [1, 1]), ("challenges-export", ["csv"])):  # fmt: skip
        assert client.get(at(ground, name, *args)).status_code == 403, name


@pytest.mark.parametrize("stage", [Stage.DRAFTING, Stage.MODERATION])
def test_the_landlord_sees_nothing_at_other_stages(
    stage: Stage, ground: Ground, draft: Draft, client_of: Any
) -> None:
    ground.at(stage)
    for role in LANDLORDS:
        assert client_of(ground.people[role]).get(at(ground, "draft")).status_code == 403


def test_what_is_not_there_is_said(ground: Ground, draft: Draft, client_of: Any) -> None:
    client = client_of(ground.landlord_lead)
    for name, args in (("draft-chapter", [1, 99]), ("draft-chapter", [2, 1]),
                       ("draft-changes", [7]), ("draft-pdf", [7]), ("challenge-write", [10**20]),
                       ("challenges-export", ["exe"]), ("challenge", [new_id()])):  # fmt: skip
        assert client.get(at(ground, name, *args)).status_code == 404, name


def test_before_a_draft_there_is_a_page(client_of: Any) -> None:
    ground = make_ground()
    ground.at(Stage.FACTUAL_ACCURACY)
    client = client_of(ground.landlord_lead)
    assert "No draft has been issued" in client.get(at(ground, "draft")).content.decode()
    assert client.get(at(ground, "challenges")).status_code == 200
    assert client.get(at(ground, "challenge-write", 1)).status_code == 404


def test_pages_take_as_many_queries_whatever_there_is(
    ground: Ground, draft: Draft, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    number = paragraph(draft)
    pages = [
        (at(ground, "draft"), 20),
        (at(ground, "draft-chapter", 1, chapter_of(draft, number)), 15),
        (at(ground, "challenges"), 13),
    ]
    for turn in range(2):
        for address, most in pages:
            with django_assert_max_num_queries(most):
                assert client.get(address).status_code == 200
        for n in range(12):
            claim = f"Number {turn} {n} is so."
            challenge(ground, draft, claim, given=given(draft.looked_until))
        send(ground, draft)


# What each sees of challenges ----------------------------------------------------------------


def test_what_is_not_sent_is_the_landlords_own(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    for role in LANDLORDS:
        client = client_of(ground.people[role])
        assert CLAIM in client.get(at(ground, "challenges")).content.decode()
        assert client.get(at(ground, "challenge", row.pk)).status_code == 200
    for role in READERS:
        client = client_of(ground.people[role])
        assert CLAIM not in client.get(at(ground, "challenges")).content.decode()
        assert CLAIM not in client.get(at(ground, "challenges-export", "csv")).content.decode()
        assert client.get(at(ground, "challenge", row.pk)).status_code == 404
        assert client.get(at(ground, "challenge-answer", row.pk)).status_code in {403, 404}
        page = client.get(at(ground, "draft-chapter", 1, chapter_of(draft, row.paragraph)))
        assert "Not sent" not in page.content.decode()


def test_the_landlord_reads_an_answer_once_it_is_told(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    row.refresh_from_db()
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    answer = lead.post(
        at(ground, "challenge-answer", row.pk),
        {
            "outcome": "rejected", "ground": "judgement, not fact", "reason": "We weighed it.",
            "new_text": row.text, "base_version": row.version,
        },
    )  # fmt: skip
    assert answer.status_code == 303
    theirs = client_of(ground.people[Role.LANDLORD_CONTRIBUTOR])
    for name, args in (("challenge", [row.pk]), ("challenges", []),
                       ("challenges-export", ["csv"])):  # fmt: skip
        assert "We weighed it" not in theirs.get(at(ground, name, *args)).content.decode()
        assert "Rejected" not in theirs.get(at(ground, name, *args)).content.decode().replace(
            ">Rejected</option>", ""
        )
    found = theirs.get(at(ground, "challenges"), {"state": "rejected"}).content.decode()
    assert "No challenge is like that" in found
    assert lead.post(at(ground, "challenges-tell")).status_code == 303
    told = theirs.get(at(ground, "challenge", row.pk)).content.decode()
    assert "We weighed it" in told
    assert "It is a judgement, not a fact" in told
    assert str(ground.people[Role.LEAD_INSPECTOR]) not in told


def test_a_challenge_of_another_inspection_does_not_exist_here(
    ground: Ground, draft: Draft, client_of: Any, make_assessment: Any
) -> None:
    from challenge_ground import routes

    from kloe.web.inspections.models import Inspection

    other = make_assessment()
    Inspection.objects.create(assessment=other)
    theirs = routes(other, ground.chief)["challenge"][1]
    client = client_of(ground.landlord_lead)
    assert client.get(at(ground, "challenge", theirs)).status_code == 404
    assert client.post(at(ground, "challenges-send"), {"challenge": theirs}).status_code == 404


# Writing -------------------------------------------------------------------------------------


def test_a_challenge_is_written_with_a_file_and_sent(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    contributor = client_of(ground.people[Role.LANDLORD_CONTRIBUTOR])
    sent = body(draft, when=draft.looked_until.isoformat(), title="The register")
    sent["files"] = SimpleUploadedFile("register.pdf", b"%PDF-1.4 register")
    answer = contributor.post(at(ground, "challenge-write", sent["paragraph"]), sent)
    assert answer.status_code == 303
    row = Challenge.objects.get()
    assert answer["Location"] == at(ground, "challenge", row.pk)
    page = contributor.get(answer["Location"]).content.decode()
    assert "Counts for how good the service is" in page
    piece = row.evidence.get()
    file = contributor.get(at(ground, "challenge-file", row.pk, piece.pk))
    assert b"".join(file.streaming_content) == b"%PDF-1.4 register"
    assert "attachment" in file["Content-Disposition"]
    assert "sandbox" in file["Content-Security-Policy"]
    # The contributor writes; the lead sends.
    refused = contributor.post(at(ground, "challenges-send"), {"challenge": row.pk})
    assert refused.status_code == 403
    lead = client_of(ground.landlord_lead)
    assert lead.post(at(ground, "challenges-send"), {"challenge": row.pk}).status_code == 303
    item = EvidenceItem.objects.get(assessment=ground.assessment)
    assert (item.title, item.file_name) == ("The register", "register.pdf")
    inside = client_of(ground.people[Role.INSPECTOR])
    seen = inside.get(at(ground, "challenge", row.pk)).content.decode()
    assert at(ground, "evidence-item", item.pk) in seen


def test_evidence_without_a_date_comes_back_with_its_file_kept(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    client = client_of(ground.landlord_lead)
    sent = body(draft) | {"files": SimpleUploadedFile("register.pdf", b"%PDF-1.4 register")}
    address = at(ground, "challenge-write", sent["paragraph"])
    answer = client.post(address, sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Give the day" in page
    assert CLAIM in page
    token = page.split('name="held" value="', 1)[1].split('"', 1)[0]
    again = body(draft, when=draft.looked_until.isoformat(), held=token)
    assert client.post(address, again).status_code == 303
    assert Challenge.objects.get().evidence.get().file_name == "register.pdf"


def test_what_was_typed_after_the_deadline_is_not_lost(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    DraftTime.objects.create(
        draft=draft, n=1, kind="extended", reason="For the test.",
        deadline=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip
    client = client_of(ground.landlord_lead)
    answer = client.post(at(ground, "challenge-write", paragraph(draft)), body(draft))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The time for challenges ended on" in page
    assert CLAIM in page
    assert not Challenge.objects.exists()


def test_a_challenge_of_the_draft_before_comes_back(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    new = issuing.issue(
        inspection=ground.inspection, by=ground.chief, address="https://x.example", base=1
    )
    client = client_of(ground.landlord_lead)
    address = at(ground, "challenge-write", paragraph(new))
    answer = client.post(address, body(draft))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "You read draft 1; draft 2 was issued since." in page
    assert CLAIM in page
    old = client.get(at(ground, "draft-chapter", 1, 1)).content.decode()
    assert "draft 2 is before the landlord now" in old
    assert at(ground, "challenge-write", 1) not in old
    # Sent again, now that the newest was shown, it is of the newest.
    assert client.post(address, body(new)).status_code == 303


def test_two_who_change_one_challenge_see_both(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    address = at(ground, "challenge-edit", row.pk)
    first = client_of(ground.landlord_lead)
    assert first.post(address, body(draft, claim="Mine.", base_version=1)).status_code == 303
    second = client_of(ground.people[Role.LANDLORD_CONTRIBUTOR])
    answer = second.post(address, body(draft, claim="Theirs.", base_version=1))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Mine." in page
    assert "Theirs." in page
    row.refresh_from_db()
    assert row.claim == "Mine."
    assert 'name="base_version" value="2"' in page


def test_two_who_answer_one_challenge_see_both(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    row.refresh_from_db()
    address = at(ground, "challenge-answer", row.pk)
    mine = {
        "outcome": "accepted", "ground": "", "reason": "So it is.", "new_text": row.text,
        "base_version": row.version,
    }  # fmt: skip
    theirs = mine | {"outcome": "rejected", "ground": "done since", "reason": "It is newer."}
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    other = client_of(ground.people[Role.INSPECTOR])
    assert lead.post(address, mine).status_code == 303
    answer = other.post(address, theirs)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "So it is." in page
    assert "It is newer." in page
    row.refresh_from_db()
    assert row.outcome == "accepted"


def test_the_observer_and_the_moderator_answer_nothing(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    send(ground, draft)
    for role in (Role.OBSERVER, Role.MODERATOR, *LANDLORDS):
        client = client_of(ground.people[role])
        assert client.post(at(ground, "challenge-answer", row.pk), {}).status_code == 403
        for name in ("draft-issue", "draft-extend", "challenges-tell", "challenges-place",
                     "challenges-return"):  # fmt: skip
            assert client.post(at(ground, name), {}).status_code == 403, name


# The lead's side -----------------------------------------------------------------------------


def test_issuing_is_asked_for_and_made_in_the_background(client_of: Any) -> None:
    from kloe.core.progress import Silent
    from kloe.web.challenges import jobs

    ground = make_ground()
    ground.assessment.themes.exclude(theme=THEME).update(in_scope=False, reason="Not now.")
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    early = client.get(at(ground, "draft-issue")).content.decode()
    assert "cannot be issued at this stage" in early
    ground.at(Stage.FACTUAL_ACCURACY)
    until = timezone.localdate() + timedelta(days=30)
    sent = {"deadline": until.isoformat(), "note": "Please read.", "base": 0}
    wrong = sent | {"deadline": timezone.localdate().isoformat()}
    assert client.post(at(ground, "draft-issue"), wrong).status_code == 422
    for _n in range(2):
        assert client.post(at(ground, "draft-issue"), sent).status_code == 302
    job = Job.objects.get(kind="issue-draft")
    assert jobs.issue(job, Silent())["version"] == 1
    assert jobs.issue(job, Silent())["version"] == 1
    draft = Draft.objects.get()
    assert (draft.deadline, draft.note) == (until, "Please read.")
    page = client.get(at(ground, "draft")).content.decode()
    assert "Please read." in page
    assert client.post(at(ground, "draft-issue"), sent).status_code == 409


def test_more_time_and_the_place_of_the_list(ground: Ground, draft: Draft, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    until = (draft.deadline + timedelta(days=7)).isoformat()
    sent = {"deadline": until, "reason": "Holidays.", "base": 0}
    assert client.post(at(ground, "draft-extend"), sent | {"reason": ""}).status_code == 422
    assert client.post(at(ground, "draft-extend"), sent).status_code == 303
    assert client.post(at(ground, "draft-extend"), sent).status_code == 409
    assert "Holidays." in client.get(at(ground, "draft")).content.decode()
    assert client.post(at(ground, "challenges-place"), {"place": "annex"}).status_code == 303
    assert ChallengesPlace.objects.get().place == "annex"
    assert client.post(at(ground, "challenges-place"), {"place": "nowhere"}).status_code == 400


def test_the_landlords_lead_has_no_more_to_say(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    contributor = client_of(ground.people[Role.LANDLORD_CONTRIBUTOR])
    assert contributor.post(at(ground, "draft-close"), {"base_version": 0}).status_code == 403
    lead = client_of(ground.landlord_lead)
    assert lead.post(at(ground, "draft-close"), {"base_version": 0}).status_code == 303
    assert lead.post(at(ground, "draft-close"), {"base_version": 0}).status_code == 409
    page = lead.get(at(ground, "draft-chapter", 1, 1)).content.decode()
    assert at(ground, "challenge-write", 1) not in page


def test_a_grade_that_moves_goes_back_to_moderation_and_a_new_draft_follows(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    judgement = Judgement.objects.create(
        assessment=ground.assessment, subject=THEME, stage="agreed", grade="fair",
        reasons="Late.", by=ground.people[Role.MODERATOR],
    )  # fmt: skip
    row = challenge(ground, draft)
    send(ground, draft)
    row.refresh_from_db()
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    answering.answer(
        challenge=row,
        answer=answering.Answer("accepted", reason="So it is.", moves=(THEME,)),
        base_version=row.version,
        by=ground.people[Role.LEAD_INSPECTOR],
    )
    front = lead.get(at(ground, "draft")).content.decode()
    assert "Back to moderation" in front
    version = ground.inspection.version
    moved = lead.post(
        at(ground, "challenges-return"), {"base_version": version, "reason": "CH1 moves it."}
    )
    assert moved.status_code == 303
    ground.inspection.refresh_from_db()
    assert ground.inspection.stage == Stage.MODERATION
    assert not Judgement.objects.filter(pk=judgement.pk, stage="agreed").exists()
    row.refresh_from_db()
    assert row.returned_at is not None
    assert lead.post(at(ground, "challenges-return"), {"base_version": version}).status_code == 409


# Files of the list ---------------------------------------------------------------------------


def test_the_list_as_csv_and_workbook_holds_texts_only(
    ground: Ground, draft: Draft, client_of: Any, tmp_path: Any
) -> None:
    from kloe.measures.xlsx import read_sheets

    challenge(ground, draft, '=HYPERLINK("https://evil.example")')
    send(ground, draft)
    client = client_of(ground.people[Role.OBSERVER])
    answer = client.get(at(ground, "challenges-export", "csv"))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "CH1"
    assert rows[1][6].startswith("'=HYPERLINK")
    book = client.get(at(ground, "challenges-export", "xlsx"))
    path = tmp_path / "challenges.xlsx"
    path.write_bytes(book.content)
    assert b"<f>" not in book.content
    told = read_sheets(path)[0].rows
    assert (told[1][0], told[1][6]) == ("CH1", '=HYPERLINK("https://evil.example")')


# Hostile input -------------------------------------------------------------------------------

ANSWER = {
    "outcome": "accepted", "ground": "", "reason": "So.", "new_text": "New.", "moves": "",
    "base_version": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["challenge-write", "challenge-edit", "challenge-answer", "draft-issue",
             "draft-extend", "draft-close", "challenges-place", "challenges-return",
             "challenges-send"],
)  # fmt: skip
def test_one_hostile_field_of_a_challenge_at_a_time(
    name: str, ground: Ground, draft: Draft, client_of: Any
) -> None:
    row = challenge(ground, draft)
    number = paragraph(draft)
    landlords: dict[str, Any] = {
        "challenge-write": ([number], body(draft)),
        "challenge-edit": ([row.pk], body(draft, base_version=1)),
        "draft-close": ([], {"base_version": "0"}),
        "challenges-send": ([], {"challenge": str(row.pk)}),
    }
    ours: dict[str, Any] = {
        "challenge-answer": ([row.pk], ANSWER),
        "draft-issue": ([], {"deadline": "2027-01-01", "note": "", "base": "1"}),
        "draft-extend": ([], {"deadline": "2027-01-01", "reason": "So.", "base": "0"}),
        "challenges-place": ([], {"place": "annex"}),
        "challenges-return": ([], {"base_version": "1", "reason": "So."}),
    }
    if name == "challenge-answer":
        send(ground, draft)
    args, sent = (landlords | ours)[name]
    who = ground.landlord_lead if name in landlords else ground.people[Role.LEAD_INSPECTOR]
    client = client_of(who)
    client.raise_request_exception = False
    others = sorted(set(VALUES) - set(WORST)) or ["empty"]
    for turn, field in enumerate(sent):
        for key in (*WORST, others[turn % len(others)]):
            answer = client.post(at(ground, name, *args), sent | {field: VALUES[key]})
            assert answer.status_code < 500, (name, field, key)
            text = answer.content.decode()
            assert not [live for live in LIVE[:2] if live in text], (name, field, key)


def test_words_of_people_are_words_on_every_page(
    ground: Ground, draft: Draft, client_of: Any
) -> None:
    from kloe.web.judgements.models import Finding

    evil = VALUES["script"] + '<a class="pn" href="#p-1">1</a> '
    Finding.objects.update(text=evil)
    new = issuing.issue(
        inspection=ground.inspection, by=ground.chief, address="https://x.example", base=1
    )
    row = challenge(ground, new, evil, paragraph=1)
    send(ground, new)
    client = client_of(ground.landlord_lead)
    pages = [at(ground, "draft-chapter", 2, c.n) for c in new.chapters.all()]
    pages += [at(ground, "draft-changes", 2), at(ground, "challenges"),
              at(ground, "challenge", row.pk), at(ground, "draft")]  # fmt: skip
    whole = "".join(client.get(page).content.decode() for page in pages)
    assert "alert(1)" in whole
    assert not [live for live in LIVE[:2] if live in whole]
    assert '<a class="pn" href="#p-1">1</a> <a class="pn"' not in whole
