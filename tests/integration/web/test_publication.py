"""Publishing: everything or nothing, frozen afterwards, corrected by a new version."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from inspection_ground import Ground
from publication_ground import OPEN_TITLE, RIGHT, SECRETS, WRONG, at, quick, ready

from kloe.assessment.permissions import ROLE_NAMES, TEAM_ROLES, Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.disk import DiskFull
from kloe.core.errors import Cancelled, Conflict, InvalidInput, PermissionRefused
from kloe.reports import verifying
from kloe.web.assessments.models import Rating
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.inspections import actions as inspections
from kloe.web.inspections import facts
from kloe.web.inspections.models import Inspection
from kloe.web.publication import files, making, publishing, responding
from kloe.web.publication.models import Publication, PublishedFile, PublishedPage

ROLES = {str(name).lower() for name in ROLE_NAMES.values()}
__all__ = ["quick"]


@pytest.fixture
def ground(db: None) -> Ground:
    return ready()


def published(ground: Ground, **more: Any) -> Publication:
    lead = ground.people[Role.LEAD_INSPECTOR]
    base = Inspection.objects.get(pk=ground.assessment.pk).version
    return publishing.publish(
        assessment=ground.assessment, base_version=base, by=lead, **({"public": True} | more)
    )


def test_publishing_writes_everything_and_moves_the_stage(ground: Ground, quick: None) -> None:
    row = published(ground, at=at(9))
    inspection = Inspection.objects.get(pk=ground.assessment.pk)
    assert inspection.stage == "published"
    assert inspection.moves.last().after == "published"
    assert row.number == 1
    ground.assessment.refresh_from_db()
    assert ground.assessment.final_at == at(9)
    assert PublishedPage.objects.get(assessment=ground.assessment).open
    shown = set(PublishedFile.objects.filter(publication=row).values_list("edition", "name"))
    names = {k.name for k in files.REPORTS.values()} | {"package.zip"}
    assert shown == {(e, n) for e in ("public", "restricted") for n in names}
    for file in row.files.all():
        path = files.path_of(file)
        assert path.stat().st_size == file.size
        if file.kind == files.PACKAGE:
            proof = verifying.verify(path, key=row.fingerprint)
            assert proof.whole
            assert proof.manifest is not None
            assert proof.manifest.edition == file.edition
            assert proof.manifest.about["number"] == 1


def everything(ground: Ground) -> list[str]:
    folder = files.root() / str(ground.assessment.pk)
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def untouched(ground: Ground) -> None:
    """Nothing of a publication is there, and the inspection stands where it stood."""
    inspection = Inspection.objects.get(pk=ground.assessment.pk)
    assert (inspection.stage, inspection.version) == ("factual accuracy", ground.inspection.version)
    assert not Publication.objects.filter(assessment=ground.assessment).exists()
    assert not PublishedPage.objects.filter(assessment=ground.assessment).exists()
    ground.assessment.refresh_from_db()
    assert ground.assessment.final_at is None
    assert everything(ground) == []


def texts(folder: Path) -> dict[str, str]:
    """Every file below a folder as text, packages unpacked."""
    found = {}
    for path in folder.rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    found[f"{path.name}/{name}"] = archive.read(name).decode(errors="replace")
        elif path.is_file():
            found[path.name] = path.read_bytes().decode(errors="replace")
    return found


def test_nothing_that_is_kept_back_stands_in_anything_public(ground: Ground, quick: None) -> None:
    response = responding.answer(
        assessment=ground.assessment, text="We accept it all.", base_version=0,
        by=ground.people[Role.LANDLORD_LEAD],
    )  # fmt: skip
    assert response.given
    row = published(ground)
    folder = files.folder_of(ground.assessment.pk, row.pk)
    public = texts(folder / "public")
    assert len(public) > 15
    people = [p for u in (*ground.people.values(), ground.chief) for p in (u.name, u.email)]
    for name, text in public.items():
        for what, secret in SECRETS.items():
            assert secret not in text, (what, name)
        for person in people:
            # Roles are told by their names, which the people of the tests bear.
            if person.lower() not in ROLES:
                assert person not in text, (person, name)
    assert OPEN_TITLE in public["package.zip/data/evidence.jsonl"]
    assert "We accept it all." in public["report.html"]
    assert WRONG in public["report.html"]
    inside = texts(folder / "restricted")
    for what in ("restricted title", "internal title", "source", "note of a link"):
        assert SECRETS[what] in inside["package.zip/data/evidence.jsonl"], what
    assert SECRETS["rating by person"] in inside["package.zip/data/ratings.jsonl"]
    lead = ground.people[Role.LEAD_INSPECTOR]
    assert lead.email in inside["package.zip/data/audit.jsonl"]
    events = public["package.zip/data/audit.jsonl"].splitlines()
    roles = {json.loads(line)["role"] for line in events}
    assert roles <= {r.lower() for r in ROLES} | {"kloe", "other", "administrator"}


def test_the_data_in_a_package_is_what_the_database_says(ground: Ground, quick: None) -> None:
    """Recounted from the rows, not from what was written."""
    row = published(ground)
    found = texts(files.folder_of(ground.assessment.pk, row.pk) / "restricted")

    def lines(name: str) -> list[Any]:
        return [json.loads(x) for x in found[f"package.zip/data/{name}.jsonl"].splitlines()]

    assert len(lines("ratings")) == Rating.objects.filter(assessment=ground.assessment).count() == 2
    assert {x["number"] for x in lines("evidence")} == {1, 2, 3}
    events = AuditEvent.objects.filter(assessment_id=ground.assessment.pk, id__lte=row.last_event)
    assert [x["id"] for x in lines("audit")] == list(
        events.order_by("id").values_list("id", flat=True)
    )
    edition = ground.assessment.editions.get()
    compiled = json.loads(found["package.zip/frameworks/wao-housing-2005.json"])
    assert compiled["id"] == "wao-housing-2005"
    assert row.editions[0]["digest"] == edition.edition_id
    snapshot = found["package.zip/data/snapshot.json"]
    assert hashlib.sha256(snapshot.encode()).hexdigest() == row.snapshot_digest


@pytest.mark.parametrize("edition", ["public", "restricted"])
def test_a_package_holds_what_the_report_recommends(
    ground: Ground, quick: None, edition: str
) -> None:
    """Though no plan has taken it over; and in the inspectors' words where one has."""
    from kloe.web.judgements.models import Finding
    from kloe.web.plans.models import Recommendation

    finding = Finding.objects.get(assessment=ground.assessment)
    taken_over = Recommendation.objects.create(
        organisation=ground.assessment.landlord, reference="R7", what="The landlord's own words.",
        origin="inspection", made_on=at(9).date(),
    )  # fmt: skip
    taken_over.findings.add(finding)
    row = published(ground)
    found = texts(files.folder_of(ground.assessment.pk, row.pk) / edition)
    (line,) = found["package.zip/data/recommendations.jsonl"].splitlines()
    said = json.loads(line)
    assert said["findings"] == [str(finding.pk)]
    assert (said["reference"], said["what"], said["priority"]) == ("R1", "Let them.", "high")
    assert "Let them." in found["report.html"]
    assert taken_over.what not in "".join(found.values())


