"""The ledger of disclosures: it only ever grows, and shows where somebody tampered with it."""

import hashlib
import json
import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import immutable_rows
from core.canonical_json import sha256_of
from core.email_digest import email_digest
from core.hash_chain import Broken
from privacy.models import Disclosure, Pseudonym
from privacy.models.disclosure import Recorded
from privacy.registry.declarations import in_words
from privacy.registry.finders import Subject
from privacy.rights import erasure
from privacy.sharing import ledger
from privacy.sharing.ledger import Record
from tests.core.concurrency import at_once
from tests.core.factories import make_staff

pytestmark = pytest.mark.django_db

ANH = "anh@example.com"


def a_record(pseudonym="a" * 32, *, about="test:1", by=None, kind=Disclosure.Kind.HAND_OVER, **fields) -> Record:
    defaults = {
        "recipient": "Đàn & Phím",
        "recipient_address": "https://sponsor.example/",
        "fields": ["pageant.Entry.email", "pageant.Entry.display_name"],
        "purpose": {"vi": "Để mời bạn.", "en": "To invite you."},
    }
    handed_by = None if kind == Disclosure.Kind.RECALL else by or make_staff()
    return Record(kind=kind, about=about, pseudonym=pseudonym, handed_by=handed_by, **{**defaults, **fields})


@pytest.fixture
def five() -> list[Disclosure]:
    by = make_staff()
    return [ledger.append([a_record(by=by, pseudonym=str(number) * 32)]) for number in range(1, 6)]


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def broken_at() -> int | None:
    """The number of the first row that doesn't fit."""
    try:
        ledger.verify()
    except Broken as broken:
        return broken.number
    return None


def test_rows_are_numbered_and_chained(five):
    rows = list(Disclosure.objects.in_order())

    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.previous for row in rows] == ["", *(row.hash for row in rows[:-1])]
    assert ledger.verify() == (5, rows[-1].hash)


def test_several_rows_at_once_are_one_chain():
    by = make_staff()
    ledger.append(a_record(by=by, pseudonym=f"{number:032x}") for number in range(1200))
    ledger.append([a_record(by=by)])

    assert ledger.verify()[0] == 1201


def test_hash_is_sha256_of_canonical_json_so_that_anybody_can_check_it(five):
    row = Disclosure.objects.get(number=2)
    told = {
        "number": 2,
        "at": row.at.isoformat(timespec="microseconds"),
        "kind": "hand-over",
        "recipient": "Đàn & Phím",
        "recipient_address": "https://sponsor.example/",
        "about": "test:1",
        "fields": ["pageant.Entry.email", "pageant.Entry.display_name"],
        "purpose": {"en": "To invite you.", "vi": "Để mời bạn."},
        "pseudonym": "2" * 32,
        "handed_by": row.handed_by_id,
        "previous": five[0].hash,
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


def test_empty_ledger_is_whole(capsys):
    call_command("verify_ledger")

    assert capsys.readouterr().out == "The ledger is whole: 0 rows.\n"


def test_command_prints_the_head(five, capsys):
    call_command("verify_ledger")

    assert capsys.readouterr().out == f"The ledger is whole: 5 rows.\nIts head is 5:{five[-1].hash}\n"


def test_hash_of_a_row_is_what_it_was_from_the_beginning():
    row = Disclosure(
        number=2,
        at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        kind="recall",
        recipient="Đàn & Phím",
        recipient_address="https://sponsor.example/",
        about="cosponsorship:1",
        fields=["pageant.Entry.email"],
        purpose={"vi": "Để mời bạn.", "en": "To invite you."},
        pseudonym="a" * 32,
        previous="b" * 64,
    )

    assert sha256_of(row.hashed()) == "25adcd55bfadaff4a51040436c8626e29ced38695255bdaa764235a857e07a94"


# Nobody may change it


@pytest.mark.parametrize(
    "act",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: Disclosure(number=9).save(),
        lambda row: Disclosure.objects.update(recipient="Nobody"),
        lambda row: Disclosure.objects.filter(number=1).update(recipient="Nobody"),
        lambda row: Disclosure.objects.all().delete(),
        lambda row: Disclosure.objects.filter(number=1).delete(),
    ],
)
def test_row_is_refused_by_the_model(five, act):
    with pytest.raises(Recorded):
        act(five[0])

    assert ledger.verify()[0] == 5


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE privacy_disclosure SET recipient = 'Nobody'",
        "UPDATE privacy_disclosure SET number = number + 10",
        "DELETE FROM privacy_disclosure",
        "DELETE FROM privacy_disclosure WHERE number = 5",
    ],
)
def test_row_is_refused_by_the_database(five, sql):
    with pytest.raises(IntegrityError, match="this row stays as it is"), transaction.atomic():
        execute(sql)

    assert ledger.verify()[0] == 5


