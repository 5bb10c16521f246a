"""Pages fit any screen: 320 pixels, which is also a wide one at 400 % zoom, and any size of text."""

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry
from tests import tour
from tests.browser import steps
from tests.browser.steps import path_in
from tests.browser.visiting import visit
from tests.pageant.factories import make_entry

LONG_HOBBY = "đàntranh" * 5  # as long as the form takes it, without a space to break at
AT_ROOT = "styles => Object.assign(document.documentElement.style, styles)"
READERS = {  # the width of their screen, and how they have their text
    "on the narrowest screen": (320, {}),
    "with text of twice the size at 200 %": (640, {"fontSize": "200%"}),
    "with the widest spacing": (320, {"letterSpacing": "0.12em", "wordSpacing": "0.16em", "lineHeight": "1.5"}),
}


@pytest.fixture
def narrow(open_page) -> Page:
    return open_page(viewport={"width": 320, "height": 640})


@pytest.fixture
def public_entry(pageant, site) -> Entry:
    return make_entry(pageant, hobbies=(LONG_HOBBY,))


def widths(page: Page) -> tuple[int, int]:
    """Of what could be scrolled, and of the screen, which browsers raise where a page asks for more."""
    return tuple(page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]"))


def assert_fits(page: Page) -> None:
    assert widths(page) == (320, 320)


@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_no_page_scrolls_sideways(furnished, open_page, shoot, language):
    page = open_page(may_complain_of="Failed to load resource")
    found = {}
    for stop in tour.STOPS:
        visit(page, stop, language)
        shoot(page, stop.name)
        for reader, (width, styles) in READERS.items():
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate(AT_ROOT, {"fontSize": "", "letterSpacing": "", "wordSpacing": "", "lineHeight": "", **styles})
            found[stop.name, reader] = widths(page)

    assert {where: seen for where, seen in found.items() if seen != (READERS[where[1]][0],) * 2} == {}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_form_does_not_scroll_sideways_on_a_narrow_screen(narrow, public_entry, language):
    narrow.goto(path_in(language, "/pageants/spring/enter/"))
    expect(narrow.locator(".suggestions")).to_have_count(1)
    assert_fits(narrow)
    narrow.locator("[name=hobbies]").fill("đàntranh" * 20)
    broken = steps.upload("x" * 60 + ".jpg", b"no picture")
    narrow.locator("[name=photos]").set_input_files([broken, steps.photo()])
    expect(narrow.locator("[data-new-photos] > li")).to_have_count(2)
    assert_fits(narrow)
    steps.submit_button(narrow).click()
    expect(narrow.locator(".error-summary")).to_be_focused()
    assert_fits(narrow)


# What else readers may ask of their browsers


BORDERED = "main :is(.button, .btn, input:not([type=hidden]), select, textarea), .cookie-notice .button"


BARE = """all => all.filter(one => {
    const style = getComputedStyle(one), bordered = style.borderTopStyle !== 'none' && parseFloat(style.borderTopWidth)
    return one.checkVisibility() && !['checkbox', 'radio'].includes(one.type) && !bordered
}).map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("name", ["home", "enter, with errors", "websites", "cookies"])
def test_controls_have_borders_in_forced_colours(furnished, open_page, name):
    page = open_page(forced_colors="active")
    (stop,) = [stop for stop in tour.STOPS if stop.name == name]
    visit(page, stop, "en")
    bare = page.locator(BORDERED).evaluate_all(BARE)
    assert bare == []
    page.evaluate("document.activeElement.blur()")
    for _stop in range(5):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline in {"solid", "auto", "double"}


MOVING = """() => document.getAnimations().length + [...document.querySelectorAll('*')].filter(
    one => getComputedStyle(one).transitionDuration.split(',').some(time => parseFloat(time) > 0)).length"""


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_who_does_not_like_it(furnished, open_page, wish, moves):
    page = open_page(reduced_motion=wish)
    page.goto("/")

    assert (page.evaluate(MOVING) > 0) == moves
