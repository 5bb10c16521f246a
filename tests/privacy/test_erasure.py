"""Everything about a person is found, handed out, and erased."""

import json
import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import jsonschema
import pytest
from django.apps import apps
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.email_digest import email_digest
from core.moderation import Refused, Status
from pageant.models import Agreement, Entry, Hobby, Photo
from privacy.models import DataRequest, ErasureReceipt, MailedLink
from privacy.registry.declarations import REGISTRY
from privacy.registry.finders import Subject
from privacy.rights import erasure, export
from tests.core.concurrency import at_once
from tests.core.factories import SMALL, make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.rows import MAKERS, make_row

ANH, BINH = "anh@example.com", "binh@example.com"

FINDABLE = [label for label in MAKERS if REGISTRY.find(label).found and label != "privacy.ErasureReceipt"]
# The rows of the ledger lead to nobody any more; without its second factor an account would be open to whoever erases.
STAYING = {"privacy.Disclosure", "otp_totp.TOTPDevice", "otp_static.StaticDevice", "otp_static.StaticToken"}
ERASED = [label for label in FINDABLE if label not in STAYING]


def everything_about(email: str, word: str) -> None:
    for label in FINDABLE:
        make_row(label, email, word)


def stored() -> str:
    """All that the database holds, as one text."""
    rows = [
        str(value)
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values()
        for value in row.values()
    ]
    return "\n".join(rows)


def files() -> list[str]:
    roots = [Path(storages[name].location) for name in ("default", "private")]
    return sorted(str(file) for root in roots for file in root.rglob("*") if file.is_file())


def exported(email: str) -> tuple[dict, list[str], str]:
    """The data, the names of the files, and the page of an export."""
    file = BytesIO()
    export.write_zip(Subject.of(email), file)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("data.json")), archive.namelist(), archive.read("index.html").decode()


# Handing out


@pytest.mark.django_db
def test_export_holds_every_kind_and_keeps_to_its_schema():
    everything_about(ANH, "Hoa Sữa")
    everything_about(BINH, "Sen Trắng")

    data, names, page = exported(ANH)

    assert sorted(kind["kind"] for kind in data["kinds"]) == sorted(FINDABLE)
    jsonschema.validate(data, json.loads(export.SCHEMA.read_text()), cls=jsonschema.Draft202012Validator)
    pictures = [name for name in names if name.startswith("files/")]
    assert len(pictures) == Photo.objects.filter(entry__in=Entry.objects.of(ANH)).count()
    assert sorted(name for name in names if name not in pictures) == [
        "data.json", "index.html", "schema.json", "style.css",
    ]  # fmt: skip
    told = json.dumps(data, ensure_ascii=False) + page
    assert "Tên Hoa Sữa" in told
    assert [word for word in ("Sen Trắng", BINH, "Bí mật") if word in told] == []


@pytest.mark.django_db
def test_export_is_in_the_language_of_the_person():
    make_entry(email=ANH)
    out = BytesIO()

    with translation.override("vi"):
        export.write_zip(Subject.of(ANH), out)
    with zipfile.ZipFile(out) as archive:
        assert '<html lang="vi">' in archive.read("index.html").decode()


@pytest.mark.django_db
def test_export_escapes_what_strangers_wrote():
    make_entry(email=ANH, about="<script>alert(1)</script>")

    assert "<script>" not in exported(ANH)[2]


@pytest.mark.django_db
def test_export_of_a_photo_whose_file_is_lost_holds_the_rest():
    photo = make_entry(email=ANH).photos.get()
    storages["private"].delete(photo.master_name)

    data, names, _page = exported(ANH)

    assert [name for name in names if name.startswith("files/")] == []
    assert "pageant.Photo" in [kind["kind"] for kind in data["kinds"]]


@pytest.mark.django_db
def test_export_of_an_unknown_address_is_empty():
    everything_about(ANH, "Hoa")

    assert exported(BINH)[0]["kinds"] == []


