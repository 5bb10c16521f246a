"""Deciding in the admin by keys, by thumb and without JavaScript."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Entry, Photo
from tests.browser import steps
from tests.pageant.factories import make_entry

THUMB = 44  # pixels, the least that one hits
QUEUE = "/admin/pageant/entry/?status__exact=waiting"


@pytest.fixture
def entries(pageant) -> list[Entry]:
    return [make_entry(pageant, status="waiting", display_name=name) for name in ("An", "Bình", "Chi", "Dung")]


def statuses() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("status", flat=True))


def open_first(page: Page, moderator, entries: list[Entry]) -> None:
    steps.sign_in(page, moderator)
    page.goto(f"/admin/pageant/entry/{entries[0].pk}/change/")


def expect_to_see(page: Page, entry: Entry) -> None:
    expect(page).to_have_url(f"{page.url.partition('/admin/')[0]}/admin/pageant/entry/{entry.pk}/change/")
    expect(page.locator(".pictures img").first).not_to_have_js_property("naturalWidth", 0)


def test_keys_decide_skip_reject_and_undo_but_not_while_somebody_types(page, moderator, entries):
    open_first(page, moderator, entries)
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    page.keyboard.press("a")  # in the dialog it means nothing
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keys")).to_be_hidden()
    page.keyboard.press("n")
    expect_to_see(page, entries[1])
    page.keyboard.press("a")
    expect_to_see(page, entries[2])
    assert statuses() == ["waiting", "approved", "waiting", "waiting"]
    page.keyboard.press("u")
    expect_to_see(page, entries[1])
    assert statuses() == ["waiting"] * 4

    page.keyboard.press("r")
    reason = page.locator("[name=reason]")
    expect(reason).to_be_focused()
    reason.select_option("other")
    page.locator("[name=note]").press_sequentially("a nurse")
    expect(page.locator("[name=note]")).to_have_value("a nurse")
    page.keyboard.press("Enter")
    expect_to_see(page, entries[2])
    assert (statuses()[1], Entry.objects.get(pk=entries[1].pk).reason_note) == ("rejected", "a nurse")


def test_keys_can_be_switched_off(page, moderator, entries):
    open_first(page, moderator, entries)
    page.locator("[data-keys]").click()
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("a")
    page.keyboard.press("?")

    expect(page.locator("dialog.keys")).to_be_hidden()
    assert statuses() == ["waiting"] * 4


def test_button_to_undo_goes_when_its_time_is_over(page, moderator, entries, monkeypatch):
    monkeypatch.setattr("core.moderation.UNDO_FOR", timedelta(seconds=3))
    open_first(page, moderator, entries)
    page.get_by_role("button", name="Approve").click()

    expect(page.locator(".messagelist .success")).to_contain_text("Approved: An.")
    expect(page.locator("form.undo")).to_have_count(0)


def test_all_of_it_works_without_javascript(open_page, moderator, entries):
    page = open_page(java_script_enabled=False)
    open_first(page, moderator, entries)
    page.get_by_role("button", name="Approve").click()
    expect_to_see(page, entries[1])
    page.get_by_role("button", name="Undo").click()
    expect_to_see(page, entries[0])
    page.locator(".decision summary").click()
    page.locator("[name=reason]").select_option("quality")
    page.get_by_role("button", name="Reject").click()
    expect_to_see(page, entries[1])
    page.get_by_role("link", name="Next").click()
    expect_to_see(page, entries[2])

    assert statuses() == ["rejected", "waiting", "waiting", "waiting"]


def test_double_click_on_approve_ends_in_words_that_it_is_done(page, moderator, entries):
    open_first(page, moderator, entries)
    page.get_by_role("button", name="Approve").dblclick(no_wait_after=True)

    expect(page.locator(".messagelist .error")).to_have_count(0)
    expect(page.locator("form.undo").first).to_be_visible()
    assert statuses()[0] == "approved"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_thumb_reaches_the_buttons_on_a_phone(open_page, moderator, entries, language):
    Photo.objects.update(resembles=None)
    Photo.objects.filter(entry=entries[0]).update(resembles=entries[1].photos.get())
    page = open_page(viewport={"width": 360, "height": 640}, locale=language)
    open_first(page, moderator, entries)
    expect(page.locator(".pictures__other img")).to_have_count(1)
    buttons = page.locator(".decision--bar > form button, .decision--bar summary, .decision__next").all()

    assert len(buttons) == 3
    for button in buttons:
        box = button.bounding_box()
        assert (box["height"] >= THUMB, box["width"] >= THUMB, box["y"] > 640 / 2) == (True, True, True)
        expect(button).to_be_in_viewport(ratio=1)
    page.locator(".decision summary").click()
    for field in ("[name=reason]", "[name=note]", "[name=reject]"):
        expect(page.locator(field)).to_be_in_viewport(ratio=1)
    for path in (page.url, QUEUE, "/admin/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto(QUEUE)
    assert page.locator(".results").evaluate("one => one.scrollWidth <= one.clientWidth")