@pytest.mark.parametrize("after", [0, 1, 2, 5, 9, 15, 19, making.STEPS])
def test_called_off_at_any_step_nothing_is_left(after: int, ground: Ground, quick: None) -> None:
    class Stop:
        def __init__(self) -> None:
            self.steps = 0

        def step(self, done: int, total: int, what: Any = "") -> None:
            if done >= after:
                raise Cancelled("stop")

    with pytest.raises(Cancelled):
        published(ground, progress=Stop())
    untouched(ground)
    assert AuditEvent.objects.filter(verb="could not publish").exists()


@pytest.mark.parametrize("room", [8 << 10, 200 << 10])
def test_a_full_disk_leaves_nothing_and_a_second_try_succeeds(
    room: int, ground: Ground, quick: None
) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(DiskFull, match="disk is full"):
            published(ground)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    untouched(ground)
    assert published(ground).number == 1


@pytest.mark.parametrize("call", [1, 4, 12, 18, 21])
def test_a_disk_that_fills_at_any_write_leaves_nothing(
    call: int, ground: Ground, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def fsync(fd: int) -> None:
        calls.append(fd)
        if len(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DiskFull):
        published(ground)
    monkeypatch.undo()
    untouched(ground)


def test_what_changed_while_it_was_made_is_not_published(
    ground: Ground, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = making.make

    def make(*args: Any, **more: Any) -> Any:
        made = real(*args, **more)
        evidence.add_note(
            assessment=ground.assessment,
            details=Details(title="Late", text="It came late."),
            by=ground.people[Role.INSPECTOR],
        )
        return made

    monkeypatch.setattr(making, "make", make)
    with pytest.raises(Conflict, match="changed the assessment"):
        published(ground)
    monkeypatch.undo()
    untouched(ground)
    assert published(ground).number == 1


def test_of_two_at_once_one_publishes(
    ground: Ground, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = making.make

    def make(*args: Any, **more: Any) -> Any:
        made = real(*args, **more)
        if not Publication.objects.exists():
            monkeypatch.setattr(making, "make", real)
            published(ground)
        return made

    monkeypatch.setattr(making, "make", make)
    with pytest.raises(Conflict):
        published(ground)
    assert Publication.objects.filter(assessment=ground.assessment).count() == 1
    kept = Publication.objects.get()
    assert {p.partition("/")[0] for p in everything(ground)} == {str(kept.pk)}


@pytest.mark.parametrize("role", [r for r in TEAM_ROLES if r is not Role.LEAD_INSPECTOR])
def test_nobody_but_who_leads_publishes(role: Role, ground: Ground) -> None:
    with pytest.raises(PermissionRefused):
        publishing.publish(assessment=ground.assessment, base_version=1, by=ground.people[role])
    untouched(ground)


def test_nothing_is_published_too_early_or_twice(ground: Ground, quick: None) -> None:
    def open_challenge(_assessment: Any) -> dict[str, int]:
        return {"challenges_open": 1}

    facts.register(open_challenge)
    try:
        with pytest.raises(inspections.TooEarly, match="1 challenge has no answer"):
            published(ground)
    finally:
        facts._sources.remove(open_challenge)
    ground.at(Stage.MODERATION)
    with pytest.raises(Conflict, match="not at the stage"):
        published(ground)
    ground.at(Stage.FACTUAL_ACCURACY)
    published(ground)
    with pytest.raises(Conflict, match="not at the stage"):
        published(ground)


def test_the_plain_move_does_not_publish(ground: Ground) -> None:
    with pytest.raises(inspections.TooEarly, match="Nothing is published yet"):
        inspections.move(
            inspection=ground.inspection, to="published",
            base_version=ground.inspection.version, by=ground.people[Role.LEAD_INSPECTOR],
        )  # fmt: skip


def test_versions_and_files_cannot_be_changed(ground: Ground, quick: None) -> None:
    published(ground)
    for rows in (Publication.objects, PublishedFile.objects):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(id=rows.values_list("pk", flat=True)[0])


# Corrections ---------------------------------------------------------------------------------


def corrected(ground: Ground, **more: Any) -> Publication:
    said = {"was": WRONG, "now": RIGHT, "reason": "A slip of the pen.", "base_number": 1}
    return publishing.correct(
        assessment=ground.assessment, by=ground.people[Role.LEAD_INSPECTOR], **(said | more)
    )


def test_a_correction_is_a_new_version_and_the_old_one_stays(ground: Ground, quick: None) -> None:
    first = published(ground)
    before = {f.pk: files.path_of(f).read_bytes() for f in first.files.all()}
    second = corrected(ground)
    assert second.number == 2
    assert {f.pk: files.path_of(f).read_bytes() for f in first.files.all()} == before
    new = texts(files.folder_of(ground.assessment.pk, second.pk) / "public")
    assert RIGHT in new["report.html"]
    assert "A slip of the pen." in new["report.html"]
    # The wrong words stand in the list of corrections, and nowhere else.
    assert new["report.html"].count(WRONG) == 1
    data = json.loads(new["package.zip/data/snapshot.json"])
    assert [f["text"] for f in data["findings"]] == [RIGHT]
    assert data["publication"]["version"] == 2
    finding = ground.assessment.findings.get()
    assert finding.text == WRONG
    third = corrected(ground, was="Let them.", now="Let them soon.", base_number=2)
    assert len(publishing.published_snapshot(third).publication.corrections) == 2
    assert [f.text for f in publishing.published_snapshot(third).findings] == [RIGHT]


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"reason": " "}, InvalidInput, "no reason"),
        ({"was": "Never said."}, InvalidInput, "does not say"),
        ({"was": "", "now": ""}, InvalidInput, "what is to be corrected"),
        ({"now": WRONG}, InvalidInput, "what is to be corrected"),
        ({"was": "x" * 5001}, InvalidInput, "what is to be corrected"),
        ({"base_number": 2}, Conflict, "version 1 meanwhile"),
    ],
)
def test_a_correction_that_cannot_be_made(
    more: dict[str, Any], error: Any, match: str, ground: Ground, quick: None
) -> None:
    published(ground)
    with pytest.raises(error, match=match):
        corrected(ground, **more)
    assert Publication.objects.count() == 1


