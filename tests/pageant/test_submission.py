"""Entering a pageant: from the form to an entry that waits."""

import re
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.moderation import Outdated
from core.pictures import queue
from core.pictures.decoding import Decoder
from pageant.models import Draft, Entry, Pageant, Photo
from pageant.models.draft import MEGABYTE, NoRoom, network_digest
from pageant.rate_limits import ANSWERING
from privacy.models import MailedLink
from privacy.rate_limits import Limit
from tests.core import pictures
from tests.core.concurrency import at_once
from tests.core.factories import a_master, a_photo
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = {
    "display_name": "Nguyễn Thị Ánh",
    "email": "anh@example.com",
    "lives_in": "Đà Lạt",
    "favourite_food": "bánh mì",
    "hobbies": "Hát, đàn tranh,  hát",
    "about": "Mình thích hát.\r\n\r\n\r\n\r\nVà nấu ăn.",
    "is_adult": "on",
    "owns_photos": "on",
}


@pytest.fixture
def pageant() -> Pageant:
    return make_pageant(slug="faces", max_photos=3)


def a_file(seed: int = 1, name: str = "a.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_photo(seed) if data is None else data, "image/jpeg")


def draft_of(html: bytes) -> str:
    return re.search(r'name="draft" value="([^"]+)"', html.decode())[1]


def send(client: Client, *, language: str = "en", draft: str | None = None, **changes: Any) -> Any:
    address = ("/vi" if language == "vi" else "") + "/pageants/faces/enter/"
    draft = draft or draft_of(client.get(address).content)
    answers = {"photos": [a_file()], **ANSWERS, "draft": draft, **changes}
    return client.post(address, {name: value for name, value in answers.items() if value is not None})


def errors_of(response: Any) -> dict[str, list[str]]:
    return {
        name: [error.code for error in errors] for name, errors in response.context["form"].errors.as_data().items()
    }


def page_of(response):
    """Where it leads, without the token for correcting the address."""
    return response["Location"].partition("?")[0]


def test_entry_that_is_fine_waits_for_its_mail(client, pageant, mailoutbox):
    response = send(client, descriptions=["Trên đồi"])

    assert (response.status_code, page_of(response)) == (302, "/pageants/faces/enter/sent/")
    entry = Entry.objects.get()
    assert entry.status == "unconfirmed"
    assert entry.about == "Mình thích hát.\n\nVà nấu ăn."
    assert sorted(entry.search_key.split()) == sorted(["nguyen", "thi", "anh", "da", "lat", "dan", "tranh", "hat"])
    assert sorted(hobby.name for hobby in entry.hobbies.all()) == ["hát", "đàn tranh"]
    assert [(photo.position, photo.description, photo.draft_id) for photo in entry.photos.all()] == [
        (1, "Trên đồi", None)
    ]
    assert [mail.to for mail in mailoutbox] == [["anh@example.com"]]
    assert client.cookies == {}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_mail_speaks_the_visitors_language(client, pageant, mailoutbox, language):
    send(client, language=language)

    prefix = {"en": "http://testserver/privacy/you/", "vi": "http://testserver/vi/privacy/you/"}[language]
    assert len(re.findall(rf"^{prefix}[\w-]{{43}}/$", mailoutbox[0].body, re.MULTILINE)) == 1
    assert Entry.objects.get().language == language


@pytest.mark.parametrize("field", ["display_name", "email", "is_adult", "owns_photos", "photos"])
def test_missing_answer_is_asked_for_again(client, pageant, mailoutbox, field):
    response = send(client, **{field: None})

    assert errors_of(response) == {field: ["required"]}
    assert (Entry.objects.count(), len(mailoutbox)) == (0, 0)


@pytest.mark.parametrize("field", ["lives_in", "favourite_food", "hobbies", "about"])
def test_answer_that_may_be_left_out(client, pageant, field):
    assert send(client, **{field: ""}).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "Z\u00ecn 👩🏽\u200d🎤"),
        ("display_name", "\ufeffa\u200bb\u200e"),
        ("lives_in", "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Edinburgh"),
        ("favourite_food", "می\u200cخواهم"),
        ("hobbies", "#hát #❤\ufe0f\u200d🔥yêu"),
        ("about", "I love singing \U0001fa77 \U0001fae9 👩\u200d🎤"),
        ("lives_in", "½" * 80),
        ("lives_in", "\ufdfa" * 80),
        ("hobbies", "\ufdfa" * 40),
        ("hobbies", "a,b,c,d,e,f,g,h,i,j"),
    ],
)
def test_unusual_answer_is_taken(client, pageant, field, value):
    assert send(client, **{field: value}).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", '"x,victim@example.com,y"@example.com', "invalid"),
        ("display_name", "x" * 61, "max_length"),
        ("display_name", "a\u202eb", "hidden"),
        ("display_name", "\u3164\u200b", "required"),
        ("display_name", "🏳\ufe0f\u200d🌈", "no_letter"),
        ("display_name", "a\x00b", "hidden"),
        ("display_name", "***", "no_letter"),
        ("display_name", "Z" + "\u0336\u0337\u0338", "hidden"),
        ("lives_in", "x" * 81, "max_length"),
        ("favourite_food", "x" * 81, "max_length"),
        ("about", "x" * 2001, "max_length"),
        ("about", "a\u202eb", "hidden"),
        ("hobbies", "x" * 41, "too_long"),
        ("hobbies", ",".join("abcdefghijk"), "too_many"),
        ("email", "no address", "invalid"),
        ("email", "a\u202eb@example.com", "hidden"),
        ("email", "x" * 250 + "@example.com", "invalid"),
    ],
)
def test_bad_answer_gets_a_message_at_its_field(client, pageant, field, value, code):
    response = send(client, **{field: value})

    assert response.status_code == 200
    assert code in errors_of(response)[field]
    assert Entry.objects.count() == 0


