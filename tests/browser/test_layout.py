"""Pages on the narrowest screen: 320 pixels, which is also a wide screen at 400 % zoom."""

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry
from tests.browser import steps
from tests.browser.steps import path_in
from tests.factories import make_entry

# As long as the form takes them, without a space to break at.
LONG_NAME, LONG_PLACE, LONG_HOBBY = "Nguyễn" * 10, "Thừa-Thiên-Huế" * 5, "đàntranh" * 5


@pytest.fixture
def narrow(open_page) -> Page:
    return open_page(viewport={"width": 320, "height": 640})


@pytest.fixture
def public_entry(pageant, site) -> Entry:
    texts = {"lives_in": LONG_PLACE, "favourite_food": LONG_PLACE, "about": "Xin_chào!" * 50}
    return make_entry(pageant, display_name=LONG_NAME, hobbies=(LONG_HOBBY,), **texts)


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320
    assert page.evaluate("innerWidth") == 320  # which browsers raise where a page asks for more


@pytest.mark.parametrize("language", ["en", "vi"])
def test_public_pages_do_not_scroll_sideways_on_a_narrow_screen(narrow, public_entry, shoot, language):
    entry = f"/pageants/spring/entries/{public_entry.key}/"
    pages = {"home": "/", "pageants": "/pageants/", "pageant": "/pageants/spring/", "entry": entry}
    for name, path in pages.items():
        narrow.goto(path_in(language, path))
        expect(narrow.locator("h1")).to_have_count(1)
        shoot(narrow, name)
        assert_fits(narrow)


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
