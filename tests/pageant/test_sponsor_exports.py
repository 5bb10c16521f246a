"""Handing over to co-sponsors, taking consents back, and calling back what was handed over."""

import csv
import json
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from post_office.models import Email

from core.email_digest import email_digest
from core.moderation import Outdated
from pageant.models import Agreement, Cosponsorship, Entry
from pageant.models.cosponsorship import shareable
from pageant.sponsors import exports
from pageant.sponsors.exports import Format, Nobody, Over
from privacy.models import Disclosure, Pseudonym
from privacy.registry.finders import Subject
from privacy.rights import erasure, purge
from privacy.sharing import ledger
from tests.core.concurrency import at_once
from tests.core.factories import make_staff
from tests.pageant.factories import answer, bulk_entries, make_cosponsorship, make_entry, make_pageant
from tests.pageant.test_own_page import open_page

ANH = "anh@example.com"


@pytest.fixture
def one(db) -> Cosponsorship:
    return make_cosponsorship()


@pytest.fixture
def officer(db):
    return make_staff(group="Privacy officers")


def entrant(one: Cosponsorship, *, agreed: bool = True, **fields) -> Entry:
    entry = make_entry(one.pageant, **{"photos": 0, **fields})
    answer(entry, one, agreed=agreed)
    return entry


@dataclass(frozen=True)
class Handed(exports.File):
    data: bytes


def hand_over(one: Cosponsorship, **how) -> Handed:
    content = BytesIO()
    file = exports.hand_over(one, content, **how)
    return Handed(**vars(file), data=content.getvalue())


def table(file: Handed) -> list[list[str]]:
    return list(csv.reader(StringIO(file.data.decode("utf-8-sig"), newline="")))


def people(file: Handed) -> list[dict]:
    return json.loads(file.data)["people"]


def recalls() -> list[tuple[str, list[str]]]:
    rows = Disclosure.objects.filter(kind=Disclosure.Kind.RECALL).in_order()
    return [(row.pseudonym, row.fields) for row in rows]


# What is in the file


def test_file_holds_just_the_consented_fields_of_just_the_consenting(one, officer):
    entry = entrant(one, display_name="Ánh", email=ANH, lives_in="Huế")
    entrant(one, agreed=False, display_name="Nein")
    make_entry(one.pageant, display_name="Nie gefragt", photos=0)
    entrant(make_cosponsorship(one.pageant), display_name="Anderem Sponsor")

    file = hand_over(one, by=officer)

    row = Disclosure.objects.get()
    assert table(file) == [["reference", "display_name", "email"], [row.pseudonym, "Ánh", ANH]]
    assert (row.kind, row.recipient, row.recipient_address) == ("hand-over", one.sponsor_name, one.sponsor_url)
    assert (row.about, row.handed_by, row.purpose) == (one.about, officer, {"en": one.purpose_en, "vi": one.purpose_vi})
    assert row.fields == ["pageant.Entry.display_name", "pageant.Entry.email"]
    assert Pseudonym.objects.get().subject_digest == entry.email_digest


def test_ledger_names_no_person(one, officer):
    entrant(one, display_name="Ánh Nguyễn", email=ANH)
    hand_over(one, by=officer)

    told = str(list(Disclosure.objects.values()))

    assert [word for word in ("Ánh", ANH, email_digest(ANH)) if word in told] == []


def test_json_holds_the_same(officer, db):
    one = make_cosponsorship(fields=list(shareable()))
    entrant(one, display_name="=Ánh", hobbies=("hát", "đàn tranh"), about="Một\n\nHai", email=ANH)

    file = hand_over(one, by=officer, form=Format.JSON)

    (person,) = people(file)
    assert person.pop("reference") == Disclosure.objects.get().pseudonym
    assert sorted(person.pop("hobbies")) == ["hát", "đàn tranh"]
    assert person == {
        "display_name": "=Ánh", "email": ANH, "lives_in": "", "favourite_food": "", "about": "Một\n\nHai",
    }  # fmt: skip
    assert file.content_type == "application/json"


