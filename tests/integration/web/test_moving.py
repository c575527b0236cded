"""A whole assessment as one file: out, in, and out again the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from inspection_ground import make_ground
from moving_ground import BYTES, PUBLISHED, Filler, everything

from kloe.core.errors import Conflict, InvalidInput, KloeError, PermissionRefused
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.checks.models import CheckPerson
from kloe.web.moving import arriving, packing
from kloe.web.moving.models import EarlierEvent, LooseEnd
from kloe.web.moving.shapes import shapes, stands_for_assessment
from kloe.web.moving.tables import STAYS, TABLES
from kloe.web.organisations.models import Membership, Organisation

pytestmark = pytest.mark.django_db
FILES_BESIDE = ("reports/{}/drafts/draft-1.pdf", "publications/{}/1/public/report.pdf")
SECRET = "Gwenllian Unigryw"


def _leads_to_assessment(model: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a row of a model points, over however many rows, to an assessment."""
    if stands_for_assessment(model):
        return True
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        other = field.related_model if field.is_relation else None
        if other is None or other in seen or not other.__module__.startswith("kloe."):
            continue
        if _leads_to_assessment(other, seen | {model}):
            return True
    return False


def test_every_model_of_an_assessment_travels_or_stays_for_a_reason() -> None:
    ours = {m._meta.label for m in apps.get_models() if m.__module__.startswith("kloe.")}
    belong = {label for label in ours if _leads_to_assessment(apps.get_model(label))}
    travels = {t.model for t in TABLES}
    assert len(travels) == len(TABLES) == len({t.name for t in TABLES})
    assert not travels & STAYS.keys()
    assert belong - travels - STAYS.keys() == set(), "named in moving/tables.py, or why not"
    assert travels | STAYS.keys() <= ours
    assert all(STAYS.values())
    assert len(shapes()) == len(TABLES)


@pytest.fixture
def ground() -> Any:
    return make_ground()


@pytest.fixture
def filled(ground: Any) -> Any:
    """An inspection with a row in every table that can be removed."""
    made = Filler(ground.assessment, ground.chief).fill(publish=False)
    CheckPerson.objects.create(check_of=made["checks"], name=SECRET, contact="01234 567890")
    return ground


def _export(assessment: Assessment, path: Path, by: User | None = None) -> Any:
    return packing.export(assessment=assessment, output=path, by=by)


def _remove(assessment: Assessment) -> None:
    """As if it had never been here: rows that outlive it fall with the plan."""
    from kloe.web.plans.models import Action, Recommendation

    Action.objects.filter(organisation=assessment.landlord).delete()
    Recommendation.objects.filter(organisation=assessment.landlord).delete()
    AuditEvent.objects.filter(assessment_id=assessment.pk)
    Assessment.objects.get(pk=assessment.pk).delete()


def test_every_field_of_every_table_comes_back(filled: Any, tmp_path: Path) -> None:
    before = everything(filled.assessment)
    missing = {t.name for t in TABLES if not before[t.name] and t.model not in PUBLISHED}
    assert missing == set()
    first = _export(filled.assessment, tmp_path / "1.zip")
    _remove(filled.assessment)
    done = arriving.bring_in(tmp_path / "1.zip", by=None)
    assert done.assessment.pk == filled.assessment.pk
    assert done.digest == first.digest
    assert everything(done.assessment) == before
    assert done.people == done.notes == []


