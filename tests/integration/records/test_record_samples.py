"""Samples of records on the command line: frames, sizes, strata, kept files, drawn again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kloe.cli import main
from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.core.periods import Period
from kloe.measures import samples
from kloe.measures.catalogue import catalogue
from kloe.measures.framing import Drawable, cases, strata_of
from kloe.measures.samples import Size
from kloe.records.frames import Frame, condition, frame, frames
from kloe.records.layouts import layout, table_names
from kloe.records.store import RecordSet
from record_sets import make_set

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
JOBS: list[dict[str, Any]] = [
    {
        "job_ref": f"J{n:03}",
        "property_ref": f"P{n % 9}",
        "reported_at": datetime(2025, 4 + n % 9, 1, 9, 0),
        "completed_at": datetime(2025, 4 + n % 9, 28, 23, 59) if n % 4 else None,
        "status": "completed" if n % 4 else ("open" if n % 8 else "cancelled"),
        "priority": ("emergency", "urgent", "routine")[n % 3],
        "communal": None if n % 5 else True,
        "visits": n % 7,
        "cost": Decimal(n) / 4,
    }
    for n in range(120)
]
HOMES = [{"property_ref": f"P{n}", "area": "North" if n < 5 else "South"} for n in range(9)]


@pytest.fixture
def records(tmp_path: Path) -> RecordSet:
    return make_set(tmp_path / "set", {"repair_job": JOBS, "property": HOMES})


@pytest.fixture
def kloe(tmp_path: Path, records: RecordSet, monkeypatch: Any, capsys: Any) -> Any:
    monkeypatch.setenv("KLOE_DATA", str(tmp_path / "data"))

    def call(*words: str, code: int = 0) -> tuple[str, str]:
        given = ["records", *words]
        if words[0] == "sample":
            given += ["--records", str(records.folder)]
        with pytest.raises(SystemExit) as ended:
            main.run(given)
        out, err = capsys.readouterr()
        assert ended.value.code == code, err
        return out, err

    return call


def by_hand(rule: Any, stratum: Any = lambda job: "") -> list[tuple[str, str]]:
    return sorted((stratum(j), j["job_ref"]) for j in JOBS if rule(j))


# Frames


def test_frames_that_come_along_name_what_the_layouts_have() -> None:
    assert len(frames()) >= 20
    assert not set(frames()) & set(table_names())
    for name, one in frames().items():
        plan = layout(one.table)
        assert one.columns <= set(plan.by_name), name
        assert set(one.by) <= set(strata_of(one)), name
        assert str(one.title)
        assert str(one.about).endswith("."), name
        assert Frame.from_dict(one.as_dict(), name).digest == one.digest


def test_every_frame_finds_cases_among_invented_records(invented_records: RecordSet) -> None:
    for name, one in frames().items():
        period = YEAR if one.dated else None
        for by in (None, *one.by):
            found = cases(invented_records, Drawable(frame=one, period=period, by=by))
            assert found, (name, by)
            assert len({ref for _s, ref in found}) == len(found)


@pytest.fixture(scope="module")
def invented_records(tmp_path_factory: pytest.TempPathFactory) -> RecordSet:
    from kloe.records.generator import Wanted, generate

    folder = tmp_path_factory.mktemp("frames") / "set"
    generate(Wanted(homes=300, years=2, seed=3, until=date(2026, 3, 31), workers=1), folder)
    return RecordSet.open(folder)


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ("status=completed", lambda j: j["status"] == "completed"),
        ("priority=emergency,urgent", lambda j: j["priority"] in ("emergency", "urgent")),
        ("priority!=emergency", lambda j: j["priority"] != "emergency"),
        ("completed_at=", lambda j: j["completed_at"] is None),
        ("completed_at!=", lambda j: j["completed_at"] is not None),
        ("communal=true,", lambda j: j["communal"] in (True, None)),
        ("communal!=yes", lambda j: j["communal"] is not True),
        ("visits=3", lambda j: j["visits"] == 3),
        ("cost=2.50", lambda j: j["cost"] == Decimal("2.5")),
        ("reported_at=2025-05-01T09:00", lambda j: j["reported_at"].month == 5),
        ("property_ref=P1", lambda j: j["property_ref"] == "P1"),
        ("property_ref=x' OR 1=1 --", lambda _j: False),
    ],
)
def test_conditions_mean_what_they_say(records: RecordSet, where: str, rule: Any) -> None:
    wanted = Drawable(frame=frame("repair_job").narrowed([where]))
    assert cases(records, wanted) == by_hand(rule)
    again = condition("repair_job", condition("repair_job", where).words)
    assert again == condition("repair_job", where)


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("status", InvalidInput),
        ("=x", InvalidInput),
        ("colour=red", NotFound),
        ("status=done", InvalidInput),
        ("visits=many", InvalidInput),
        ("cost=NaN", InvalidInput),
        ("communal=perhaps", InvalidInput),
        ("completed_at=yesterday", InvalidInput),
        ("landlord=L1", NotFound),
    ],
)
def test_conditions_that_cannot_be(where: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        condition("repair_job", where)


def test_days_include_both_ends_and_open_ones_those_not_yet_ended(records: RecordSet) -> None:
    month = Period(date(2025, 5, 1), date(2025, 5, 28))
    wanted = Drawable(frame=frame("repairs-closed"), period=month)
    assert cases(records, wanted) == by_hand(
        lambda j: j["completed_at"] and j["completed_at"].date() == date(2025, 5, 28)
    )
    short = Drawable(frame=frame("repairs-closed"), period=Period(month.start, date(2025, 5, 27)))
    assert cases(records, short) == []
    still = Drawable(frame=Frame("repair_job", open=("reported_at", "completed_at")), period=month)
    assert cases(records, still) == by_hand(
        lambda j: (
            j["reported_at"].date() <= month.end
            and (j["completed_at"] is None or j["completed_at"].date() > month.end)
        )
    )


def test_strata_are_codes_or_those_of_the_home(records: RecordSet) -> None:
    areas = {h["property_ref"]: h["area"] for h in HOMES}
    wanted = Drawable(frame=frame("repair_job"), by="area")
    assert cases(records, wanted) == by_hand(lambda _j: True, lambda j: areas[j["property_ref"]])
    wanted = Drawable(frame=frame("repair_job"), by="priority")
    assert cases(records, wanted) == by_hand(lambda _j: True, lambda j: j["priority"])
    with pytest.raises(InvalidInput, match="cannot be parted"):
        cases(records, Drawable(frame=frame("repair_job"), by="moon"))


def test_columns_the_records_lack_are_named(records: RecordSet) -> None:
    with pytest.raises(InvalidInput, match=r"repair_job\.recall_of"):
        cases(records, Drawable(frame=frame("repair_job").narrowed(["recall_of="])))
    with pytest.raises(InvalidInput, match="letting"):
        cases(records, Drawable(frame=frame("re-lets"), period=YEAR))


def test_several_landlords_have_references_of_their_own(tmp_path: Path) -> None:
    jobs = [{"job_ref": "J1", "landlord": name} for name in ("A", "B")]
    both = make_set(tmp_path / "two", {"repair_job": jobs})
    assert cases(both, Drawable(frame=frame("repair_job"))) == [("", "A / J1"), ("", "B / J1")]
    wanted = Drawable(frame=frame("repair_job"), by="landlord")
    # By landlord the reference is that of each; the same twice stands once, in the first.
    assert cases(both, wanted) == [("A", "J1")]


# Of measures


def test_cases_of_a_measure_are_its_own(records: RecordSet) -> None:
    source = catalogue().source("repairs/target-at-report")
    with pytest.raises(InvalidInput, match="cannot be read"):
        cases(records, Drawable(source=source, period=YEAR))


def test_cases_at_fault_are_those_of_the_list(invented_records: RecordSet) -> None:
    from kloe.measures import faults
    from kloe.measures.computing import Computing, Wanted
    from kloe.measures.keeping import Kept

    source = catalogue().source("repairs/target-at-report")
    with Computing(invented_records, Wanted(), kept=Kept(None)) as computing:
        listed = faults.cases_at_fault(computing, source, YEAR)
        (result,) = Computing(invented_records, Wanted(periods=(YEAR,)), kept=Kept(None)).results(
            source
        )
    at = listed.columns.index("case_ref")
    fault = cases(invented_records, Drawable(source=source, fault=True, period=YEAR))
    assert {ref for _s, ref in fault} == {row[at] for row in listed.rows}
    every = cases(invented_records, Drawable(source=source, period=YEAR, by="area"))
    assert len(every) == result.n
    assert len({stratum for stratum, _ref in every}) > 1


# Drawing and keeping


def test_the_order_is_that_of_the_method(records: RecordSet) -> None:
    wanted = Drawable(frame=frame("repair_job").narrowed(["status=completed"]))
    kept = samples.draw(records, wanted, Size(7), seed="agreed")
    refs = [ref for _s, ref in by_hand(lambda j: j["status"] == "completed")]
    order = sorted(refs, key=lambda r: hashlib.sha256(f"agreed\n\n{r}\n".encode()).digest())
    assert list(kept.sample.refs) == order[:7]


def test_a_margin_needs_what_cochran_says(records: RecordSet) -> None:
    wanted = Drawable(frame=frame("repair_job"))
    kept = samples.draw(records, wanted, Size(margin=Decimal("0.1")), seed="x")
    first = Decimal("1.96") ** 2 / 4 / Decimal("0.01")
    exact = first / (1 + (first - 1) / 120)
    assert kept.sample.size == int(exact) + 1
    assert kept.margin is not None
    assert kept.margin <= Decimal("0.1")
    fewer = samples.draw(records, wanted, Size(kept.sample.size - 1), seed="x")
    assert fewer.margin is not None
    assert fewer.margin > Decimal("0.1")


def test_drawn_kept_listed_and_drawn_again(kloe: Any, tmp_path: Path) -> None:
    out, err = kloe(
        "sample", "repair_job", "--where", "status=completed", "--on", "completed_at",
        "--period", "2025/26", "--by", "priority", "--size", "9", "--least", "2", "--reserve", "1",
        "--format", "csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [r["stand_in"] for r in rows].count("no") == 9
    assert len(rows) == 12
    (id,) = {r["sample"] for r in rows}
    assert f"Kept as {id}" in err
    assert "within" in err
    file = tmp_path / "data" / "samples" / f"{id}.json"
    kept = json.loads(file.read_text())
    assert kept["sample"]["seed"] in err
    assert len(kept["sample"]["seed"]) == 32
    listed = json.loads(kloe("samples", "--format", "json")[0])
    assert [(s["id"], s["size"], s["by"]) for s in listed] == [(id, 9, "priority")]
    again, err = kloe("sample", "--again", id[:12], "--format", "csv")
    assert again == out
    assert "the same sample" in err
    assert id in kloe("samples")[0]


def test_a_sample_of_other_records_is_told_apart(
    kloe: Any, tmp_path: Path, records: RecordSet
) -> None:
    _out, err = kloe("sample", "repair_job", "--size", "5", "--seed", "s")
    id = err.split("Kept as ")[1].split(" ")[0]
    other = make_set(tmp_path / "other", {"repair_job": JOBS[:-1]})
    kept = samples.sample_named(tmp_path / "data", id)
    with pytest.raises(VerificationFailed) as told:
        samples.again(other, kept)
    assert "there were 120 cases and are 119" in str(told.value)
    assert "records are others" in str(told.value)
    # The same cases from a file written anew give the same sample.
    twin = make_set(tmp_path / "twin", {"repair_job": JOBS[::-1]})
    assert "same sample" in str(samples.again(twin, kept))
    assert "same sample" in str(samples.again(records, kept))


def test_a_file_that_was_changed_is_told(kloe: Any, tmp_path: Path) -> None:
    _out, err = kloe("sample", "repair_job", "--size", "5", "--seed", "s")
    (file,) = (tmp_path / "data" / "samples").glob("*.json")
    raw = json.loads(file.read_text())
    raw["sample"]["strata"][0]["drawn"][0] = "J000"
    file.write_text(json.dumps(raw))
    _out, err = kloe("sample", "--again", file.stem, code=4)
    assert "not as it was kept" in err
    file.write_text("{")
    kloe("samples", code=3)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sample",), 3, "No frame is given"),
        (("sample", "nonsense"), 5, "re-lets"),
        (("sample", "repairs/no-such"), 5, "no-such"),
        (("sample", "re-lets"), 3, "letting"),
        (("sample", "repair_job", "--period", "2025/26"), 3, "no day to it"),
        (("sample", "repair_job", "--on", "status"), 3, "is no day"),
        (("sample", "repair_job", "--size", "0"), 3, "0 cases"),
        (("sample", "repair_job", "--size", "5", "--margin", "5"), 3, "beside"),
        (("sample", "repair_job", "--margin", "100"), 3, "between 0 and 100"),
        (("sample", "repair_job", "--confidence", "80"), 3, "90, 95 or 99"),
        (("sample", "repair_job", "--at-fault"), 3, "--at-fault"),
        (("sample", "repair_job", "--from", "May"), 3, "no days"),
        (("sample", "repair_job", "--size", "4", "--seed", "a\nb"), 3, "seed"),
        (("sample", "repair_job", "--by", "priority", "--size", "2", "--least", "5"), 3, "least"),
        (("sample", "repairs/on-time", "--where", "a=b"), 3, "measure"),
        (("sample", "repair_job", "--again", "x"), 3, "--again"),
        (("sample", "--again", "x"), 5, "no sample"),
    ],
)
def test_what_cannot_be_ends_with_its_code(
    kloe: Any, words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    _out, err = kloe(*words, code=code)
    assert said in err
    assert not list((tmp_path / "data").glob("samples/*"))


def test_nothing_to_draw_from_keeps_nothing(kloe: Any, tmp_path: Path) -> None:
    out, _err = kloe("sample", "repair_job", "--where", "property_ref=none")
    assert "no cases to draw from" in out
    assert not list((tmp_path / "data").glob("samples/*"))