def test_error_keeps_words_and_photos_so_that_nobody_uploads_twice(client, pageant, mailoutbox):
    response = send(client, email="", descriptions=["Trên đồi"])
    html = response.content.decode()

    assert 'value="Nguyễn Thị Ánh"' in html
    photo = Photo.objects.get()
    assert photo.draft is not None
    assert f'name="description_{photo.key}" value="Trên đồi"' in html
    preview = client.get(re.search(r'src="(/pageants/faces/enter/[^"]+)"', html)[1])
    assert (preview.status_code, preview["Content-Type"]) == (200, "image/jpeg")

    response = send(client, draft=draft_of(response.content), photos=None, **{f"description_{photo.key}": "Ở Đà Lạt"})
    assert response.status_code == 302
    assert [(kept.pk, kept.description) for kept in Entry.objects.get().photos.all()] == [(photo.pk, "Ở Đà Lạt")]


def test_bad_photo_is_named_and_the_good_one_kept(client, pageant):
    files = [a_file(1, "good.jpg"), a_file(name="<b>bad.jpg", data=b"no picture")]
    response = send(client, photos=files, descriptions=["gut", "schlecht"])

    assert errors_of(response) == {"photos": ["refused"]}
    assert "&lt;b&gt;bad.jpg: " in response.content.decode()
    assert [photo.description for photo in Photo.objects.all()] == ["gut"]


def test_kept_photo_can_be_removed(client, pageant):
    response = send(client, email="")
    photo = Photo.objects.get()
    with photo.open_master() as master:
        path = master.name

    response = send(client, draft=draft_of(response.content), photos=None, remove=[photo.key])

    assert errors_of(response) == {"photos": ["required"]}
    assert Photo.objects.count() == 0
    with pytest.raises(FileNotFoundError):
        open(path)  # noqa: PTH123, SIM115


def no_decoding(*_arguments: object) -> None:
    raise AssertionError("a photo was decoded")


@pytest.mark.parametrize("number", [4, 25])
def test_more_photos_than_allowed_are_counted_and_not_decoded(client, pageant, monkeypatch, number):
    with monkeypatch.context() as counting:
        counting.setattr(Decoder, "ask", no_decoding)
        response = send(client, photos=[a_file(seed % 4, f"{seed}.jpg") for seed in range(number)])

    assert errors_of(response) == {"photos": ["too_many"]}
    page = response.content.decode()
    assert page.count("There is room for 3 photos, and you chose more.") == 2  # in the summary and at the field
    assert 'value="Nguyễn Thị Ánh"' in page
    assert send(client, draft=draft_of(response.content), photos=[a_file(1)]).status_code == 302


