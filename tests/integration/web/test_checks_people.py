"""People seen in checks are protected: their names stand in one table and on one page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from checks_ground import SECRET, finished, planned
from django.apps import apps
from django.urls import reverse

import kloe
from kloe.assessment.permissions import Role
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.assessments.models import Participation
from kloe.web.checks import evidencing, people
from kloe.web.checks.models import Check, CheckPerson, PeopleSeen
from kloe.web.moving.tables import STAYS


@pytest.fixture
def check(assessment: Any, lead: Any) -> Check:
    return planned(assessment, lead)


def address(name: str, check: Check) -> str:
    return reverse(name, args=[check.assessment_id, check.pk])


def everything() -> dict[str, str]:
    """Every row of every other table, as text."""
    found = {}
    for model in apps.get_models():
        if model is not CheckPerson:
            rows = list(model._default_manager.values())
            found[model.__name__] = json.dumps(rows, default=str, ensure_ascii=False)
    return found


def test_a_name_stands_in_one_table_and_on_one_page(
    check: Check, lead: Any, client_of: Any
) -> None:
    page = client_of(lead)
    sent = {"name": SECRET, "contact": "01970 555 123", "write_id": str(uuid4())}
    for _go in range(2):
        assert page.post(address("check-names", check), sent).status_code == 303
    assert CheckPerson.objects.count() == 1
    assert SECRET in page.get(address("check-names", check)).content.decode()
    finished(check, lead)
    done = Check.objects.select_related("outcome", "template").get(pk=check.pk)
    evidencing.use_as_evidence(check=done, said={}, by=lead)
    for name in ("check", "check-print", "check-results", "check-sample", "check-evidence"):
        assert SECRET not in page.get(address(name, check)).content.decode(), name
    for name in ("checks", "audit-assessment", "evidence-list", "report"):
        url = reverse(name, args=[check.assessment_id])
        assert SECRET not in page.get(url).content.decode(), name
    for table, text in everything().items():
        assert SECRET not in text, table
        assert "555 123" not in text, table


def test_names_are_not_in_the_snapshot_that_reports_and_exports_are_made_from(
    check: Check, lead: Any, assessment: Any
) -> None:
    from kloe.web.reporting import snapshot

    people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    made = snapshot.take(assessment)
    assert SECRET not in json.dumps(made.to_json(), ensure_ascii=False)


@pytest.mark.parametrize("role", [r.value for r in Role if r is not Role.READER])
def test_nobody_but_those_who_did_the_check_finds_names(
    check: Check, lead: Any, user_with: Any, org: Any, client_of: Any, role: str
) -> None:
    people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    if role in {"administrator", "lead", "assessor", "contributor"}:
        other = user_with(role, org)
    else:
        other = user_with()
        Participation.objects.create(assessment=check.assessment, user=other, role=role)
    page = client_of(other)
    answer = page.get(address("check-names", check))
    assert answer.status_code in {403, 404}
    assert SECRET not in answer.content.decode()
    assert page.post(address("check-names-forget", check)).status_code in {403, 404}
    assert page.post(address("check-names", check), {"name": "X"}).status_code in {403, 404}
    assert CheckPerson.objects.count() == 1
    shown = page.get(address("check", check)).content.decode()
    assert "check-names" not in shown
    assert "/names" not in shown


def test_who_takes_part_in_the_check_finds_them_as_long_as_they_do(
    assessment: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    other = user_with("assessor", org)
    check = planned(assessment, lead, doers=[other.pk])
    people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    assert SECRET in client_of(other).get(address("check-names", check)).content.decode()
    check.doers.clear()
    assert client_of(other).get(address("check-names", check)).status_code == 404


def test_who_takes_a_check_over_finds_no_name_kept_before(
    check: Check, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    """Nor does somebody who may plan checks, and gives themselves a part in one."""
    from kloe.web.audit.models import AuditEvent

    earlier = people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    curious = user_with("lead", org)
    page = client_of(curious)
    form = page.get(address("check-edit", check)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    sent = {k: v for k, v in values.items() if v is not None} | {"doers": [str(curious.pk)]}
    assert page.post(address("check-edit", check), sent).status_code in {302, 303}
    event = AuditEvent.objects.filter(verb="changed check").latest("id")
    assert (event.actor, event.after["doers"]) == (curious.email, [curious.email])
    shown = page.get(address("check-names", check)).content.decode()
    assert SECRET not in shown
    assert "1 name was kept before you took part" in shown
    page.post(address("check-names-forget", check), {"person": str(earlier.pk)})
    assert CheckPerson.objects.count() == 1
    # What is kept from now on is told to both.
    people.add_name(check=check, name="Later", contact="", note="", by=lead)
    for who in (lead, curious):
        assert "Later" in client_of(who).get(address("check-names", check)).content.decode()


def test_names_are_forgotten_one_by_one_and_all_at_once(
    check: Check, lead: Any, client_of: Any
) -> None:
    for name in ("A", "B", "C"):
        people.add_name(check=check, name=name, contact="", note="", by=lead)
    page = client_of(lead)
    one = CheckPerson.objects.get(name="B")
    page.post(address("check-names-forget", check), {"person": str(one.pk)})
    assert sorted(CheckPerson.objects.values_list("name", flat=True)) == ["A", "C"]
    page.post(address("check-names-forget", check))
    assert not CheckPerson.objects.exists()


def test_names_fall_with_their_check(check: Check, lead: Any) -> None:
    people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    CheckPerson.objects.get()
    check.delete()
    assert not CheckPerson.objects.exists()


def test_one_module_alone_reads_names() -> None:
    """Whatever else is written later: it does not come near the table by its name.

    What moves assessments names it once, among the tables that stay where they are.
    """
    root = Path(kloe.__file__).parent
    near = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "CheckPerson" in path.read_text() and "migrations" not in path.parts
    }
    assert near == {"web/checks/models.py", "web/checks/people.py", "web/moving/tables.py"}
    assert "checks.CheckPerson" in STAYS


def test_others_see_groups_that_nobody_can_be_picked_out_of(
    check: Check, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    for role, group, n in (
        ("tenant", "Sheltered, Bryn Glas", 9), ("tenant", "Two sisters", 2), ("manager", "", 1),
    ):  # fmt: skip
        people.save_seen(check=check, role=role, group=group, count=n, by=lead)
    shown = client_of(user_with("reader", org)).get(address("check", check)).content.decode()
    assert "Two sisters" not in shown
    assert "Bryn Glas" not in shown
    assert "12 of several roles" in shown
    mine = client_of(lead).get(address("check", check)).content.decode()
    assert "Two sisters" in mine
    audited = everything()["AuditEvent"]
    assert "Two sisters" not in audited


@pytest.mark.parametrize(
    ("role", "count"), [("neighbour", 3), ("tenant", 0), ("tenant", -1), ("tenant", 10**6)]
)
def test_groups_that_cannot_be_are_refused(check: Check, lead: Any, role: str, count: int) -> None:
    with pytest.raises(InvalidInput):
        people.save_seen(check=check, role=role, group="", count=count, by=lead)
    assert not PeopleSeen.objects.exists()


def test_a_group_sent_twice_is_counted_once(check: Check, lead: Any, client_of: Any) -> None:
    sent = {"role": "tenant", "count": "6", "group": "", "write_id": str(uuid4())}
    page = client_of(lead)
    for _go in range(2):
        assert page.post(address("check-seen", check), sent).status_code == 303
    assert PeopleSeen.objects.count() == 1


def test_tenant_inspectors_find_their_checks_and_no_others(
    assessment: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    tenant = user_with()
    Participation.objects.create(assessment=assessment, user=tenant, role="tenant inspector")
    page = client_of(tenant)
    none = page.get(reverse("checks", args=[assessment.pk])).content.decode()
    assert "Once you are to carry one out, it stands here." in none
    assert "Begin with what is claimed" not in none
    mine = planned(assessment, lead, title="Given to her", assigned=tenant.pk)
    other = planned(assessment, lead, title="Given to others")
    listed = page.get(reverse("checks", args=[assessment.pk])).content.decode()
    assert "Given to her" in listed
    assert "Given to others" not in listed
    assert page.get(address("check", mine)).status_code == 200
    assert page.get(address("check", other)).status_code == 404
    assert page.get(reverse("theme", args=[assessment.pk, mine.theme])).status_code == 403
    url = reverse("check-answer", args=[assessment.pk, mine.pk, "clean"])
    assert page.post(url, {"answer": "yes", "base_version": "0"}).status_code == 303
    assert page.post(address("check-edit", mine)).status_code == 403


def test_names_asked_for_by_others_do_not_exist(check: Check, user_with: Any, org: Any) -> None:
    with pytest.raises(NotFound):
        people.names(check=check, by=user_with("administrator", org))
