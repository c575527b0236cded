"""Five vendors' extracts: most columns right, and nothing that is called sure is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import vendors

from kloe.records.layouts import Type, layout
from kloe.records.mapping import parse_mapping
from kloe.records.suggesting import Proposal, ProposedSource, mapping_yaml, propose


@pytest.fixture(scope="module")
def landlord(tmp_path_factory: pytest.TempPathFactory) -> dict[str, vendors.Rows]:
    return vendors.generated(tmp_path_factory.mktemp("landlord"))


@pytest.fixture(scope="module", params=vendors.VENDORS)
def case(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    landlord: dict[str, vendors.Rows],
) -> tuple[str, Proposal, dict[str, vendors.Headed]]:
    folder = tmp_path_factory.mktemp(request.param)
    truth = vendors.write(request.param, folder, landlord)
    return request.param, propose(sorted(folder.iterdir())), truth


Case = tuple[str, Proposal, dict[str, vendors.Headed]]


def _sources(case: Case) -> list[tuple[ProposedSource, vendors.Headed]]:
    _vendor, proposal, truth = case
    return [(s, truth[s.sheet or s.files[0]]) for s in proposal.sources]


def test_the_vendors_do_not_all_speak_as_the_layouts_do() -> None:
    unknown = 0
    for vendor in vendors.VENDORS:
        known = total = 0
        for one in vendors.headings(vendor):
            seen = {n.lower() for c in layout(one.table).columns for n in (c.name, *c.seen_as)}
            ours = [h for h, o in one.columns.items() if not o.startswith("[")]
            known += sum(h.lower() in seen for h in ours)
            total += len(ours)
        unknown += known < 0.4 * total
    assert unknown >= 2


def test_every_file_feeds_its_table(case: Case) -> None:
    found = _sources(case)
    assert len({truth.table for _source, truth in found}) >= 14
    assert [s.table for s, _ in found] == [t.table for _, t in found]


def test_at_least_four_fifths_of_the_columns_are_right_and_none_sure_is_wrong(case: Case) -> None:
    total = right = sure = 0
    wrong = []
    for source, truth in _sources(case):
        taken = {c.sources[0]: c for c in source.columns if len(c.sources) == 1}
        left = {one.name: one for one in source.left_out}
        for theirs, ours in truth.columns.items():
            total += 1
            if theirs in taken:
                good = taken[theirs].name == ours
                certain = taken[theirs].sure
            elif theirs in left:
                good = ours.startswith("[")
                certain = left[theirs].sure
            else:
                good = certain = False
            right += good
            sure += good and certain
            if certain and not good:
                wrong.append((truth.table, theirs, ours))
    assert wrong == []
    assert right >= 0.8 * total, f"{right} of {total}"
    assert sure >= 0.5 * total, f"{sure} of {total} without a mark"


def test_what_is_sure_of_the_values_is_right(case: Case) -> None:
    vendor, _proposal, _truth = case
    style = vendors.STYLES[vendor]
    looked_at = 0
    for source, truth in _sources(case):
        for one in source.columns:
            if not one.sure or truth.columns.get(one.sources[0]) != one.name:
                continue
            column = layout(source.table).column(one.name)
            if column.type is Type.CODE:
                for code in column.codes:
                    value = style.code(column, code)
                    got = one.settings.get("codes", {value: value}).get(value, code)
                    assert got == code, (source.table, one.name, value)
                    looked_at += 1
            elif column.type in (Type.DATE, Type.DATETIME):
                expected = {"upper": "%d/%m/%Y", "coded": "%d.%m.%Y", "wide": "%d %b %Y"}
                form = one.settings.get("dates", "")
                form = form if isinstance(form, str) else form[0]
                assert form.startswith(expected.get(vendor, ""))
                assert bool(form) == (vendor in expected)
            elif column.type is Type.MONEY:
                negative = one.settings.get("negative")
                assert negative in (None, {"upper": "brackets", "wide": "suffix"}.get(vendor))
                assert "sign" not in one.settings
    assert looked_at > 0 or vendor == "coded"


def test_people_are_left_out(case: Case) -> None:
    for source, truth in _sources(case):
        people = {t for t, o in truth.columns.items() if o in _PEOPLE}
        left = {one.name: one.personal for one in source.left_out}
        assert people <= set(left), truth.table
        assert all(left[name] for name in people)


_PEOPLE = ("[name]", "[email]", "[phone]", "[nino]", "[address]")


def test_the_file_can_be_read_again_and_is_the_same_every_time(case: Case) -> None:
    _vendor, proposal, _truth = case
    text = mapping_yaml(proposal, landlord="acme")
    assert text == mapping_yaml(proposal, landlord="acme")
    mapping = parse_mapping(text)
    assert mapping.landlord == "acme"
    for read, proposed in zip(mapping.sources, proposal.sources, strict=True):
        assert read.table == proposed.table
        assert read.unsure == proposed.unsure
        assert read.unused == tuple(one.name for one in proposed.left_out)
        for column in proposed.columns:
            assert read.columns[column.name].sources == (
                () if "constant" in column.settings else column.sources
            )
    assert not any(vendors._foreign("email", 0) in line for line in text.splitlines())


def test_the_comments_say_why(case: Case) -> None:
    _vendor, proposal, _truth = case
    text = mapping_yaml(proposal)
    unsure = [c for s in proposal.sources for c in s.columns if not c.sure]
    assert unsure
    for column in unsure:
        assert column.reasons, column.name
    assert text.count("Unsure (") == len(unsure)


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    vendors.write("upper", tmp_path, vendors.records())
    files = sorted(tmp_path.iterdir())
    forwards, backwards = propose(files), propose(reversed(files))
    assert {s.files: s for s in forwards.sources} == {s.files: s for s in backwards.sources}
