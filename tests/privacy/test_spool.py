"""What a process has written is loaded exactly once, whatever is killed when."""

import os
import signal
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from privacy.models import SpoolFile, Visit, VisitHour
from privacy.traffic import loader, spool, visit_log
from privacy.traffic.loader import load
from privacy.traffic.spool import Spool
from tests.core.concurrency import SECONDS, at_once, database_url, start
from tests.core.power_cut import Disk

LINE = b'[1,1772330400000,"203.0.113.7","GET","/%d",200,3,"","Firefox"]'


@pytest.fixture
def folder(settings):
    return settings.VISIT_SPOOL


@pytest.fixture
def taken():
    """What was loaded; with a `take` that keeps it, and can't read what begins with a bang."""
    lines = []

    def take(batch):
        lines.extend(line for line in batch if not line.startswith(b"!"))
        return [line for line in batch if line.startswith(b"!")]

    return lines, take


def files(folder):
    return sorted(folder.glob("test-*.spool"))


def leave(folder, content, name="test-1-dead.spool"):
    """A file whose process is dead."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def sync(path):
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


def variables(settings):
    return {
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": database_url(),
        "VISIT_SPOOL": str(settings.VISIT_SPOOL),
        "SITE_URL": "http://testserver",
        "WORK": "worker",
    }


# Writing


def test_folder_and_file_are_for_the_sites_user_alone(folder):
    Spool("test").write(b"x")

    (file,) = files(folder)
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, file)] == ["0o700", "0o600"]


def test_lines_stand_one_below_the_other(folder):
    one = Spool("test")
    one.write(b"a")
    one.write(b"b")

    assert [file.read_bytes() for file in files(folder)] == [b"a\nb\n"]


def test_fork_begins_a_file_of_its_own_and_does_not_hold_its_parents(folder):
    one = Spool("test")
    one.write(b"parent")
    # A child that outlives its parent's file, as the workers of a server do.
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        one.write(b"child")
        os.write(theirs, b".")
        time.sleep(SECONDS)
        os._exit(0)
    try:
        os.read(ours, 1)
        one.close()
        held = {file.read_bytes(): not is_free(file) for file in files(folder)}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert held == {b"parent\n": False, b"child\n": True}


def is_free(path):
    with path.open("r+b") as file:
        return spool.is_held(file.fileno())


@pytest.mark.parametrize("limit", ["BYTES_OF_A_FILE", "SECONDS_OF_A_FILE"])
def test_file_that_is_large_or_old_is_followed_by_another(folder, monkeypatch, limit):
    monkeypatch.setattr(spool, limit, -1)
    one = Spool("test")
    one.write(b"a")
    one.write(b"b")

    assert sorted(file.read_bytes() for file in files(folder)) == [b"a\n", b"b\n"]
    assert [is_free(file) for file in files(folder)].count(True) == 1


def test_line_that_could_be_torn_is_refused(folder, caplog):
    Spool("test").write(b"x" * spool.BYTES_OF_A_LINE)

    assert [file.read_bytes() for file in files(folder)] == []
    assert caplog.messages == ["Could not spool 1 lines of test: OSError None"]


def test_folder_that_cannot_be_made_breaks_nothing(settings, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    settings.VISIT_SPOOL = tmp_path / "file" / "spool"
    one = Spool("test")

    for _ in range(3):
        one.write(b"secret")

    assert caplog.messages == ["Could not spool 1 lines of test: NotADirectoryError 20"]
    assert "secret" not in caplog.text


FULL_DISK = """
import os, resource, sys, django
django.setup()
from django.test import Client
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
from privacy.traffic.visit_log import SPOOL
statuses = [Client().get("/robots.txt").status_code for _ in range(3)]
print(statuses, SPOOL.torn, SPOOL.lost + 1)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_full_disk_breaks_no_page(settings):
    with start(["-W", "ignore", "-c", FULL_DISK], **variables(settings)) as process:
        out, err = process.communicate(timeout=SECONDS)

    assert (process.returncode, out) == (0, "[200, 200, 200] True 3\n"), err
    assert err == "ERROR privacy.traffic.spool: Could not spool 1 lines of visits: OSError None\n"


