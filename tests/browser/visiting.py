"""How a browser comes to a stop of the tour, and what is measured there."""

from typing import Any
from urllib.parse import urlencode

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Route

from tests.stops import COOKIES, Stop


def visit(page: Page, stop: Stop, language: str) -> None:
    """Opens the page as somebody does who comes there first."""
    page.context.clear_cookies()
    if stop.choice:
        page.request.post(COOKIES, form={"choice": stop.choice})
    for path in stop.visited:
        page.request.get(path)

    def send(route: Route) -> None:
        headers = {**route.request.headers, **stop.headers}
        if stop.post is None:
            route.continue_(headers=headers)
        else:
            headers["content-type"] = "application/x-www-form-urlencoded"
            route.continue_(method="POST", headers=headers, post_data=urlencode(stop.post))

    path = stop.path_in(language)
    if stop.headers or stop.post is not None:  # a browser that asks about each request caches nothing
        page.route(lambda address: address.endswith(path), send, times=1)
    response = page.goto(path)
    assert response is not None
    assert response.status == stop.status, stop.name


# What axe finds

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RULES = {"target-size": {"enabled": True}}  # the one rule among them that axe leaves out unless it is asked for
# Not preloaded: axe would write the sheets that ours import into the page, which our Content-Security-Policy forbids.
RESULTS = {"resultTypes": ["violations"], "preload": False}
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES, **RESULTS}
RUN = "options => axe.run(options).then(({violations}) => violations)"


def load_axe(page: Page) -> None:
    page.evaluate(AXE_SCRIPT)


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(RUN, OPTIONS)
    return [f"{one['id']}: {node['target']} {node['html'][:200]}" for one in found for node in one["nodes"]]


# How wide it is


WIDTHS = """styles => {
    Object.assign(document.documentElement.style, styles)
    return [document.scrollingElement.scrollWidth, innerWidth]
}"""


def widths(page: Page, **styles: str) -> tuple[int, int]:
    """Of what could be scrolled, and of the screen, which browsers raise where a page asks for more.

    `styles` are given to the root first.
    """
    return tuple(page.evaluate(WIDTHS, styles))
