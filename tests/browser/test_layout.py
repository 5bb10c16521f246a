"""The form fits the narrowest screen, and pages keep to what else readers ask of their browsers."""

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry
from tests import tour
from tests.browser import steps
from tests.browser.steps import path_in
from tests.browser.visiting import visit, widths
from tests.pageant.factories import make_entry

LONG_HOBBY = "đàntranh" * 5  # as long as the form takes it, without a space to break at


@pytest.fixture
def narrow(open_page) -> Page:
    return open_page(viewport={"width": 320, "height": 640})


@pytest.fixture
def public_entry(pageant, site) -> Entry:
    return make_entry(pageant, hobbies=(LONG_HOBBY,))


def assert_fits(page: Page) -> None:
    assert widths(page) == (320, 320)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_form_does_not_scroll_sideways_on_a_narrow_screen(narrow, public_entry, language):
    narrow.goto(path_in(language, "/pageants/spring/enter/"))
    expect(narrow.locator(".suggestions")).to_have_count(1)
    assert_fits(narrow)
    narrow.locator("[name=hobbies]").fill("đàntranh" * 20)
    broken = steps.upload("x" * 60 + ".jpg", b"no picture")
    narrow.locator("[name=photos]").set_input_files([broken, steps.photo()])
    expect(narrow.locator("[data-photos] > li")).to_have_count(2)
    assert_fits(narrow)
    steps.submit_button(narrow).click()
    expect(narrow.locator(".error-summary")).to_be_focused()
    assert_fits(narrow)


# What else readers may ask of their browsers


BORDERED = "main :is(.button, .btn, input:not([type=hidden]), select, textarea), .cookie-state .button"


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