@pytest.mark.django_db
def test_export_command_writes_a_file_for_its_owner_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make_entry(email=ANH)

    call_command("export_subject", ANH.upper())

    path = Path(capsys.readouterr().out.strip())
    assert (path.parent, path.stat().st_mode & 0o777) == (tmp_path, 0o600)
    assert "anh" not in path.name
    assert zipfile.is_zipfile(path)


# Erasing


@pytest.mark.django_db
def test_erasing_leaves_nothing_but_a_receipt_that_names_nobody(django_capture_on_commit_callbacks):
    everything_about(BINH, "Sen Trắng")
    others = (stored(), files())
    with django_capture_on_commit_callbacks(execute=True):
        everything_about(ANH, "Hoa Sữa")
    assert "Hoa Sữa" in stored()

    with django_capture_on_commit_callbacks(execute=True):
        receipt = erasure.erase(Subject.of(ANH))

    left = stored()
    assert [word for word in ("Hoa Sữa", "hoa sua", "hoa sữa", ANH) if word in left] == []
    assert files() == others[1]
    assert left.count("Sen Trắng") == others[0].count("Sen Trắng")
    assert [kind["kind"] for kind in exported(ANH)[0]["kinds"]] == ["privacy.ErasureReceipt"]
    assert sorted(receipt.kinds) == sorted(ERASED)
    assert ErasureReceipt.objects.get().subject_digest == email_digest(ANH)


words = st.text(st.characters(categories=["L", "N", "Zs"], exclude_characters="\0"), min_size=1, max_size=20)
kinds = st.lists(st.sampled_from(FINDABLE), min_size=1, max_size=5)
addresses = st.from_regex(r"[a-z][a-z0-9._+-]{0,12}[a-z0-9]@[a-z]{2,8}\.(com|vn)", fullmatch=True)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(email=addresses, word=words, labels=kinds, shout=st.booleans())
def test_export_finds_all_and_erasing_leaves_none_whatever_the_data(email, word, labels, shout):
    # A word that is nowhere else, so that finding it proves something.
    word = f"Qz{abs(hash((email, word))) % 10**9} {' '.join(word.split())}".strip()[:30]
    rows = [make_row(label, email.upper() if shout else email, word) for label in labels]

    data = exported(email)[0]
    told = {(kind["kind"], str(row["id"])) for kind in data["kinds"] for row in kind["rows"]}
    assert {(row._meta.label, str(row.pk)) for row in rows} - told == set()

    before = files()
    receipt = erasure.erase(Subject.of(email))

    left = stored().casefold()
    assert receipt is not None
    assert [text for text in (word.casefold().split()[0], email) if text in left] == []
    assert [kind["kind"] for kind in exported(email)[0]["kinds"]] == ["privacy.ErasureReceipt"]
    assert len(files()) <= len(before)
    assert [name for name in files() if not name.endswith("erasures.jsonl")] == []
    ErasureReceipt.objects.all().delete()


@pytest.mark.django_db
def test_erasing_nobody_leaves_no_receipt():
    everything_about(ANH, "Hoa")

    assert erasure.erase(Subject.of(BINH)) is None
    assert ErasureReceipt.objects.count() == 0


@pytest.mark.django_db
def test_staff_account_stays_without_its_owners_name():
    user = make_staff(email=ANH, first_name="Ánh", last_name="Nguyễn")

    erasure.erase(Subject.of(ANH))

    user.refresh_from_db()
    assert (user.email, user.first_name, user.last_name, user.is_active) == ("", "", "", True)


@pytest.mark.django_db
def test_word_that_another_entrant_has_stays():
    make_entry(email=ANH, hobbies=("hát", "đàn đá"))
    make_entry(email=BINH, hobbies=("hát",))

    erasure.erase(Subject.of(ANH))

    assert list(Hobby.objects.values_list("name", flat=True)) == ["hát"]