def test_words_of_the_framework_and_grades_are_not_corrected(ground: Ground, quick: None) -> None:
    row = published(ground)
    snapshot = publishing.published_snapshot(row)
    word = str(snapshot.judgements[0].grade.label)
    title = str(next(snapshot.criteria()).title)
    for words in (word, title, snapshot.organisation.name):
        with pytest.raises(InvalidInput, match="does not say"):
            corrected(ground, was=words)


def test_a_response_that_comes_late_stands_in_the_next_version(ground: Ground, quick: None) -> None:
    first = published(ground, at=at(8))
    responding.answer(
        assessment=ground.assessment, text="Our board regrets.", base_version=0,
        by=ground.people[Role.LANDLORD_LEAD],
    )  # fmt: skip
    assert first.response == ""
    second = corrected(ground, was="", now="", reason="The board answered.")
    assert second.response == "Our board regrets."
    new = texts(files.folder_of(ground.assessment.pk, second.pk) / "public")
    assert "Our board regrets." in new["report.html"]


def test_data_that_was_tampered_with_is_not_corrected(ground: Ground, quick: None) -> None:
    row = published(ground)
    path = files.folder_of(ground.assessment.pk, row.pk) / "restricted" / files.SNAPSHOT
    path.write_bytes(path.read_bytes().replace(b"Sixty", b"Ninety"))
    with pytest.raises(Conflict, match="not what was published"):
        corrected(ground)