def test_the_same_digest_after_moving_into_an_empty_kloe(ground: Any, tmp_path: Path) -> None:
    Filler(ground.assessment, ground.chief).fill()
    for name in FILES_BESIDE:
        (settings.DATA_DIR / name.format(ground.assessment.pk)).parent.mkdir(parents=True)
        (settings.DATA_DIR / name.format(ground.assessment.pk)).write_bytes(name.encode())
    first = _export(ground.assessment, tmp_path / "1.zip")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    environment["KLOE_DATA"] = str(tmp_path / "other")

    def kloe(*words: str) -> Any:
        ran = subprocess.run(  # noqa: PLW1510
            [sys.executable, "-m", "kloe.cli.main", "assessments", *words, "--format", "json"],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    (came,) = kloe("import", "1.zip")
    assert came["digest"] == first.digest
    assert came["id"] == str(ground.assessment.pk)
    assert {f.path for f in first.files if f.path.startswith("rows/")} == {
        f"rows/{t.name}.jsonl" for t in TABLES
    }
    for name in FILES_BESIDE:
        there = tmp_path / "other" / name.format(ground.assessment.pk)
        assert there.read_bytes() == name.encode()
    # Everybody named is known by address; those who only belong to the landlord are not in it.
    assert set(came["people"]) == set(User.objects.values_list("email", flat=True))
    (again,) = kloe("export", "--output", "2.zip")
    assert again["digest"] == first.digest
    kept = list((tmp_path / "other" / "files").rglob("*"))
    assert [p.read_bytes() for p in kept if p.is_file()] == [BYTES]


def test_names_of_people_seen_are_nowhere_in_the_file(filled: Any, tmp_path: Path) -> None:
    import zipfile

    _export(filled.assessment, tmp_path / "1.zip")
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        for name in archive.namelist():
            assert SECRET.encode() not in archive.read(name)
            assert b"01234 567890" not in archive.read(name)
    # And the digest does not turn on them.
    CheckPerson.objects.all().delete()
    assert _export(filled.assessment, tmp_path / "2.zip").digest == (
        packing.export(assessment=filled.assessment, output=tmp_path / "3.zip", by=None).digest
    )


def test_the_digest_tells_every_change(filled: Any, tmp_path: Path) -> None:
    first = _export(filled.assessment, tmp_path / "1.zip")
    assert _export(filled.assessment, tmp_path / "2.zip").digest == first.digest
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    filled.assessment.title += "!"
    filled.assessment.save()
    assert _export(filled.assessment, tmp_path / "3.zip").digest != first.digest


def test_the_trail_comes_as_history_beside_the_sealed_one(ground: Any, tmp_path: Path) -> None:
    from kloe.web.audit.actions import broken_seals, seal

    own = list(
        AuditEvent.objects.filter(assessment_id=ground.assessment.pk)
        .exclude(subject_kind="job")
        .order_by("pk")
        .values_list("at", "actor", "verb", "subject_id", "after")
    )
    assert len(own) > 5
    _export(ground.assessment, tmp_path / "1.zip", ground.chief)
    _remove(ground.assessment)
    trail = AuditEvent.objects.count()
    done = arriving.bring_in(tmp_path / "1.zip", by=ground.chief)
    came = EarlierEvent.objects.filter(assessment=done.assessment).order_by("pk")
    assert list(came.values_list("at", "actor", "verb", "subject_id", "after")) == own
    new = AuditEvent.objects.order_by("pk")[trail:]
    assert [e.verb for e in new] == ["imported assessment", "job.enqueue"]
    assert new[0].after["digest"] == done.digest
    assert new[0].after["earlier events"] == len(own)
    seal()
    assert broken_seals() == []
    # Told once more, after what was done here: the history of both in its order.
    again = _export(done.assessment, tmp_path / "2.zip")
    assert again.digest == done.digest


def test_it_is_brought_in_once_and_nothing_is_overwritten(ground: Any, tmp_path: Path) -> None:
    _export(ground.assessment, tmp_path / "1.zip")
    Assessment.objects.filter(pk=ground.assessment.pk).update(title="Changed since")
    with pytest.raises(Conflict, match="is here already") as refused:
        arriving.bring_in(tmp_path / "1.zip", by=None)
    assert refused.value.exit_code == 7
    assert Assessment.objects.get(pk=ground.assessment.pk).title == "Changed since"


def test_people_come_without_a_way_in(ground: Any, tmp_path: Path) -> None:
    _export(ground.assessment, tmp_path / "1.zip")
    _remove(ground.assessment)
    gone = ground.people["moderator"]
    address = gone.email
    gone.delete()
    members = Membership.objects.count()
    done = arriving.bring_in(tmp_path / "1.zip", by=ground.chief)
    assert done.people == [address]
    made = User.objects.get(email=address)
    assert not made.is_active
    assert not made.has_usable_password()
    assert made.name == gone.name
    assert Membership.objects.count() == members
    assert done.assessment.participations.filter(user=made, role="moderator").exists()


def test_only_administrators_of_the_owner_bring_it_in(ground: Any, tmp_path: Path) -> None:
    _export(ground.assessment, tmp_path / "1.zip")
    _remove(ground.assessment)
    for who in (ground.landlord_lead, ground.people["lead inspector"]):
        with pytest.raises(PermissionRefused, match="may not bring assessments into"):
            arriving.bring_in(tmp_path / "1.zip", by=who)
    with pytest.raises(InvalidInput, match="is of “Arolygiaeth Enghraifft”"):
        arriving.bring_in(tmp_path / "1.zip", by=None, into=ground.landlord)
    assert not Assessment.objects.filter(pk=ground.assessment.pk).exists()
    arriving.bring_in(tmp_path / "1.zip", by=ground.chief, into=ground.inspectorate)


def test_a_landlord_that_may_not_be_named_becomes_an_entry(ground: Any, tmp_path: Path) -> None:
    from kloe.web.access import visible_assessments

    Assessment.objects.filter(pk=ground.assessment.pk).update(subject=ground.landlord)
    ground.assessment.refresh_from_db()
    _export(ground.assessment, tmp_path / "1.zip")
    _remove(ground.assessment)
    organisations = Organisation.objects.count()
    done = arriving.bring_in(tmp_path / "1.zip", by=ground.chief)
    # Its name was entered for the inspection when it began: that entry is meant, not who is here.
    assert done.assessment.landlord != ground.landlord
    assert done.assessment.landlord.named_by == ground.inspectorate
    assert Organisation.objects.count() == organisations
    outsider = User.objects.create_user("outsider@example.org", "a long password")
    Membership.objects.create(organisation=ground.landlord, user=outsider, role="administrator")
    assert not visible_assessments(outsider).exists()


def test_the_landlords_plan_goes_along_for_those_who_may_see_it(
    filled: Any, tmp_path: Path
) -> None:
    owner = _export(filled.assessment, tmp_path / "1.zip")
    chief = _export(filled.assessment, tmp_path / "2.zip", filled.chief)
    assert owner.left_out == ()
    assert chief.left_out == ("plan",)
    assert {f.path for f in owner.files} - {f.path for f in chief.files} == {
        f"rows/{t.name}.jsonl" for t in TABLES if t.part == "plan"
    }


def test_a_reinspection_finds_what_it_looks_at_again_when_that_comes_later(
    ground: Any, tmp_path: Path
) -> None:
    from datetime import date

    from kloe.web.inspections import actions
    from kloe.web.inspections.models import Inspection

    again = actions.create(
        organisation=ground.inspectorate, landlord="Tai Landlord", kind="re-inspection",
        frameworks=["wao-housing-2005"], title="Again", period_start=date(2026, 4, 1),
        period_end=date(2027, 3, 31), by=ground.chief, again=ground.assessment,
    )  # fmt: skip
    first = _export(again, tmp_path / "again.zip")
    _export(ground.assessment, tmp_path / "first.zip")
    _remove(again)
    _remove(ground.assessment)
    done = arriving.bring_in(tmp_path / "again.zip", by=ground.chief)
    assert Inspection.objects.get(pk=again.pk).again_id is None
    assert LooseEnd.objects.get().target == ground.assessment.pk
    assert _export(done.assessment, tmp_path / "3.zip").digest == first.digest
    arriving.bring_in(tmp_path / "first.zip", by=ground.chief)
    assert Inspection.objects.get(pk=again.pk).again_id == ground.assessment.pk
    assert not LooseEnd.objects.exists()
    assert _export(done.assessment, tmp_path / "4.zip").digest == first.digest


def test_nothing_of_another_organisation_is_tied(ground: Any, other_org: Any) -> None:
    from uuid import uuid4

    from kloe.web.moving.rows import Rows

    rows = Rows.__new__(Rows)
    rows.assessment = ground.assessment
    rows.parties = type("Parties", (), {"owner": other_org})()
    shape = next(s for s in shapes() if s.table.loose)
    column = next(c for c in shape.columns if c.name == shape.table.loose)
    assert rows._loose(shape, column, str(ground.assessment.pk)) is None
    with pytest.raises(ValueError, match="nonsense"):
        rows._loose(shape, column, "nonsense")
    assert rows._loose(shape, column, None) is None
    assert LooseEnd.objects.count() == 1
    assert str(uuid4()) != str(LooseEnd.objects.get().target)


def test_a_full_disk_leaves_nothing(
    filled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from kloe.core.disk import DiskFull

    _export(filled.assessment, tmp_path / "1.zip")

    def full(*_args: Any, **_more: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(packing, "seal", full)
        with pytest.raises(DiskFull):
            _export(filled.assessment, tmp_path / "2.zip")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.zip"]
    _remove(filled.assessment)
    before = {m: m._default_manager.count() for m in apps.get_models()}
    with monkeypatch.context() as patch:
        patch.setattr(arriving.documents, "ask", full)
        with pytest.raises(DiskFull):
            arriving.bring_in(tmp_path / "1.zip", by=None)
    assert {m: m._default_manager.count() for m in apps.get_models()} == before


def test_called_off_at_any_step_it_leaves_nothing(filled: Any, tmp_path: Path) -> None:
    from kloe.core.errors import Cancelled

    _export(filled.assessment, tmp_path / "1.zip")
    _remove(filled.assessment)
    before = {m: m._default_manager.count() for m in apps.get_models()}

    class Stops:
        def __init__(self, after: int) -> None:
            self.left = after

        def step(self, done: int, total: int, what: object = "") -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled("stopped")

    for after in (0, 5, 60, 90):
        with pytest.raises(Cancelled):
            arriving.bring_in(tmp_path / "1.zip", by=None, progress=Stops(after))
        assert {m: m._default_manager.count() for m in apps.get_models()} == before
    arriving.bring_in(tmp_path / "1.zip", by=None)


def test_missing_evidence_is_told_before_it_is_needed(filled: Any, tmp_path: Path) -> None:
    from kloe.web.evidence.models import StoredFile
    from kloe.web.evidence.storage import path_of

    stored = StoredFile.objects.get()
    path = path_of(stored.organisation_id, stored.sha256)
    path.write_bytes(BYTES[:-1] + b"!")
    with pytest.raises(KloeError, match="was changed on the disk") as refused:
        _export(filled.assessment, tmp_path / "1.zip")
    assert refused.value.exit_code == 4
    path.unlink()
    with pytest.raises(KloeError, match="is missing"):
        _export(filled.assessment, tmp_path / "1.zip")
    assert list(tmp_path.iterdir()) == []
