"""The whole way of an entry by keyboard alone, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from pageant.models import Entry
from privacy.models import CookieChoice
from tests import tour
from tests.browser import steps
from tests.browser.steps import path_in
from tests.browser.visiting import visit

EMAIL = "lan@example.org"
MOST = 150  # stops of the tabulator key on the longest page
# A link that wraps has a rectangle for each line, and the middle of all of them may be another element's.
FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getClientRects()[0]
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1)
    const y = Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 0), innerHeight - 1)
    return {
        name: one.outerHTML.slice(0, 120),
        outlined: one === document.body || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: one === document.body || box.bottom > 0 && box.top < innerHeight && box.right > 0
            && one.contains(document.elementFromPoint(x, y)),
    }
}"""


def tab(page: Page, key: str = "Tab") -> None:
    """To the next stop, which must be marked and in sight."""
    page.keyboard.press(key)
    focus = page.evaluate(FOCUS)
    assert (focus["outlined"], focus["seen"]) == (True, True), focus["name"]


def reach(page: Page, target: Locator) -> None:
    for _stop in range(MOST):
        tab(page)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{target} is out of reach")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, page.locator(selector).first)
    page.keyboard.press(key)


def fill(page: Page, field: str, text: str) -> None:
    reach(page, page.locator(f"main [name={field}]"))
    page.keyboard.insert_text(text)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_entry_is_made_confirmed_and_withdrawn_by_keys(open_page, site, pageant, mailbox, script, language):
    page = open_page(java_script_enabled=script)
    gallery = path_in(language, "/pageants/spring/")
    page.goto(path_in(language, "/"))
    skip_to_the_content(page)
    press(page, f"main a[href='{gallery}']")
    expect(page).to_have_url(gallery)
    press(page, f"main a[href='{gallery}enter/']")
    expect(page).to_have_url(f"{gallery}enter/")

    send_with_an_error(page)
    mend(page)
    expect(page).to_have_url(re.compile(r"/enter/sent/\?mail="))  # browsers keep the fragment of the page that posted

    steps.open_mailed_link(page, mailbox(EMAIL))
    press(page, "main [type=submit]")
    expect(page.locator(".own-entry .state--waiting")).to_have_count(1)
    press(page, ".own-entry .button--danger")
    expect(page).to_have_url(re.compile("/withdraw/$"))
    press(page, "main [type=submit]")
    expect(page.locator(".own-entry .state--withdrawn")).to_have_count(1)
    assert Entry.objects.get().status == Entry.Status.WITHDRAWN


def skip_to_the_content(page: Page) -> None:
    tab(page)
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    tab(page)
    assert page.evaluate("!!document.activeElement.closest('main')")


def send_with_an_error(page: Page) -> None:
    fill(page, "display_name", "Lan Anh")
    fill(page, "email", EMAIL)
    fill(page, "hobbies", "hát, đàn tranh")
    reach(page, page.locator("[name=photos]"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([steps.photo()])
    press(page, "[name=is_adult]", "Space")
    press(page, "main [type=submit]#send")


def mend(page: Page) -> None:
    """From the summary, which has the focus, to the field that it names."""
    expect(page.locator(".error-summary")).to_be_focused()
    tab(page)
    page.keyboard.press("Enter")
    expect(page.locator("[name=owns_photos]")).to_be_focused()
    page.keyboard.press("Space")
    press(page, "main [type=submit]#send")


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Cookies and your choice"), ("vi", "Cookie và lựa chọn của bạn")]
)
def test_what_the_foot_says_about_cookies_is_a_named_region(page, pageant, language, name):
    page.goto(path_in(language, "/"))

    expect(page.locator("footer").get_by_role("region", name=name)).to_have_class("cookie-state")


@pytest.mark.parametrize("path", ["/pageants/spring/enter/", "/websites/suggest/"])
def test_foot_is_answered_by_keys_where_something_is_typed(page, pageant, path):
    page.goto(path)
    page.locator("form [name=email]").fill("lan@example.com")
    for choice, other in (("not-count", "count"), ("count", "not-count")):
        page.locator(f"[value={choice}]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"[value={other}]")).to_have_count(1)
        expect(page.locator(".cookie-state")).to_be_focused()

    expect(page.locator("form [name=email]")).to_have_value("lan@example.com")
    assert CookieChoice.objects.count() == 1


@pytest.mark.parametrize("name", ["home", "gallery, found", "entry", "enter, with photos kept", "websites", "cookies",
    "policy", "own page", "sponsors' report"])  # fmt: skip
def test_focus_goes_through_the_page_and_out_of_it(furnished, open_page, name):
    page = open_page()
    (stop,) = [stop for stop in tour.STOPS if stop.name == name]
    visit(page, stop, "en")
    page.evaluate("document.activeElement.blur()")
    focused = []
    for _stop in range(MOST):
        tab(page)
        number = page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        if page.evaluate("document.activeElement === document.body"):
            break
        focused.append(number)

    assert len(focused) > 5
    assert focused == sorted(set(focused))  # in the order of reading, and none twice
    assert len(focused) < MOST
