"""Answering about cookies in a real browser, with and without JavaScript."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry
from privacy.models import CookieChoice
from tests.browser.steps import path_in
from tests.pageant.factories import make_entry


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


def press(page: Page, choice: str) -> list[tuple[str, str]]:
    """Presses a button about cookies; returns the requests for pages that it took."""
    asked: list[tuple[str, str]] = []
    page.on(
        "request",
        lambda request: (
            asked.append((request.method, urlsplit(request.url).path)) if request.is_navigation_request() else None
        ),
    )
    page.locator(f"[value={choice}]").click()
    expect(page.locator(f"[value={choice}]")).to_have_count(0)
    return asked


def answer_all(page: Page, choice: str) -> None:
    page.goto("/privacy/cookies/")
    page.locator(f"#choice [value={choice}]").click()
    expect(page.locator(".receipt")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "answers", "part"),
    [
        ("remember", {"preferences": True}, "remember"),
        ("not-remember", {"preferences": False}, "remember"),
        ("not-count", {"statistics": False}, "cookie-state"),
    ],
)
def test_each_answer_is_one_request_and_leads_back(open_page, entry, script, language, choice, answers, part):
    page = open_page(java_script_enabled=script, viewport={"width": 360, "height": 640})
    gallery, cookie_page = (path_in(language, path) for path in ("/pageants/spring/?place=hue", "/privacy/cookies/"))
    page.goto(gallery)

    asked = press(page, choice)

    # What follows the post is its redirect.
    assert asked == [("POST", cookie_page), ("GET", gallery.partition("?")[0])]
    expect(page).to_have_url(f"{gallery}#{part}")
    expect(page.locator(f"#{part}")).to_be_in_viewport()
    record = CookieChoice.objects.get()
    assert (record.answers, record.language) == (answers, language)
    assert cookies(page).keys() == ({"choice", "preferences"} if choice == "remember" else {"choice"})


def test_wish_not_to_be_counted_leaves_no_cookie_once_it_is_taken_back(open_page, entry, script, language):
    page = open_page(java_script_enabled=script)
    page.goto(path_in(language, "/"))
    press(page, "not-count")
    assert cookies(page).keys() == {"choice"}
    press(page, "count")
    assert cookies(page) == {}


def test_yes_and_no_weigh_the_same(open_page, entry, language):
    page = open_page()
    page.goto(path_in(language, "/pageants/spring/?place=hue"))
    for width in (320, 640, 1280):
        page.set_viewport_size({"width": width, "height": 640})
        looks = page.locator("#remember button").evaluate_all(
            """all => all.map(one => {
                const style = getComputedStyle(one), box = one.getBoundingClientRect()
                return [Math.round(box.width), Math.round(box.height), style.color, style.backgroundColor,
                    style.fontSize, style.fontWeight, style.borderColor].join(' ')
            })"""
        )

        assert len(looks) == 2
        assert len(set(looks)) == 1, (width, looks)
        assert page.evaluate("document.scrollingElement.scrollWidth") == width


def test_first_screen_of_a_phone_is_the_page_itself(open_page, entry, language):
    page = open_page(viewport={"width": 360, "height": 640})
    page.goto(path_in(language, "/"))

    expect(page.locator("h1")).to_be_in_viewport(ratio=1)
    for question in page.locator("[name=choice]").all():
        expect(question).not_to_be_in_viewport()


def test_no_page_sets_a_cookie_before_an_answer(open_page, entry, language):
    page = open_page()
    for path in pages(entry, language):
        page.goto(path)
        assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert cookies(page) == {}


@pytest.mark.parametrize(("choice", "names"), [("all", {"choice", "preferences"}), ("none", {"choice"})])
def test_after_an_answer_there_are_only_the_cookies_that_belong_to_it(open_page, entry, language, choice, names):
    page = open_page()
    answer_all(page, choice)
    for path in pages(entry, language):
        page.goto(path)
        expect(page.locator("[value=remember]")).to_have_count(0)
        assert page.evaluate("document.cookie") == ""  # no script reads them

    assert cookies(page).keys() == names
    assert {(cookie["httpOnly"], cookie["sameSite"], cookie["path"]) for cookie in page.context.cookies()} == {
        (True, "Lax", "/")
    }


def test_forgetting_is_one_button_at_the_foot_of_any_page(open_page, entry, script, language):
    page = open_page(java_script_enabled=script)
    answer_all(page, "all")
    page.goto(path_in(language, "/pageants/spring/?place=hue"))
    assert cookies(page).keys() == {"choice", "preferences"}

    press(page, "forget")

    assert cookies(page).keys() == {"choice"}
    expect(page).to_have_url(path_in(language, "/pageants/spring/?place=hue#cookie-state"))


def test_remembered_places_come_first_and_are_edited_by_their_owner(open_page, entry, script):
    page = open_page(java_script_enabled=script)
    page.goto("/pageants/spring/?place=hue")
    press(page, "remember")
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
