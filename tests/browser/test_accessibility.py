"""axe finds nothing on any public page: in both languages, both themes, on a phone and a wide screen."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests import tour
from tests.browser.visiting import visit

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RULES = {"target-size": {"enabled": True}}  # the one rule among them that axe leaves out unless it is asked for
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES, "resultTypes": ["violations"]}
RUN = "options => axe.run(options).then(({violations}) => violations)"
WIDTHS = (360, 1280)
THEMES = ("light", "dark")
PARTS = 4  # so that several processes share the work


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_axe_finds_nothing_on_any_page(furnished, open_page, language, part):
    # Colours on their way from one theme to the other would be measured as they are.
    page = open_page(may_complain_of="Failed to load resource", reduced_motion="reduce")
    found = {}
    for stop in tour.STOPS[part::PARTS]:
        visit(page, stop, language)
        page.evaluate(AXE_SCRIPT)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                found[stop.name, theme, width] = violations(page)

    assert {where: wrong for where, wrong in found.items() if wrong} == {}


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(RUN, OPTIONS)
    return [f"{one['id']}: {node['target']} {node['html'][:200]}" for one in found for node in one["nodes"]]


BAD = """<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>
<p style="color: #aaa; background: #fff">Faint</p><img src="data:,">
<button style="width: 9px; height: 9px; padding: 0" aria-label="a"></button><button aria-label="b"
style="width: 9px; height: 9px; padding: 0"></button></main>"""


def test_axe_does_look(open_page, site):
    page = open_page(may_complain_of="data:")
    page.goto("/robots.txt")
    page.set_content(BAD)
    page.evaluate(AXE_SCRIPT)

    assert {one.partition(":")[0] for one in violations(page)} == {"color-contrast", "image-alt", "target-size"}