def test_photos_that_are_here_already_count(client, pageant):
    kept = send(client, email="", photos=[a_file(1), a_file(2)])
    response = send(client, draft=draft_of(kept.content), photos=[a_file(3), a_file(4)])

    assert errors_of(response) == {"photos": ["too_many"]}
    assert "There is room for 1 photo, and you chose more." in response.content.decode()
    assert Photo.objects.count() == 2
    assert send(client, draft=draft_of(response.content), photos=[a_file(3)]).status_code == 302


def test_drafts_photo_is_only_for_who_has_the_form(client, pageant):
    response = send(client, email="")
    draft, photo = Draft.objects.get(), Photo.objects.get()
    other = Draft.new_key()

    assert client.get(f"/pageants/faces/enter/{other}/{photo.key}/").status_code == 404
    send(client, draft=draft_of(response.content), photos=None)
    assert client.get(f"/pageants/faces/enter/{draft.key}/{photo.key}/").status_code == 404


def test_form_posted_twice_makes_one_of_everything(client, pageant, mailoutbox):
    draft = draft_of(client.get("/pageants/faces/enter/").content)

    answers = [send(client, draft=draft) for _ in range(2)]

    assert [(answer.status_code, page_of(answer)) for answer in answers] == [(302, "/pageants/faces/enter/sent/")] * 2
    assert (Entry.objects.count(), Photo.objects.count(), len(mailoutbox)) == (1, 1, 1)


def test_form_sent_back_and_corrected_is_a_new_entry(client, pageant, mailoutbox):
    draft = draft_of(client.get("/pageants/faces/enter/").content)
    send(client, draft=draft, email="wrong@example.com")
    send(client, draft=draft, email="right@example.com")

    assert [mail.to[0] for mail in mailoutbox] == ["wrong@example.com", "right@example.com"]


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "approved", "rejected"])
def test_known_address_gets_the_same_answer_and_a_mail_to_its_entry(client, pageant, mailoutbox, status):
    entry = make_entry(pageant, status=status, email="Anh@example.com")
    mailoutbox.clear()

    response = send(client, email="anh@EXAMPLE.com")

    assert (response.status_code, page_of(response)) == (302, "/pageants/faces/enter/sent/")
    assert Entry.objects.of("anh@example.com").get() == entry
    assert Photo.objects.filter(draft__isnull=False).count() == 0
    assert [mail.to for mail in mailoutbox] == [["Anh@example.com"]]
    purpose = {"unconfirmed": "confirm"}.get(status, "open")
    assert MailedLink.objects.latest("pk").purpose == purpose


def test_withdrawn_address_may_enter_anew(client, pageant):
    make_entry(pageant, status="withdrawn", email="anh@example.com")

    send(client)

    assert sorted(Entry.objects.values_list("status", flat=True)) == ["unconfirmed", "withdrawn"]


@pytest.mark.parametrize(("opens", "closes"), [(1, 2), (-2, -1)])
def test_pageant_that_is_not_open_takes_no_post(client, mailoutbox, opens, closes):
    now = timezone.now()
    make_pageant(slug="faces", opens_at=now + timedelta(days=opens), closes_at=now + timedelta(days=closes))

    assert client.get("/pageants/faces/enter/").status_code == 200
    assert send(client, draft=Draft.new_key()).status_code == 403
    assert (Entry.objects.count(), Draft.objects.count(), len(mailoutbox)) == (0, 0, 0)


def test_class_of_twenty_enters_in_an_hour_each_at_the_first_try(client, pageant, mailoutbox):
    answers = [send(client, email=f"a{number}@example.com").status_code for number in range(20)]

    assert answers == [302] * 20
    assert len(mailoutbox) == 20


def test_entry_beyond_the_limit_has_to_wait_with_all_kept(client, pageant, monkeypatch):
    monkeypatch.setattr("pageant.views.submission.ENTRIES", Limit("entries", 1, timedelta(hours=1)))
    send(client, email="a1@example.com")

    response = send(client, email="a6@example.com")

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert Entry.objects.count() == 1
    assert 'value="Nguyễn Thị Ánh"' in response.content.decode()
    assert Photo.objects.filter(draft__isnull=False).count() == 1


def test_fourth_mail_to_an_address_has_to_wait(client, pageant, mailoutbox):
    answers = [send(client).status_code for _ in range(4)]

    assert answers == [302, 302, 302, 429]
    assert len(mailoutbox) == 3


def test_key_of_a_draft_in_another_pageant_is_worth_nothing(client, pageant):
    other = Draft.objects.create(pageant=make_pageant(), key=Draft.new_key())
    Photo.objects.add(a_master(5), draft=other)

    response = send(client, draft=other.key, photos=None)

    assert errors_of(response) == {"photos": ["required"]}


