"""Every page, list and file of computed indicators together, before an attacker.

The organisation is small, so nearly every breakdown has something to hide. Numbers are read out
of the pages as they stand; what the attacker makes of them is set against the truth.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from computed_ground import bring_in, forget
from django.urls import reverse
from lxml import html

from kloe.core.periods import Period
from kloe.measures import groups as grouping
from kloe.measures import suppression
from kloe.measures.catalogue import Source, catalogue
from kloe.measures.compose import Query
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Kind
from kloe.measures.keeping import Kept
from kloe.measures.outlook import quarter_label
from kloe.records.store import RecordSet
from kloe.web.indicators import computed
from kloe.web.indicators.computed_rows import Spans
from kloe.web.indicators.measure_page import group_words, grouping_words
from kloe.web.indicators.models import ComputedResult, ComputedSummary
from kloe.web.site.wording import period as period_words
from shown_tables import Cell, Truth, Where, attack_on, sensitive, told, truth_of

pytestmark = pytest.mark.slow
FEW = (
    "rents/accounts-before-start", "complaints/stage-one-per-thousand-homes",
    "rents/evictions-for-arrears", "repairs/target-at-report", "rents/arrears-gap",
    "diversity/respondents-representation", "diversity/board-representation",
    "repairs/non-emergency-days",
)  # fmt: skip
OF = re.compile(r"([\d,.]+) of ([\d,.]+)")
CELL = "normalize-space(string())"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kloe.records.generator import Wanted as Invented
    from kloe.records.generator import generate

    folder = tmp_path_factory.mktemp("pages") / "set"
    generate(Invented(homes=240, years=3, seed=5, until=date(2026, 3, 31), workers=1), folder)
    return folder


@pytest.fixture
def ground(assessment: Any, lead: Any, org: Any, client_of: Any, small: Path, settings: Any) -> Any:
    settings.PAGE_SIZE = 10_000
    records = bring_in(org, small)
    yield assessment, client_of(lead), records, lead
    forget(org)


def measures(names: tuple[str, ...] | None) -> list[Source]:
    known = catalogue()
    if names is None:
        return list(known.match(()))
    return [known.source(n) for n in names]


# Reading the pages


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def cell_of(figure: str, of: str, source: Source) -> tuple[Cell, bool]:
    """A row of a table: its figure, and what it is of."""
    value = bool(figure) and not figure.startswith(("hidden", "no cases", "–"))
    both = OF.search(of)
    if both:
        n = number(both[2])
        return Cell(number(both[1]), n, int(n) if n == int(n) else None), value
    if not of:
        return Cell(), value
    n = number(of)
    # Of values that do not add up only their number counts.
    numerator = Decimal(0) if source.measure.kind is Kind.DISTRIBUTION else None
    return Cell(numerator if value else None, n, int(n)), value


def text_at(row: Any, path: str) -> str:
    found = row.xpath(path)
    return str(found[0].xpath(CELL)) if found else ""


def read_rows(table: Any) -> list[tuple[str, str, str, list[str]]]:
    return [
        (
            text_at(row, "./th"),
            text_at(row, "./td[@data-label='Figure']"),
            text_at(row, "./td[@data-label='Of']"),
            [str(c.xpath(CELL)) for c in row.xpath("./td")],
        )
        for row in table.xpath(".//tbody/tr")
    ]


Seen = dict[Where, Cell]


def merge(seen: Seen, where: Where, cell: Cell) -> None:
    before = seen.get(where, Cell())
    merged = {}
    for part in ("numerator", "denominator", "n"):
        one, other = getattr(before, part), getattr(cell, part)
        assert one is None or other is None or one == other, (where, part, one, other)
        merged[part] = other if one is None else one
    seen[where] = Cell(**merged)


def read_page(
    page: Any, source: Source, spans: Spans, truth: Truth, seen: Seen, ratios: list[Where]
) -> None:
    """Everything the page of an indicator says of cells."""
    periods = {quarter_label(p): p for p in spans.shown}
    periods |= {period_words([p.start, p.end]): p for p in spans.shown}
    # A gap's figure is that of a group, and of all of its characteristic: told by its ratio.
    for name in () if source.measure.kind in grouping.AGAINST else ("trend", "years"):
        for table in page.xpath(f"//section[h2[@id='{name}']]//table"):
            for label, figure, of, _all in read_rows(table):
                where = (periods[next(k for k in sorted(periods, key=len, reverse=True)
                                      if label.startswith(k))], "", "")  # fmt: skip
                merge(seen, where, cell_of(figure, of, source)[0])
    names: dict[tuple[str, str], Where] = {}
    for where in truth.rows:
        if where[0] == spans.period and where[1] and where[2] != "\x1ftotal":
            words = (grouping_words(where[1]), group_words(where[1], where[2]))
            assert words not in names, words
            names[words] = where
    for block in page.xpath("//section[contains(@class, 'breakdowns')]/details"):
        by = str(block.xpath(".//*[@role='region']/@aria-label")[0])
        headings = [str(h.xpath(CELL)) for h in block.xpath(".//thead//th")]
        for label, figure, of, cells in read_rows(block.xpath(".//table")[0]):
            where = names[by, label]
            cell, value = cell_of(figure, of, source)
            merge(seen, where, cell)
            against = source.measure.kind in grouping.AGAINST
            if value and against:
                ratios.append(where)
            if not source.measure.kind.groups:
                continue
            for heading, said in zip(headings[1:], cells, strict=False):
                # A figure of a group in an earlier period is taken to tell all of it.
                earlier = [p for p in spans.years if quarter_label(p) == heading]
                if earlier and said not in ("–", "hidden", "no cases"):
                    then = (earlier[0], where[1], where[2])
                    merge(seen, then, truth.rows[then])
                    if against:
                        ratios.append(then)


def read_cases(
    client: Any, assessment: Any, source: Source, truth: Truth, spans: Spans, seen: Seen
) -> None:
    """What a list of cases counts: of all, and by each column of groups it has."""
    fault = source.measure.fault
    if fault is None or not fault.test.startswith("numerator"):
        return
    answer = client.post(reverse("measure-cases-file", args=[assessment.pk, source.id]))
    if answer.status_code != 200:
        assert answer.status_code == 409
        return
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    for by in {w[1] for w in truth.rows} - {""}:
        if not rows or by not in rows[0]:
            continue
        counted = Counter(r[by] for r in rows)
        for where in [w for w in truth.rows if w[:2] == (spans.period, by)]:
            n, cell = Decimal(counted[where[2]]), seen.get(where, Cell())
            if fault.test == "numerator_zero":
                if cell.denominator is not None:
                    merge(seen, where, Cell(numerator=cell.denominator - n))
            elif truth.kind != "amount":
                merge(seen, where, Cell(numerator=n))


def read_analysis(page: Any, spans: Spans, sources: list[Source], all_seen: dict[str, Seen]) -> int:
    """The figures of the list of all indicators; how many there are."""
    known = {s.id: s for s in sources}
    lines = 0
    for row in page.xpath("//table[contains(@class, 'analysis')]/tbody/tr"):
        name = text_at(row, "./th//*[contains(@class, 'ref')]")
        both = OF.search(text_at(row, "./td[@data-label='Figure']//span[@class='small']"))
        lines += 1
        source = known[name]
        # A gap's figure stands for a group, and what it is of for all of its characteristic.
        if both and not source.measure.kind.groups:
            n = number(both[2])
            cell = Cell(number(both[1]), n, int(n) if n == int(n) else None)
            merge(all_seen[name], (spans.period, "", ""), cell)
    return lines


# Attacking


def prepare(ground: Any, names: tuple[str, ...] | None) -> tuple[list[Source], Spans]:
    assessment, _client, records, lead = ground
    done = computed.compute(assessment=assessment, by=lead, measures=names or (), records=records)
    assert not done.failed
    return measures(names), Spans.of(assessment, records.as_at)


def truths(records: RecordSet, sources: list[Source], spans: Spans) -> dict[str, Truth]:
    found = {}
    for source in sources:
        if not grouping.tables_about_people(source.tables):
            continue
        query = Query.of(source.measure)
        periods = spans.years if source.measure.kind.groups else spans.shown
        with Computing(records, Wanted(periods=tuple(sorted(periods))), kept=Kept(None)) as one:
            found[source.id] = truth_of(one, source, grouping.breakdowns(query))
    return found


def recovered(ground: Any, names: tuple[str, ...] | None) -> tuple[list[Any], int]:
    """What comes out narrower than it may, and how many cells had to be kept."""
    assessment, client, records, _lead = ground
    sources, spans = prepare(ground, names)
    known = truths(records, sources, spans)
    all_seen: dict[str, Seen] = {s.id: {} for s in sources}
    answer = client.get(reverse("analysis", args=[assessment.pk]))
    assert read_analysis(html.fromstring(answer.content), spans, sources, all_seen) == len(sources)
    found, count = [], 0
    for source in sources:
        if source.id not in known:
            continue
        truth, seen, ratios = known[source.id], all_seen[source.id], list[Where]()
        answer = client.get(reverse("measure", args=[assessment.pk, source.id]))
        assert answer.status_code == 200
        read_page(html.fromstring(answer.content), source, spans, truth, seen, ratios)
        read_cases(client, assessment, source, truth, spans, seen)
        for where in [w for w in seen if w not in truth.rows]:
            del seen[where]

        def standing(where: Where, groups: bool = bool(source.measure.kind.groups)) -> bool:
            return groups or not where[1] or where[0] == spans.period

        count += sum(standing(where) for where, _part in sensitive(truth))
        attack = attack_on(truth, seen, ratios)
        found += [(source.id, *one) for one in told(truth, attack, standing)]
    return found, count


def test_no_page_nor_all_of_them_tell_of_few(ground: Any) -> None:
    found, count = recovered(ground, FEW)
    assert count > 50, "there is something to hide"
    assert found == []


def test_with_everything_shown_the_attacker_wins(
    ground: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "about_people", lambda _query: False)
    found, count = recovered(ground, FEW[:2])
    assert len(found) > count / 2
    assert any(low == high for *_rest, low, high in found)


def test_hiding_only_what_is_small_itself_is_found_out(
    ground: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy: Callable[..., Any] = lambda _problem, levels: (dict(levels), [])  # noqa: E731
    monkeypatch.setattr(suppression, "hide_enough", lazy)
    found, _count = recovered(ground, FEW[:2])
    assert found


def test_nothing_hidden_has_a_list_a_file_or_a_sample(ground: Any) -> None:
    assessment, client, records, lead = ground
    computed.compute(assessment=assessment, by=lead, measures=("complaints/*",), records=records)
    hidden = ComputedSummary.objects.exclude(result__level=ComputedResult.Level.ALL)
    assert hidden.exists()
    for summary in hidden:
        args = [assessment.pk, summary.measure]
        if catalogue().get(summary.measure).fault:
            assert client.get(reverse("measure-cases", args=args)).status_code == 409
            assert client.post(reverse("measure-cases-file", args=args)).status_code == 409
        given = {"frame": "all", "size": "5"}
        assert client.post(reverse("measure-draw", args=args), given).status_code == 409


def test_an_assessment_of_another_year_is_protected_too(ground: Any, assessment: Any) -> None:
    """A year that begins elsewhere shares days with quarters: what is left must not tell."""
    assessment.period_start, assessment.period_end = date(2025, 1, 15), date(2026, 1, 14)
    assessment.save()
    found, count = recovered(ground, FEW[:3])
    assert count > 20
    assert found == []
    assert Period(assessment.period_start, assessment.period_end).days == 365
