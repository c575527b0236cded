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


def _rows(part: str, key: str) -> dict[str, list[str]]:
    """A table of the demonstration's evidence: its lines by what each begins with."""
    (item,) = [e for e in build.read(part)["evidence"] if e["key"] == key]
    lines = [line.split(",") for line in item["content"].splitlines()[1:]]
    return {line[0] if line[0] != line[1] else "all": line for line in lines} | {
        f"{line[0]} {line[1]}": line for line in lines
    }


def test_what_texts_count_adds_up_and_is_what_was_published() -> None:
    gas = _rows("1.5.yaml", "1.5-gas-register")
    parts = [gas[days] for days in ("1-14", "15-30", "31-60", "61-71")]
    for column in range(1, 5):
        assert sum(int(p[column]) for p in parts) == int(gas["all overdue"][column])
    dated, overdue = int(gas["in date"][1]), int(gas["all overdue"][1])
    assert build.read("landlord.yaml")["published"]["BS01"] == [dated, dated + overdue]
    told = build.read("1.5.yaml")["themes"]["1.5/6"]["answers"]["Q1"]["text"]
    assert f"{dated:,} of {dated + overdue:,}" in told
    assert f"{overdue} had not" in told
    (inspected,) = [i for i in build.read("caseload.yaml")["inspections"] if i.get("demonstrated")]
    assert f"{dated:,} of {dated + overdue:,}" in inspected["answers"]["Q1"]

    accounts = _rows("1.2.yaml", "1.2-ledger-sample")
    each = [row for name, row in accounts.items() if " " in name and not name.startswith("all")]
    for column in range(2, 5):
        assert sum(int(r[column]) for r in {tuple(r) for r in each}) == int(
            accounts["all all"][column]
        )
    said = build.read("1.2.yaml")["themes"]["1.2/3"]["answers"]["Q1"]["text"]
    assert f"{accounts['all all'][3]} of {accounts['all all'][2]} lettings" in said