@pytest.mark.parametrize("key", ["", "x", "<script>", "x" * 1000, "\u202e" * 22])
def test_odd_key_of_a_draft_is_replaced(client, pageant, key):
    response = send(client, draft=key or " ")

    assert response.status_code == 302
    assert re.fullmatch(r"[\w-]{22}", Draft.objects.get().key)


def test_template_code_in_a_name_stays_text(client, pageant, mailoutbox):
    send(client, display_name="{{ site }} {% now 'Y' %} <b>LINK-TO-YOUR-PAGE</b>")

    assert "{{ site }} {% now 'Y' %}" in mailoutbox[0].body
    html = mailoutbox[0].alternatives[0].content
    assert "<b>" not in html


@pytest.mark.parametrize(
    "data", [b"", b"text", pictures.saved(pictures.plain((1, 2, 3)), "PDF")], ids=["empty", "text", "pdf"]
)
def test_file_that_is_no_photo_is_refused_in_place(client, pageant, data):
    response = send(client, photos=[a_file(name="a.jpg", data=data)])

    assert response.status_code == 200
    assert set(errors_of(response)["photos"]) <= {"refused", "required"}
    assert Photo.objects.count() == 0


def test_photo_with_more_than_15_megabytes_is_refused_by_its_size(client, pageant):
    response = send(client, photos=[a_file(data=a_photo() + b"x" * 16 * 1024 * 1024)])

    assert "larger than 15 MB" in response.content.decode()
    assert Photo.objects.count() == 0


def test_description_loses_only_what_can_not_be_kept(client, pageant):
    send(client, descriptions=["👩\u200d🎤 on \u202estage\x00"])

    assert Photo.objects.get().description == "👩\u200d🎤 on stage"


def test_key_of_a_draft_in_another_pageant_takes_no_photos_for_it(client, pageant):
    response = send(client, email="")
    make_pageant(slug="other", max_photos=1)
    key = draft_of(response.content)

    client.post("/pageants/other/enter/", {"draft": key, "display_name": "x", "photos": a_file(2)})

    assert Photo.objects.filter(draft__key=key).count() == 1


def test_two_forms_at_once_keep_no_more_photos_than_allowed(pageant):
    draft = Draft.of(pageant, Draft.new_key())
    draft.keep([a_master(1), a_master(2)], ["", ""], network="192.0.2.1")
    Draft.of(pageant, draft.key).keep([a_master(3), a_master(4)], ["", ""], network="192.0.2.1")

    assert Photo.objects.count() == 3


def test_draft_that_was_swept_meanwhile_is_told(pageant):
    draft = Draft.of(pageant, Draft.new_key())
    draft.keep([a_master()], [""], network="192.0.2.1")
    Draft.objects.all().delete()

    with pytest.raises(Outdated):
        draft.claim("x")


def test_pageant_that_closes_while_photos_are_looked_at_takes_no_entry(client, pageant, monkeypatch):
    form = client.get("/pageants/faces/enter/").content
    spend = Limit.spend

    def close_first(limit: Limit, who: str) -> int:
        Pageant.objects.update(closes_at=timezone.now())
        return spend(limit, who)

    monkeypatch.setattr(Limit, "spend", close_first)
    response = send(client, draft=draft_of(form))

    assert (response.status_code, Entry.objects.count()) == (403, 0)


# Very many photos from one network


@pytest.fixture
def no_uploads(monkeypatch):
    monkeypatch.setattr("pageant.rate_limits.UPLOADS", Limit("uploads", 0, timedelta(hours=1)))


def test_photos_beyond_the_limit_take_their_turn(client, pageant, no_uploads):
    assert send(client).status_code == 302
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("is_heavy", [False, True])
def test_photos_that_come_while_others_are_decoded_are_asked_for_again_with_all_else_kept(
    client, pageant, request, is_heavy
):
    if is_heavy:
        request.getfixturevalue("no_uploads")
    kept = send(client, email="", photos=[a_file(1)], descriptions=["On stage"])
    held = queue.HEAVY_CLIENT if is_heavy else queue.DECODERS
    with ExitStack() as others:
        for place in held:
            others.enter_context(queue.place([place], patience=0))
        response = send(client, draft=draft_of(kept.content), photos=[a_file(2)], hobbies="đàn tranh")

    assert (response.status_code, response["Retry-After"]) == (429, "10")
    assert errors_of(response) == {"photos": ["unread"]}
    page = response.content.decode()
    texts = ['value="Nguyễn Thị Ánh"', 'value="đàn tranh"', 'value="On stage"', "is kept. Please choose them again"]
    assert [text for text in texts if text not in page] == []
    assert send(client, draft=draft_of(response.content), photos=[a_file(2)]).status_code == 302
    assert Photo.objects.count() == 2


