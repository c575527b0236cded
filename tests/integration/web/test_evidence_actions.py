# ruff: noqa: F811
"""Adding, numbering, changing and linking evidence, and the trace each leaves."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from evidence_ground import (  # noqa: F401
    CONTACT,
    CONTACT_TOO,
    RENT,
    SETUP,
    Ground,
    ground,
    make_small_assessment,
)

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions, queries, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.ids import new_id
from kloe.web.library import store


def note(ground: Ground, title: str = "A note", text: str = "Seen", **more: Any) -> EvidenceItem:
    assessment = more.pop("assessment", ground.assessment)
    id = more.pop("id", None)
    by = more.pop("by", ground.lead)
    details = Details(title=title, text=text, **more)
    return actions.add_note(assessment=assessment, details=details, by=by, id=id)


def test_numbers_count_by_assessment_and_are_never_used_again(ground: Ground) -> None:
    other = make_small_assessment(ground.org, ground.lead)
    assert [note(ground).number for _ in range(3)] == [1, 2, 3]
    assert note(ground, assessment=other).number == 1
    actions.delete(item=EvidenceItem.objects.get(number=3), reason="x", by=ground.lead)
    assert note(ground).number == 4


def test_a_number_taken_meanwhile_is_not_given_twice(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happens on a database where two look for the next number at the same moment."""
    note(ground)
    save, tries = EvidenceItem.save, []

    def slow(self: EvidenceItem, **kwargs: Any) -> None:
        tries.append(self.number)
        if len(tries) == 1:
            self.number = 1  # as if somebody had been first
            raise IntegrityError("evidence_number_once")
        save(self, **kwargs)

    monkeypatch.setattr(EvidenceItem, "save", slow)
    assert note(ground).number == 2
    assert len(tries) == 2