def test_what_a_crash_left_is_swept_and_what_is_published_stays(
    ground: Ground, quick: None
) -> None:
    published(ground)
    kept = everything(ground)
    for name in (".new-abc", "01a2021a-6377-7d77-a93a-307c8830425b"):
        folder = files.root() / str(ground.assessment.pk) / name
        folder.mkdir()
        (folder / "report.pdf").write_bytes(b"half")
    assert files.sweep() == 0
    assert files.sweep(grace_seconds=-1) >= 2
    assert everything(ground) == kept


def test_a_backup_holds_versions_and_the_key_and_nothing_half_made(
    ground: Ground, quick: None, data_root: Path
) -> None:
    from kloe.reports import sealing
    from kloe.web.backup.make import files_of

    row = published(ground)
    half = files.root() / str(ground.assessment.pk) / ".new-abc"
    half.mkdir()
    (half / "report.pdf").write_bytes(b"half")
    held = {name for _path, name in files_of(data_root)}
    files.remove(half)
    assert sealing.KEY in held
    place = f"publications/{ground.assessment.pk}/{row.pk}"
    assert {f"{place}/{f.edition}/{f.name}" for f in row.files.all()} < held
    assert not any(".new-" in name for name in held)


# The command ---------------------------------------------------------------------------------


def test_the_package_command_writes_the_package(
    ground: Ground, quick: None, tmp_path: Path, capsys: Any, data_root: Path, monkeypatch: Any
) -> None:
    from kloe.cli import main

    monkeypatch.setenv("KLOE_DATA", str(data_root))
    monkeypatch.chdir(tmp_path)

    def ends(*words: str) -> int:
        with pytest.raises(SystemExit) as stop:
            main.run(["package", str(ground.assessment.pk), *words])
        return int(stop.value.code or 0)

    assert ends("-o", "p.zip") == 5
    assert "not published" in capsys.readouterr().err
    row = published(ground)
    assert ends("-o", "p.zip") == 0
    assert ends("--edition", "restricted", "-o", "r.zip") == 0
    assert verifying.verify(tmp_path / "p.zip", key=row.fingerprint).whole
    assert verifying.verify(tmp_path / "r.zip", key=row.fingerprint).whole
    observer = ground.people[Role.OBSERVER].email
    assert ends("--edition", "restricted", "-o", "o.zip", "--as", observer) == 6
    assert ends("-o", "o.zip", "--as", observer) == 0
    assert ends("-o", "none/o.zip") == 8
    assert ends("--version", "7", "-o", "o.zip") == 5
    kept = row.files.get(edition="public", kind=files.PACKAGE)
    path = files.path_of(kept)
    path.write_bytes(path.read_bytes()[:-1])
    assert ends("-o", "broken.zip") == 4
    assert not list(tmp_path.glob("*broken*"))
