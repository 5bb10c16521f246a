"""Keys that were rotated: nobody is lost, and what nobody needs can go."""

import re
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db.models import Value
from django.db.models.functions import Concat

from core.email_digest import email_digest, key_id, unnamed_digest
from core.moderation import Status
from pageant.models import Entry
from privacy import checks
from privacy.models import DigestKey, ErasureReceipt, Pseudonym
from privacy.registry import digest_keys
from privacy.registry.finders import Subject
from privacy.rights import erasure
from suggestions.models import Suggestion
from tests.pageant.factories import make_entry
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db

ANH, BINH = "anh@example.com", "binh@example.com"
OLD, NEW = "old-" + "x" * 46, "new-" + "y" * 46


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    DigestKey.objects.all().delete()
    digest_keys.record()


@pytest.fixture
def rotated(settings, old_key):
    """Call it to put a new key before the old one, or with an empty list in its place."""

    def rotate(fallbacks=(OLD,)):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, list(fallbacks)

    return rotate


def an_entry_without_address():
    entry = make_entry(email=ANH, status=Status.WAITING)  # of which nobody was told by mail yet
    Entry.objects.update(email="")
    return entry


def rotate_secret(*options: str) -> list[str]:
    told = StringIO()
    call_command("rotate_secret", *options, stdout=told)
    return told.getvalue().splitlines()


def test_digest_names_its_key_and_tells_nothing_of_it():
    digest = email_digest(ANH)
    assert re.fullmatch(r"[0-9a-f]{7}\.[0-9a-f]{56}", digest)
    assert digest.startswith(key_id(OLD))
    assert key_id(OLD) != key_id(NEW)


def test_rows_with_an_address_get_digests_of_the_new_key_and_the_old_one_may_go(rotated):
    entry, website = make_entry(email=ANH), make_website(email=ANH)
    Pseudonym.objects.create(subject_digest=entry.email_digest, about="x", key="a")
    rotated()

    told = rotate_secret()

    rows = [Entry.objects.get().email_digest, Suggestion.objects.get(pk=website.pk).email_digest]
    assert {*rows, Pseudonym.objects.get().subject_digest} == {email_digest(ANH)}
    assert told == [
        f"3 rows now have digests of the key {key_id(NEW)}.",
        f"Key 1 of SECRET_KEY_FALLBACKS ({key_id(OLD)}) is no longer needed.",
    ]
    rotated(fallbacks=())
    assert (digest_keys.missing(), checks.check_keys(None)) == ([], [])
    assert list(Entry.objects.of(ANH)) == [entry]


def test_key_that_rows_without_an_address_need_is_not_given_up(rotated):
    entry = an_entry_without_address()
    rotated()

    told = rotate_secret()

    assert told[1] == f"Keep the key {key_id(OLD)}: it is needed by 1 of pageant.Entry, whose addresses were erased."
    assert len(told) == 2
    assert list(Entry.objects.of(ANH)) == [entry]
    Entry.objects.all().delete()
    assert "no longer needed" in rotate_secret()[1]


def test_site_does_not_start_without_a_key_that_rows_need(rotated, monkeypatch):
    monkeypatch.setattr(digest_keys.connection, "close", lambda: None)  # the test's transaction
    rotated(fallbacks=())

    with pytest.raises(SystemExit, match=f"vietmusic: SECRET_KEY and SECRET_KEY_FALLBACKS lack the key {key_id(OLD)}"):
        digest_keys.require()
    assert [error.id for error in checks.check_keys(None)] == ["privacy.E012"]
    assert not DigestKey.objects.filter(key_id=key_id(NEW)).exists()

    rotated()
    digest_keys.require()
    assert DigestKey.objects.filter(key_id=key_id(NEW)).exists()


def test_digests_of_older_versions_find_their_rows_and_are_named_if_there_was_but_one_key(rotated, settings):
    entry = an_entry_without_address()
    Entry.objects.update(email_digest=unnamed_digest(ANH, OLD))
    assert list(Entry.objects.of(ANH)) == [entry]

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert digest_keys.name_all() == 0
    assert "needed by 1 of pageant.Entry" in rotate_secret()[1]

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    DigestKey.objects.exclude(key_id=key_id(OLD)).delete()
    assert (digest_keys.name_all(), digest_keys.name_all()) == (1, 0)
    assert Entry.objects.get().email_digest == email_digest(ANH)


