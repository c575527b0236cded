"""Saving, by anybody, in any order, once or twice: nothing is lost, nothing is made up.

A model of the protocol runs beside the real thing: two people write to everything that is saved
from pages, from what they saw last or long ago, send writes again, and send other words under an
identifier that was used. Whatever they do, the model and the database agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kloe.web.assessments import states
from kloe.web.assessments.models import Answer, ContextRecord, CriterionState, Rating, Revision
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.judgements.models import Factor, Finding, Judgement, Weakness

#: What the trail says of saves; what follows from them (a record made citable) has its own.
VERBS = (
    "rated", "answered", "saved context", "judged provisionally", "changed weakness",
    "changed driver", "changed finding",
)  # fmt: skip
SAVED, UNCHANGED, CONFLICT = "saved", "unchanged", "conflict"
Body = dict[str, Any]


@dataclass
class Kept:
    """One thing that is saved, as the model has it."""

    name: str
    address: str
    #: What is sent; two neighbours differ.
    bodies: list[Body]
    row: Callable[[], Any]
    read: Callable[[Any], Body]
    kind: str
    subject: str
    version: int = 0
    #: Version to (identifier of the write, which body).
    made: dict[int, tuple[UUID | None, int | None]] = field(default_factory=dict)

    @property
    def standing(self) -> int | None:
        return self.made[self.version][1] if self.version in self.made else None


@dataclass(frozen=True)
class Sent:
    """A write as it left somebody's browser."""

    what: int
    body: int
    base: int
    id: UUID


#: Who, what, which body, and how: from what stands, from what they saw, again, or an old
#: identifier with other words.
Step = tuple[int, int, int, str, int]
WAYS = ("fresh", "fresh", "seen", "again", "other words", "undo")
steps = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 7), st.integers(0, 2), st.sampled_from(WAYS),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=22,
)  # fmt: skip


@pytest.fixture
def ground(assessment: Any, pinned: Any, lead: Any) -> Callable[[], list[Kept]]:
    """Everything that pages save: made anew for each run."""
    rated, judged = pinned.theme("wao-housing-2005/1.2/3"), pinned.theme("wao-housing-2005/1.2/1")
    criterion, question = rated.criteria[0], rated.questions[0]
    main = pinned.kloe("wao-housing-2005/2.10").main_questions[0]

    def one(name: str, *given: Any, **fields: Any) -> Kept:
        return Kept(name, reverse(name, args=[assessment.pk, *given]), **fields)

    def texts(name: str, **more: Any) -> list[Body]:
        return [{name: text, **more} for text in ("One.", "Two & <b>two</b>.", "Three.")]

    def make() -> list[Kept]:
        weakness = Weakness.objects.create(assessment=assessment, text="Late.")
        factor = Factor.objects.create(assessment=assessment, kind="driver", text="A plan.")
        finding = Finding.objects.create(
            assessment=assessment, theme=rated.id, kind="strength", text="Good."
        )
        here = {"assessment": assessment}
        return [
            one(
                "rate", criterion.id, kind="rating", subject=criterion.id,
                bodies=[
                    {"position": "upper", "reason": "Seen."},
                    {"position": "lower", "reason": ""},
                    {"position": "not-applicable", "reason": "No lifts."},
                ],
                row=lambda: Rating.objects.filter(**here, author=None).first(),
                read=lambda r: {"position": r.position, "reason": r.reason},
            ),
            one(
                "answer", question.id, kind="answer", subject=question.id, bodies=texts("text"),
                row=lambda: Answer.objects.filter(**here, question=question.id).first(),
                read=lambda r: {"text": r.text},
            ),
            one(
                "main-question-answer", main.id, kind="answer", subject=main.id,
                bodies=texts("text"),
                row=lambda: Answer.objects.filter(**here, question=main.id).first(),
                read=lambda r: {"text": r.text},
            ),
            one(
                "context-save", kind="context", subject=str(assessment.pk),
                bodies=texts("stock", area="Wide."),
                row=lambda: ContextRecord.objects.get(**here),
                read=lambda r: {"stock": r.stock, "area": r.area},
            ),
            one(
                "judgement-provisional", judged.id, kind="judgement",
                subject=f"{judged.id}|provisional",
                bodies=[
                    {"grade": "good", "reasons": "Both."},
                    {"grade": "poor", "reasons": "Neither."},
                    {"grade": "good", "reasons": "One."},
                ],
                row=lambda: Judgement.objects.filter(**here, subject=judged.id).first(),
                read=lambda r: {"grade": r.grade, "reasons": r.reasons},
            ),
            one(
                "weakness-edit", weakness.pk, kind="weakness", subject=str(weakness.pk),
                bodies=texts("text", known="yes"), version=1,
                row=lambda: Weakness.objects.get(pk=weakness.pk),
                read=lambda r: {"text": r.text, "known": r.known},
            ),
            one(
                "factor-edit", factor.pk, kind="factor", subject=str(factor.pk),
                bodies=texts("text"), version=1,
                row=lambda: Factor.objects.get(pk=factor.pk),
                read=lambda r: {"text": r.text},
            ),
            one(
                "finding-edit", finding.pk, kind="finding", subject=str(finding.pk),
                bodies=texts("text", kind="strength", criteria=[criterion.id]), version=1,
                row=lambda: Finding.objects.get(pk=finding.pk),
                read=lambda r: {"text": r.text, "kind": r.kind, "criteria": r.criteria},
            ),
        ]  # fmt: skip

    return make


