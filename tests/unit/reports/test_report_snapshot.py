"""The snapshot: what it holds to, and that it survives storage."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kloe.assessment import snapshot as s
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text


def test_it_survives_storage_as_json(snapshot: s.Snapshot) -> None:
    stored = json.dumps(snapshot.to_json())
    again = s.Snapshot.from_json(json.loads(stored))
    assert again == snapshot
    assert again.to_json() == snapshot.to_json()


def test_what_is_said_keeps_its_languages(snapshot: s.Snapshot) -> None:
    title = Text({"en": "Rents", "cy": "Rhenti"})
    kloe = replace(snapshot.kloes[0], title=title)
    reason = Message("%(n)d homes", n=3)
    indicator = replace(snapshot.indicators[0], reason=reason, notes=("plain", title))
    changed = replace(snapshot, kloes=(kloe,), indicators=(indicator,), findings=())
    again = s.Snapshot.from_json(json.loads(json.dumps(changed.to_json())))
    assert again.kloes[0].title.get("cy") == "Rhenti"
    assert again.indicators[0].reason == reason
    assert again.indicators[0].notes == ("plain", title)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("organisation"),
        lambda d: d.update(format="kloe-snapshot/9"),
        lambda d: d.update(unknown=1),
        lambda d: d["organisation"].update(name=7),
        lambda d: d["assessment"].update(period_start="31.12.2025"),
        lambda d: d["indicators"][0].update(value="many"),
        lambda d: d["kloes"][0]["themes"][0]["criteria"][0].update(position="best"),
    ],
)
def test_what_is_no_snapshot_is_refused(snapshot: s.Snapshot, spoil: Any) -> None:
    data = json.loads(json.dumps(snapshot.to_json()))
    spoil(data)
    with pytest.raises(InvalidInput):
        s.Snapshot.from_json(data)


def test_restricted_evidence_tells_its_number_and_kind_only() -> None:
    item = s.EvidenceItem.withheld(4, "document")
    assert item.restricted
    with pytest.raises(InvalidInput, match="restricted"):
        replace(item, title="Names of tenants")
    with pytest.raises(InvalidInput):
        replace(item, digest="ab")


def test_links_to_restricted_evidence_tell_nothing(snapshot: s.Snapshot) -> None:
    kloe = snapshot.kloes[0]
    theme = kloe.themes[0]
    link = s.LinkedEvidence(1, theme.criteria[0].descriptors[0].id, "upper", "shows this", "p. 4")
    criterion = replace(theme.criteria[0], evidence=(link,))
    theme = replace(theme, criteria=(criterion,))
    with pytest.raises(InvalidInput, match="E1"):
        replace(
            snapshot,
            kloes=(replace(kloe, themes=(theme,)),),
            findings=(),
            evidence=(s.EvidenceItem.withheld(1, "data"),),
        )


def test_evidence_that_is_cited_must_be_in_the_list(snapshot: s.Snapshot) -> None:
    with pytest.raises(InvalidInput, match="E"):
        replace(snapshot, evidence=())


def test_a_position_must_be_of_the_form(snapshot: s.Snapshot) -> None:
    paired = next(c for c in snapshot.criteria() if c.form == "paired")
    with pytest.raises(InvalidInput, match="met"):
        replace(paired, position="met")


def test_agreed_stands_before_proposed_before_provisional(snapshot: s.Snapshot) -> None:
    first = next(j for j in snapshot.judgements if j.subject_kind == "theme")
    stages = ("proposed", "agreed", "provisional", "dissent")
    stated = tuple(replace(first, stage=stage, reasons=stage) for stage in stages)
    changed = replace(snapshot, judgements=stated)
    found = changed.judgement(first.subject)
    assert found is not None
    assert found.stage == "agreed"
    assert [j.reasons for j in changed.dissents(first.subject)] == ["dissent"]
    assert changed.judgement("service") is None


def test_a_profile_counts_every_criterion_once(snapshot: s.Snapshot) -> None:
    for theme in snapshot.themes():
        assert sum(theme.profile.values()) == len(theme.criteria)
        assert theme.placed <= theme.base <= len(theme.criteria)


def test_overall_judgements_use_the_leading_scale(snapshot: s.Snapshot) -> None:
    scale = snapshot.leading_scale("service")
    assert scale is not None
    assert scale.framework == "wao-housing-2005"
    assert snapshot.scale("hi-cross-cutting-2005", "prospects") is None
