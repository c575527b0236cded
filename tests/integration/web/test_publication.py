"""Publishing: everything or nothing, frozen afterwards, corrected by a new version."""

from __future__ import annotations

from typing import Any

import pytest
from inspection_ground import Ground
from publication_ground import at, quick, ready

from kloe.assessment.permissions import Role
from kloe.reports import verifying
from kloe.web.inspections.models import Inspection
from kloe.web.publication import files, publishing
from kloe.web.publication.models import Publication, PublishedFile, PublishedPage

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
