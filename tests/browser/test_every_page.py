"""On every page axe finds nothing, in both languages and themes, on a phone and a wide screen; and it fits any screen.

That is 320 pixels, which is also a wide one at 400 % zoom, and any size of text. Looking takes axe half a second, so it
is done in half of the combinations: each language, each theme and each width meets each of the others in one of them. A
fault that needs all three would need colours that depend on the language, or sizes that depend on the theme, which
tests/test_structure.py rules out.
"""

from itertools import combinations

import pytest
from playwright.sync_api import Page

from tests import tour
from tests.browser.visiting import load_axe, violations, visit, widths

PARTS = 4  # so that several processes share the work
SCREENS = {"en": [(360, "light"), (1280, "dark")], "vi": [(360, "dark"), (1280, "light")]}
READERS = {  # the width of their screen, and how they have their text
    "with text of twice the size at 200 %": (640, {"fontSize": "200%"}),
    "on the narrowest screen": (320, {}),
    "with the widest spacing": (320, {"letterSpacing": "0.12em", "wordSpacing": "0.16em", "lineHeight": "1.5"}),
}
PLAIN = {"fontSize": "", "letterSpacing": "", "wordSpacing": "", "lineHeight": ""}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_axe_finds_nothing_and_all_fits(furnished, open_page, shoot, language, part):
    # Colours on their way from one theme to the other would be measured as they are.
    page = open_page(may_complain_of="Failed to load resource", reduced_motion="reduce")
    barriers, seen = {}, {}
    for stop in tour.STOPS[part::PARTS]:
        visit(page, stop, language)
        shoot(page, stop.name)
        barriers[stop.name] = barriers_on(page, language)
        seen[stop.name] = widths_for_readers(page)

    assert {name: wrong for name, wrong in barriers.items() if wrong} == {}
    fitting = {reader: (width, width) for reader, (width, _styles) in READERS.items()}
    assert {name: wrong for name, wrong in seen.items() if wrong != fitting} == {}


def barriers_on(page: Page, language: str) -> dict[tuple[int, str], list[str]]:
    load_axe(page)
    found = {}
    for width, theme in SCREENS[language]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        found[width, theme] = violations(page)
    return {where: wrong for where, wrong in found.items() if wrong}


def widths_for_readers(page: Page) -> dict[str, tuple[int, int]]:
    found = {}
    for reader, (width, styles) in READERS.items():
        page.set_viewport_size({"width": width, "height": 640})
        found[reader] = widths(page, **{**PLAIN, **styles})
    return found


# Looking does find what is wrong

FAINT = "<p style='color: light-dark(#333, #555); background: light-dark(#fff, #000)'>Faint in the dark</p>"
BAD = f"""<!doctype html><html lang="en"><title>x</title><meta name="color-scheme" content="light dark"><main><h1>x</h1>
{FAINT}<img src="data:,">
<button style="width: 9px; height: 9px; padding: 0" aria-label="a"></button><button aria-label="b"
style="width: 9px; height: 9px; padding: 0"></button></main>"""


@pytest.fixture
def show(open_page, site):
    """Shows a page that isn't the site's."""

    def run(html: str) -> Page:
        page = open_page(may_complain_of="data:", reduced_motion="reduce")
        page.goto("/robots.txt")
        page.set_content(html)
        return page

    return run


@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_axe_does_look(show, language):
    found = barriers_on(show(BAD), language)

    shapes = {"image-alt", "target-size"}
    assert {where: {one.partition(":")[0] for one in wrong} for where, wrong in found.items()} == {
        (width, theme): shapes | ({"color-contrast"} if theme == "dark" else set())
        for width, theme in SCREENS[language]
    }


def test_each_two_of_language_theme_and_width_are_looked_at_together():
    seen = [(language, *screen) for language, screens in SCREENS.items() for screen in screens]

    assert set(SCREENS) == set(tour.LANGUAGES)
    for one, other in combinations(range(3), 2):
        assert len({(look[one], look[other]) for look in seen}) == 4


@pytest.mark.parametrize(
    ("style", "wide"),
    [
        ("width: 330px", {"on the narrowest screen", "with the widest spacing"}),
        ("width: 21rem", set(READERS)),
        ("width: fit-content; font: 16px monospace", {"with the widest spacing"}),
    ],
)
def test_what_does_not_fit_is_seen(show, style, wide):
    found = widths_for_readers(show(f"<!doctype html><meta name='viewport' content='width=device-width'>"
        f"<body style='margin: 0'><div style='{style}'>{'x' * 30}</div>"))  # fmt: skip

    assert {reader for reader, (whole, _screen) in found.items() if whole > READERS[reader][0]} == wide