def test_rows_of_older_versions_are_not_named_by_another_key_than_theirs(settings, rotated):
    lost, known = an_entry_without_address(), make_entry(email=BINH)
    for entry, address in ((lost, ANH), (known, BINH)):
        Entry.objects.filter(pk=entry.pk).update(email_digest=unnamed_digest(address, OLD))
    DigestKey.objects.all().delete()  # as in a backup from before there were any
    rotated(fallbacks=())

    digest_keys.record()
    assert (digest_keys.name_all(), digest_keys.missing()) == (0, [digest_keys.OLDER])
    assert not DigestKey.objects.exists()
    settings.SECRET_KEY = OLD
    digest_keys.record()
    assert (digest_keys.missing(), list(Entry.objects.of(ANH))) == ([], [lost])


def test_wrong_key_that_is_set_back_leaves_nothing_behind(settings):
    settings.SECRET_KEY = NEW
    digest_keys.record()  # as a job does, if the database was away when the keys were compared
    settings.SECRET_KEY = OLD
    assert digest_keys.missing() == []


def test_key_that_is_lost_for_good_can_be_forgotten(rotated):
    an_entry_without_address()
    make_entry(email=BINH)
    rotated(fallbacks=())

    with pytest.raises(CommandError, match=f"{key_id(OLD)}.*see --forget"):
        rotate_secret()
    told = rotate_secret("--forget", key_id(OLD))

    assert told[1:] == [f"Lost with the key {key_id(OLD)}: 1 of pageant.Entry."]
    assert (digest_keys.missing(), Entry.objects.of(ANH).count(), Entry.objects.of(BINH).count()) == ([], 0, 1)
    assert Entry.objects.get(email=BINH).email_digest == email_digest(BINH)


def test_person_with_a_row_of_each_key_keeps_both(rotated):
    entry = make_entry(email=ANH)
    Pseudonym.objects.create(subject_digest=entry.email_digest, about="x", key="old")
    rotated()
    Pseudonym.objects.create(subject_digest=email_digest(ANH), about="x", key="new")

    rotate_secret()

    assert Pseudonym.objects.filter(subject_digest__in=Subject.of(ANH).digests).count() == 2
    assert "needed by 1 of privacy.Pseudonym" in rotate_secret()[1]


def test_without_the_old_key_an_address_still_finds_its_rows_and_erases_them_unless_others_may_be_lost(rotated):
    make_entry(email=ANH, status=Status.WAITING)
    make_website(email=ANH)
    others = make_entry(email=BINH)
    rotated(fallbacks=())

    assert Entry.objects.of(ANH).count() == 1
    with pytest.raises(ImproperlyConfigured, match=key_id(OLD)):
        erasure.erase(Subject.of(ANH))
    assert (Entry.objects.of(ANH).count(), ErasureReceipt.objects.count()) == (1, 0)
    DigestKey.objects.all().delete()
    receipt = erasure.erase(Subject.of(ANH.upper()))

    assert receipt.kinds["pageant.Entry"] == 1
    assert list(Entry.objects.all()) == [others]
    assert not Suggestion.objects.filter(email=ANH).exists()


def test_rotating_goes_through_more_rows_than_a_batch(rotated, monkeypatch):
    monkeypatch.setattr(digest_keys, "BATCH", 2)
    entries = [make_entry(email=f"{name}@example.com", photos=0) for name in "abcde"]
    Entry.objects.filter(pk=entries[0].pk).update(email=Concat(Value("A"), Value("@Example.com")))
    rotated()

    assert digest_keys.rotate() == 5
    assert digest_keys.rotate() == 0
    assert set(Entry.objects.values_list("email_digest", flat=True)) == {
        email_digest(f"{name}@example.com") for name in "abcde"
    }