def test_csv_quotes_every_cell_and_tells_its_encoding(officer, db):
    one = make_cosponsorship(fields=["display_name", "about", "hobbies"])
    entrant(one, display_name='=cmd|"/c calc"!A1', about="a\n=b\r\nc", hobbies=("@hát",))

    file = hand_over(one, by=officer)

    assert file.data.startswith(b"\xef\xbb\xbf")
    header, line, end = file.data.decode("utf-8-sig").split("\r\n")
    assert (header, end) == ('"reference","display_name","hobbies","about"', "")
    key = Disclosure.objects.get().pseudonym
    assert line == f'"{key}","\'=cmd|""/c calc""!A1","\'@hát","a =b c"'


def test_rows_are_in_no_order_that_tells_who_is_who(officer, db):
    one = make_cosponsorship()
    bulk_entries(one.pageant, 30)
    for entry in Entry.objects.all():
        answer(entry, one)

    hand_over(one, by=officer)

    keys = list(Disclosure.objects.in_order().values_list("pseudonym", flat=True))
    assert keys == sorted(keys)


def test_many_people_are_handed_over_in_batches(officer, db, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", 7)
    one = make_cosponsorship()
    bulk_entries(one.pageant, 30)
    for entry in Entry.objects.all():
        answer(entry, one)

    file = hand_over(one, by=officer, form=Format.JSON)

    assert sorted(row["email"] for row in people(file)) == sorted(Entry.objects.values_list("email", flat=True))
    assert (file.people, ledger.verify()[0]) == (30, 30)


# Who is in it


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "rejected", "withdrawn"])
def test_entry_that_is_not_approved_is_not_handed_over(one, officer, status):
    entry = make_entry(one.pageant, photos=0, status="unconfirmed")
    answer(entry, one)
    if status != "unconfirmed":
        entry.confirm()
    if status == "rejected":
        entry.reject(by=officer, reason=Entry.Reason.QUALITY)
    if status == "withdrawn":
        entry.withdraw()

    with pytest.raises(Nobody):
        hand_over(one, by=officer)

    assert Disclosure.objects.count() == 0


def test_address_that_was_erased_in_time_is_not_handed_over(one, officer):
    entry = entrant(one)
    Entry.objects.filter(pk=entry.pk).update(email="")

    with pytest.raises(Nobody):
        hand_over(one, by=officer)


def test_rest_is_handed_over_without_the_address_where_it_is_not_asked_for(officer, db):
    one = make_cosponsorship(fields=["display_name"])
    entry = entrant(one, display_name="Ánh")
    Entry.objects.filter(pk=entry.pk).update(email="")

    assert [row[1:] for row in table(hand_over(one, by=officer))] == [["display_name"], ["Ánh"]]


def test_field_that_the_notice_did_not_name_is_left_out(one, officer):
    entrant(one, lives_in="Huế")
    Cosponsorship.objects.update(fields=["display_name", "email", "lives_in"])  # around the model, as nobody can

    (person,) = people(hand_over(one, by=officer, form=Format.JSON))

    assert sorted(person) == ["display_name", "email", "reference"]


def test_nothing_is_handed_over_once_it_has_ended(one, officer):
    entrant(one)
    one.end(by=officer)

    with pytest.raises(Over):
        hand_over(one, by=officer)


def test_nothing_is_handed_over_after_its_last_day(one, officer):
    entrant(one)
    with time_machine.travel(timezone.now() + timedelta(days=102), tick=False), pytest.raises(Over):
        hand_over(one, by=officer)


# In the admin


def address(one: Cosponsorship) -> str:
    return f"/admin/pageant/cosponsorship/{one.pk}/hand_over/"


def seen_on(client, one: Cosponsorship) -> int:
    return client.get(address(one)).context["preview"].seen


