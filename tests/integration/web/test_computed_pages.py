"""The page of an indicator: its figure with everything beside it, and what it leads to."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from computed_ground import bring_in, compute_quickly, forget
from django.urls import reverse

from kloe.core.stats import wilson
from kloe.measures.results import shown
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.indicators import measure_page
from kloe.web.indicators.models import ComputedResult, ComputedSummary

ACCOUNTS, REPAIRS = "rents/accounts-before-start", "repairs/on-time"
CRITERION = "wao-housing-2005/1.2/3/account-set-up"


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any) -> Any:
    bring_in(org)
    yield compute_quickly(assessment, lead)
    forget(org)


@pytest.fixture
def page(done: Any, assessment: Any, lead: Any, client_of: Any) -> Any:
    client = client_of(lead)

    def get(measure: str, route: str = "measure", **query: str) -> str:
        answer = client.get(reverse(route, args=[assessment.pk, measure]), query)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def test_the_figure_has_everything_beside_it(page: Any) -> None:
    found = page(REPAIRS)
    row = ComputedResult.objects.get(
        measure=REPAIRS, grouping="", period_start=date(2025, 4, 1), period_end=date(2026, 3, 31)
    )
    interval = wilson(int(row.numerator), int(row.denominator))
    assert interval.low is not None
    unit = next(iter({measure_page.Unit(row.unit)}))
    for words in (
        shown(Decimal(row.value), unit),
        f"{int(row.numerator):,}",
        f"{int(row.denominator):,}",
        f"{shown(interval.low * 100, unit).removesuffix(' %')} to ",
        "April 2025 to March 2026",
        row.definition_digest[:16],
        row.data_digest[:16],
        row.engine,
        "31 March 2026",
        "checked by nobody outside yet",
        "2025/26 Q4",
        "2023/24 Q1",
        "Not like for like",
        "Repairs without a target",
    ):
        assert words in found, words


def test_small_groups_are_hidden_and_so_is_what_would_tell_them(page: Any) -> None:
    rows = ComputedResult.objects.filter(measure=REPAIRS).exclude(grouping="")
    hidden = rows.filter(level="nothing")
    assert hidden.exists()
    for by in set(hidden.values_list("grouping", flat=True)):
        # One alone could be had by subtracting.
        groups = rows.filter(grouping=by)
        assert groups.exclude(level="all").count() != 1, by
    found = page(REPAIRS)
    assert found.count(">hidden<") == rows.exclude(level="all").count()
    assert "Hidden, because it would show a group or number below 10" in found
    assert "small group" not in found


def test_the_groups_shown_add_up_to_no_more_than_everybody(done: Any) -> None:
    whole = ComputedResult.objects.get(
        measure=REPAIRS, grouping="", period_start=date(2025, 4, 1), period_end=date(2026, 3, 31)
    )
    for by in ("area", "priority"):
        rows = ComputedResult.objects.filter(measure=REPAIRS, grouping=by)
        assert rows.exists()
        shown_ = [r for r in rows if r.n is not None]
        assert sum(r.n or 0 for r in shown_) <= (whole.n or 0)
        if len(shown_) == len(rows):
            assert sum(r.n or 0 for r in shown_) == whole.n


def test_a_gap_says_for_whom_and_a_distribution_how_it_lies(page: Any) -> None:
    row = ComputedResult.objects.get(
        measure="rents/arrears-gap", grouping="", period_end=date(2026, 3, 31)
    )
    found = page("rents/arrears-gap")
    widest = re.search(r"Widest(, of the groups shown,)? for", found)
    assert bool(widest) == (row.level == "all" and bool(row.value))
    found = page("repairs/non-emergency-days")
    assert "nine in ten at or below" in found
    assert "median" in found


def test_what_was_not_computed_has_its_definition(page: Any) -> None:
    found = page("repairs/overdue")
    assert "has not been computed for this assessment" in found
    assert "What it is" in found


def test_there_is_no_page_of_a_measure_there_is_not(
    done: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    url = reverse("measure", args=[assessment.pk, "repairs/no-such"])
    assert client_of(lead).get(url).status_code == 404


def test_how_it_is_computed_shows_the_sql_as_run(page: Any) -> None:
    found = page(ACCOUNTS, "measure-how")
    assert "GROUP BY" in found
    assert "rent_account" in found
    assert "an account opened on the day of the start counts" in found


def test_how_it_is_computed_without_records(assessment: Any, lead: Any, client_of: Any) -> None:
    url = reverse("measure-how", args=[assessment.pk, ACCOUNTS])
    assert "The SQL of the measure" in client_of(lead).get(url).content.decode()


def test_the_page_asks_a_fixed_number_of_queries(
    page: Any, django_assert_max_num_queries: Any
) -> None:
    page(REPAIRS)
    with django_assert_max_num_queries(12):
        page(REPAIRS)


def test_groups_and_their_codes_have_words() -> None:
    assert measure_page.group_words("area", "") == "not recorded"
    assert measure_page.group_words("tenure", "starter") == "Starter or introductory"
    assert measure_page.group_words("priority", "next_day") == "next day"
    assert measure_page.grouping_words("property_type") == "kind of home"


# As evidence


def use(client: Any, assessment: Any, says: str, **more: str) -> Any:
    return client.post(
        reverse("measure-use", args=[assessment.pk, ACCOUNTS]), {"says": says, **more}
    )


def proposed(found: str) -> str:
    """What the page proposes the figure says."""
    chosen = re.search(r'<option value="([^"]+)" selected>', found)
    assert chosen
    return chosen[1]


def test_one_press_makes_the_figure_evidence_as_proposed(
    page: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    summary = ComputedSummary.objects.get(measure=ACCOUNTS)
    says = proposed(page(ACCOUNTS))
    wanted = {
        "on": f"{CRITERION}/upper-1 shows this",
        "off": f"{CRITERION}/lower-1 shows this",
        "chance": f"{CRITERION}/upper-1 context",
    }
    assert says == wanted[summary.aim]
    assert use(client, assessment, says).status_code == 303
    item = EvidenceItem.objects.get(form="result")
    assert (item.kind, item.origin) == ("data", "system")
    assert (item.period_start, item.period_end) == (date(2025, 4, 1), date(2026, 3, 31))
    assert summary.result.definition_digest[:12] in item.text
    link = EvidenceLink.objects.get(item=item)
    assert f"{link.descriptor} {link.direction}" == says
    # Pressed twice, it stands once.
    assert use(client, assessment, says).status_code == 303
    assert EvidenceItem.objects.filter(form="result").count() == 1
    assert EvidenceLink.objects.count() == 1


def test_a_person_may_say_otherwise(page: Any, assessment: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    assert use(client, assessment, f"{CRITERION}/upper-1 shows otherwise").status_code == 303
    assert EvidenceLink.objects.get().direction == "shows otherwise"
    assert use(client, assessment, f"{CRITERION}/upper-1 shows this").status_code == 409
    assert use(client, assessment, "no-such shows this").status_code == 404
    assert use(client, assessment, f"{CRITERION}/lower-1 whatever").status_code == 400


def test_what_is_hidden_or_not_computed_is_no_evidence(
    page: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    line = ComputedSummary.objects.filter(result__level="nothing").first()
    assert line is not None
    url = reverse("measure-use", args=[assessment.pk, line.measure])
    assert client.post(url, {"says": f"{CRITERION}/upper-1 context"}).status_code == 409
    url = reverse("measure-use", args=[assessment.pk, "repairs/overdue"])
    assert client.post(url, {"says": f"{CRITERION}/upper-1 context"}).status_code == 404
    assert not EvidenceItem.objects.exists()


def test_deleted_evidence_can_be_made_anew(
    page: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    from kloe.web.evidence import actions as evidence

    client, says = client_of(lead), proposed(page(ACCOUNTS))
    use(client, assessment, says)
    evidence.delete(item=EvidenceItem.objects.get(form="result"), reason="Wrong.", by=lead)
    assert use(client, assessment, says).status_code == 303
    assert EvidenceItem.objects.filter(form="result", deleted_at=None).count() == 1


# On the theme page

THEME = "wao-housing-2005/1.2/3"


def test_the_theme_page_has_the_figures_beside_the_criteria(
    done: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    client, url = client_of(lead), reverse("theme", args=[assessment.pk, THEME])
    found = client.get(url).content.decode()
    lines = found.split('id="c-account-set-up"')[1].split("</section>")[0]
    summary = ComputedSummary.objects.get(measure=ACCOUNTS)
    for words in (
        "New rent accounts set up before the tenancy starts",
        f"{summary.result.numerator} of {summary.result.denominator}",
        "April 2025 to March 2026",
        "target 100.0 %",
        "Use as evidence",
    ):
        assert words in lines, words
    says = re.search(r'name="says" value="([^"]+)"', lines)
    assert says
    back = f"{url}#c-account-set-up"
    answer = use(client, assessment, says[1], next=back)
    assert answer["Location"] == back
    lines = client.get(url).content.decode().split('id="c-account-set-up"')[1]
    lines = lines.split("</section>")[0]
    assert "Use as evidence" not in lines
    assert "E1 New rent accounts" in lines


def test_a_reader_cannot_use_a_figure(
    done: Any, assessment: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    client = client_of(user_with("reader", org))
    found = client.get(reverse("theme", args=[assessment.pk, THEME])).content.decode()
    assert "New rent accounts set up" in found
    assert "Use as evidence" not in found
    assert use(client, assessment, f"{CRITERION}/upper-1 context").status_code == 403


def test_the_theme_page_asks_one_query_more_whatever_was_computed(
    assessment: Any, lead: Any, org: Any, client_of: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, url = client_of(lead), reverse("theme", args=[assessment.pk, THEME])
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get(url)
    bring_in(org)
    compute_quickly(assessment, lead)
    forget(org)
    with CaptureQueriesContext(connection) as after:
        client.get(url)
    assert len(after) == len(before)
    asked = [q["sql"] for q in after if "indicators_computed" in q["sql"]]
    assert len(asked) == 1
