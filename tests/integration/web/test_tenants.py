"""What is not of one's own assessment does not exist in its addresses, nor in its forms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.urls import reverse
from hostile_ground import bodies
from test_access_matrix import arguments, something_real  # noqa: F401

from access_matrix import MATRIX
from kloe.assessment.permissions import ROLE_PERMISSIONS, Role
from kloe.core.digest import sha256_hex
from kloe.web.assessments.models import Answer, Assessment, FrameworkComment, ThemeWork
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.jobs import actions as jobs
from kloe.web.judgements.models import Finding
from kloe.web.library import store

Arguments = dict[str, list[Any]]
#: Routes of an organisation that take what any assessment of it holds.
OF_ALL_ASSESSMENTS = {"recommendation-from-finding"}


def naming(given_by_route: Arguments) -> list[str]:
    """Routes whose address names something besides the assessment or organisation."""
    return sorted(
        name
        for name, given in given_by_route.items()
        if len(given) > 1 and isinstance(given[1], UUID) and name in MATRIX
    )


def everything() -> dict[str, str]:
    """What stands in the database, table by table."""
    return {
        model._meta.label: sha256_hex(
            repr(list(model._default_manager.order_by("pk").values_list())).encode()
        )
        for model in apps.get_models()
        if model._meta.label not in {"sessions.Session", "library.FrameworkEdition"}
    }


@pytest.fixture
def mine(lead: Any, client_of: Any) -> Any:
    """The client of somebody who may do everything in their own organisation."""
    lead.memberships.update(role="administrator")
    return client_of(lead)


@pytest.fixture
def whole(
    lead: Any, make_assessment: Any, other_org: Any, org: Any, user_with: Any
) -> Callable[[str], tuple[Any, Arguments]]:
    """Another assessment with everything in it: another organisation's, or one's own."""

    def make(whose: str) -> tuple[Any, Arguments]:
        if whose == "another organisation's":
            owner, by = other_org, user_with("administrator", other_org)
        else:
            owner, by = org, lead
        other = make_assessment(organisation=owner, lead=by, by=by, title="Another")
        person = user_with("reader", other_org)
        return other, something_real(other, other_org, by, person, store.pinned(other))

    return make


@pytest.mark.parametrize("whose", ["another organisation's", "another of one's own"])
def test_an_address_names_only_what_lies_in_it(
    whose: str,
    arguments: Arguments,  # noqa: F811
    whole: Any,
    mine: Any,
    org: Any,
    lead: Any,
) -> None:
    _other, theirs = whole(whose)
    sent = bodies(arguments, org, lead)
    before = everything()
    assert len(naming(arguments)) > 60
    for name in naming(arguments):
        if whose == "another of one's own" and name in OF_ALL_ASSESSMENTS:
            continue
        address = reverse(name, args=[arguments[name][0], *theirs[name][1:]])
        for method in MATRIX[name][1]:
            answer = (
                mine.get(address) if method == "GET" else mine.post(address, sent.get(name, {}))
            )
            # What nobody of the owner's may do is refused before anything is looked for.
            able = MATRIX[name][0] in ROLE_PERMISSIONS[Role.ADMINISTRATOR]
            wanted = {404} if able else {403, 404}
            assert answer.status_code in wanted, (name, method, answer.status_code)
    assert everything() == before


def test_jobs_and_reports_of_others_do_not_exist(
    arguments: Arguments,  # noqa: F811
    whole: Any,
    mine: Any,
    assessment: Any,
    data_root: Path,
) -> None:
    other, _theirs = whole("another organisation's")
    job = jobs.enqueue(
        kind="report",
        by=other.lead,
        assessment=other,
        payload={"format": "pdf", "view": "full", "order": "kloe"},
    )
    folder = data_root / "reports" / str(other.pk)
    folder.mkdir(parents=True)
    name = "20260101-120000-full-kloe-0a1b2c3d.pdf"
    (folder / name).write_bytes(b"%PDF-")
    before = everything()
    assert mine.get(reverse("job", args=[job.pk])).status_code == 404
    assert mine.post(reverse("job-cancel", args=[job.pk])).status_code == 404
    for wanted in (name, f"../{other.pk}/{name}", f"..%2f{other.pk}%2f{name}", "..", ".", "%00"):
        address = reverse("report", args=[assessment.pk]).rstrip("/") + "/" + wanted
        assert mine.get(address).status_code in {400, 404}, wanted
        address = reverse("report-file", args=[assessment.pk, "x.pdf"]).replace("x.pdf", wanted)
        assert mine.get(address).status_code in {400, 404}, wanted
    assert everything() == before


def test_forms_take_nothing_of_others(
    arguments: Arguments,  # noqa: F811
    whole: Any,
    mine: Any,
    org: Any,
    lead: Any,
    assessment: Any,
) -> None:
    other, theirs = whole("another organisation's")
    item, finding = theirs["evidence-item"][1], theirs["finding-edit"][1]
    Finding.objects.get(pk=finding).evidence.add(item)
    stranger = theirs["member"][1]
    given = bodies(arguments, org, lead)
    refused = {
        "answer-cites": {"cites": [str(item)]},
        "evidence-for": {"what": "existing", "items": [str(item)]},
        "finding-add": {"evidence": [str(item)]},
        "finding-edit": {"evidence": [str(item)]},
        "assessment-create": {"lead": str(stranger)},
        "assessment-details": {"lead": str(stranger)},
        "theme-assign": {"lead": str(stranger)},
        "evidence-add": {"held": "eyJmaWxlIjoieCJ9:1abcde:xyz", "what": "file"},
    }
    before = everything()
    for name, values in refused.items():
        answer = mine.post(reverse(name, args=arguments[name]), given[name] | values)
        wanted = {302} if name == "theme-assign" else {404, 422}
        assert answer.status_code in wanted, (name, answer.status_code)
        assert everything() == before, name
    create = given["assessment-create"] | {"organisation": str(other.organisation_id), "lead": ""}
    assert mine.post(reverse("assessment-create"), create).status_code == 422
    assert everything() == before
    assert Assessment.objects.filter(organisation=other.organisation_id).count() == 1
    assert not ThemeWork.objects.filter(lead=stranger).exists()


def test_identifiers_that_others_made_are_not_taken_over(
    arguments: Arguments,  # noqa: F811
    whole: Any,
    mine: Any,
    org: Any,
    lead: Any,
    assessment: Any,
    client_of: Any,
) -> None:
    """A client names its writes itself; one that names somebody else's gets no hold of it."""
    other, theirs = whole("another organisation's")
    item = theirs["evidence-item"][1]
    given = bodies(arguments, org, lead)
    write = str(uuid4())
    other_lead = client_of(other.lead)
    assert other_lead.post(
        reverse("rate", args=theirs["rate"]), given["rate"] | {"write_id": write}
    ).status_code in {302, 303}
    said = {"kind": "unclear", "text": "Theirs."}
    comment = uuid4()
    other_lead.post(
        reverse("criterion-comment", args=theirs["criterion-comment"]),
        said | {"write_id": str(comment)},
    )
    stands = {
        model: list(model.objects.filter(assessment=other).values_list())
        for model in (EvidenceItem, EvidenceLink, FrameworkComment, Answer)
    }

    own = EvidenceItem.objects.filter(assessment=assessment)
    there = own.count()

    # The same note under their item's identifier is a note of one's own.
    answer = mine.post(
        reverse("evidence-add", args=[assessment.pk]),
        {k: v for k, v in given["evidence-add"].items() if k not in {"descriptor", "held"}}
        | {"item_id": str(item)},
    )
    assert answer.status_code == 303
    assert own.count() == there + 1

    # A rating under their write's identifier is not taken for sent already.
    answer = mine.post(reverse("rate", args=arguments["rate"]), given["rate"] | {"write_id": write})
    assert answer.status_code == 409
    assert not assessment.ratings.exists()

    # A comment under their comment's identifier is kept beside it.
    mine.post(
        reverse("criterion-comment", args=arguments["criterion-comment"]),
        {"kind": "unclear", "text": "Mine.", "write_id": str(comment)},
    )
    assert FrameworkComment.objects.get(assessment=assessment).text == "Mine."
    for model, rows in stands.items():
        assert list(model.objects.filter(assessment=other).values_list()) == rows, model
