"""Answering about cookies in a real browser, with and without JavaScript."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry
from privacy.models import CookieChoice
from tests.browser.steps import path_in
from tests.pageant.factories import make_entry

BUTTONS = {"all": "[value=all]", "none": "[value=none]", "chosen": "[value=chosen]"}


@pytest.fixture(params=["en", "vi"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def entry(pageant, site) -> Entry:
    return make_entry(pageant, lives_in="Huế", hobbies=("hát",))


def pages(entry: Entry, language: str) -> list[str]:
    paths = ("/", "/pageants/", "/pageants/spring/", "/pageants/spring/?place=hue", "/pageants/spring/enter/",
        f"/pageants/spring/entries/{entry.key}/", "/privacy/you/", "/privacy/cookies/")  # fmt: skip
    return [path_in(language, path) for path in paths]


def cookies(page: Page) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}


def answer(page: Page, choice: str) -> list[tuple[str, str]]:
    """Answers the notice; returns the requests for pages that it took."""
    asked: list[tuple[str, str]] = []
    page.on(
        "request",
        lambda request: (
            asked.append((request.method, urlsplit(request.url).path)) if request.is_navigation_request() else None
        ),
    )
    notice = page.locator(".cookie-notice")
    if choice == "chosen":
        notice.locator("summary").click()
        notice.locator("[name=preferences]").check()
    notice.locator(BUTTONS[choice]).click()
    expect(notice).to_have_count(0)
    return asked


@pytest.mark.parametrize("choice", BUTTONS)
def test_each_answer_is_one_request_and_leads_back(open_page, entry, script, language, choice):
    page = open_page(java_script_enabled=script)
    gallery, cookie_page = (path_in(language, path) for path in ("/pageants/spring/?sort=oldest", "/privacy/cookies/"))
    page.goto(gallery)

    asked = answer(page, choice)

    # What follows the post is its redirect.
    assert asked == [("POST", cookie_page), ("GET", gallery.partition("?")[0])]
    expect(page).to_have_url(gallery)
    wanted = {"all": (True, True, True), "none": (False, False, False), "chosen": (True, False, False)}[choice]
    record = CookieChoice.objects.get()
    assert tuple(record.answers[name] for name in ("preferences", "statistics", "advertising")) == wanted
    assert record.language == language


def test_notice_is_next_to_the_skip_link_in_tab_order_and_answers_by_keyboard(open_page, entry, language):
    page = open_page()
    page.goto(path_in(language, "/"))
    focused = []
    for _step in range(6):
        page.keyboard.press("Tab")
        focused.append(
            page.evaluate("[!!document.activeElement.closest('.cookie-notice'), document.activeElement.tagName]")
        )

    assert focused == [[False, "A"], [True, "A"], [True, "BUTTON"], [True, "BUTTON"], [True, "SUMMARY"], [False, "A"]]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # in a box: saves what is ticked, and accepts nothing else
    expect(page.locator(".cookie-notice")).to_have_count(0)
    assert CookieChoice.objects.get().answers == {"preferences": True, "statistics": False, "advertising": False}


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_notice_covers_nothing_and_its_answers_weigh_the_same(open_page, entry, width, language):
    page = open_page(viewport={"width": width, "height": 640})
    page.goto(path_in(language, "/"))
    notice, header = page.locator(".cookie-notice").bounding_box(), page.locator(".site-header").bounding_box()
    buttons = page.locator(".cookie-notice button:visible, .cookie-notice summary")
    looks = buttons.evaluate_all(
        """all => all.map(one => {
            const style = getComputedStyle(one), box = one.getBoundingClientRect()
            return [Math.round(box.width), Math.round(box.height), style.color, style.backgroundColor, style.fontSize,
                style.fontWeight, style.borderColor].join(' ')
        })"""
    )

    assert notice["y"] + notice["height"] <= header["y"]
    assert len(looks) == 3
    assert len(set(looks)) == 1, looks
    assert page.evaluate("document.scrollingElement.scrollWidth") == width


def test_no_page_sets_a_cookie_before_an_answer(open_page, entry, language):
    page = open_page()
    for path in pages(entry, language):
        page.goto(path)
        assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert cookies(page) == {}


@pytest.mark.parametrize(("choice", "names"), [("all", {"choice", "preferences"}), ("none", {"choice"})])
def test_after_an_answer_there_are_only_the_cookies_that_belong_to_it(open_page, entry, language, choice, names):
    page = open_page()
    page.goto(path_in(language, "/"))
    answer(page, choice)
    for path in pages(entry, language):
        page.goto(path)
        expect(page.locator(".cookie-notice")).to_have_count(0)
        assert page.evaluate("document.cookie") == ""  # no script reads them

    assert cookies(page).keys() == names
    assert {(cookie["httpOnly"], cookie["sameSite"], cookie["path"]) for cookie in page.context.cookies()} == {
        (True, "Lax", "/")
    }


def test_withdrawal_is_one_button_at_the_foot_of_any_page(open_page, entry, script, language):
    page = open_page(java_script_enabled=script)
    page.goto(path_in(language, "/"))
    answer(page, "all")
    page.goto(path_in(language, "/pageants/spring/?place=hue"))
    assert cookies(page).keys() == {"choice", "preferences"}

    page.locator("footer [value=none]").click()

    expect(page.locator("footer [value=none]")).to_have_count(0)
    assert cookies(page).keys() == {"choice"}
    expect(page).to_have_url(path_in(language, "/pageants/spring/?place=hue"))


def test_remembered_places_come_first_and_are_edited_by_their_owner(open_page, entry, script):
    page = open_page(java_script_enabled=script)
    page.goto("/")
    answer(page, "all")
    page.goto("/pageants/spring/?place=hue")
    page.goto("/")
    expect(page.locator("#for-you")).to_be_visible()
    page.goto("/privacy/cookies/")
    expect(page.locator("[name=places]")).to_have_value("Huế")
    expect(page.locator(".receipt code").first).to_have_text(CookieChoice.objects.get().key)
    page.locator("[name=places]").fill("")
    page.locator("[name=forget]").check()
    page.locator("[action$='/preferences/'] button").first.click()
    expect(page.locator("[name=forget]")).to_have_count(0)
    page.goto("/")
    expect(page.locator("#for-you")).to_have_count(0)
