"""What of a snapshot the public reads, and how published words are corrected."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from kloe.assessment import publishing
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.snapshot_challenges import Challenge, FactualAccuracy, GivenEvidence
from kloe.core.errors import InvalidInput

#: What the public edition makes anew; everything else is told as it stands, or left out.
MADE = {"assessment", "kloes", "judgements", "evidence", "accuracy"}


def test_every_part_of_a_snapshot_is_decided_upon() -> None:
    """A new part is left out of what is public until somebody says what of it is told."""
    known = publishing.AS_IT_STANDS | MADE
    unknown = {f.name for f in fields(Snapshot) if f.init} - known
    assert not unknown, "say in assessment/publishing.py what the public reads of these"


def test_no_titles_but_open_ones_no_places_no_people(small: Snapshot) -> None:
    snapshot = small
    first, second = [e for e in snapshot.evidence if not e.restricted][:2]
    changed = {
        first.number: replace(first, title="Open paper", source="Her", confidentiality="open"),
        second.number: replace(
            second, title="Inner paper", source="Him", confidentiality="internal"
        ),
    }
    told = publishing.public(
        replace(
            snapshot,
            evidence=tuple(changed.get(e.number, e) for e in snapshot.evidence),
        )
    )
    text = str(told.to_json())
    for secret in ("Inner paper", "Her", "Him"):
        assert f"'{secret}" not in text, secret
    assert "Open paper" in text
    assert told.assessment.lead == ""
    assert {t.lead for t in told.themes()} == {""}
    assert {e.locator + e.note for c in told.criteria() for e in c.evidence} <= {""}
    assert {j.by for j in told.judgements} <= {""}
    assert "dissent" not in {j.stage for j in told.judgements}
    assert {e.number for e in told.evidence} == {e.number for e in snapshot.evidence}


def test_evidence_of_a_challenge_is_named_where_it_is_open() -> None:
    given = (GivenEvidence("Open paper", date(2026, 1, 1), "service", 1),
             GivenEvidence("Inner paper", date(2026, 1, 1), "service", 2))  # fmt: skip
    said = FactualAccuracy(challenges=(Challenge(1, 1, 3, "A", "fact", "x", "y", evidence=given),))
    told = publishing._accuracy(said, {1})
    assert [g.title for g in told.challenges[0].evidence] == ["Open paper", ""]
    assert told.challenges[0].text == "x"


def test_the_public_edition_of_a_public_edition_is_itself(small: Snapshot) -> None:
    once = publishing.public(small)
    assert publishing.public(once) == once
    assert Snapshot.from_json(once.to_json()) == once


def test_words_are_corrected_wherever_people_wrote_them(small: Snapshot) -> None:
    snapshot = small
    finding = snapshot.findings[0]
    changed = publishing.corrected(snapshot, finding.text, "Something else.")
    assert changed.findings[0].text == "Something else."
    assert changed.scales == snapshot.scales
    assert changed.judgement("service") == snapshot.judgement("service")
    with pytest.raises(InvalidInput, match="does not say"):
        publishing.corrected(changed, finding.text, "Again.")


def test_what_is_no_word_of_a_person_stays(small: Snapshot) -> None:
    snapshot = small
    criterion = next(snapshot.criteria())
    for words in (str(criterion.title), criterion.id, snapshot.organisation.name):
        with pytest.raises(InvalidInput, match="does not say"):
            publishing.corrected(snapshot, words, "x")