@pytest.mark.django_db
def test_erase_command_asks_first(monkeypatch):
    make_entry(email=ANH)
    monkeypatch.setattr("builtins.input", lambda _prompt: "no")

    with pytest.raises(CommandError):
        call_command("erase_subject", ANH)
    assert Entry.objects.of(ANH).exists()
    call_command("erase_subject", ANH, yes=True)
    assert not Entry.objects.of(ANH).exists()


@pytest.mark.django_db
def test_erase_command_says_when_there_is_nothing(capsys):
    call_command("erase_subject", ANH, yes=True)

    assert capsys.readouterr().out == "Nothing is held about this address.\n"


# After an older backup


@pytest.mark.django_db(transaction=True)
def test_backup_that_comes_back_is_erased_again(settings, capsys):
    erased = make_entry(email=ANH, status=Status.WAITING)
    erasure.erase(Subject.of(ANH))
    # The database of the day before: her entry is in it, the receipt isn't.
    ErasureReceipt.objects.all().delete()
    Entry.objects.bulk_create([erased])
    MailedLink.objects.create(purpose="open", email=ANH, language="vi", expires_at=timezone.now())
    MailedLink.objects.update(created_at=timezone.now() - timedelta(days=1))
    make_entry(email=BINH)

    call_command("reapply_erasures")

    assert "       2  rows had come back and were erased again\n" in capsys.readouterr().out
    assert [Entry.objects.of(email).count() for email in (ANH, BINH)] == [0, 1]
    assert MailedLink.objects.filter(email=ANH).count() == 0
    assert ErasureReceipt.objects.get().subject_digest == email_digest(ANH)
    call_command("reapply_erasures")
    assert capsys.readouterr().out == "       0  rows had come back and were erased again\n"


@pytest.mark.django_db(transaction=True)
def test_what_somebody_sends_after_an_erasure_stays():
    make_entry(email=ANH)
    erasure.erase(Subject.of(ANH))
    entry = make_entry(email=ANH)

    erasure.reapply()

    assert Entry.objects.of(ANH).get() == entry
    assert entry.photos.count() == 1


@pytest.mark.django_db(transaction=True)
def test_entry_without_address_is_erased_again_too():
    entry = make_entry(email=ANH, status=Status.WAITING)
    erasure.erase(Subject.of(ANH))
    entry.email = ""
    Entry.objects.bulk_create([entry])

    erasure.reapply()

    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_erasure_under_an_older_key_is_known(settings):
    old = settings.SECRET_KEY
    entry = make_entry(email=ANH, status=Status.WAITING)
    erasure.erase(Subject.of(ANH))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" + "y" * 40, [old]
    Entry.objects.bulk_create([entry])

    erasure.reapply()

    assert Entry.objects.count() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_receipt_that_a_full_disk_kept_out_of_the_file_is_written_later(settings):
    folder = settings.ERASURE_LOG
    folder.mkdir()  # where the file should be: it can't be written
    make_entry(email=ANH)
    erasure.erase(Subject.of(ANH))
    assert ErasureReceipt.objects.get().logged_at is None

    folder.rmdir()
    erasure.log_receipts()

    assert [line["subject_digest"] for line in erasure.logged()] == [email_digest(ANH)]
    assert ErasureReceipt.objects.get().logged_at is not None
    assert ANH not in settings.ERASURE_LOG.read_text()


@pytest.mark.django_db(transaction=True)
def test_receipt_that_was_torn_by_a_full_disk_is_written_again(settings, monkeypatch):
    for email in (ANH, BINH):
        make_entry(email=email, status=Status.WAITING)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, line: write(file, line[:20]))
        erasure.erase(Subject.of(ANH))
    assert ErasureReceipt.objects.get().logged_at is None

    erasure.erase(Subject.of(BINH))

    assert [line["subject_digest"] for line in erasure.logged()] == [email_digest(ANH), email_digest(BINH)]
    assert not ErasureReceipt.objects.filter(logged_at=None).exists()