def test_photos_that_could_not_be_decoded_in_time_are_asked_for_again(client, pageant, monkeypatch):
    with monkeypatch.context() as no_time:
        no_time.setattr("pageant.rate_limits.ends_at", lambda _request: time.monotonic() + ANSWERING + 0.01)
        response = send(client, photos=[a_file(1), a_file(77)])  # the latter in no other test, where it would be kept

    assert (response.status_code, response["Retry-After"]) == (429, "10")
    assert errors_of(response) == {"photos": ["unread"]}
    assert Photo.objects.count() == 0
    assert send(client, draft=draft_of(response.content)).status_code == 302


def test_form_without_photos_does_not_wait(client, pageant):
    kept = send(client, email="")
    with ExitStack() as others:
        for place in queue.DECODERS:
            others.enter_context(queue.place([place], patience=0))
        assert send(client, draft=draft_of(kept.content), photos=[]).status_code == 302


# Turning and reordering


def sizes(photos: Any) -> list[tuple[str, int, int]]:
    return [(photo.description, photo.width, photo.height) for photo in photos.order_by("position", "pk")]


def test_new_photos_are_turned_and_ordered_as_the_script_says(client, pageant):
    kept = send(client, email="", photos=[a_file(1)], descriptions=["kept"])
    key = Photo.objects.get().key

    send(
        client,
        draft=draft_of(kept.content),
        photos=[a_file(2), a_file(3)],
        descriptions=["second", "third"],
        quarters=["1", "0"],
        order=["new", key, "new"],
        **{f"quarters_{key}": "3"},
    )

    entry = Entry.objects.get()
    assert sizes(entry.photos.all()) == [("second", 400, 600), ("kept", 400, 600), ("third", 600, 400)]
    assert entry.photos.first().description == "second"


def test_photos_are_shown_turned_and_moved_by_buttons_alone(client, pageant, mailoutbox):
    response = send(client, email="", photos=[a_file(1), a_file(2)], descriptions=["one", "two"], arrange="show")

    assert errors_of(response) == {}
    one, two = Photo.objects.order_by("pk")
    draft = draft_of(response.content)
    response = send(client, draft=draft, photos=None, order=[one.key, two.key], arrange=f"move {two.key}")
    assert [shown["photo"].key for shown in response.context["form"].shown] == [two.key, one.key]
    response = send(
        client, draft=draft, photos=None, order=[two.key, one.key], arrange=f"turn {one.key}", is_adult=None
    )
    assert [shown["chosen"].quarters for shown in response.context["form"].shown] == [0, 1]
    assert errors_of(response) == {}
    assert (Entry.objects.count(), len(mailoutbox)) == (0, 0)

    send(client, draft=draft, photos=None, order=[two.key, one.key], **{f"quarters_{one.key}": "1"})
    assert sizes(Entry.objects.get().photos.all()) == [("two", 600, 400), ("one", 400, 600)]


@pytest.mark.parametrize(
    "odd",
    [
        {"order": ["new"] * 150},
        {"order": ["x", "", "new0"], "quarters": ["7", "x"]},
        {"quarters": ["-1"], "arrange": ""},
    ],
)
def test_odd_arrangement_is_passed_over(client, pageant, odd):
    assert send(client, **odd).status_code == 302
    assert sizes(Entry.objects.get().photos.all()) == [("", 600, 400)]


@pytest.mark.parametrize("arrange", ["turn", "move x", "spin round", "show show"])
def test_odd_button_sends_nothing(client, pageant, arrange):
    assert send(client, arrange=arrange).status_code == 200
    assert Entry.objects.count() == 0


# The same again


