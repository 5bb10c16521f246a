"""The entry form and the edit form, with and without their script."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from pageant.models import Entry, Photo
from tests.browser import steps
from tests.browser.steps import photo, submit_button, upload
from tests.pageant.factories import make_entry

FORM = "/pageants/spring/enter/"
SENT = re.compile(r"/pageants/spring/enter/sent/\?mail=")
EMAIL = "lan@example.org"


@pytest.fixture
def form(open_page, pageant, script) -> Page:
    page = open_page(java_script_enabled=script)
    page.goto(FORM)
    return page


@pytest.fixture
def scripted(page, pageant) -> Page:
    page.goto(FORM)
    return page


def choose(page: Page, *files: dict | Path) -> None:
    page.locator("[name=photos]").set_input_files(files)


def items(page: Page) -> Locator:
    """The previews of photos that were chosen just now."""
    return page.locator("[data-photos] > [data-new]")


def kept(page: Page) -> Locator:
    """The photos that the site has already."""
    return page.locator(".photo-list__item:has(img)")


def act(name: str, item: Locator) -> Locator:
    """One of the buttons of a photo."""
    return item.locator(f"[data-act={name}]")


def describe(page: Page, *texts: str, script: bool) -> None:
    if not script:
        page.locator("[data-photo-descriptions] summary").click()
    for number, text in enumerate(texts):
        page.locator("[name=descriptions]").nth(number).fill(text)


def stored_photos() -> list[tuple[str, tuple[int, int]]]:
    """Description and size of the photos of the only entry, in their order."""
    return [(one.description, (one.width, one.height)) for one in Entry.objects.get().photos.all()]


def sized(seed: int, width: int, height: int) -> dict:
    return upload(f"{width}.jpg", steps.pictures.saved(steps.pictures.photo(seed, size=(width, height)), "JPEG"))


# An error in it


def test_form_with_an_error_comes_back_with_words_and_photos(form, script, mailbox):
    steps.fill_in(form, email="not an address", lives_in="Huế", hobbies="singing", about="Hello")
    choose(form, sized(1, 300, 201), sized(2, 300, 202))
    describe(form, "first", "second", script=script)
    submit_button(form).click()

    expect(form.locator(".error-summary")).to_be_focused()
    expect(form).to_have_url(FORM)
    expect(form.locator("#id_email")).to_have_attribute("aria-invalid", "true")
    fields = ("display_name", "email", "lives_in", "hobbies", "about")
    values = [form.locator(f"[name={field}]").input_value() for field in fields]
    assert values == ["Lan Anh", "not an address", "Huế", "singing", "Hello"]
    expect(form.locator("[name=is_adult]")).to_be_checked()
    expect(kept(form)).to_have_count(2)
    for number in range(2):
        expect(kept(form).nth(number).locator("img")).not_to_have_js_property("naturalWidth", 0)

    form.locator("[name=email]").fill(EMAIL)
    submit_button(form).click()
    expect(form).to_have_url(SENT)
    assert stored_photos() == [("first", (300, 201)), ("second", (300, 202))]
    assert len(mailbox(EMAIL)) == 1


def test_form_with_an_error_takes_more_photos_and_removes_kept_ones(form, script):
    steps.fill_in(form, email="")
    choose(form, sized(1, 300, 201), sized(2, 300, 202))
    submit_button(form).click()
    expect(kept(form)).to_have_count(2)
    kept(form).nth(0).get_by_role("checkbox").check()
    kept(form).nth(1).get_by_role("textbox").fill("kept")
    choose(form, sized(3, 300, 203))
    describe(form, "new", script=script)
    form.locator("[name=email]").fill(EMAIL)
    submit_button(form).click()
    expect(form).to_have_url(SENT)
    assert stored_photos() == [("kept", (300, 202)), ("new", (300, 203))]
    assert Photo.objects.count() == 2


def test_form_with_a_file_that_is_no_picture_names_it_and_keeps_the_others(form):
    steps.fill_in(form)
    choose(form, sized(1, 300, 201), upload("notes.jpg", b"Dear diary"))
    submit_button(form).click()
    expect(form.locator("#photos-errors")).to_contain_text("notes.jpg")
    expect(kept(form)).to_have_count(1)
    submit_button(form).click()
    expect(form).to_have_url(SENT)
    assert stored_photos() == [("", (300, 201))]


def test_form_without_a_photo_asks_for_one(form):
    steps.fill_in(form)
    submit_button(form).click()
    expect(form.locator("#photos-errors")).to_have_count(1)
    choose(form, photo())
    submit_button(form).click()
    expect(form).to_have_url(SENT)


def test_form_sent_by_a_double_click_makes_one_entry_and_one_mail(form, mailbox):
    steps.fill_in(form)
    choose(form, photo())
    submit_button(form).dblclick(no_wait_after=True)
    expect(form).to_have_url(SENT)
    assert Entry.objects.count() == 1
    assert Photo.objects.count() == 1
    assert len(mailbox(EMAIL)) == 1


# The edit form


def open_edit_form(page: Page, email: str, mailbox) -> None:
    steps.open_own_page(page, email=email, mailbox=mailbox)
    page.locator("a[href$='/edit/']").click()
    expect(page.locator("[name=display_name]")).to_have_count(1)


def test_edit_form_removes_describes_and_adds_photos(open_page, pageant, mailbox, script):
    entry = make_entry(pageant, photos=2, lives_in="Huế")
    page = open_page(java_script_enabled=script)
    open_edit_form(page, entry.email, mailbox)
    expect(page.locator("[name=lives_in]")).to_have_value("Huế")
    page.locator("[name=lives_in]").fill("Đà Lạt")
    kept(page).nth(0).get_by_role("checkbox").check()
    kept(page).nth(1).get_by_role("textbox").fill("kept")
    choose(page, sized(3, 300, 203))
    describe(page, "new", script=script)
    submit_button(page).click()
    expect(page.locator(".state--waiting")).to_have_count(1)
    assert Entry.objects.get().lives_in == "Đà Lạt"
    assert stored_photos() == [("kept", (600, 400)), ("new", (300, 203))]
    assert page.request.get(entry.get_absolute_url()).status == 404


def test_edit_form_that_is_full_takes_a_photo_for_one_that_is_removed(page, pageant, mailbox):
    entry = make_entry(pageant, photos=5)
    open_edit_form(page, entry.email, mailbox)
    expect(page.locator("[name=photos]")).to_be_hidden()
    kept(page).nth(0).get_by_role("checkbox").check()
    choose(page, sized(9, 300, 203), photo(8))
    expect(items(page)).to_have_count(1)
    submit_button(page).click()
    expect(page.locator(".state--waiting")).to_have_count(1)
    assert [size for _text, size in stored_photos()] == [(600, 400)] * 4 + [(300, 203)]


def test_photos_that_are_here_are_turned_and_moved(open_page, pageant, mailbox, script):
    entry = make_entry(pageant, photos=2)
    first, second = entry.photos.all()
    page = open_page(java_script_enabled=script)
    open_edit_form(page, entry.email, mailbox)
    act("move", kept(page).nth(1)).click()
    expect(kept(page).nth(0).locator("img")).to_have_attribute("src", re.compile(second.key))
    act("turn", kept(page).nth(0)).click()
    expect(kept(page).nth(0).locator("img")).to_have_attribute("data-turned", "1")
    submit_button(page).click()
    expect(page.locator(".state--waiting")).to_have_count(1)
    assert [size for _text, size in stored_photos()] == [(400, 600), (600, 400)]
    assert entry.photos.last() == first


def test_photos_on_ones_own_page_are_turned_and_moved(open_page, pageant, mailbox, script):
    entry = make_entry(pageant, photos=2)
    page = open_page(java_script_enabled=script)
    steps.open_own_page(page, email=entry.email, mailbox=mailbox)
    page.get_by_role("button", name="Turn photo 2").click()
    expect(page.locator(".own-photos img").nth(1)).to_have_js_property("naturalHeight", 480)
    page.get_by_role("button", name="Move up photo 2").click()
    expect(page.locator(".own-photos img").nth(0)).to_have_js_property("naturalHeight", 480)
    assert [size for _text, size in stored_photos()] == [(400, 600), (600, 400)]


def test_photos_are_shown_before_the_form_is_sent_without_the_script(open_page, pageant):
    form = open_page(java_script_enabled=False)
    form.goto(FORM)
    choose(form, sized(1, 300, 201), sized(2, 300, 202))
    form.locator("[name=arrange][value=show]").click()
    expect(form.locator(".error-summary")).to_have_count(0)
    act("move", kept(form).nth(1)).click()
    steps.fill_in(form)
    form.locator("[name=display_name]").press("Enter")  # sends the form, and turns nothing
    expect(form).to_have_url(SENT)
    assert [size for _text, size in stored_photos()] == [(300, 202), (300, 201)]


# What only the script can do


def test_each_chosen_file_has_a_preview_and_a_description_of_its_own(scripted):
    steps.fill_in(scripted)
    choose(scripted, sized(1, 300, 201), sized(2, 300, 202))
    expect(items(scripted)).to_have_count(2)
    choose(scripted, sized(3, 400, 800))  # choosing again adds
    expect(items(scripted).locator(".photo-list__name")).to_have_text(["300.jpg", "300.jpg", "400.jpg"])
    expect(items(scripted).nth(2).locator("canvas")).to_have_js_property("height", 640)
    colours = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, 320, 200).data).size"
    assert items(scripted).nth(2).locator("canvas").evaluate(colours) > 20
    describe(scripted, "first", "second", "third", script=True)

    act("remove", items(scripted).nth(1)).click()
    expect(items(scripted)).to_have_count(2)
    expect(act("remove", items(scripted).nth(1))).to_be_focused()
    submit_button(scripted).click()
    expect(scripted).to_have_url(SENT)
    assert stored_photos() == [("first", (300, 201)), ("third", (400, 800))]


def test_preview_of_a_photo_on_its_side_is_upright(scripted):
    choose(scripted, steps.telling_photo())
    expect(items(scripted).locator("canvas")).to_have_js_property("height", 480)


def test_previews_are_turned_and_moved(scripted):
    steps.fill_in(scripted)
    choose(scripted, sized(1, 300, 201), sized(2, 300, 202), sized(3, 300, 203))
    describe(scripted, "first", "second", "third", script=True)
    act("turn", items(scripted).nth(2)).click(click_count=3)
    act("move", items(scripted).nth(2)).click()
    expect(act("move", items(scripted).nth(1))).to_be_focused()
    act("move", items(scripted).nth(1)).click()
    expect(act("turn", items(scripted).nth(0))).to_be_focused()
    expect(scripted.locator("[data-photo-note]")).to_contain_text("1")
    submit_button(scripted).click()
    expect(scripted).to_have_url(SENT)
    assert stored_photos() == [("third", (203, 300)), ("first", (300, 201)), ("second", (300, 202))]


def test_photo_chosen_twice_is_listed_once(scripted, tmp_path):
    file, other = tmp_path / "a.jpg", tmp_path / "b.jpg"
    file.write_bytes(photo(1)["buffer"])
    other.write_bytes(photo(2)["buffer"])
    choose(scripted, file)
    choose(scripted, file, other)
    expect(items(scripted)).to_have_count(2)
    expect(scripted.locator("[data-photo-note]")).to_contain_text("already")


def test_photo_that_changed_after_it_was_chosen_is_named_and_chosen_again(open_page, pageant, tmp_path):
    scripted = open_page(may_complain_of="net::ERR_UPLOAD_FILE_CHANGED")
    scripted.goto(FORM)
    steady, changing = tmp_path / "steady.jpg", tmp_path / "changing.jpg"
    steady.write_bytes(photo(1)["buffer"])
    changing.write_bytes(photo(2)["buffer"])
    steps.fill_in(scripted)
    choose(scripted, steady, changing)
    describe(scripted, "steady", "changed", script=True)
    changing.write_bytes(sized(3, 300, 203)["buffer"])
    os.utime(changing, (1, 1))
    submit_button(scripted).click()
    again = act("again", items(scripted).nth(1))
    expect(again).to_be_focused()
    expect(again).to_contain_text("changing.jpg")
    expect(items(scripted).nth(0).locator("[data-changed]")).to_be_hidden()
    with scripted.expect_file_chooser() as chooser:
        again.click()
    chooser.value.set_files(changing)
    expect(again).to_be_hidden()
    submit_button(scripted).click()
    expect(scripted).to_have_url(SENT)
    assert stored_photos() == [("steady", (600, 400)), ("changed", (300, 203))]


def test_photos_that_have_to_wait_are_sent_by_themselves(open_page, pageant):
    scripted = open_page(may_complain_of="429")
    scripted.goto(FORM)
    steps.fill_in(scripted)
    choose(scripted, photo())
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "content_type": "text/html", "body": "<p>One moment"}
    scripted.route(f"**{FORM}", lambda route: route.fulfill(**busy), times=1)
    submit_button(scripted).click()
    expect(scripted.locator("[data-upload] [role=status]").last).to_contain_text("One moment")
    expect(scripted).to_have_url(SENT)


def test_removing_the_last_preview_leads_back_to_the_choice(scripted):
    choose(scripted, photo())
    act("remove", items(scripted)).click()
    expect(items(scripted)).to_have_count(0)
    expect(scripted.locator("[name=photos]")).to_be_focused()
    assert scripted.locator("[name=photos]").evaluate("input => input.files.length") == 0


def test_more_files_than_fit_are_left_out_and_told(scripted):
    choose(scripted, *[photo(seed) for seed in range(6)])
    expect(items(scripted)).to_have_count(5)
    expect(scripted.locator("[data-photo-note]")).not_to_be_empty()
    assert scripted.locator("[name=photos]").evaluate("input => input.files.length") == 5


def test_file_that_the_browser_cannot_show_is_listed_without_a_preview(scripted):
    choose(scripted, upload("song.jpg", b"no picture"))
    expect(items(scripted)).to_have_count(1)
    expect(items(scripted).locator("canvas")).to_be_hidden()
    expect(items(scripted).locator("[data-too-large]")).to_be_hidden()


def test_file_over_the_limit_is_marked_and_not_sent(scripted, tmp_path):
    huge, small = tmp_path / "huge.jpg", tmp_path / "small.jpg"
    small.write_bytes(photo()["buffer"])
    with huge.open("wb") as file:
        file.truncate(15 * 1024 * 1024 + 1)
    steps.fill_in(scripted)
    choose(scripted, small, huge)
    expect(items(scripted).nth(0).locator("[data-too-large]")).to_be_hidden()
    expect(items(scripted).nth(1).locator("[data-too-large]")).to_be_visible()
    submit_button(scripted).click()
    expect(act("remove", items(scripted).nth(1))).to_be_focused()
    scripted.keyboard.press("Enter")
    submit_button(scripted).click()
    expect(scripted).to_have_url(SENT)
    assert len(stored_photos()) == 1


def test_files_dropped_on_the_choice_are_chosen(scripted):
    drop = """choice => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["no picture"], "dropped.jpg"));
        choice.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }"""
    scripted.locator("[data-photo-choice]").evaluate(drop)
    expect(items(scripted).locator(".photo-list__name")).to_have_text(["dropped.jpg"])
    assert scripted.locator("[name=photos]").evaluate("input => input.files.length") == 1


def test_progress_is_shown_while_photos_are_sent(scripted):
    steps.fill_in(scripted)
    choose(scripted, photo())
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    scripted.route(f"**{FORM}", hold)
    submit_button(scripted).click()
    expect(scripted.get_by_role("progressbar")).to_be_visible()
    expect(submit_button(scripted)).to_be_disabled()
    expect(scripted.locator("[data-upload] [role=status]").last).to_contain_text("Sending")
    scripted.keyboard.press("Enter")
    assert len(held) == 1
    held[0].continue_()
    expect(scripted).to_have_url(SENT)


def test_broken_connection_is_told_and_nothing_is_lost(open_page, pageant, site):
    scripted = open_page(may_complain_of="net::ERR_CONNECTION_RESET")
    scripted.goto(FORM)
    steps.fill_in(scripted)
    choose(scripted, photo())
    scripted.route(f"**{FORM}", lambda route: route.abort("connectionreset"), times=1)
    submit_button(scripted).click()
    expect(scripted.get_by_role("alert")).to_contain_text("your form is safe")
    expect(scripted.get_by_role("alert")).to_be_focused()
    expect(scripted.get_by_role("progressbar")).to_have_count(0)
    expect(items(scripted)).to_have_count(1)
    scripted.get_by_role("button", name="Send it again").click()
    expect(scripted).to_have_url(SENT)
    assert Entry.objects.count() == 1


def test_answer_without_a_form_is_told_and_nothing_is_lost(open_page, pageant, settings):
    settings.REQUEST_BODY_LIMIT = 1000
    scripted = open_page(may_complain_of="413")
    scripted.goto(FORM)
    steps.fill_in(scripted)
    choose(scripted, photo())
    submit_button(scripted).click()
    expect(scripted.get_by_role("alert")).to_contain_text("too much at once")
    expect(items(scripted)).to_have_count(1)
    expect(scripted.locator("[name=display_name]")).to_have_value("Lan Anh")


def test_known_hobbies_are_added_and_removed_by_buttons(page, pageant):
    for label in ("singing", "đàn tranh"):
        pageant.tallies.create(kind="hobby", key=label, label=label, entries=1)
    page.goto(FORM)
    hobbies, singing = page.locator("[name=hobbies]"), page.get_by_role("button", name="singing")
    expect(page.locator(".suggestions button")).to_have_text(["đàn tranh", "singing"])
    hobbies.fill("cooking, Singing")
    expect(singing).to_have_attribute("aria-pressed", "true")
    singing.click()
    expect(hobbies).to_have_value("cooking")
    expect(singing).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="đàn tranh").press("Space")
    expect(hobbies).to_have_value("cooking, đàn tranh")


def test_form_is_filled_in_and_sent_by_keyboard_alone(scripted):
    type_into = scripted.keyboard.type
    scripted.locator("[name=display_name]").focus()
    for words in ("Lan Anh", EMAIL, "Huế", "Phở", "singing", "Hello"):
        type_into(words)
        scripted.keyboard.press("Tab")
    expect(scripted.locator("[name=photos]")).to_be_focused()
    with scripted.expect_file_chooser() as chooser:
        scripted.keyboard.press("Space")
    chooser.value.set_files([photo()])
    expect(items(scripted)).to_have_count(1)
    scripted.keyboard.press("Tab")
    type_into("In the garden")
    for button in ("turn", "remove"):  # the first photo is as far up as can be
        scripted.keyboard.press("Tab")
        expect(act(button, items(scripted))).to_be_focused()
    for _statement in range(2):
        scripted.keyboard.press("Tab")
        scripted.keyboard.press("Space")
    for _link_to_the_policy in range(2):
        scripted.keyboard.press("Tab")
    expect(submit_button(scripted)).to_be_focused()
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(SENT)
    assert stored_photos() == [("In the garden", (600, 400))]


def test_form_that_is_left_is_usable_when_somebody_comes_back(scripted):
    steps.fill_in(scripted)
    choose(scripted, photo())
    scripted.route(f"**{FORM}", lambda route: None)  # never answered
    submit_button(scripted).click()
    expect(submit_button(scripted)).to_be_disabled()
    # Browsers keep a page as it is at this event, but Playwright switches that off.
    scripted.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(submit_button(scripted)).to_be_enabled()
    expect(scripted.get_by_role("progressbar")).to_have_count(0)


def test_answer_about_cookies_costs_nothing_that_was_typed(scripted):
    scripted.locator("[name=display_name]").fill("Lan Anh")
    choose(scripted, photo())
    scripted.get_by_role("button", name="Don't count me").click()
    expect(scripted.get_by_role("button", name="Count me again")).to_be_visible()
    expect(scripted.locator("[name=display_name]")).to_have_value("Lan Anh")
    expect(items(scripted)).to_have_count(1)
    assert [cookie["name"] for cookie in scripted.context.cookies()] == ["choice"]
