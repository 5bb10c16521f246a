"""The whole way of a website, from a visitor's suggestion to the directory and out of it again."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from suggestions.form_timestamp import MIN_AGE
from suggestions.models import Report, Suggestion
from tests.browser import steps
from tests.browser.steps import path_in
from tests.suggestions.factories import make_category

EMAIL = "lan@example.org"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_journey_of_a_website(open_page, site, moderator, mailbox, script, language):
    category = make_category(slug="folk")
    visitor, public = (open_page(java_script_enabled=script) for _ in range(2))
    directory = path_in(language, "/websites/")

    suggest(visitor, directory, category.pk)
    assert_on_own_page(visitor, mailbox, "waiting")
    public.goto(directory)
    expect(public.locator(".empty")).to_have_count(1)

    correct_and_accept(open_page(java_script_enabled=script), moderator)
    assert_listed(public, directory)
    assert_told_what_changed(visitor, language, mailbox)
    report(public)

    visitor.locator(".button--danger[href$='/withdraw/']").click()
    steps.press(visitor)
    expect(visitor.locator(".state--withdrawn")).to_have_count(1)
    public.goto(directory)
    expect(public.locator(".listing")).to_have_count(0)
    assert visitor.context.cookies() == public.context.cookies() == []


def suggest(page: Page, directory: str, category: int) -> None:
    page.goto(directory)
    page.locator(f"main .button[href='{directory}suggest/']").click()
    fields = {
        "url": "javascript:alert(1)", "title": "nhac hay", "description": "Nhạc dân ca.", "name": "Lan", "email": EMAIL,
    }  # fmt: skip
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main [name=category]").select_option(str(category))
    expect(page.locator("[name=homepage]")).not_to_be_in_viewport()
    page.locator("#send").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("main [name=title]")).to_have_value("nhac hay")
    page.locator("main [name=url]").fill("https://nhạc.example/?utm_source=x")
    page.wait_for_timeout(MIN_AGE.total_seconds() * 1000)  # as long as a person takes
    page.locator("#send").click()
    expect(page).to_have_url(re.compile(r"/websites/suggest/sent/\?mail="))


def assert_on_own_page(page: Page, mailbox, status: str) -> None:
    steps.open_mailed_link(page, mailbox(EMAIL))
    steps.press(page)
    expect(page.locator(f".own-entry .state--{status}")).to_have_count(1)


def correct_and_accept(page: Page, moderator: User) -> None:
    steps.sign_in(page, moderator)
    page.locator(".queues a[href*='/suggestion/']").first.click()
    page.locator("#result_list").get_by_role("link", name="nhac hay").click()
    assert EMAIL not in page.content()
    page.locator("[name=title]").fill("Nhạc hay")
    page.locator("[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_have_count(1)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messagelist .success")).to_have_count(1)
    steps.settle_decisions()


def assert_listed(page: Page, directory: str) -> None:
    page.goto(f"{directory}?q=nhac+hay")
    link = page.locator(".listing a.outbound")
    expect(link).to_have_attribute("href", "https://xn--nhc-tgz.example/")
    expect(link).to_have_attribute("rel", "external nofollow ugc noopener noreferrer")
    expect(page.locator(".listing__host")).to_have_text("nhạc.example")
    expect(page.locator("#outside")).to_have_count(1)
    assert "Lan" not in page.locator(".listing").inner_text().split()


def assert_told_what_changed(page: Page, language: str, mailbox) -> None:
    assert "Nhạc hay" in mailbox(EMAIL)[-1]
    assert_on_own_page(page, mailbox, "approved")
    expect(page.locator(".own-entry del")).to_have_text("nhac hay")
    expect(page.locator(".own-entry ins")).to_have_text("Nhạc hay")


def report(page: Page) -> None:
    page.locator(".listing__report summary").click()
    page.locator(".listing__report button[value=moved]").click()
    expect(page.locator("h1")).to_have_count(1)
    assert list(Report.objects.values_list("reason", flat=True)) == ["moved"]
    assert Suggestion.objects.get().status == "approved"