class Run:
    """The real thing and its model, step by step."""

    def __init__(self, clients: list[Any], kept: list[Kept]) -> None:
        self.clients, self.kept = clients, kept
        self.sent: list[Sent] = []
        self.seen = [{n: k.version for n, k in enumerate(kept)} for _client in clients]
        self.written = 0

    def expected(self, one: Sent) -> str:
        """What the protocol says of a write, and the model's part of it."""
        kept = self.kept[one.what]
        if kept.standing == one.body:
            return UNCHANGED
        here = {(id, body) for id, body in kept.made.values()}
        if (one.id, one.body) in here:
            return UNCHANGED
        used = any(one.id == id for k in self.kept for id, _body in k.made.values())
        if one.base != kept.version or used:
            return CONFLICT
        kept.version += 1
        kept.made[kept.version] = (one.id, one.body)
        self.written += 1
        return SAVED

    def send(self, who: int, one: Sent, *, undo: bool = False) -> None:
        kept = self.kept[one.what]
        wanted = self.expected(one)
        answer = self.clients[who].post(
            kept.address.replace("/rate/", "/undo/") if undo else kept.address,
            (kept.bodies[one.body] if one.body >= 0 else {})
            | {"write_id": str(one.id), "base_version": str(one.base)},
            headers={"X-Kloe-Write": "1", "Accept": "application/json"},
        )
        allowed = {409} if wanted == CONFLICT else {200, 303}
        assert answer.status_code in allowed, (wanted, one, answer.status_code, answer.content)
        if wanted == CONFLICT:
            return
        if answer.status_code == 200:
            # What the writer is told to hold is a version in which their words stand.
            told = answer.json()["version"]
            assert undo or kept.made[told][1] == one.body, (one, told, kept.made)
            self.seen[who][one.what] = told
        else:
            self.seen[who][one.what] = kept.version

    def step(self, who: int, what: int, body: int, way: str, past: int) -> None:
        kept = self.kept[what]
        if way == "undo":
            self.undo(who)
        elif way == "fresh":
            self.send(who, self.note(Sent(what, body, kept.version, uuid4())))
        elif way == "seen":
            self.send(who, self.note(Sent(what, body, self.seen[who][what], uuid4())))
        elif self.sent:
            one = self.sent[past % len(self.sent)]
            if way == "other words":
                base = self.kept[one.what].version if past % 2 else one.base
                one = Sent(one.what, (one.body + 1 + past % 2) % 3, base, one.id)
            self.send(who, one)

    def note(self, one: Sent) -> Sent:
        self.sent.append(one)
        return one

    def undo(self, who: int) -> None:
        """Undo of a rating is a write of what stood before."""
        kept = self.kept[0]
        if kept.version < 2:
            return
        before = kept.made[kept.version - 1][1]
        assert before is not None
        self.send(who, self.note_undo(Sent(0, before, kept.version, uuid4())), undo=True)

    def note_undo(self, one: Sent) -> Sent:
        # Sent again as a plain write it says the same; see the test of undo for the rest.
        return one

    def check(self) -> None:
        for kept in self.kept:
            row = kept.row()
            start = min(kept.made, default=kept.version + 1)
            assert (row.version if row else 0) == kept.version, kept.name
            revisions = list(
                Revision.objects.filter(subject_kind=kept.kind, subject=kept.subject)
                .order_by("id")
                .values_list("version", "write_id", "values")
            )
            assert [v for v, _id, _values in revisions] == list(range(start, kept.version + 1))
            for version, write, values in revisions:
                id, body = kept.made[version]
                assert write == id
                assert body is not None
                sent = kept.bodies[body]
                assert {k: values[k] for k in sent} == sent, kept.name
            if kept.standing is not None:
                assert kept.read(row) == kept.bodies[kept.standing], kept.name
        assert Revision.objects.count() == self.written