def test_the_same_form_sent_twice_stands_once(ground: Ground) -> None:
    id = new_id()
    first = note(ground, id=id)
    assert note(ground, id=id).pk == first.pk
    assert EvidenceItem.objects.count() == 1
    other = note(ground, text="Something else, after going back", id=id)
    assert other.pk != first.pk
    assert other.number == 2


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "//example.org/x",
        "example.org",
        "https://",
        "https:///path",
        "http://a b",
        "https://example.org/<script>",
        "https://exa\nmple.org",
        "https://[half",
        "https://example.org/" + "x" * 1000,
        "",
    ],
)
def test_only_web_addresses_can_be_linked(ground: Ground, url: str) -> None:
    with pytest.raises(InvalidInput):
        actions.add_link(
            assessment=ground.assessment, url=url, details=Details(title="T"), by=ground.lead
        )


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c#d", "http://intranet/policies", "HTTPS://Example.org:8080/"]
)
def test_addresses_of_the_web_and_of_an_intranet_are_taken(ground: Ground, url: str) -> None:
    details = Details(title="T")
    item = actions.add_link(
        assessment=ground.assessment, url=f" {url} ", details=details, by=ground.lead
    )
    assert item.url == url


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "  "},
        {"title": "x" * 301},
        {"kind": "hearsay"},
        {"origin": "nobody"},
        {"confidentiality": "secret"},
        {"source": "x\x00y"},
        {"period_start": date(2026, 1, 2), "period_end": date(2026, 1, 1)},
    ],
)
def test_details_check_themselves(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Details(**({"title": "T"} | wrong))


def test_an_empty_note_says_nothing(ground: Ground) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        note(ground, text=" ")


def test_linking_repeats_what_the_pinned_edition_says(ground: Ground) -> None:
    link = actions.link(
        item=note(ground),
        descriptor=f"{SETUP}/lower-1",
        direction="shows otherwise",
        locator="p. 4",
        by=ground.lead,
    )
    assert (link.criterion, link.theme, link.side, link.polarity, link.assessment_id) == (
        SETUP,
        RENT,
        "lower",
        "fault",
        ground.assessment.pk,
    )


def test_a_descriptor_of_no_pinned_edition_cannot_be_linked(ground: Ground) -> None:
    for descriptor in (f"{SETUP}/upper-9", "elsewhere-2005/1/1/x/upper-1", "nonsense", SETUP):
        with pytest.raises(NotFound):
            actions.link(
                item=note(ground), descriptor=descriptor, direction="shows this", by=ground.lead
            )
    with pytest.raises(InvalidInput):
        actions.link(
            item=note(ground), descriptor=f"{SETUP}/upper-1", direction="proves", by=ground.lead
        )


def test_an_item_says_one_thing_of_a_descriptor(ground: Ground) -> None:
    item, descriptor = note(ground), f"{SETUP}/upper-1"
    first = actions.link(item=item, descriptor=descriptor, direction="shows this", by=ground.lead)
    again = actions.link(item=item, descriptor=descriptor, direction="shows this", by=ground.lead)
    assert first.pk == again.pk
    with pytest.raises(Conflict, match="already speaks"):
        actions.link(item=item, descriptor=descriptor, direction="context", by=ground.lead)
    actions.relink(link=first, direction="context", locator="row 7", by=ground.lead)
    assert EvidenceLink.objects.get().locator == "row 7"
    actions.unlink(link=first, by=ground.lead)
    actions.unlink(link=first, by=ground.lead)
    assert not EvidenceLink.objects.exists()


def test_every_write_leaves_a_trace(ground: Ground) -> None:
    item = note(ground)
    link = actions.link(
        item=item, descriptor=f"{SETUP}/upper-1", direction="shows this", by=ground.lead
    )
    actions.relink(link=link, direction="context", by=ground.lead)
    actions.unlink(link=link, by=ground.lead)
    actions.edit(
        item=item, details=Details(title="New", text="Seen"), by=ground.lead, base_version=1
    )
    actions.delete(item=item, reason="Done with", by=ground.lead)
    actions.restore(item=item, by=ground.lead)
    events = AuditEvent.objects.filter(assessment_id=ground.assessment.pk).order_by("id")
    assert [e.verb for e in events] == [
        "added evidence",
        "linked evidence",
        "changed link",
        "unlinked evidence",
        "changed evidence",
        "deleted evidence",
        "restored evidence",
    ]
    assert {e.actor for e in events} == {ground.lead.email}
    assert {e.organisation_id for e in events} == {ground.org.pk}
    assert events[4].before == {"title": "A note"}
    assert events[4].after == {"title": "New"}


def test_two_who_change_an_item_at_once(ground: Ground) -> None:
    item = note(ground)
    mine = Details(title="Mine", text="Seen")
    actions.edit(
        item=item, details=Details(title="Theirs", text="Seen"), by=ground.lead, base_version=1
    )
    with pytest.raises(actions.ChangedMeanwhile) as caught:
        actions.edit(item=item, details=mine, by=ground.assessor, base_version=1)
    assert caught.value.current.title == "Theirs"
    assert actions.edit(item=item, details=mine, by=ground.assessor, base_version=2).version == 3


def test_common_criteria_offer_evidence_and_never_a_placing(ground: Ground) -> None:
    pinned = store.pinned(ground.assessment)
    item = note(ground, "Call figures")
    actions.link(
        item=item,
        descriptor=f"{CONTACT}/lower-1",
        direction="shows otherwise",
        locator="p. 2",
        by=ground.lead,
    )
    (offer,) = queries.offered_by_common(ground.assessment, pinned.criterion(CONTACT_TOO))
    assert offer.descriptor.id == f"{CONTACT_TOO}/lower-1"
    assert (offer.link.direction, offer.link.locator) == ("shows otherwise", "p. 2")
    assert not hasattr(offer, "position")
    assert queries.offered_by_common(ground.assessment, pinned.criterion(CONTACT)) == []
    assert queries.offered_by_common(ground.assessment, pinned.criterion(SETUP)) == []
    actions.link(
        item=item, descriptor=f"{CONTACT_TOO}/upper-1", direction="context", by=ground.lead
    )
    assert queries.offered_by_common(ground.assessment, pinned.criterion(CONTACT_TOO)) == []


def test_receiving_from_any_source(ground: Ground, tmp_path: Path) -> None:
    """As commands do it: pieces of a file on the disk."""
    source = tmp_path / "x.csv"
    source.write_bytes(b"a,b\n" * 50_000)
    with source.open("rb") as f:
        received = storage.receive(iter(lambda: f.read(65536), b""))
    item = actions.add_file(
        assessment=ground.assessment,
        received=received,
        file_name="x.csv",
        details=Details(title="Arrears", kind="data", origin="system"),
        by=None,
    )
    assert (item.file.size, item.media_type) == (200_000, "text/csv")
