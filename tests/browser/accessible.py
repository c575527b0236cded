"""Rules of accessibility, run in the page by axe; and what axe does not look at."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from hands import overflow
from playwright.sync_api import Page

AXE = Axe()
GRAVE = {"serious", "critical"}


def faults(page: Page, *rules: str) -> list[str]:
    """What axe finds that is serious or worse: rule, place and what is wrong there."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = AXE.run(page, options=options).response["violations"]
    return [
        f"{v['id']}: {node['target']} {node['html'][:160]} – {node['failureSummary']}"
        for v in found
        if v["impact"] in GRAVE
        for node in v["nodes"]
    ]


def unfold(page: Page) -> None:
    """Open everything that is folded away, except menus."""
    page.evaluate(
        "document.querySelectorAll('details:not(.menu)').forEach(e => { e.open = true; })"
    )


def wider(page: Page) -> list[str]:
    """The parts that make a page wider than its window, if it is."""
    if overflow(page) <= 0:
        return []
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
            .slice(0, 8)
            .map(e => `${e.tagName.toLowerCase()}.${e.className} reaches `
                + Math.round(e.getBoundingClientRect().right))"""
    )
    return [f"{overflow(page)} px too wide", *found]


def check(page: Page, *, dark: bool = False) -> None:
    """Fail if anything is amiss at the width the page has; ``dark`` looks at its colours too."""
    wrong = [*faults(page), *wider(page)]
    if dark:
        page.emulate_media(color_scheme="dark")
        wrong += [f"dark: {fault}" for fault in faults(page, "color-contrast")]
        page.emulate_media(color_scheme="light")
    assert not wrong, f"{page.url} at {page.viewport_size}:\n" + "\n".join(wrong)
