"""What ``kloe measures run`` prints, in every export at once, before an attacker."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kloe.cli import main
from kloe.core.periods import Period
from kloe.measures.breakdowns import possible
from kloe.measures.catalogue import Source, catalogue
from kloe.measures.compose import Query
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Kind
from kloe.measures.keeping import Kept
from kloe.measures.spans import trend
from kloe.records.store import RecordSet
from shown_tables import Cell, Truth, Where, attack_on, sensitive, told, truth_of

pytestmark = pytest.mark.slow
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
QUARTERS = trend(Period(date(2026, 1, 1), YEAR.end), 4)
#: A year that begins elsewhere tells by what the two share.
OTHER = Period(date(2025, 1, 1), date(2025, 12, 31))
PERIODS = (YEAR, *QUARTERS, OTHER)
MEASURES = (
    "repairs/on-time", "repairs/non-emergency-days", "complaints/stage-one-per-thousand-homes",
    "rents/accounts-before-start", "rents/arrears-gap", "diversity/respondents-representation",
    "diversity/board-representation", "rents/evictions-for-arrears", "safety/gas-checks",
)  # fmt: skip
GROUPS = ("area", "estate", "tenure", "ethnicity", "priority")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> RecordSet:
    from kloe.records.generator import Wanted as Invented
    from kloe.records.generator import generate

    folder = tmp_path_factory.mktemp("attacked") / "set"
    generate(Invented(homes=240, years=2, seed=8, until=YEAR.end, workers=1), folder)
    return RecordSet.open(folder)


@pytest.fixture(scope="module")
def measures() -> list[Source]:
    known = catalogue()
    return [known.source(m) for m in MEASURES]


def exported(
    capsys: Any, records: RecordSet, source: Source, by: str | None, format: str, *more: str
) -> list[dict[str, Any]]:
    words = ["measures", "run", source.id, "--records", str(records.folder), "--format", format]
    for p in PERIODS:
        words += ["--period", f"{p.start}/{p.end}"]
    with pytest.raises(SystemExit) as ended:
        main.run([*words, *(["--by", by] if by else []), *more])
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    if format == "json":
        return list(json.loads(out))
    return list(csv.DictReader(io.StringIO(out)))


def cells(rows: list[dict[str, Any]], source: Source) -> Iterator[tuple[Where, Cell, bool]]:
    """The rows of an export as cells, and whether a value stands beside."""
    from kloe.measures.veiling import group_of

    class Row:
        """As a result names its groups."""

    with_groups = [r for r in rows if r["group"] not in ("", [])]
    for r in rows:
        period = Period(date.fromisoformat(r["period_start"]), date.fromisoformat(r["period_end"]))
        where: Any = ("", "")
        if r in with_groups:
            made: Any = Row()
            made.group = r["group"]
            by = [r["by"]] if r["by"] and r["by"] not in source.measure.kind.groups else []
            made.columns = (*source.measure.kind.groups, *by)
            where = group_of(made)
        number = {
            name: Decimal(str(r[name])) if r[name] not in ("", None) else None
            for name in ("numerator", "denominator", "n")
        }
        if source.measure.kind is Kind.DISTRIBUTION:
            n = number["n"]
            number = {"numerator": None if n is None else Decimal(0), "denominator": n, "n": n}
        n = number["n"]
        yield (
            (period, *where),
            Cell(number["numerator"], number["denominator"], None if n is None else int(n)),
            r["value"] not in ("", None),
        )


def attacked(
    capsys: Any, records: RecordSet, source: Source, *more: str
) -> tuple[Truth, list[Any], int]:
    """What comes out narrower than it may, over all exports of a measure together."""
    can = possible(Query.of(source.measure))
    groups = [g for g in GROUPS if g in can and g not in source.measure.kind.groups]
    if source.measure.kind.groups:
        groups = []
    wanted = Wanted(periods=PERIODS)
    shown: dict[Where, Cell] = {}
    ratios: list[Where] = []
    with Computing(records, wanted, kept=Kept(None)) as computing:
        truth = truth_of(computing, source, groups)
    for by in (None, *groups):
        # Rows of a single column of groups; csv and json tell the same.
        rows = exported(capsys, records, source, by, "json", *more)
        assert len(rows) == len(exported(capsys, records, source, by, "csv", *more))
        for where, cell, value in cells(rows, source):
            before = shown.get(where, Cell())
            shown[where] = Cell(
                *(
                    getattr(cell, part) if getattr(before, part) is None else getattr(before, part)
                    for part in ("numerator", "denominator", "n")
                )
            )
            if value and where[1] and source.measure.kind in (Kind.GAP, Kind.REPRESENTATION):
                ratios.append(where)
    attack = attack_on(truth, shown, ratios)
    return truth, told(truth, attack), len(sensitive(truth))


def over_all(capsys: Any, records: RecordSet, measures: list[Source], *more: str) -> list[Any]:
    found = [attacked(capsys, records, source, *more) for source in measures]
    assert sum(n for _t, _r, n in found) > 50, "there is something to hide"
    return [x for _t, recovered, _n in found for x in recovered]


def test_no_export_nor_all_of_them_tell_of_few(
    capsys: Any, records: RecordSet, measures: list[Source]
) -> None:
    assert over_all(capsys, records, measures) == []


def test_with_everything_shown_the_attacker_wins(
    capsys: Any, records: RecordSet, measures: list[Source]
) -> None:
    recovered = over_all(capsys, records, measures, "--show-small")
    assert all(low == high for _w, _p, low, high in recovered)
    assert len(recovered) > 50


def test_hiding_only_what_is_small_itself_is_found_out(
    capsys: Any, records: RecordSet, measures: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kloe.measures import suppression

    lazy: Callable[..., Any] = lambda _problem, levels: (dict(levels), [])  # noqa: E731
    monkeypatch.setattr(suppression, "hide_enough", lazy)
    assert over_all(capsys, records, measures)


def test_what_is_printed_says_that_something_is_hidden(capsys: Any, records: RecordSet) -> None:
    with pytest.raises(SystemExit):
        main.run(
            ["measures", "run", "rents/accounts-before-start", "--by", "estate", "--records",
             str(records.folder)]
        )  # fmt: skip
    out, err = capsys.readouterr()
    assert "hidden" in out
    assert "--show-small" in err