def _states(assessment: Any) -> list[tuple[Any, ...]]:
    fields = ("criterion", "theme", *states.FIELDS)
    return sorted(CriterionState.objects.filter(assessment=assessment).values_list(*fields))


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(taken=steps)
def test_whatever_two_people_do_the_model_holds(
    taken: list[Step],
    assessment: Any,
    pinned: Any,
    ground: Any,
    lead: Any,
    user_with: Any,
    org: Any,
    client_of: Any,
) -> None:
    with transaction.atomic():
        item = evidence.add_note(
            assessment=assessment, details=Details(title="Seen", text="A note."), by=lead
        )
        criterion = pinned.theme("wao-housing-2005/1.2/3").criteria[0]
        evidence.link(
            item=item, descriptor=criterion.upper[0].id, direction="shows otherwise", by=lead
        )
        run = Run([client_of(lead), client_of(user_with("lead", org))], ground())
        for one in taken:
            run.step(*one)
        run.check()
        # One event for each accepted write, none for any other.
        assert AuditEvent.objects.filter(verb__in=VERBS).count() == run.written
        found = _states(assessment)
        CriterionState.objects.all().delete()
        states.rebuild(assessment)
        assert _states(assessment) == found
        transaction.set_rollback(True)


@pytest.mark.parametrize("what", range(8))
def test_a_conflict_shows_both_versions_to_script_and_page(
    what: int, ground: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    kept = ground()[what]
    client, other = client_of(lead), client_of(user_with("lead", org))
    start = {"base_version": str(kept.version)}
    client.post(kept.address, kept.bodies[0] | start)
    theirs = [v for k, v in kept.bodies[0].items() if k in {"text", "stock", "reason", "reasons"}]
    script = {"X-Kloe-Write": "1", "Accept": "application/json"}
    changed = kept.bodies[1] | {"reason": "Mine."} if what == 0 else kept.bodies[1]
    for headers in ({}, script):
        answer = other.post(kept.address, changed | start, headers=headers)
        assert answer.status_code == 409
        scripted = "json" in answer["Content-Type"]
        shown = answer.json()["html"] if scripted else answer.content.decode()
        assert theirs[0] in shown, shown
        mine = {0: "Mine.", 4: "Has scope"}.get(what, "Two &amp; &lt;b&gt;two&lt;/b&gt;.")
        assert mine in shown, shown
        assert "<b>two" not in shown


def test_undo_sent_twice_undoes_once(ground: Any, lead: Any, client_of: Any) -> None:
    kept, client = ground()[0], client_of(lead)
    for version in range(3):
        client.post(kept.address, kept.bodies[version] | {"base_version": str(version)})
    write = {"write_id": str(uuid4()), "base_version": "3"}
    undo = kept.address.replace("/rate/", "/undo/")
    for _time in range(2):
        answer = client.post(undo, write, headers={"X-Kloe-Write": "1"})
        assert answer.status_code == 200
        assert answer.json()["version"] == 4
        assert answer.json()["values"] == kept.bodies[1]
    assert Rating.objects.get(author=None).version == 4


def test_going_back_in_the_browser_and_saving_other_words_loses_nothing(
    ground: Any, lead: Any, client_of: Any
) -> None:
    """The browser shows the form as it was, with its identifier and its old version."""
    kept, client = ground()[7], client_of(lead)
    form = {"write_id": str(uuid4()), "base_version": "1"}
    assert client.post(kept.address, kept.bodies[0] | form).status_code == 303
    again = client.post(kept.address, kept.bodies[1] | form)
    assert again.status_code == 409
    assert "Two &amp;" in again.content.decode()
    assert Finding.objects.get(pk=kept.subject).text == "One."


def test_a_judgement_sent_twice_is_saved_once_whatever_was_placed_meanwhile(
    ground: Any, assessment: Any, pinned: Any, lead: Any, client_of: Any
) -> None:
    """What the rules suggest is computed anew: not a word of the writer's."""
    from judgement_ground import place

    kept, client = ground()[4], client_of(lead)
    form = {"write_id": str(uuid4()), "base_version": "0"}
    assert client.post(kept.address, kept.bodies[0] | form).status_code == 303
    place(assessment, pinned, "wao-housing-2005/1.2/1", lead)
    assert client.post(kept.address, kept.bodies[0] | form).status_code == 303
    assert Judgement.objects.get().version == 1


def test_a_withdrawn_dissent_cannot_be_changed_any_more_and_says_so(
    assessment: Any, pinned: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    from judgement_ground import agree, judge

    theme = "wao-housing-2005/1.2/1"
    judge(assessment, pinned, theme, lead)
    agree(assessment, pinned, theme, lead)
    client = client_of(user_with("assessor", org))
    address = reverse("judgement-dissent", args=[assessment.pk, theme])
    body = {"grade": "poor", "reasons": "No."}
    assert client.post(address, body | {"base_version": "0"}).status_code == 303
    client.post(reverse("judgement-withdraw", args=[assessment.pk, theme]))
    late = client.post(address, body | {"base_version": "1", "reasons": "Still no."})
    assert late.status_code == 409
    assert "Somebody removed this" in late.content.decode()