def test_line_after_a_torn_one_begins_anew(folder):
    one = Spool("test")
    one.write(b"first")
    one.torn = True
    one.write(b"second")

    assert files(folder)[0].read_bytes() == b"first\n\nsecond\n"


# Loading


@pytest.mark.django_db
def test_folder_that_is_not_there_holds_nothing(taken):
    assert load("test", taken[1]) == 0


@pytest.mark.django_db
def test_live_file_is_loaded_once_and_blanked(folder, taken):
    lines, take = taken
    one = Spool("test")
    one.write(b"a")
    counts = [load("test", take), load("test", take)]
    one.write(b"b")
    counts.append(load("test", take))

    assert (counts, lines) == ([1, 0, 1], [b"a", b"b"])
    assert files(folder)[0].read_bytes() == b"\n\n\n\n"
    one.write(b"c")  # the file is as usable as before
    assert load("test", take) == 1


@pytest.mark.django_db
def test_file_of_a_dead_process_goes_with_its_row(folder, taken):
    leave(folder, b"a\nb\n")

    assert (load("test", taken[1]), taken[0]) == (2, [b"a", b"b"])
    assert (files(folder), SpoolFile.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_power_cut_brings_no_file_back_whose_row_is_gone(folder, taken, tmp_path):
    path = leave(folder, b"a\n")
    disk = Disk(tmp_path)
    with disk.watched(lambda: None):
        for place in (path, folder, tmp_path):
            sync(place)
        assert disk.read(path) == b"a\n"
        load("test", taken[1])

    assert (disk.read(path), SpoolFile.objects.count()) == (None, 0)


@pytest.mark.django_db
def test_line_that_is_still_being_written_waits_for_its_end(folder, taken):
    lines, take = taken
    one = Spool("test")
    one.write(b"a")
    os.write(one.file, b"half")
    load("test", take)
    os.write(one.file, b" and half\n")
    load("test", take)

    assert lines == [b"a", b"half and half"]


@pytest.mark.django_db
def test_torn_end_of_a_dead_file_is_taken_as_a_line(folder, taken):
    leave(folder, b"a\n!torn")
    load("test", taken[1])

    (aside,) = folder.glob("test-*.aside")
    assert (taken[0], aside.read_bytes(), oct(aside.stat().st_mode & 0o777)) == ([b"a"], b"!torn\n", "0o600")
    assert files(folder) == []


@pytest.mark.django_db
def test_endless_line_is_no_end(folder, taken, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", 8)
    one = Spool("test")
    one.write(b"!" * 40)
    one.write(b"a")
    load("test", taken[1])

    assert taken[0] == [b"a"]


@pytest.mark.django_db
def test_what_is_set_aside_has_an_end(folder, taken, monkeypatch):
    monkeypatch.setattr(loader, "BYTES_ASIDE", 10)
    leave(folder, b"!23456789\n" * 5)
    load("test", taken[1])

    (aside,) = folder.glob("test-*.aside")
    assert aside.stat().st_size == 10


@pytest.mark.django_db
def test_what_was_set_aside_goes_when_visits_of_its_day_do(folder, taken, time_machine, settings):
    settings.VISIT_DAYS = 30
    leave(folder, b"!\n")
    time_machine.move_to("2026-03-01T12:00:00+07:00")
    load("test", taken[1])
    there = []
    for day in ("2026-03-31", "2026-04-01"):
        time_machine.move_to(f"{day}T12:00:00+07:00")
        load("test", taken[1])
        there.append(len([*folder.glob("*.aside")]))

    assert there == [1, 0]


@pytest.mark.django_db
def test_foreign_folders_and_names_stop_nothing(folder, taken):
    leave(folder, b"a\n")
    (folder / "test-folder.spool").mkdir()
    leave(folder, b"b\n", f"test-{'x' * 200}.spool")

    assert (load("test", taken[1]), taken[0]) == (1, [b"a"])


@pytest.mark.django_db
def test_batch_that_fails_is_loaded_the_next_time(folder, taken):
    lines, take = taken
    leave(folder, b"a\nb\n")

    def fail(batch):
        Visit.objects.create(at="2026-03-01T00:00Z", address="::1", status=200, status_class=2, milliseconds=1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        load("test", fail)
    load("test", take)

    assert (lines, Visit.objects.count()) == ([b"a", b"b"], 0)


@pytest.mark.django_db
def test_what_a_killed_loader_left_in_the_file_is_blanked(folder, taken):
    """It was killed between its commit and overwriting what it had loaded."""
    one = Spool("test")
    one.write(b"address")
    SpoolFile.objects.create(name=files(folder)[0].name, offset=8)

    assert load("test", taken[1]) == 0
    assert files(folder)[0].read_bytes() == b"\n" * 8


@pytest.mark.django_db
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_every_line_of_any_file_is_taken_once(folder, pieces):
    lines = []
    content = b"\n".join(pieces)
    leave(folder, content)

    load("test", lambda batch: lines.extend(batch) or [])

    assert lines == [line for line in content.split(b"\n") if line]
    assert files(folder) == []


# Killed


WRITER = """
import os, sys, django
django.setup()
from privacy.traffic.visit_log import SPOOL
for number in range(10_000_000):
    SPOOL.write(b'[1,1772330400000,"203.0.113.7","GET","/%d",200,3,"","Firefox"]' % number)
    os.write(1, b".")
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_writer_loses_nothing(settings):
    with start(["-c", WRITER], **variables(settings)) as process:
        said = os.read(process.stdout.fileno(), 65536)
        while len(said) < 500:
            said += os.read(process.stdout.fileno(), 65536)
        process.kill()
        process.wait()
        said += process.stdout.read().encode()
    loaded = visit_log.load()

    # The last one was perhaps written, and not said to be.
    assert loaded - len(said) in {0, 1}
    assert Visit.objects.values("path").distinct().count() == Visit.objects.count() == loaded
    assert [*settings.VISIT_SPOOL.glob("visits-*")] == []


LOADER = """
import django
django.setup()
from privacy.traffic import loader, visit_log
loader.CHUNK = 4096
visit_log.load()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_loader_neither_loses_nor_doubles(settings):
    count = 6_000
    settings.VISIT_SPOOL.mkdir()
    for part in range(2):
        numbers = range(part * count // 2, (part + 1) * count // 2)
        path = settings.VISIT_SPOOL / f"visits-{part}-dead.spool"
        path.write_bytes(b"".join(LINE % number + b"\n" for number in numbers))
    kills = 0
    before = 0
    for _ in range(4):
        with start(["-c", LOADER], **variables(settings)) as process:
            while process.poll() is None and Visit.objects.count() < before + 300:
                time.sleep(0.002)
            kills += process.poll() is None
            process.kill()
            process.wait()
        before = Visit.objects.count()
    at_kills = before
    visit_log.load()

    assert kills >= 2
    assert 0 < at_kills < count
    assert Visit.objects.count() == Visit.objects.values("path").distinct().count() == count
    assert [one.requests for one in VisitHour.objects.all()] == [count]
    assert ([*settings.VISIT_SPOOL.glob("*.spool")], SpoolFile.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_load_each_line_once(settings, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", 2048)
    settings.VISIT_SPOOL.mkdir()
    for part in range(3):
        path = settings.VISIT_SPOOL / f"visits-{part}-dead.spool"
        path.write_bytes(b"".join(LINE % (1000 * part + number) + b"\n" for number in range(300)))

    loaded = at_once(visit_log.load, visit_log.load, visit_log.load)

    assert sum(loaded) == Visit.objects.count() == Visit.objects.values("path").distinct().count() == 900
    assert [one.requests for one in VisitHour.objects.all()] == [900]
    assert [*settings.VISIT_SPOOL.glob("*.spool")] == []
