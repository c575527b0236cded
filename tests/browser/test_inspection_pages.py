"""Pages of the demonstration's inspection, to those who inspect and those who are inspected."""

from __future__ import annotations

import pytest
from hands import THEME, Site, Visitors
from test_pages import look

INSIDE = (
    "inspection",
    "inspection/dates",
    "inspection/team",
    "inspection/invite",
    "inspection/documents",
    "inspection/documents/ask",
    "inspection/self-assessment",
    "inspection/plan",
    "inspection/plan/guides",
    f"inspection/plan/themes/{THEME}",
    f"inspection/plan/questions/{THEME}/Q1",
    f"inspection/plan/add/{THEME}",
    "inspection/claims",
    "inspection/timetable",
    "inspection/timetable/add",
    f"themes/{THEME}",
)


def here(site: Site, path: str) -> str:
    return f"{site.address}/assessments/{site.made['inspection']}/{path}"


@pytest.mark.parametrize("path", INSIDE)
def test_to_the_lead_inspector(visit: Visitors, site: Site, path: str) -> None:
    look(visit.open("heledd"), here(site, path), dark=True)


@pytest.mark.parametrize(
    "path",
    [
        "inspection",
        "inspection/team",
        "inspection/documents",
        "inspection/self-assessment",
        "inspection/self-assessment/hand-over",
        "inspection/landlord",
    ],
)
def test_to_the_landlords_lead(visit: Visitors, site: Site, path: str) -> None:
    look(visit.open("mair"), here(site, path), dark=False)


def test_to_a_tenant_inspector(visit: Visitors, site: Site) -> None:
    page = visit.open("dilwyn")
    for address in (here(site, "inspection"), f"{site.address}/inspections/new"):
        if address.endswith("new"):
            visit.watch.expect("403")
            page.goto(address)
        else:
            look(page, address, dark=False)