@pytest.mark.parametrize("key", ["id", "number"])
def test_row_is_replaced_by_nobody(five, key):
    columns = [field.column for field in Disclosure._meta.local_fields]
    new = {"id": "id + 100", "number": "number + 100"}
    new.pop(key)
    values = [{"recipient": "'Nobody'", **new}.get(column, column) for column in columns]
    select = f"({', '.join(columns)}) SELECT {', '.join(values)} FROM privacy_disclosure WHERE number = 2"  # noqa: S608  ours
    if connection.vendor == "sqlite":
        sql = f"INSERT OR REPLACE INTO privacy_disclosure {select}"
    else:
        sql = (
            f"INSERT INTO privacy_disclosure {select} ON CONFLICT ({key}) DO UPDATE SET recipient = excluded.recipient"
        )

    with pytest.raises(IntegrityError, match="this row stays as it is"), transaction.atomic():
        execute(sql)

    assert ledger.verify()[0] == 5


def test_admin_shows_it_to_officers_and_changes_nothing(client, five):
    client.force_login(make_staff(group="Privacy officers"))
    row = five[2]

    assert client.get("/admin/privacy/disclosure/").status_code == 200
    page = client.get(f"/admin/privacy/disclosure/{row.pk}/change/")
    assert (page.status_code, 'name="_save"' in page.content.decode()) == (200, False)
    assert client.post(f"/admin/privacy/disclosure/{row.pk}/change/", {"recipient": "Nobody"}).status_code == 403
    assert client.post(f"/admin/privacy/disclosure/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/privacy/disclosure/add/").status_code == 403
    assert ledger.verify()[0] == 5


@pytest.mark.parametrize("group", ["Moderators", None])
def test_admin_hides_it_from_others(client, five, group):
    client.force_login(make_staff(group=group))

    assert client.get("/admin/privacy/disclosure/").status_code == 403


# Who lifts the guards is found


def rehash(number: int) -> None:
    """As somebody would who knows how the hash is made."""
    row = Disclosure.objects.get(number=number)
    execute("UPDATE privacy_disclosure SET hash = %s WHERE number = %s", sha256_of(row.hashed()), number)


def change_and_rehash() -> None:
    execute("UPDATE privacy_disclosure SET recipient = 'Nobody' WHERE number = 3")
    rehash(3)


def insert_between() -> None:
    columns = [field.column for field in Disclosure._meta.local_fields if field.name not in ("id", "number")]
    names = ", ".join(columns)
    execute("UPDATE privacy_disclosure SET number = number + 100 WHERE number > 3")
    execute("UPDATE privacy_disclosure SET number = number - 99 WHERE number > 100")
    select = f"SELECT 4, {names} FROM privacy_disclosure WHERE number = 3"  # noqa: S608  our names
    execute(f"INSERT INTO privacy_disclosure (number, {names}) {select}")


def swap() -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        execute("UPDATE privacy_disclosure SET number = %s WHERE number = %s", new, old)


@pytest.mark.parametrize(
    ("tamper", "number"),
    [
        (lambda: execute("UPDATE privacy_disclosure SET recipient = 'Nobody' WHERE number = 3"), 3),
        (lambda: execute("UPDATE privacy_disclosure SET fields = '[]' WHERE number = 3"), 3),
        (lambda: execute("UPDATE privacy_disclosure SET pseudonym = %s WHERE number = 1", "f" * 32), 1),
        (lambda: execute("UPDATE privacy_disclosure SET kind = 'recall' WHERE number = 5"), 5),
        (lambda: execute("UPDATE privacy_disclosure SET hash = %s WHERE number = 5", "0" * 64), 5),
        (lambda: execute("DELETE FROM privacy_disclosure WHERE number = 1"), 1),
        (lambda: execute("DELETE FROM privacy_disclosure WHERE number = 3"), 3),
        (change_and_rehash, 4),
        (insert_between, 4),
        (swap, 2),
    ],
    ids=[
        "field", "fields", "first", "last", "last hash", "first gone", "one gone", "hashed anew", "one more", "swapped",
    ],
)  # fmt: skip
def test_tampering_is_found_at_its_row(five, tamper, number):
    with immutable_rows.lifted():
        tamper()

    assert broken_at() == number
    with pytest.raises(CommandError, match=f"row {number} "):
        call_command("verify_ledger")


