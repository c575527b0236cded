"""The demonstration's records: of one mind with the database, and gone where it fails."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from kloe.web.audit.models import AuditEvent
from kloe.web.demonstration import build, holdings
from kloe.web.indicators.holdings import records_of, shelf_of
from kloe.web.library import store

SAID = {"homes": 100, "years": 1, "seed": 3, "until": date(2026, 3, 31)}

pytestmark = pytest.mark.django_db


@pytest.fixture
def put_away(org: Any) -> Any:
    from computed_ground import forget

    yield
    forget(org)


def test_records_are_invented_as_a_load(org: Any, user_with: Any, put_away: Any) -> None:
    person = user_with("administrator", org)
    holdings.invent(org, SAID, person)
    records = records_of(org)
    assert records is not None
    assert records.landlord == str(org.pk)
    (entry,) = shelf_of(org).history()
    assert entry["invented"]["faults"] > 0
    assert entry["by"] == person.name
    assert AuditEvent.objects.filter(verb="loaded records", organisation_id=org.pk).count() == 1


def test_what_fails_takes_its_records_with_it(org: Any, user_with: Any, put_away: Any) -> None:
    person = user_with("administrator", org)

    def fail() -> None:
        with holdings.removed_on_failure(org):
            holdings.invent(org, SAID, person)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert records_of(org) is None
    assert not shelf_of(org).folder.exists()


def test_what_figures_say_is_of_the_frameworks_assessed(assessment: Any) -> None:
    """Every use names a statement that is there, in the file of evidence that is read."""
    said, pinned = build.read("computed.yaml"), store.pinned(assessment)
    for use in said["used"]:
        framework = use["of"].partition("/")[0]
        if framework in pinned.by_id:
            criterion = pinned.criterion(use["of"].rpartition("/")[0])
            assert use["of"] in {d.id for d in criterion.descriptors}
        assert use["says"] in {"shows this", "shows otherwise", "context"}
    assert len({(u["measure"], u["of"]) for u in said["used"]}) == len(said["used"])


def test_what_is_invented_says_so(
    org: Any, assessment: Any, user_with: Any, client_of: Any, put_away: Any
) -> None:
    from computed_ground import bring_in, compute_quickly

    person = user_with("administrator", org)
    client = client_of(person)
    bring_in(org)
    compute_quickly(assessment, person, ("repairs/target-at-report",))
    pages = [reverse("records", args=[org.pk]), reverse("records-layouts", args=[org.pk])]
    file = reverse("measure-cases-file", args=[assessment.pk, "repairs/target-at-report"])
    assert not any("invented" in client.get(p).content.decode() for p in pages)
    assert "invented" not in client.post(file)["Content-Disposition"]
    type(org).objects.filter(pk=org.pk).update(invented=True)
    assert all("invented" in client.get(p).content.decode() for p in pages)
    assert '"invented-repairs' in client.post(file)["Content-Disposition"]
