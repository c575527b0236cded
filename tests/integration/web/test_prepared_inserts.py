"""A row put in by a statement made once is the row the models would have made."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from kloe.web.assessments.models import Revision
from kloe.web.audit.models import AuditEvent
from kloe.web.prepared import Insert

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def kept(model, pk):
    return {k: v for k, v in model.objects.values().get(pk=pk).items() if k != "id"}


@pytest.mark.parametrize("before", [None, {}, {"position": "upper", "reason": "“é” 'quoted'"}])
def test_an_event_is_kept_as_its_model_keeps_it(db, before):
    values = {
        "at": AT, "actor": "a@b.example", "actor_id": uuid4(), "assessment_id": None,
        "organisation_id": uuid4(), "verb": "saved rating", "subject_kind": "rating",
        "subject_id": "x/1", "before": before, "after": {"n": [1, None]},
    }  # fmt: skip
    one = AuditEvent.objects.create(**values)
    Insert(AuditEvent)(**values)
    other = AuditEvent.objects.order_by("-id").first()
    assert other is not None
    assert other.pk > one.pk
    assert kept(AuditEvent, other.pk) == kept(AuditEvent, one.pk)
    empty = AuditEvent.objects.filter(before__isnull=True).count()
    assert empty == (2 if before is None else 0)


def test_a_revision_is_kept_as_its_model_keeps_it(assessment, lead):
    values = {
        "assessment_id": assessment.pk, "subject_kind": "rating", "subject": "x",
        "values": {"position": "lower"}, "by_id": lead.pk, "client_at": AT, "at": AT,
    }  # fmt: skip
    one = Revision.objects.create(**values, version=1, write_id=uuid4())
    Insert(Revision)(**values, version=2, write_id=uuid4())
    other = Revision.objects.get(subject="x", version=2)
    differ = {"version", "write_id"}
    mine, theirs = kept(Revision, one.pk), kept(Revision, other.pk)
    assert {k for k in mine if mine[k] != theirs[k]} == differ


def test_what_is_not_given_has_its_default_and_nothing_else_is_taken(assessment, lead):
    before = datetime.now(UTC)
    Insert(Revision)(
        assessment_id=assessment.pk, subject_kind="rating", subject="y", version=1, values={},
        write_id=uuid4(), by_id=lead.pk,
    )  # fmt: skip
    row = Revision.objects.get(subject="y")
    assert before <= row.at <= datetime.now(UTC)
    assert row.client_at is None
    with pytest.raises(TypeError, match="no field nonsense"):
        Insert(Revision)(nonsense=1)
