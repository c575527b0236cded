"""What a person sees: the focus, targets a thumb can hit, the page on paper, things that open."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdfium2
import pytest
from accessible import check
from hands import HEIGHTS, THEME, Site, Visitors, criterion, rung, said, tab_to
from playwright.sync_api import Page, expect

KEY = "account-set-up"
widths = pytest.mark.parametrize("width", [1280, 390])

#: Of what has the focus: is it marked, and is it in sight and not behind something else?
FOCUS = """() => {
    const e = document.activeElement;
    const marked = [e, e.closest("label"), e.parentElement].filter(Boolean).some((one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    });
    const shown = e.closest("label") && e.matches("[type=radio], [type=checkbox]")
        ? e.closest("label") : e;
    const box = shown.getClientRects()[0] || shown.getBoundingClientRect();
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 1), innerHeight - 1);
    const at = document.elementFromPoint(x, y);
    return {
        what: e.outerHTML.slice(0, 120),
        place: e === document.body ? "" : [...document.querySelectorAll("*")].indexOf(e),
        marked,
        inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        onTop: shown === at || shown.contains(at) || Boolean(at && at.contains(shown)),
    };
}"""


@widths
def test_focus_is_seen(visit: Visitors, site: Site, width: int) -> None:
    page = visit.open("mair", f"{site.demonstration}themes/{THEME}", width)
    wrong, places = [], set()
    for _ in range(60):
        page.keyboard.press("Tab")
        found: dict[str, Any] = page.evaluate(FOCUS)
        places.add(found["place"])
        if not (found["marked"] and found["inSight"] and found["onTop"]):
            wrong.append(found)
    assert not wrong, "\n".join(map(str, wrong))
    assert len(places) > 55, "the focus goes on with every press"


def test_skip_link(visit: Visitors, site: Site) -> None:
    page = visit.open("mair", f"{site.demonstration}themes/{THEME}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


#: What is touched most: at least 44 pixels high. Everything else: at least 24 (WCAG 2.5.8).
def test_targets_for_thumbs(visit: Visitors, site: Site) -> None:
    page = visit.open("mair", f"{site.demonstration}themes/{THEME}", 390)
    rungs = page.locator(".ladder label")
    assert rungs.count() == 5 * 7
    heights = rungs.evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert min(heights) >= 44, sorted(heights)[:5]
    buttons = page.locator("main .button:visible, main summary:visible, .bar a:visible")
    small = buttons.evaluate_all(
        """all => all.map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 100)])
            .filter(([height]) => height < 24)"""
    )
    assert not small, small


def test_columns_beside_each_other_only_where_there_is_room(visit: Visitors, site: Site) -> None:
    page = visit.open("mair", f"{site.demonstration}themes/{THEME}")
    upper, lower = (criterion(page, KEY).locator(".pair > div").nth(n) for n in (0, 1))

    def box(part: Any) -> dict[str, float]:
        found: dict[str, float] = part.bounding_box()
        return found

    assert box(upper)["y"] == pytest.approx(box(lower)["y"], abs=2)
    page.set_viewport_size({"width": 390, "height": HEIGHTS[390]})
    assert box(lower)["y"] >= box(upper)["y"] + box(upper)["height"] - 2


CLIPPED = """() => [...document.querySelectorAll("main *, aside *")].filter((e) => {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    if (!box.height || box.width < 4 || e.closest("svg, .visually-hidden")) return false;
    const held = /hidden|clip|auto|scroll/;
    return (held.test(style.overflowY) && e.scrollHeight > e.clientHeight + 2)
        || (held.test(style.overflowX) && e.scrollWidth > e.clientWidth + 2);
}).map((e) => `${e.tagName}.${e.className} ${e.scrollWidth}>${e.clientWidth} `
    + `${e.scrollHeight}>${e.clientHeight} ${e.textContent.slice(0, 60)}`)"""


def test_on_paper(visit: Visitors, site: Site) -> None:
    visit.watch.expect("Blocked script execution")
    page = visit.open("mair", f"{site.demonstration}themes/{THEME}", 760)
    reasons = page.locator("[name=reason]").evaluate_all("all => all.map(e => e.value)")
    page.emulate_media(media="print")
    assert page.evaluate(CLIPPED) == []
    for part in (".bar", ".rail", ".skip", ".button"):
        for one in page.locator(part).all():
            expect(one).to_be_hidden()
    with pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4"))) as paper:
        words = " ".join(paper[n].get_textpage().get_text_range() for n in range(len(paper)))
    words = re.sub(r"\s+", " ", words)
    assert len(reasons) == 5
    for reason in reasons:
        assert reason[:40] in words
        assert reason[-25:] in words


def test_a_plan_on_paper_keeps_its_columns_and_has_no_page_of_a_footer(
    visit: Visitors, site: Site
) -> None:
    plan = f"{site.address}/organisations/{site.made['some']['organisation']}/plan/"
    for address, last in ((plan, "Outcome"), (f"{plan}time-line", "Milestones")):
        page = visit.open("mair", address, 1280)
        with pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4"))) as paper:
            pages = [paper[n].get_textpage().get_text_range() for n in range(len(paper))]
        assert len(pages) < 4
        for words in pages[1:]:
            assert last in words
            assert len(words.split()) > 30


@widths
def test_menus(visit: Visitors, site: Site, width: int) -> None:
    page = visit.open("mair", site.demonstration, width)
    for menu in page.locator("details.menu").all():
        if not menu.is_visible():
            continue
        menu.locator("summary").click()
        expect(menu.locator(".sheet")).to_be_in_viewport(ratio=0.99)
        check(page, dark=True)
        page.keyboard.press("Escape")
        expect(menu.locator(".sheet")).to_be_hidden()
        expect(menu.locator("summary")).to_be_focused()


@widths
def test_what_opens_on_the_theme_page(visit: Visitors, site: Site, width: int) -> None:
    """The list of keys, a panel with faults, two versions, the notice of an ended session."""
    visit.watch.expect("422", "409", "401")
    made = site.spare()
    page = visit.open("anwen", made.theme(), width)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    check(page, dark=True)
    page.keyboard.press("Escape")

    card = criterion(page, KEY)
    card.get_by_role("link", name="Add evidence").click()
    card.get_by_label("Note", exact=True).check()
    card.get_by_role("button", name="Add evidence").click()
    expect(card.locator(".error-summary")).to_be_focused()
    check(page, dark=True)
    card.get_by_role("button", name="Close").click()

    other = visit.open("bryn", made.theme())
    rung(criterion(other, KEY), "Upper").click()
    said(other, criterion(other, KEY), re.compile("^Saved"))
    rung(card, "Lower").click()
    expect(card.locator(".conflict")).to_be_visible()
    check(page, dark=True)

    page.context.clear_cookies(name="sessionid")
    rung(criterion(page, "account-information"), "Upper").click()
    expect(page.locator("#signed-out")).to_be_visible()
    check(page, dark=True)


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("assessments/new", "Create"),
        ("evidence/add", "Add evidence"),
        (f"findings/add/{THEME}", "Add the finding"),
        ("known/add", "Save"),
    ],
)
def test_forms_that_come_back(visit: Visitors, site: Site, path: str, button: str) -> None:
    visit.watch.expect("422")
    base = f"{site.address}/" if path.startswith("assessments/") else site.demonstration
    for width in (1280, 390):
        page = visit.open("mair", base + path, width)
        page.get_by_role("button", name=button, exact=True).click()
        summary = page.locator(".error-summary").first
        expect(summary).to_be_focused()
        link = summary.get_by_role("link").first
        target = (link.get_attribute("href") or "")[1:]
        tab_to(page, link)
        page.keyboard.press("Enter")
        expect(page.locator(f"[id='{target}']")).to_be_in_viewport()
        check(page, dark=width == 1280)


def test_colours_are_chosen_and_kept(visit: Visitors, site: Site) -> None:
    page: Page = visit.open("mair", site.demonstration)
    page.locator(".menu.who > summary").click()
    page.locator("[data-scheme-form]").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    check(page)