def test_photo_chosen_twice_is_kept_once_and_named(client, pageant):
    response = send(client, photos=[a_file(1, "a.jpg"), a_file(1, "b.jpg")])

    assert errors_of(response) == {"photos": ["twice"]}
    assert "b.jpg: " in response.content.decode()
    response = send(client, draft=draft_of(response.content), photos=[a_file(1, "c.jpg"), a_file(2)])
    assert response.status_code == 302
    assert Photo.objects.count() == 2


def test_same_words_with_another_photo_are_another_attempt(client, pageant, mailoutbox):
    draft = draft_of(client.get("/pageants/faces/enter/").content)
    for seed in (1, 1, 2):
        assert send(client, draft=draft, photos=[a_file(seed)]).status_code == 302

    assert [entry.photos.count() for entry in Entry.objects.order_by("pk")] == [1, 1]
    assert list(Entry.objects.order_by("pk").values_list("email", flat=True)) == ["anh@example.com", ""]
    confirmation, existing = mailoutbox  # the second post was a double click
    assert confirmation.subject != existing.subject


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "approved"])
def test_known_address_takes_the_same_queries_as_a_new_one(client, pageant, status, settings):
    settings.WORK = "worker"  # mails are sent apart
    make_entry(pageant, status=status, email="anh@example.com", photos=0)

    queries_of(client, "first@example.com")  # whose hobbies are new
    known, new = (queries_of(client, email) for email in ("anh@example.com", "new@example.com"))

    assert known == new
    assert Entry.objects.filter(email="new@example.com").exists()
    assert Entry.objects.filter(email="anh@example.com").count() == 1


def queries_of(client: Client, email: str) -> list[str]:
    """Those of a post that enters, without their values."""
    draft = draft_of(client.get("/pageants/faces/enter/").content)
    with CaptureQueriesContext(connection) as queries:
        assert send(client, email=email, draft=draft, photos=[a_file(1)]).status_code == 302
    return [re.sub(r"'(?:[^']|'')*'| ?-?\d+|NULL", "?", query["sql"]) for query in queries]


# How much forms in progress may hold


def fill(pageant: Pageant, *, network: str, photo_bytes: int, **fields: Any) -> Draft:
    digest = network_digest(network)
    return Draft.objects.create(
        key=Draft.new_key(), pageant=pageant, network_digest=digest, photo_bytes=photo_bytes, **fields
    )


def test_network_beyond_its_budget_may_enter_but_keeps_no_photos(client, pageant, settings):
    settings.DRAFTS_MB_PER_NETWORK = 1
    fill(pageant, network="127.0.0.1", photo_bytes=MEGABYTE - 1)
    response = send(client, email="")

    assert errors_of(response) == {"email": ["required"], "photos": ["no_room"]}
    assert 'value="Nguyễn Thị Ánh"' in response.content.decode()
    assert Photo.objects.count() == 0
    assert send(client, draft=draft_of(response.content)).status_code == 302
    settings.TRUSTED_PROXIES = 1
    client.defaults["HTTP_X_FORWARDED_FOR"] = "192.0.2.77"  # a neighbour
    assert errors_of(send(client, email="")) == {"email": ["required"]}
    settings.DRAFTS_MB = 1
    assert errors_of(send(client, email="")) == {"email": ["required"], "photos": ["no_room"]}


@pytest.mark.parametrize("changes", [{"sent_at": timezone.now()}, {"created_at": timezone.now() - Draft.LIFETIME}])
def test_forms_that_were_sent_or_are_old_hold_nothing(client, pageant, settings, changes):
    settings.DRAFTS_MB_PER_NETWORK = settings.DRAFTS_MB = 1
    old = fill(pageant, network="127.0.0.1", photo_bytes=9 * MEGABYTE, **changes)

    assert errors_of(send(client, email="")) == {"email": ["required"]}
    with Photo.objects.get().open_master() as master:
        assert Draft.photo_bytes_of(old.network_digest) == (len(master.read()),) * 2


def test_many_forms_at_once_never_hold_too_much(pageant, settings):
    settings.DRAFTS_MB_PER_NETWORK = 1
    before = fill(pageant, network="192.0.2.1", photo_bytes=MEGABYTE - 2 * len(a_master().jpeg))

    def keep() -> int:
        with suppress(NoRoom):
            return len(Draft.of(pageant, Draft.new_key()).keep([a_master()], [""], network="192.0.2.1"))
        return 0

    assert sum(at_once(*[keep] * 6)) == Photo.objects.count() <= 2
    assert Draft.photo_bytes_of(before.network_digest)[0] <= MEGABYTE
