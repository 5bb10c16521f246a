"""Co-sponsors: what staff describe, what the form shows and asks, and what is kept of the answer."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from post_office.models import Email

from pageant import gallery
from pageant.forms import EditForm, EntryForm, WordsForm
from pageant.models import Agreement, Cosponsorship, Entry, Pageant, Photo
from pageant.models.cosponsorship import Sealed, shareable
from pageant.sponsors.notices import SIGNER
from privacy.rate_limits import Limit
from tests.core.factories import make_staff
from tests.pageant.factories import answer, bulk_entries, make_cosponsorship, make_entry, make_pageant
from tests.pageant.test_own_page import open_page
from tests.pageant.test_submission import ANSWERS, a_file, draft_of, errors_of

FORM = "/pageants/faces/enter/"
A_DAY = timedelta(days=1)


@pytest.fixture
def pageant(db) -> Pageant:
    return make_pageant(slug="faces", max_photos=3)


@pytest.fixture
def upcoming(db) -> Pageant:
    return make_pageant(opens_at=timezone.now() + A_DAY)


def shown_in(html: bytes) -> str | None:
    found = re.search(r'name="notices" value="([^"]+)"', html.decode())
    return found and found[1]


def send(client: Client, form: bytes, *, path: str = FORM, **changes: Any) -> Any:
    """Sends that form, filled in, with the notices that it showed."""
    answers = {"photos": [a_file()], **ANSWERS, "draft": draft_of(form), "notices": shown_in(form), **changes}
    return client.post(path, {name: value for name, value in answers.items() if value is not None})


def boxes_in(html: bytes) -> dict[str, bool]:
    inputs = re.findall(r'<input[^>]*name="(share_\d+)"[^>]*>', html.decode())
    tags = re.findall(r'<input[^>]*name="share_\d+"[^>]*>', html.decode())
    return {name: " checked" in tag for name, tag in zip(inputs, tags, strict=True)}


def answers_kept() -> list[tuple[int, bool]]:
    return list(Agreement.objects.sharing().order_by("cosponsorship").values_list("cosponsorship", "agreed"))


# What staff describe


def test_only_what_the_registry_calls_shareable_can_be_shared():
    assert list(shareable()) == ["display_name", "email", "lives_in", "favourite_food", "hobbies", "about"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [[], ["is_adult"], ["email", "status"], ["email", "email"], "email", {"email": True}, None]
)
def test_other_fields_are_refused(fields):
    with pytest.raises(ValidationError):
        make_cosponsorship(fields=fields)


def test_before_the_pageant_opens_each_change_is_a_new_version(upcoming):
    one = make_cosponsorship(upcoming)

    one.save()
    one.purpose_en = "Something else."
    one.save()
    one.fields = ["display_name"]
    one.save()

    one.refresh_from_db()
    assert (one.version, one.fields) == (3, ["display_name"])


CHANGES = [
    ("fields", ["display_name", "email", "lives_in"]),
    ("fields", ["display_name"]),
    ("sponsor_name", "Another"),
    ("sponsor_url", "https://other.example/"),
    ("policy_url", "https://other.example/"),
    ("contact_email", "other@example.com"),
    ("purpose_en", "To sell."),
    ("purpose_vi", "Để bán."),
    ("ends_on", timezone.localdate() + timedelta(days=1000)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_once_the_pageant_has_opened_nothing_changes(name, value):
    one = make_cosponsorship()
    setattr(one, name, value)

    with pytest.raises(Sealed):
        one.save()

    assert getattr(Cosponsorship.objects.get(), name) != value


def test_opening_seals_without_anybody_doing_anything(upcoming):
    one = make_cosponsorship(upcoming)
    with time_machine.travel(upcoming.opens_at + A_DAY, tick=False):
        one.fields = [*one.fields, "about"]
        with pytest.raises(Sealed):
            one.save()


def test_answer_seals_even_if_the_pageant_is_put_off(db):
    one = make_cosponsorship()
    answer(make_entry(one.pageant), one)
    Pageant.objects.update(opens_at=timezone.now() + A_DAY)
    one = Cosponsorship.objects.get()
    one.fields = [*one.fields, "about"]

    with pytest.raises(Sealed):
        one.save()
    with pytest.raises(ProtectedError):
        one.delete()


def test_it_can_be_ended_once_and_for_good(db):
    one, staff = make_cosponsorship(), make_staff()

    assert (one.end(by=staff), one.end(by=make_staff())) == (True, False)

    one = Cosponsorship.objects.get()
    assert (one.ended_by, one.is_in_force, list(Cosponsorship.objects.in_force())) == (staff, False, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        Cosponsorship.objects.update(ended_by=None)


def test_it_is_in_force_through_its_last_day(db):
    one = make_cosponsorship()
    noon = timezone.localtime().replace(hour=12)
    for days, in_force in ((100, True), (101, False)):
        with time_machine.travel(noon + days * A_DAY, tick=False):
            assert (one.is_in_force, Cosponsorship.objects.in_force().exists()) == (in_force, in_force)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "sharing"},
        {"kind": "showing", "agreed": False},
        {"kind": "showing", "notice_version": 1},
        {"kind": "sharing", "agreed": False, "withdrawn_at": timezone.now()},
    ],
)
def test_answer_that_makes_no_sense_is_refused_by_the_database(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_entry().agreements.create(text="x", language="en", **fields)


def test_answer_is_kept_once(db):
    entry = make_entry()
    one = make_cosponsorship(entry.pageant)
    answer(entry, one)

    with pytest.raises(IntegrityError), transaction.atomic():
        answer(entry, one, agreed=False)


# In the admin


def described(pageant: Pageant, **changes: Any) -> dict[str, Any]:
    return {
        "pageant": pageant.pk,
        "sponsor_name": "Đàn & Phím",
        "sponsor_url": "https://dan-phim.example/",
        "policy_url": "https://dan-phim.example/privacy",
        "contact_email": "data@dan-phim.example",
        "purpose_en": "To invite you.",
        "purpose_vi": "Để mời bạn.",
        "fields": ["email", "display_name"],
        "ends_on": "2030-01-31",
        **changes,
    }


ADD = "/admin/pageant/cosponsorship/add/"


@pytest.fixture
def staff(client, db) -> Client:
    client.force_login(make_staff(group=None, is_superuser=True))
    return client


def test_staff_describe_one_with_boxes_from_the_registry(staff, upcoming):
    html = staff.get(ADD).content.decode()
    assert re.findall(r'type="checkbox" name="fields" value="(\w+)"', html) == list(shareable())

    response = staff.post(ADD, described(upcoming))

    assert response.status_code == 302
    one = Cosponsorship.objects.get()
    assert (one.sponsor_name, one.fields, one.shared) == (
        "Đàn & Phím", ["email", "display_name"], ["display_name", "email"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fields", []),
        ("fields", ["is_adult"]),
        ("sponsor_url", "javascript:alert(1)"),
        ("policy_url", "ftp://dan-phim.example/"),
        ("sponsor_name", "a\u202eb"),
        ("contact_email", "no address"),
        ("ends_on", ""),
    ],
)
def test_staff_are_told_what_is_wrong(staff, upcoming, name, value):
    response = staff.post(ADD, described(upcoming, **{name: value}))

    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, [name])


def test_staff_add_none_to_a_pageant_that_has_opened(staff):
    response = staff.post(ADD, described(make_pageant()))

    assert list(response.context["adminform"].form.errors) == ["pageant"]
    assert Cosponsorship.objects.count() == 0


def test_staff_end_one_that_can_not_be_changed_any_more(staff):
    one = make_cosponsorship()
    address = f"/admin/pageant/cosponsorship/{one.pk}/"

    page = staff.get(f"{address}change/").content.decode()
    assert ('name="_save"' in page, f'href="{address}end/"' in page, "your e-mail address" in page) == (
        False, True, True,
    )  # fmt: skip
    assert staff.post(f"{address}change/", described(one.pageant)).status_code == 403
    assert staff.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    staff.get(f"{address}end/")
    assert Cosponsorship.objects.get().is_in_force
    staff.post(f"{address}end/")

    assert Cosponsorship.objects.get().ended_at is not None


@pytest.mark.parametrize(("group", "status"), [("Moderators", 403), ("Privacy officers", 200), (None, 403)])
def test_who_of_the_staff_sees_them(client, db, group, status):
    one = make_cosponsorship()
    client.force_login(make_staff(group=group))

    assert client.get("/admin/pageant/cosponsorship/").status_code == status
    assert client.get(f"/admin/pageant/cosponsorship/{one.pk}/change/").status_code == status
    for verb in ("end", "change"):
        assert client.post(f"/admin/pageant/cosponsorship/{one.pk}/{verb}/").status_code == 403


# What the form shows


def test_form_without_co_sponsors_shows_nothing_of_them(client, pageant):
    make_cosponsorship()  # of another pageant
    make_cosponsorship(pageant, ends_on=timezone.localdate() - A_DAY)
    make_cosponsorship(pageant).end(by=make_staff())

    html = client.get(FORM).content

    assert (boxes_in(html), shown_in(html)) == ({}, None)
    assert send(client, html).status_code == 302
    assert answers_kept() == []


@pytest.mark.parametrize("language", ["en", "vi"])
def test_notice_stands_above_the_first_input(client, pageant, language):
    one = make_cosponsorship(pageant, ends_on=timezone.localdate().replace(month=12, day=31))
    path = FORM if language == "en" else f"/vi{FORM}"

    html = client.get(path).content.decode()
    form = html[html.index("<form", html.index("<main")) :]

    first = form.index('name="share_')
    assert first < form.index('name="display_name"')
    with translation.override(language):
        told = [one.sponsor_name, one.purpose, *one.fields_in_words, "31"]
    assert [text for text in told if text not in form[:first]] == []
    for url in (one.sponsor_url, one.policy_url):
        assert f'href="{url}" rel="external nofollow ugc noopener noreferrer"' in form[:first]
    assert form.count("(leaves this site)") == 2 or language == "vi"


def test_each_box_is_off_and_none_is_required(client, pageant):
    one, other = make_cosponsorship(pageant), make_cosponsorship(pageant)

    for signal in ({}, {"HTTP_SEC_GPC": "1"}):
        html = client.get(FORM, **signal).content
        assert boxes_in(html) == {f"share_{one.pk}": False, f"share_{other.pk}": False}
        assert re.findall(r'<input[^>]*name="share_[^>]*required[^>]*>', html.decode()) == []


def test_number_of_queries_does_not_grow_with_co_sponsors(client, pageant):
    make_cosponsorship(pageant)
    client.get("/privacy/")  # reads the texts of the version, once
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            for address in (FORM, "/pageants/faces/", "/privacy/"):
                client.get(address)
        counts.append(len(queries))
        for _ in range(5):
            make_cosponsorship(pageant)
    assert counts[0] == counts[1]


def test_page_of_the_pageant_names_its_co_sponsors(client, pageant):
    one, over = make_cosponsorship(pageant), make_cosponsorship(pageant, ends_on=timezone.localdate() - A_DAY)

    html = client.get("/pageants/faces/").content.decode()

    assert f'href="{one.sponsor_url}" rel="external nofollow ugc noopener noreferrer"' in html
    assert over.sponsor_name not in html


# What is kept of the answer


def test_answers_are_kept_with_what_was_shown(client, pageant):
    yes, no = make_cosponsorship(pageant), make_cosponsorship(pageant, fields=["hobbies"])
    form = client.get(FORM).content

    response = send(client, form, **{f"share_{yes.pk}": "on"})

    assert (response.status_code, answers_kept()) == (302, [(yes.pk, True), (no.pk, False)])
    kept = Agreement.objects.get(cosponsorship=yes)
    assert (kept.notice_version, kept.language, kept.fields) == (1, "en", ["display_name", "email"])
    assert kept.policy_number == 1
    told = [yes.sponsor_name, yes.sponsor_url, yes.policy_url, yes.purpose_en, "your e-mail address", "your name"]
    assert [text for text in told if text not in kept.text] == []
    assert abs(kept.given_at - timezone.now()) < timedelta(minutes=1)
    assert [one.cosponsorship for one in Agreement.objects.sharing().in_force()] == [yes]


def test_notice_is_kept_in_the_language_in_which_it_was_shown(client, pageant):
    one = make_cosponsorship(pageant)
    form = client.get(f"/vi{FORM}").content

    send(client, form, path=f"/vi{FORM}", **{f"share_{one.pk}": "on"})

    kept = Agreement.objects.sharing().get()
    assert (kept.language, one.purpose_vi in kept.text, one.purpose_en in kept.text) == ("vi", True, False)


@pytest.mark.parametrize("value", ["", "off", "false", "False", "0"])
def test_box_that_says_no_is_a_no(client, pageant, value):
    one = make_cosponsorship(pageant)

    send(client, client.get(FORM).content, **{f"share_{one.pk}": value})

    assert answers_kept() == [(one.pk, False)]


def test_tick_is_kept_when_something_else_is_wrong(client, pageant):
    one, other = make_cosponsorship(pageant), make_cosponsorship(pageant)

    response = send(client, client.get(FORM).content, email="", **{f"share_{one.pk}": "on"})

    assert errors_of(response) == {"email": ["required"]}
    assert boxes_in(response.content) == {f"share_{one.pk}": True, f"share_{other.pk}": False}


def test_known_address_keeps_the_answers_that_it_gave(client, pageant):
    one = make_cosponsorship(pageant)
    known = make_entry(pageant, email=ANSWERS["email"])
    answer(known, one, agreed=False)

    send(client, client.get(FORM).content, **{f"share_{one.pk}": "on"})

    assert [agreement.agreed for agreement in known.agreements.sharing()] == [False]


def test_changing_an_entry_never_asks_again():
    for form in (EditForm, WordsForm):
        assert not issubclass(form, EntryForm)


def test_change_of_an_entry_leaves_its_answers(client, pageant):
    entry, one = make_entry(pageant), make_cosponsorship(pageant)
    answer(entry, one)
    page = open_page(client, entry.email)
    address = f"{page}entries/{entry.key}/edit/"
    html = client.get(address).content

    client.post(address, {"draft": draft_of(html), "display_name": "Ánh"})

    assert (boxes_in(html), Entry.objects.get().display_name, answers_kept()) == ({}, "Ánh", [(one.pk, True)])


# If the notices changed meanwhile


def change(one: Cosponsorship) -> None:
    """Around the model, as nobody can."""
    Cosponsorship.objects.filter(pk=one.pk).update(fields=[*one.fields, "about"], version=2)


MEANWHILE = {
    "changed": change,
    "ended": lambda one: one.end(by=make_staff()),
    "replaced": lambda one: (one.end(by=make_staff()), make_cosponsorship(one.pageant)),
    "one more": lambda one: make_cosponsorship(one.pageant),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_form_comes_back_when_the_notices_changed(client, pageant, meanwhile):
    one = make_cosponsorship(pageant)
    form = client.get(FORM).content
    meanwhile(one)

    response = send(client, form, **{f"share_{one.pk}": "on"})

    assert (response.status_code, errors_of(response)) == (200, {"__all__": ["notices"]})
    assert "has changed since you opened this form" in response.content.decode()
    now = {f"share_{other.pk}": False for other in pageant.cosponsorships.in_force()}
    assert boxes_in(response.content) == now
    assert 'value="Nguyễn Thị Ánh"' in response.content.decode()
    assert (Photo.objects.filter(draft__isnull=False).count(), Entry.objects.count()) == (1, 0)

    again = send(client, response.content, photos=None)
    assert (again.status_code, [agreed for _one, agreed in answers_kept()]) == (302, [False] * len(now))


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_form_comes_back_when_the_notices_change_while_photos_are_looked_at(client, pageant, meanwhile, monkeypatch):
    one = make_cosponsorship(pageant)
    form = client.get(FORM).content
    spend, done = Limit.spend, []

    def meddle(limit: Limit, who: str) -> int:
        if limit.scope == "entries" and not done:
            done.append(meanwhile(one))
        return spend(limit, who)

    monkeypatch.setattr(Limit, "spend", meddle)
    response = send(client, form, **{f"share_{one.pk}": "on"})

    assert (response.status_code, Entry.objects.count(), answers_kept()) == (200, 0, [])
    assert "has changed since you opened this form" in response.content.decode()
    assert True not in boxes_in(response.content).values()
    assert Photo.objects.filter(draft__isnull=False).count() == 1
    assert send(client, response.content, photos=None).status_code == 302


def forged(digest: str) -> str:
    return Signer(salt="something else").sign(digest)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda notices: None,
        lambda notices: "",
        lambda notices: "x",
        lambda notices: notices[:-1] + ("A" if notices[-1] != "A" else "B"),
        lambda notices: notices.partition(":")[0],
        lambda notices: forged(notices.partition(":")[0]),
        lambda notices: SIGNER.sign("0" * 64),
        lambda notices: "\x00" + notices,
    ],
    ids=["missing", "empty", "odd", "signature", "unsigned", "other salt", "other digest", "nul"],
)
@pytest.mark.parametrize("ticked", [True, False])
def test_form_that_did_not_show_the_notices_comes_back(client, pageant, tamper, ticked):
    one = make_cosponsorship(pageant)
    form = client.get(FORM).content
    box = {f"share_{one.pk}": "on"} if ticked else {}

    response = send(client, form, notices=tamper(shown_in(form)), **box)

    assert response.status_code in {200, 400}
    assert (Entry.objects.count(), answers_kept()) == (0, [])
    if response.status_code == 200:
        assert boxes_in(response.content) == {f"share_{one.pk}": False}
        assert send(client, response.content, photos=None).status_code == 302


def test_notices_of_another_language_or_pageant_are_others(client, pageant):
    make_cosponsorship(pageant)
    elsewhere = make_pageant(slug="elsewhere")
    make_cosponsorship(elsewhere)
    form = client.get(FORM).content
    notices = [shown_in(client.get(address).content) for address in (f"/vi{FORM}", "/pageants/elsewhere/enter/")]

    responses = [send(client, form, notices=one) for one in notices]

    assert [errors_of(response) for response in responses] == [{"__all__": ["notices"]}] * 2


@pytest.mark.parametrize("name", ["share_1", "share_x", "share_"])
def test_box_that_nobody_showed_is_answered_with_the_form(client, pageant, name):
    response = send(client, client.get(FORM).content, **{name: "on"})

    assert (response.status_code, errors_of(response)) == (200, {"__all__": ["notices"]})


def test_form_sent_twice_asks_once(client, pageant):
    one = make_cosponsorship(pageant)
    form = client.get(FORM).content

    answers = [send(client, form, **{f"share_{one.pk}": "on"}).status_code for _ in range(2)]

    assert (answers, answers_kept()) == ([302, 302], [(one.pk, True)])


# The same chances


def test_nobody_who_decides_can_tell_who_shares(client, pageant):
    one = make_cosponsorship(pageant, sponsor_name="Đàn & Phím")
    sharing, other = (make_entry(pageant, status="waiting", display_name="Ánh", language="en") for _ in range(2))
    answer(sharing, one)
    answer(other, one, agreed=False)
    client.force_login(make_staff())

    for entry in (sharing, other):
        html = client.get(f"/admin/pageant/entry/{entry.pk}/change/").content.decode()
        shown = html[html.index("<main") :]
        assert entry.display_name in shown
        assert [word for word in ("Phím", "shar", "sponsor") if word in shown] == []
    queue = client.get("/admin/pageant/entry/").content.decode()

    assert "Phím" not in queue
    assert client.get("/admin/pageant/entry/?agreements__agreed=1").status_code == 400
    assert client.get("/admin/pageant/agreement/").status_code == 404


def test_queue_and_gallery_have_the_same_order_whoever_shares(client, pageant):
    one = make_cosponsorship(pageant)
    entries = [make_entry(pageant, size=(200, 200)) for _ in range(4)]
    waiting = [make_entry(pageant, status="waiting", photos=0) for _ in range(4)]
    client.force_login(make_staff())

    def orders() -> tuple[list, list]:
        shown = gallery.show(pageant, {}).page.rows
        queue = client.get("/admin/pageant/entry/").context["cl"].result_list
        return [entry.pk for entry in shown], [entry.pk for entry in queue]

    before = orders()
    for number, entry in enumerate([*entries, *waiting]):
        answer(entry, one, agreed=number % 2 == 0)

    assert orders() == before
    assert sorted(before[0]) == sorted(entry.pk for entry in entries)


@pytest.mark.parametrize("agreed", [True, False])
def test_entry_is_taken_in_and_approved_alike(client, pageant, agreed):
    one = make_cosponsorship(pageant)
    box = {f"share_{one.pk}": "on"} if agreed else {}

    response = send(client, client.get(FORM).content, **box)

    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/pageants/faces/enter/sent/")
    entry = Entry.objects.get()
    entry.confirm()
    entry.approve(by=make_staff())
    entry.publish()
    assert Entry.objects.public().get() == entry
    html = client.get(entry.get_absolute_url()).content.decode()
    mails = "".join(Email.objects.values_list("message", flat=True))
    assert (one.sponsor_name in html, one.sponsor_name in mails, entry.display_name in mails) == (False, False, True)


def test_form_says_that_the_chances_are_the_same(client, pageant):
    make_cosponsorship(pageant)

    assert "your chances are the same" in client.get(FORM).content.decode()


# The policy of today


def test_policy_lists_the_co_sponsors_of_today(client, pageant):
    one = make_cosponsorship(pageant, purpose_en="To invite you to concerts.")
    over = make_cosponsorship(pageant, ends_on=timezone.localdate() - A_DAY)

    html = client.get("/privacy/").content.decode()

    told = [one.sponsor_name, one.sponsor_url, one.policy_url, pageant.title_en, one.purpose_en, "as of today"]
    assert [text for text in told if text not in html] == []
    assert "Fewer than 10 people have agreed." in html
    assert over.sponsor_name not in html


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "at_least"), [(0, None), (9, None), (10, 10), (19, 10), (20, 20), (51, 50)])
def test_number_of_people_who_agreed_is_coarse(count, at_least):
    one = make_cosponsorship()
    no, withdrawn = (make_entry(one.pageant, photos=0) for _ in range(2))
    answer(no, one, agreed=False)
    answer(withdrawn, one).withdraw()
    bulk_entries(one.pageant, count)
    agreed = Entry.objects.exclude(pk__in=[no.pk, withdrawn.pk])
    Agreement.objects.bulk_create(
        Agreement(entry=entry, kind="sharing", cosponsorship=one, notice_version=1, text="x", language="vi")
        for entry in agreed
    )

    assert Cosponsorship.objects.counted().get().at_least == at_least
