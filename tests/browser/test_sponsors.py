"""A form with a co-sponsor, with and without its script."""

import re

import pytest
from playwright.sync_api import Page, expect

from pageant.models import Agreement
from tests.browser import steps
from tests.browser.steps import photo, submit_button
from tests.core.factories import make_staff
from tests.pageant.factories import make_cosponsorship

FORM = "/pageants/spring/enter/"


@pytest.fixture
def form(open_page, pageant, script) -> Page:
    for name in ("Đàn & Phím", "Trống Đồng"):
        make_cosponsorship(pageant, sponsor_name=name)
    page = open_page(java_script_enabled=script)
    page.goto(FORM)
    return page


def boxes(page: Page) -> list[bool]:
    return [box.is_checked() for box in page.locator("[name^=share_]").all()]


def test_co_sponsor_gets_a_yes_only_from_who_ticks_its_box(form):
    assert boxes(form) == [False, False]
    form.get_by_label(re.compile("Đàn & Phím may get")).check()
    steps.fill_in(form)
    form.locator("[name=photos]").set_input_files(photo())
    submit_button(form).click()

    expect(form).to_have_url(re.compile(r"/sent/\?mail="))
    answers = Agreement.objects.sharing().order_by("cosponsorship")
    assert [(one.cosponsorship.sponsor_name, one.agreed) for one in answers] == [
        ("Đàn & Phím", True), ("Trống Đồng", False),
    ]  # fmt: skip


def test_changed_notice_is_shown_again_with_nothing_lost(form, pageant):
    form.locator("[name^=share_]").first.check()
    steps.fill_in(form)
    form.locator("[name=photos]").set_input_files(photo())
    pageant.cosponsorships.first().end(by=make_staff())
    submit_button(form).click()

    expect(form.locator(".error-summary")).to_contain_text("has changed since you opened this form")
    assert (boxes(form), form.locator("[name=display_name]").input_value()) == ([False], "Lan Anh")
    submit_button(form).click()
    expect(form).to_have_url(re.compile(r"/sent/\?mail="))
    assert [one.agreed for one in Agreement.objects.sharing()] == [False]