@given(number=st.integers(1, 5), column=st.sampled_from(["recipient", "about", "pseudonym", "recipient_address"]))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_text_is_found(db, number, column):
    if not Disclosure.objects.exists():
        by = make_staff()
        ledger.append(a_record(by=by) for _ in range(5))
    value = Disclosure.objects.values_list(column, flat=True).get(number=number)
    change = f"UPDATE privacy_disclosure SET {column} = %s WHERE number = %s"  # noqa: S608  ours
    with immutable_rows.lifted():
        execute(change, f".{value[1:]}", number)
        assert broken_at() == number
        execute(change, value, number)
    assert broken_at() is None


def test_end_that_was_cut_off_is_found_with_the_head_of_before(five, capsys):
    call_command("verify_ledger")
    head = re.search(r"head is (\S+)", capsys.readouterr().out)[1]
    with immutable_rows.lifted():
        execute("DELETE FROM privacy_disclosure WHERE number > 3")

    call_command("verify_ledger")  # what is left is whole
    with pytest.raises(CommandError, match="row 4 is missing"):
        call_command("verify_ledger", head=ledger_head(head))


def test_end_that_was_written_anew_is_found_with_the_head_of_before(five):
    head = ledger.verify()
    with immutable_rows.lifted():
        execute("UPDATE privacy_disclosure SET recipient = 'Nobody' WHERE number = 5")
        rehash(5)

    assert broken_at() is None
    with pytest.raises(Broken, match="row 5 is another one"):
        ledger.verify(known=head)


def test_head_of_before_still_fits_once_the_ledger_has_grown(five):
    head = ledger.verify()
    ledger.append([a_record()])

    assert ledger.verify(known=head)[0] == 6


def ledger_head(text: str) -> tuple[int, str]:
    number, _colon, digest = text.partition(":")
    return int(number), digest


# At once


@pytest.mark.django_db(transaction=True)
def test_many_at_once_write_one_chain():
    by = make_staff()

    def write() -> None:
        for _ in range(5):
            ledger.append([a_record(by=by), a_record(by=by)])

    at_once(*[write] * 6)

    assert ledger.verify()[0] == 60


# Whom it is about


def test_pseudonyms_differ_for_each_recipient_so_that_two_cannot_compare_files():
    digest = email_digest(ANH)

    one = ledger.pseudonyms([digest], about="test:1")
    again = ledger.pseudonyms([digest], about="test:1")
    other = ledger.pseudonyms([digest], about="test:2")

    assert one == again
    assert one[digest] != other[digest]


def test_rows_lead_to_nobody_after_erasing_and_the_ledger_stays_whole():
    key = ledger.pseudonyms([email_digest(ANH)], about="test:1")[email_digest(ANH)]
    ledger.append([a_record(key), a_record()])
    before = list(Disclosure.objects.values())
    assert [row.number for row in ledger.of(Subject.of(ANH))] == [1]

    receipt = erasure.erase(Subject.of(ANH))

    assert receipt.kinds == {"privacy.Pseudonym": 1}
    assert list(Disclosure.objects.values()) == before
    assert ledger.verify()[0] == 2
    assert list(ledger.of(Subject.of(ANH))) == []
    assert Pseudonym.objects.count() == 0


def test_recall_is_one_row_for_all_that_was_handed_over():
    key = "a" * 32
    by = make_staff()
    ledger.append([a_record(key, by=by, fields=["pageant.Entry.email"]), a_record(key, by=by), a_record("b" * 32)])

    row = ledger.recall(key)

    assert (row.kind, row.number, row.handed_by) == ("recall", 4, None)
    assert row.fields == ["pageant.Entry.email", "pageant.Entry.display_name"]
    assert ledger.recall(key) is None
    assert [one.number for one in ledger.outstanding("b" * 32)] == [3]
    ledger.append([a_record(key, by=by)])
    assert ledger.recall(key).number == 6
    assert ledger.verify()[0] == 6


def test_fields_are_told_in_words_even_when_the_registry_forgot_them():
    assert list(map(str, in_words(["pageant.Entry.email", "pageant.Entry.shoe_size"]))) == [
        "your e-mail address", "shoe_size",
    ]  # fmt: skip