def receipt_of(email, key):
    at = timezone.now() + timedelta(seconds=1)
    return {"key": key, "subject_digest": email_digest(email), "erased_at": at.isoformat(), "kinds": {}}


def test_torn_or_foreign_line_in_the_file_harms_no_other(settings):
    good = receipt_of(ANH, "a1")
    foreign = ["[]", "7", '{"key": "a1"}', json.dumps({**good, "erased_at": "soon"}), "[" * 10_000, "\0"]
    foreign.append(json.dumps({**good, "erased_at": "2026-13-01T00:00:00"}))
    settings.ERASURE_LOG.write_bytes("\n".join([*foreign, json.dumps(good), '{"key": "tor']).encode() + b"\xff")

    assert list(erasure.logged()) == [good]


@pytest.mark.django_db
def test_erasures_of_other_machines_are_done_again_and_taken_over(settings, tmp_path, capsys):
    """A backup is restored on one machine; three people were erased since, each on another one."""
    for email in (ANH, BINH, "chi@example.com"):
        make_entry(email=email)
    logs = [settings.ERASURE_LOG, tmp_path / "b.jsonl", tmp_path / "c.jsonl"]
    for number, email in enumerate((ANH, BINH)):
        logs[number].write_text(json.dumps(receipt_of(email, f"a{number}")) + "\n")
    logs[2].touch()  # of a machine on which nobody was erased
    for _time in range(2):
        call_command("reapply_erasures", *map(str, logs[1:]))

    assert [*Entry.objects.exclude(email="").values_list("email", flat=True)] == ["chi@example.com"]
    assert [line["key"] for line in erasure.logged()] == ["a0", "a1"]
    assert not ErasureReceipt.objects.filter(logged_at=None).exists()
    assert capsys.readouterr().out.endswith("       0  rows had come back and were erased again\n")


@pytest.mark.django_db
@pytest.mark.parametrize("content", [None, "a photo"])
def test_wrong_file_of_erasures_stops_before_anything_is_done(settings, tmp_path, content):
    path = tmp_path / "log"
    if content:
        path.write_text(content)
    make_entry(email=ANH)
    settings.ERASURE_LOG.write_text(json.dumps(receipt_of(ANH, "a1")))
    with pytest.raises(CommandError, match=f"^{path} "):
        call_command("reapply_erasures", str(path))

    assert Entry.objects.filter(email=ANH).exists()


# Raced

ROUNDS = 20


@pytest.mark.django_db(transaction=True)
def test_person_who_is_erased_while_being_approved_never_ends_up_public(settings):
    settings.WORK = "inline"
    staff = make_staff()
    pageant = make_pageant()
    outcomes = set()

    def approve(entry: Entry) -> str:
        try:
            entry.approve(by=staff)
        except Refused:
            return "too late"
        return "approved"

    for _ in range(ROUNDS):
        entry = make_entry(pageant, email=ANH, status=Status.WAITING, size=SMALL, hobbies=("hát",), lives_in="Huế")
        outcome, receipt = at_once(lambda: approve(entry), lambda: erasure.erase(Subject.of(ANH)))  # noqa: B023

        outcomes.add(outcome)
        assert receipt is not None
        assert Entry.objects.of(ANH).count() == 0
        pageant.refresh_from_db()
        assert (pageant.entry_count, pageant.tallies.count()) == (0, 0)
        assert ANH not in stored()
        assert files_of(default_storage) == []
    assert outcomes <= {"too late", "approved"}


def files_of(storage) -> list[str]:
    return [str(file) for file in Path(storage.location).rglob("*") if file.is_file()]


@pytest.mark.django_db(transaction=True)
def test_erasing_twice_at_once_leaves_one_receipt():
    make_entry(email=ANH)

    receipts = at_once(lambda: erasure.erase(Subject.of(ANH)), lambda: erasure.erase(Subject.of(ANH)))

    assert sum(receipt is not None for receipt in receipts) == 1
    assert ErasureReceipt.objects.count() == 1


