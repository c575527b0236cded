"""A whole inspection in the browser: four people in their roles, up to the public page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from accessible import check
from hands import SAVED, Site, Visitors, criterion, rung, served, visiting
from playwright.sync_api import Browser, Page, expect

from kloe.reports import verifying

THEME = "wao-housing-2005/1.5/7"
#: Of the inspector and of the lead, by criterion; then what the team agrees.
PLACED = {
    "joint-working": ("Between", "Between", None),
    "adaptations-publicised": ("Lower", "Between", "Lower"),
    "adaptations-provided": ("Lower", "Lower", None),
}


@pytest.fixture(scope="module")
def inspected(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("inspected") / "data", "ground_to_inspect.py") as found:
        yield found


@pytest.fixture
def visit(browser: Browser, inspected: Site) -> Iterator[Visitors]:
    with visiting(browser, inspected, {}) as visitors:
        yield visitors


class Walk:
    """The inspection as its four people walk it, each in a browser of their own."""

    def __init__(self, visit: Visitors, site: Site) -> None:
        self.visit, self.site = visit, site
        self.lead = visit.open("lead")
        self.inspector = visit.open("inspector")
        self.moderator = visit.open("moderator")
        # The landlord's lead reads on a phone.
        self.landlord = visit.open("landlord", width=390)
        self.root = ""

    def go(self, page: Page, path: str) -> Page:
        """To a page of the inspection; every page met on the way is looked at by axe."""
        answer = page.goto(f"{self.root}{path}")
        assert answer is not None
        assert answer.status == 200, path
        check(page)
        return page

    def move(self, page: Page, to: str) -> None:
        self.go(page, "inspection")
        page.get_by_role("button", name=f"Move on : {to}").click()
        expect(page.locator("#messages")).to_contain_text(f"The inspection is now at: {to}.")

    def job(self, page: Page, done: str) -> None:
        """Wait for work in the background."""
        expect(page.get_by_role("link", name=done)).to_be_visible(timeout=120_000)


def test_from_opening_to_the_public_page(visit: Visitors, inspected: Site, tmp_path: Path) -> None:
    walk = Walk(visit, inspected)
    opened(walk)
    team_and_dates(walk)
    scoped(walk)
    planned(walk)
    rated(walk)
    written_and_told(walk)
    moderated(walk)
    challenged(walk)
    published(walk, tmp_path)


def opened(walk: Walk) -> None:
    page = walk.lead
    page.goto(f"{walk.site.address}/inspections/new")
    check(page)
    page.get_by_label("Name of the landlord").fill("Cartrefi Taith")
    page.get_by_label("Title").fill("Inspection of adaptations")
    page.get_by_label(re.compile("^Housing Key Lines")).check()
    page.get_by_label("Period from").fill("2025-04-01")
    page.get_by_label("Period to").fill("2026-03-31")
    page.get_by_role("button", name="Open the inspection").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cartrefi Taith")
    walk.root = page.url.removesuffix("inspection")
    check(page)


def invite(walk: Walk, person: str, role: str) -> str:
    """Invite somebody; gives the link the mail bears."""
    page = walk.go(walk.lead, "inspection/invite")
    page.get_by_label("E-mail address").fill(walk.site.made["people"][person])
    page.get_by_label(re.compile(f"^{role}:")).check()
    page.get_by_role("button", name="Send the invitation").click()
    return page.locator("code, input[readonly]").first.evaluate("e => e.value || e.innerText")


def accept(page: Page, link: str) -> None:
    page.goto(link)
    check(page)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cartrefi Taith")


def team_and_dates(walk: Walk) -> None:
    accept(walk.inspector, invite(walk, "inspector", "Inspector"))
    accept(walk.moderator, invite(walk, "moderator", "Moderator"))
    page = walk.go(walk.lead, "inspection/dates")
    for n in range(7):
        page.locator(f"input[name=stage{n}]").fill(str(date.today() + timedelta(days=7 * n + 1)))
    page.get_by_role("button", name="Save").click()
    walk.move(page, "Scoping")


def scoped(walk: Walk) -> None:
    page = walk.go(walk.lead, "scope")
    for box in page.locator("main tr input[type=checkbox]").all():
        if not THEME.endswith(str(box.get_attribute("value")).partition("/")[2]):
            box.uncheck()
    page.get_by_label("Reason for all that are newly left out").fill("Only adaptations.")
    page.get_by_role("button", name="Save scope").click()
    expect(page.locator("tr.out")).to_have_count(49)
    link = invite(walk, "landlord", "Landlord's lead")
    accept(walk.landlord, link)
    # What is good once is good once.
    walk.visit.watch.expect("409", "404", "410")
    walk.landlord.goto(link)
    expect(walk.landlord.locator("main")).to_contain_text("This invitation was used already.")
    check(walk.landlord)
    page = walk.go(walk.lead, "inspection/self-assessment")
    page.get_by_label("Why there is none").fill("None was made in these years.")
    page.get_by_role("button", name="Save").click()
    walk.move(page, "Planning")


def planned(walk: Walk) -> None:
    page = walk.go(walk.lead, f"inspection/plan/themes/{THEME}")
    page.get_by_label("Lead", exact=True).select_option("Geraint Huws")
    page.get_by_label("Second reader").select_option("Sioned Arthur")
    page.get_by_role("button", name="Save", exact=True).click()
    walk.go(page, f"inspection/plan/questions/{THEME}/Q1")
    page.get_by_label(re.compile("^Who")).first.select_option("Geraint Huws")
    page.get_by_label(re.compile("^How")).first.select_option("interview")
    page.get_by_role("button", name="Save").click()
    walk.go(page, "inspection/timetable")
    page.get_by_label("First day of fieldwork").fill(str(date.today() + timedelta(days=1)))
    page.get_by_label("Last day").fill(str(date.today() + timedelta(days=8)))
    page.get_by_role("button", name="Build").click()
    expect(page.locator("main")).to_contain_text("Interview")
    walk.move(page, "Fieldwork")


def place(page: Page, key: str, position: str, why: str) -> None:
    card = criterion(page, key)
    rung(card, position).click()
    card.get_by_label("Reason").fill(why)
    card.locator("h3").click()
    expect(card.locator("[data-saved]").first).to_have_text(SAVED)


def rated(walk: Walk) -> None:
    for n, page in enumerate((walk.inspector, walk.lead)):
        walk.go(page, f"themes/{THEME}")
        for key, placings in PLACED.items():
            place(page, key, str(placings[n]), f"What reader {n} saw of {key}.")
    # Neither sees what the other rated, until both are done.
    walk.inspector.reload()
    expect(walk.inspector.locator("body")).not_to_contain_text("What reader 1 saw")
    for page in (walk.inspector, walk.lead):
        walk.go(page, f"readings/theme/{THEME}")
        page.get_by_role("button", name="I am done with this theme").click()
    walk.go(walk.inspector, f"readings/theme/{THEME}")
    expect(walk.inspector.locator("body")).to_contain_text("What reader 1 saw")
    walk.inspector.get_by_role("button", name=re.compile("^Agree 2 placings")).click()
    walk.go(walk.inspector, f"themes/{THEME}")
    for key, (*_own, agreed) in PLACED.items():
        if agreed:
            place(walk.inspector, key, agreed, "Agreed between the two of us.")


def written_and_told(walk: Walk) -> None:
    page = walk.go(walk.inspector, f"findings/add/{THEME}")
    page.get_by_label("Area for improvement").check()
    page.get_by_label("Finding", exact=True).fill("Major adaptations take over a year.")
    page.get_by_label("Recommendation", exact=True).fill("Set the budget by the requests.")
    page.get_by_label("High", exact=True).first.check()
    page.get_by_label("Strong", exact=True).check()
    page.get_by_role("button", name="Add the finding").click()
    page = walk.go(walk.lead, "inspection/emerging-findings/new")
    page.get_by_label("Day", exact=True).fill(str(date.today()))
    page.get_by_label("Who spoke").fill("The lead inspector")
    page.get_by_label("Who heard").fill("The director of homes")
    page.locator("summary", has_text="Aids and adaptations").click()
    page.locator("main").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="It was told: give it").click()
    walk.go(walk.landlord, "inspection/emerging-findings")
    expect(walk.landlord.locator("main")).to_contain_text("Emerging findings")
    walk.move(walk.lead, "Drafting")


def moderated(walk: Walk) -> None:
    lead, moderator = walk.lead, walk.moderator
    for subject in (THEME, "service"):
        where = "judgements/service" if subject == "service" else f"judgement/{subject}"
        walk.go(lead, where)
        lead.get_by_label("Has scope for considerable improvement").first.check()
        lead.get_by_label("Reasons").first.fill("People wait for over a year.")
        lead.get_by_role("button", name="Save the provisional judgement").click()
        walk.go(lead, where)
        lead.get_by_role("button", name=re.compile("^Propose")).click()
    walk.move(lead, "Moderation")
    walk.go(moderator, "moderation/")
    for subject in (THEME, "service"):
        walk.go(moderator, f"moderation/of/{subject}")
        moderator.get_by_role("button", name="Agree the grade").click()
        expect(moderator.locator("header .tag")).to_have_text("Agreed")
    # The landlord sees nothing of it yet.
    walk.visit.watch.expect("404", "403")
    answer = walk.landlord.goto(f"{walk.root}themes/{THEME}")
    assert answer is not None
    assert answer.status in (403, 404)
    walk.move(moderator, "Factual accuracy")


def challenged(walk: Walk) -> None:
    page = walk.go(walk.lead, "inspection/draft/issue")
    page.get_by_role("button", name="Issue it").click()
    walk.job(page, "The draft")
    page = walk.go(walk.landlord, "inspection/draft")
    page.get_by_role("link", name="3 Recommendations").last.click()
    page.locator("[id^=p-]").get_by_role("link", name="Challenge").first.click()
    check(page)
    page.get_by_label("A fact is wrong").check()
    page.get_by_label("What is so").fill("It was eleven months on average.")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("1 challenge is sent.")).to_be_visible()
    page = walk.go(walk.lead, "inspection/challenges")
    page.get_by_role("link", name="CH1").first.click()
    page.get_by_role("link", name="Answer", exact=True).click()
    check(page)
    page.get_by_label("Rejected").check()
    page.get_by_label("Why not, or not wholly").select_option("not shown by evidence")
    page.get_by_label("In words").fill("The files say sixty-one weeks.")
    page.get_by_role("button", name="Save the answer").click()
    walk.go(page, "inspection/challenges")
    page.get_by_role("button", name=re.compile("^Tell the landlord")).click()
    page = walk.go(walk.landlord, "inspection/draft")
    page.get_by_role("button", name="We have no more to say").click()
    walk.go(page, "publication/response")
    page.get_by_label("The board's words").fill("Our board accepts the report.")
    page.get_by_role("button", name="Save the response").click()


def published(walk: Walk, tmp_path: Path) -> None:
    page = walk.go(walk.lead, "publication")
    page.get_by_label("Anybody: a public page without signing in").check()
    page.get_by_role("button", name="Publish the report").click()
    walk.job(page, "What was published")
    walk.go(page, "publication")
    slug = str(page.locator("a[href*='/published/']").first.get_attribute("href"))
    context = walk.visit.context()
    anybody = context.new_page()
    anybody.goto(slug)
    check(anybody)
    expect(anybody.locator("main")).to_contain_text("Our board accepts the report.")
    package = tmp_path / "package.zip"
    package.write_bytes(context.request.get(f"{slug}1/package.zip").body())
    fingerprint = anybody.locator(".command").inner_text().split()[-1]
    assert verifying.verify(package, key=fingerprint).whole
    # It rests from now on; what follows is the plan.
    walk.go(page, "inspection")
    walk.move(page, "Following up")
    walk.visit.watch.expect("403")
    walk.go(walk.inspector, f"themes/{THEME}")
    expect(walk.inspector.get_by_role("radio")).to_have_count(0)