def test_officer_sees_numbers_first(client, one, officer):
    entrant(one)
    entrant(one, status="waiting")
    entrant(one, agreed=False)
    client.force_login(officer)

    response = client.get(address(one))

    shown = response.context["preview"]
    assert (shown.agreed, shown.people, shown.seen) == (2, 1, 0)
    assert Disclosure.objects.count() == 0


@pytest.mark.parametrize("form", ["csv", "json"])
def test_officer_hands_over_and_a_second_press_does_nothing(client, one, officer, form):
    entrant(one, display_name="Ánh")
    client.force_login(officer)
    seen = seen_on(client, one)

    answers = [client.post(address(one), {"form": form, "seen": seen}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 302]
    assert answers[0]["Content-Disposition"] == f'attachment; filename="{one.pageant.slug}-{one.pk}-1.{form}"'
    assert "no-store" in answers[0]["Cache-Control"].split(", ")
    assert "Ánh" in b"".join(answers[0]).decode()
    assert Disclosure.objects.count() == 1
    assert b"".join(client.post(address(one), {"form": form, "seen": seen_on(client, one)}))
    assert Disclosure.objects.count() == 2


@pytest.mark.parametrize("post", [{}, {"form": "xls", "seen": "0"}, {"form": "csv", "seen": "x"}, {"form": "csv"}])
def test_post_that_makes_no_sense_hands_over_nothing(client, one, officer, post):
    entrant(one)
    client.force_login(officer)

    assert client.post(address(one), post).status_code == 302
    assert Disclosure.objects.count() == 0


@pytest.mark.parametrize("group", ["Moderators", None])
def test_others_hand_over_nothing(client, one, group):
    entrant(one)
    client.force_login(make_staff(group=group))

    assert client.get(address(one)).status_code == 403
    assert client.post(address(one), {"form": "csv", "seen": 0}).status_code == 403
    assert Disclosure.objects.count() == 0


# Taken back


@pytest.mark.django_db
def test_person_withdraws_a_consent_with_one_button(client):
    one = make_cosponsorship()
    entry = entrant(one, email=ANH)
    page = open_page(client, ANH)
    button = f"{page}entries/{entry.key}/sharing/{one.pk}/withdraw/"
    assert f'action="{button}"' in client.get(page).content.decode()
    assert client.get(button).status_code == 405

    assert [client.post(button)["Location"] for _ in range(2)] == [f"{page}?done=unshared"] * 2

    assert not Agreement.objects.sharing().in_force().exists()
    assert Entry.objects.get().status == "approved"
    html = client.get(page).content.decode()
    assert f'action="{button}"' not in html
    assert f"Sharing with {one.sponsor_name}: agreed on" in html
    assert (recalls(), Email.objects.filter(to=one.contact_email).count()) == ([], 0)
    with pytest.raises(Nobody):
        hand_over(one, by=make_staff())


@pytest.mark.django_db
def test_nobody_withdraws_for_somebody_else(client):
    one = make_cosponsorship()
    mine, other = entrant(one, email=ANH), entrant(one)
    page = open_page(client, ANH)
    elsewhere = make_cosponsorship(one.pageant)

    answers = [
        client.post(f"{page}entries/{entry.key}/sharing/{which.pk}/withdraw/").status_code
        for entry, which in ((other, one), (mine, elsewhere))
    ]

    assert (answers, Agreement.objects.sharing().in_force().count()) == ([404, 404], 2)


def withdraw_consent(entry: Entry) -> None:
    entry.agreements.sharing().get().withdraw()


TAKING_BACK = {
    "consent": withdraw_consent,
    "entry": lambda entry: Entry.objects.get(pk=entry.pk).withdraw(),
    "erasing": lambda entry: erasure.erase(Subject.of(entry.email)),
    "command": lambda entry: call_command("erase_subject", entry.email, yes=True, verbosity=0),
}


@pytest.mark.parametrize("take_back", TAKING_BACK.values(), ids=TAKING_BACK)
def test_what_was_handed_over_is_called_back(one, officer, take_back):
    entry = entrant(one, email=ANH, display_name="Ánh Nguyễn", lives_in="Huế")
    entrant(one)
    for _ in range(2):
        hand_over(one, by=officer)
    key = Pseudonym.objects.get(subject_digest=email_digest(ANH)).key

    take_back(entry)

    assert recalls() == [(key, ["pageant.Entry.display_name", "pageant.Entry.email"])]
    mail = Email.objects.get(to=one.contact_email)
    told = f"{mail.subject}\n{mail.message}\n{mail.html_message}"
    assert mail.message.count(key) == 2
    assert mail.subject.count(key) == 2
    assert (one.pageant.title_en in told, one.pageant.title_vi in told, "your e-mail address" in told) == (True,) * 3
    assert [word for word in ("Ánh", "Nguyễn", "Huế", ANH) if word in told] == []
    assert ledger.verify()[0] == 5
    assert len(table(hand_over(one, by=officer))) == 2


@pytest.mark.parametrize("take_back", TAKING_BACK.values(), ids=TAKING_BACK)
def test_what_was_not_handed_over_needs_no_recall(one, officer, take_back):
    entry = entrant(one)
    entrant(one, email=ANH)
    other = make_cosponsorship(one.pageant)
    answer(Entry.objects.get(email=ANH), other)
    hand_over(other, by=officer)

    take_back(entry)

    assert (recalls(), Email.objects.filter(to__in=[[one.contact_email], [other.contact_email]]).count()) == ([], 0)


def test_each_co_sponsor_is_asked_for_its_own(one, officer):
    other = make_cosponsorship(one.pageant, fields=["hobbies"])
    entry = entrant(one)
    answer(entry, other)
    hand_over(one, by=officer)
    hand_over(other, by=officer)

    entry.agreements.get(cosponsorship=other).withdraw()

    assert [fields for _key, fields in recalls()] == [["pageant.Entry.hobbies"]]
    entry.refresh_from_db()
    entry.withdraw()
    assert [fields for _key, fields in recalls()][1:] == [["pageant.Entry.display_name", "pageant.Entry.email"]]
    assert Email.objects.filter(to__in=[[one.contact_email], [other.contact_email]]).count() == 2


def test_recall_comes_once(one, officer):
    entry = entrant(one, email=ANH)
    hand_over(one, by=officer)

    withdraw_consent(entry)
    Entry.objects.get().withdraw()
    erasure.erase(Subject.of(ANH))

    assert len(recalls()) == 1
    assert Email.objects.filter(to=one.contact_email).count() == 1


def test_recall_reaches_co_sponsors_of_old(one, officer):
    entry = entrant(one)
    hand_over(one, by=officer)
    one.end(by=officer)

    withdraw_consent(entry)

    assert len(recalls()) == 1


def test_end_of_retention_is_no_recall(one, officer):
    entrant(one)
    hand_over(one, by=officer)
    with time_machine.travel(one.pageant.closes_at + timedelta(days=3 * 365 + 1), tick=False):
        purge.purge()

    assert (Entry.objects.count(), recalls()) == (0, [])


def test_recall_and_erasure_are_both_or_neither(one, officer):
    entrant(one, email=ANH)
    hand_over(one, by=officer)

    with transaction.atomic():
        erasure.erase(Subject.of(ANH))
        transaction.set_rollback(True)

    assert (recalls(), Entry.objects.count(), Email.objects.filter(to=one.contact_email).count()) == ([], 1, 0)


def test_erasing_leaves_the_ledger_whole_and_leads_to_nobody(one, officer):
    entrant(one, email=ANH, display_name="Ánh")
    hand_over(one, by=officer)
    handed = Disclosure.objects.values().get()

    erasure.erase(Subject.of(ANH))

    assert Disclosure.objects.values().get(number=1) == handed
    assert (ledger.verify()[0], Pseudonym.objects.count()) == (2, 0)
    assert list(ledger.of(Subject.of(ANH))) == []
    call_command("verify_ledger", verbosity=0)


# The person's page


@pytest.mark.django_db
def test_page_lists_who_received_what(client):
    one = make_cosponsorship(fields=["display_name", "hobbies"])
    entry = entrant(one, email=ANH)
    entrant(one, display_name="Somebody else")
    page = open_page(client, ANH)
    assert "Nobody. We have handed none of your data to anybody." in client.get(page).content.decode()

    hand_over(one, by=make_staff())
    html = client.get(page).content.decode()
    told = html[html.index('id="disclosures"') : html.index('id="questions"')]

    assert f"we handed this to <strong>{one.sponsor_name}</strong>: your name on the site, your hobbies." in (
        " ".join(told.replace("</p>", "").split()).replace("</strong>:", "</strong>:")
    )
    assert f'href="{one.sponsor_url}" rel="external nofollow ugc noopener noreferrer"' in told
    key = Pseudonym.objects.get(subject_digest=email_digest(ANH)).key
    assert (told.count("<li"), key in told, one.purpose_en in told) == (1, True, True)
    withdraw_consent(entry)
    html = client.get(page).content.decode()
    told = html[html.index('id="disclosures"') : html.index('id="questions"')]
    assert (told.count("<li"), told.count("we recalled this from")) == (2, 1)


# Whatever the state


STATES = ["unconfirmed", "waiting", "approved", "rejected", "withdrawn"]
FIELDS = list(shareable())
fields = st.lists(st.sampled_from(FIELDS), min_size=1, unique=True)
persons = st.tuples(
    st.sampled_from(STATES),
    st.lists(st.sampled_from(["yes", "no", "taken back", "never asked"]), min_size=3, max_size=3),
    st.sampled_from(["address", "blanked"]),
)
sponsors = st.tuples(st.booleans(), fields, fields, st.sampled_from(["in force", "ended", "over"]))


def is_behind(row: dict, one: Cosponsorship, names: set[str]) -> bool:
    """Whether a consent stands behind a row of a file, asked of the database in another way than the hand-over does."""
    pseudonym = Pseudonym.objects.get(key=row["reference"], about=one.about)
    return any(
        names <= set(agreement.fields) & set(Cosponsorship.objects.get(pk=one.pk).fields) & set(FIELDS)
        and agreement.entry.pageant_id == one.pageant_id
        and agreement.entry.status == "approved"
        and agreement.entry.confirmed_at is not None
        and ("email" not in names or agreement.entry.email == row["email"] != "")
        for agreement in Agreement.objects.filter(
            entry__email_digest=pseudonym.subject_digest, cosponsorship=one, agreed=True, withdrawn_at=None
        )
    )


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(entrants=st.lists(persons, min_size=1, max_size=5), described=st.lists(sponsors, min_size=3, max_size=3))
def test_no_row_leaves_without_a_consent_whatever_the_state(entrants, described):
    by = make_staff()
    pageant, elsewhere = make_pageant(), make_pageant()
    ones = [make_cosponsorship(pageant if here else elsewhere, fields=shown) for here, shown, _now, _state in described]
    for status, answers, address_is in entrants:
        enter(pageant, ones, status, answers, address_is, by)

    for one, (_here, _shown, now, state) in zip(ones, described, strict=True):
        become(one, now, state, by)
        rows, written = handed_over(one, by)

        assert state == "in force" or rows == []
        assert [row for row in rows if not is_behind(row, one, set(row) - {"reference"})] == []
        assert written == sorted(
            (row["reference"], sorted(f"pageant.Entry.{name}" for name in row if name != "reference")) for row in rows
        )
        if state == "in force" and one.pageant_id == pageant.pk:
            assert len(rows) == expected(one, now)
    ledger.verify()


def enter(pageant, ones: list[Cosponsorship], status: str, answers: list[str], address_is: str, by) -> None:
    entry = make_entry(pageant, photos=0, status="unconfirmed")
    for one, given_answer in zip(ones, answers, strict=True):
        if given_answer != "never asked":
            agreement = answer(entry, one, agreed=given_answer != "no")
        if given_answer == "taken back":
            agreement.withdraw()
    bring(entry, status, by)
    if address_is == "blanked":
        Entry.objects.filter(pk=entry.pk).update(email="")


def become(one: Cosponsorship, now: list[str], state: str, by) -> None:
    Cosponsorship.objects.filter(pk=one.pk).update(fields=now)  # around the model, as nobody can
    if state == "ended":
        one.end(by=by)
    elif state == "over":
        Cosponsorship.objects.filter(pk=one.pk).update(ends_on=timezone.localdate() - timedelta(days=1))


def handed_over(one: Cosponsorship, by) -> tuple[list[dict], list[tuple[str, list[str]]]]:
    """The rows of the file, and whom and what the ledger's new rows name."""
    last = Disclosure.objects.count()
    try:
        rows = people(hand_over(one, by=by, form=Format.JSON))
    except (Nobody, Over):
        rows = []
    return rows, sorted((row.pseudonym, sorted(row.fields)) for row in Disclosure.objects.filter(number__gt=last))


def expected(one: Cosponsorship, now: list[str]) -> int:
    """How many must be in the file: nobody who agreed is forgotten either."""
    return sum(
        1
        for agreement in Agreement.objects.filter(cosponsorship=one, agreed=True, withdrawn_at=None)
        if agreement.entry.status == "approved"
        and ("email" not in now or agreement.entry.email)
        and set(agreement.fields) & set(now)
    )


def bring(entry: Entry, status: str, by) -> None:
    if status != "unconfirmed":
        entry.confirm()
    if status == "approved":
        entry.approve(by=by)
    elif status == "rejected":
        entry.reject(by=by, reason=Entry.Reason.QUALITY)
    elif status == "withdrawn":
        entry.withdraw()


# At once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take_back", [withdraw_consent, TAKING_BACK["entry"], TAKING_BACK["erasing"]])
def test_nothing_is_handed_over_after_a_withdrawal_was_acknowledged(take_back):
    """Whoever is faster: either the person is in no file, or what is in the file is called back."""
    by = make_staff()
    for _ in range(4):
        one = make_cosponsorship()
        entry = entrant(one)

        def hand() -> list[dict]:
            try:
                return people(hand_over(one, by=by, form=Format.JSON))  # noqa: B023  it is called here
            except Nobody:
                return []

        handed, _done = at_once(hand, lambda: take_back(entry))  # noqa: B023

        rows = Disclosure.objects.filter(about=one.about).in_order()
        assert [row.kind for row in rows] == (["hand-over", "recall"] if handed else [])
        assert Email.objects.filter(to=one.contact_email).count() == len(handed)
        assert hand() == []
    ledger.verify()


@pytest.mark.django_db(transaction=True)
def test_button_pressed_many_times_at_once_hands_over_once():
    by, one = make_staff(), make_cosponsorship()
    for _ in range(3):
        entrant(one)

    def press() -> int:
        try:
            return hand_over(one, by=by, seen=0).people
        except Outdated:
            return 0

    assert sorted(at_once(*[press] * 5)) == [0, 0, 0, 0, 3]
    assert ledger.verify()[0] == 3


@pytest.mark.django_db(transaction=True)
def test_end_and_hand_over_at_once_leave_nothing_handed_over_after_the_end():
    by = make_staff()
    for _ in range(3):
        one = make_cosponsorship()
        entrant(one)

        def hand() -> int:
            try:
                return hand_over(one, by=by).people  # noqa: B023
            except Over:
                return 0

        at_once(hand, lambda: one.end(by=by))  # noqa: B023
        assert hand() == 0