# On the person's own page


@pytest.mark.django_db
class TestOwnPage:
    def test_shows_everything_that_the_registry_finds(self, client, opened):
        everything_about(ANH, "Hoa Sữa")

        html = client.get(f"/privacy/you/{opened(to=ANH)}/").content.decode()

        for label in FINDABLE:
            assert str(REGISTRY.find(label).name) in html
        assert "Bí mật" not in html

    def test_download_is_a_zip(self, client, opened):
        make_entry(email=ANH)

        response = client.get(f"/privacy/you/{opened(to=ANH)}/download/")
        archive = zipfile.ZipFile(BytesIO(b"".join(response.streaming_content)))

        assert response["Content-Disposition"] == 'attachment; filename="vietmusic.zip"'
        assert "no-store" in response["Cache-Control"]
        assert json.loads(archive.read("data.json"))["email"] == ANH

    def test_download_is_limited(self, client, opened):
        token = opened(to=ANH)
        for _ in range(10):
            b"".join(client.get(f"/privacy/you/{token}/download/").streaming_content)

        assert client.get(f"/privacy/you/{token}/download/").status_code == 429

    def test_erasing_says_first_what_goes_and_changes_nothing(self, client, opened):
        make_entry(email=ANH)
        page = f"/privacy/you/{opened(to=ANH)}/erase/"

        html = client.get(page).content.decode()

        assert "Your entry in a pageant (1)" in html
        assert Entry.objects.of(ANH).count() == 1

    def test_erasing_leads_to_the_receipt_however_often_the_button_is_pressed(self, client, opened):
        make_entry(email=ANH)
        page = f"/privacy/you/{opened(to=ANH)}/erase/"

        answers = [client.post(page), client.post(page), client.get(page)]

        receipt = ErasureReceipt.objects.get()
        assert [answer["Location"] for answer in answers] == [f"/privacy/you/erased/{receipt.key}/"] * 3
        html = client.get(answers[0]["Location"]).content.decode()
        assert receipt.key in html
        assert ANH not in html
        assert client.get(page.removesuffix("erase/")).status_code == 404

    def test_receipt_that_nobody_has_is_not_found(self, client):
        assert client.get(f"/privacy/you/erased/{'0' * 32}/").status_code == 404

    def test_question_reaches_the_staff_and_is_acknowledged(self, client, opened, mailoutbox):
        token = opened(to=ANH)

        response = client.post(f"/privacy/you/{token}/question/", {"kind": "object", "text": "Xin đừng"})

        request = DataRequest.objects.get()
        assert response["Location"] == f"/privacy/you/{token}/?done=asked"
        assert (request.email, request.kind, request.text, request.days_left) == (ANH, "object", "Xin đừng", 29)

    def test_question_without_words_is_asked_again(self, client, opened):
        response = client.post(f"/privacy/you/{opened(to=ANH)}/question/", {"kind": "object", "text": " "})

        assert (response.status_code, DataRequest.objects.count()) == (200, 0)
        assert "This field is required." in response.content.decode()

    @pytest.mark.parametrize("path", ["download/", "erase/", "question/"])
    def test_page_that_is_closed_gives_nothing_away(self, client, opened, path):
        make_entry(email=ANH)
        page = f"/privacy/you/{opened(to=ANH)}/"
        client.post(page, {"close": "1"})

        assert [client.get(page + path).status_code, client.post(page + path).status_code][0] == 410
        assert Entry.objects.of(ANH).count() == 1


@pytest.mark.django_db
def test_withdrawn_entry_tells_when_the_agreement_ended():
    entry = make_entry(email=ANH)
    agreement = entry.agreements.create(kind=Agreement.Kind.SHOWING, text="Có", language="vi")

    entry.withdraw()

    agreement.refresh_from_db()
    assert agreement.withdrawn_at == entry.withdrawn_at
