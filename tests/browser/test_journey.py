"""The whole way of an entry, from a visitor's photo to the public gallery and out of it again."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from pageant.models import Entry
from tests.browser import steps
from tests.browser.steps import path_in

EMAIL = "lan@example.org"
OURS = {"XMP-dc:Publisher", "XMP-plus:DataMining"}
ABOUT_PIXELS = ("File:", "JFIF:", "Meta:", "QuickTime:", "Composite:", "Track")


def private_tags(tags: dict) -> set[str]:
    """The tags that aren't about how pixels are stored."""
    return {name for name in tags if not name.startswith(ABOUT_PIXELS)} | (tags.keys() & {"File:Comment"})


@pytest.mark.journey
@pytest.mark.parametrize("language", ["en", "vi"])
def test_journey(open_page, site, pageant, moderator, mailbox, read_tags, *, shoot, script, language):
    visitor = open_page(java_script_enabled=script)
    public = open_page(java_script_enabled=script)
    staff = open_page(java_script_enabled=script)
    gallery = path_in(language, "/pageants/spring/")

    fill_in(visitor, gallery, read_tags)
    shoot(visitor, "form")
    steps.submit_button(visitor).click()
    expect(visitor).to_have_url(re.compile(re.escape(f"{gallery}enter/sent/") + r"\?mail="))
    confirm(visitor, mailbox)
    shoot(visitor, "own-page")
    assert_absent(public, gallery)
    shoot(public, "pageant")

    approve(staff, moderator)
    shoot(staff, "decision")
    entry, picture = assert_public(public, gallery, site, read_tags)
    shoot(public, "entry")

    withdraw(visitor, language, mailbox)
    shoot(visitor, "withdrawn")
    assert [public.request.get(address).status for address in (entry, *picture)] == [404, 404, 404]
    assert_absent(public, gallery)
    assert visitor.context.cookies() == []
    assert public.context.cookies() == []


def fill_in(page: Page, gallery: str, read_tags) -> None:
    photo = steps.telling_photo()
    assert {"GPS:GPSLatitude", "IFD0:Orientation", "File:Comment"} <= private_tags(read_tags(photo["buffer"]))
    page.goto(gallery)
    page.locator(f"main a[href='{gallery}enter/']").click()
    steps.fill_in(page, lives_in="Đà Lạt", favourite_food="Phở", hobbies="singing, guitar", about="Hello!\n\nXin chào!")
    page.locator("[name=photos]").set_input_files([photo])


def confirm(page: Page, mailbox) -> None:
    assert len(mailbox(EMAIL)) == 1
    steps.open_mailed_link(page, mailbox(EMAIL))
    assert Entry.objects.get().status == Entry.Status.UNCONFIRMED  # a scanner of mails may have opened it
    steps.press(page)
    expect(page.locator(".state--waiting")).to_have_count(1)
    expect(page.locator("h3")).to_have_count(1)
    assert Entry.objects.get().status == Entry.Status.WAITING


def assert_absent(page: Page, gallery: str) -> None:
    page.goto(gallery)
    expect(page.locator(".empty")).to_have_count(1)
    assert "Lan Anh" not in page.content()


def approve(page: Page, moderator: User) -> None:
    steps.sign_in(page, moderator)
    page.locator(".queues a").first.click()
    thumbnail = page.locator("#result_list img.queue-thumbnail")
    expect(thumbnail).not_to_have_js_property("naturalWidth", 0)
    page.locator("#result_list").get_by_text("Lan Anh", exact=True).click()
    expect(page.locator(".pictures img")).not_to_have_js_property("naturalWidth", 0)
    assert EMAIL not in page.content()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messagelist .success")).to_have_count(1)
    steps.settle_decisions()


def assert_public(page: Page, gallery: str, site: str, read_tags) -> tuple[str, tuple[str, str]]:
    """Returns the address of the entry, and those of its picture in both formats."""
    page.goto(gallery)
    page.locator(".gallery a", has_text="Lan Anh").click()
    picture = page.locator(".entry__photos img")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert picture.evaluate("image => image.naturalWidth < image.naturalHeight")
    avif = page.locator(".entry__photos source").get_attribute("srcset").split(", ")[-1].split()[0]
    jpeg = picture.get_attribute("src")
    assert picture.evaluate("image => image.currentSrc") == site + avif
    for address in (avif, jpeg):
        file = page.request.get(address).body()
        tags = read_tags(file)
        assert private_tags(tags) == OURS
        assert tags["XMP-dc:Publisher"] == site
        assert steps.opened(file).size == (400, 600)
    return page.url, (avif, jpeg)


def withdraw(page: Page, language: str, mailbox) -> None:
    steps.open_own_page(page, email=EMAIL, mailbox=mailbox, language=language)
    expect(page.locator(".state--approved")).to_have_count(1)
    page.locator(".button--danger[href$='/withdraw/']").click()
    steps.press(page)
    expect(page.locator(".state--withdrawn")).to_have_count(1)
