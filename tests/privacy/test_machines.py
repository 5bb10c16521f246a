"""Several machines with disks of their own: each visit is loaded once, and each person counted once."""

import os
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from redis import Redis

from privacy.jobs import close_days
from privacy.models import AudienceDay, AudienceSeen, Machine, SpoolFile, Visit
from privacy.traffic import visitor_counts
from privacy.traffic.daily_salt import ZONE, DayKey
from privacy.traffic.spool import Spool, machine_of
from tests.core.concurrency import run
from tests.privacy.test_audience import sums
from tests.privacy.test_spool import LINE, variables
from tests.redis import RedisServer

NOON = "2026-03-01T12:00:00+07:00"
AFTER_MIDNIGHT = "2026-03-02T00:01:00+07:00"
DAY = date(2026, 3, 1)


def page(visitor, day=DAY):
    return b'[1,"%s","home","en",0,"%s"]' % (day.isoformat().encode(), visitor.encode() * 32)


@pytest.fixture
def machine(settings, tmp_path):
    """Makes this process one of that machine, with a disk of its own."""
    spools = []

    def become(name):
        settings.MACHINE = name
        settings.VISIT_SPOOL = tmp_path / f"disk of {name}"
        spools.append(Spool("audience"))
        return spools[-1]

    yield become
    for spool in spools:
        spool.close()


def load_spool(folder):
    out, err = StringIO(), StringIO()
    call_command("load_spool", str(folder), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", ["", "a", "web-1", "12", "a-12-b"])
def test_file_tells_its_machine(machine, settings, name):
    machine(name).write(b"x")

    (path,) = settings.VISIT_SPOOL.iterdir()
    assert machine_of(path) == name
    assert len(path.name) <= 100


@pytest.mark.django_db
def test_machine_loads_its_own_files_and_those_without_a_name(machine, settings):
    machine("a")
    for name, visitor in [("a.1-x", "a"), ("b.1-x", "b"), ("ab.1-x", "c"), ("1-x", "d")]:
        settings.VISIT_SPOOL.mkdir(exist_ok=True)
        (settings.VISIT_SPOOL / f"audience-{name}.spool").write_bytes(page(visitor) + b"\n")
    visitor_counts.load()

    assert sums() == (2, 2, 0)
    assert sorted(map(machine_of, settings.VISIT_SPOOL.glob("audience-*"))) == ["ab", "b"]


# Days


@pytest.mark.django_db
def test_day_closes_once_every_machine_has_loaded_it(machine, time_machine):
    time_machine.move_to(NOON)
    spools = {name: machine(name) for name in ("a", "b")}
    for name in spools:
        machine(name)
        visitor_counts.close_days()
    time_machine.move_to(AFTER_MIDNIGHT)
    machine("b")
    spools["b"].write(page("b"))  # at the last moment, and not loaded yet
    machine("a")
    spools["a"].write(page("b"))
    visitor_counts.close_days()
    waiting = sums(), AudienceSeen.objects.count(), {*AudienceDay.objects.values_list("is_closed", flat=True)}
    machine("b")
    visitor_counts.close_days()

    assert waiting == ((1, 1, 0), 4, {False})
    assert sums() == (2, 1, 0)
    assert (AudienceSeen.objects.count(), {*AudienceDay.objects.values_list("is_closed", flat=True)}) == (0, {True})


def leave_behind(machine, time_machine):
    """A day with a visitor for which the machine `b` is waited."""
    time_machine.move_to(NOON)
    machine("b")
    visitor_counts.close_days()
    machine("a").write(page("a"))
    time_machine.move_to(AFTER_MIDNIGHT)
    visitor_counts.close_days()
    assert AudienceSeen.objects.exists()


@pytest.mark.django_db
def test_day_waits_for_no_machine_that_is_declared_dead_until_it_lives(machine, time_machine):
    leave_behind(machine, time_machine)
    call_command("machines", dead="b", stdout=StringIO())
    visitor_counts.close_days()
    closed = not AudienceSeen.objects.exists()
    machine("b")
    visitor_counts.close_days()

    assert closed
    assert {*Machine.objects.values_list("name", "declared_dead_at")} == {("a", None), ("b", None)}


@pytest.mark.django_db
def test_day_waits_for_a_silent_machine_for_a_week_and_says_so_once_an_hour(machine, time_machine, caplog):
    leave_behind(machine, time_machine)
    seen, told = [], []
    for days in (0, 2, 6, 7):
        time_machine.move_to(datetime.fromisoformat(AFTER_MIDNIGHT) + timedelta(days=days))
        caplog.clear()
        visitor_counts.close_days()
        visitor_counts.close_days()
        seen.append(AudienceSeen.objects.exists())
        told.append(len(caplog.records))

    assert (seen, told) == ([True, True, True, False], [0, 1, 1, 1])
    assert "the machine b since 2026-03-01 12:00" in caplog.text


@pytest.mark.django_db
def test_only_machine_waits_for_nobody(machine, time_machine):
    leave_behind(machine, time_machine)
    machine("")
    visitor_counts.close_days()

    assert not AudienceSeen.objects.exists()


@pytest.mark.django_db
def test_machines_are_listed(machine, time_machine):
    leave_behind(machine, time_machine)
    Machine.objects.get(name="b").declare_dead()
    out = StringIO()
    call_command("machines", stdout=out)

    assert [line.split(maxsplit=1) for line in out.getvalue().splitlines()] == [
        ["a", "loaded up to 2026-03-02 00:01"],
        ["b", "declared dead on 2026-03-02 00:01"],
    ]
    with pytest.raises(CommandError, match=r"^No machine is called c\. Known: a, b\.$"):
        call_command("machines", dead="c")


def test_machines_wait_for_each_other_with_no_files_of_their_own():
    from core.jobs import JOBS  # noqa: PLC0415  once they are registered

    own = {name for name, job in JOBS.items() if job.each_machine}
    assert own == {f"privacy.jobs.{name}" for name in ("load_visits", "load_audience", close_days.__name__)}


# A dead machine's disk


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    for number, name in enumerate(["visits-b.1-aa", "visits-b.2-bb", "visits-3-cc"]):
        lines = [LINE % (10 * number + line) for line in range(3)]
        (folder / f"{name}.spool").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "audience-b.1-aa.spool").write_bytes(page("a") + b"\n" + page("b") + b"\n" + page("c")[:20])
    return folder


def copy(folder, to):
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "a"])
def test_disk_of_a_dead_machine_is_loaded_once_from_wherever(machine, settings, disk, tmp_path, name):
    machine(name)
    again = copy(disk, tmp_path / "again")
    with (again / "visits-b.2-bb.spool").open("ab") as file:
        file.write(LINE % 99 + b"\n")  # as in a copy that was made later
    key = DayKey()
    settings.VISIT_SPOOL, here = disk, settings.VISIT_SPOOL
    key.digest(b"x")
    settings.VISIT_SPOOL = here
    out, err = load_spool(disk)
    out_again, _err = load_spool(again)

    assert out == "       9  new lines of visits, in 3 files\n       3  new lines of audience, in 1 files\n"
    assert err == f"1 lines can't be read, and are kept in {settings.VISIT_SPOOL} for a while.\n"
    assert out_again == "       1  new lines of visits, in 3 files\n       0  new lines of audience, in 1 files\n"
    assert (Visit.objects.count(), Visit.objects.values("path").distinct().count(), sums()) == (10, 10, (2, 2, 0))
    assert ([*disk.iterdir()], [*again.iterdir()]) == ([], [])
    assert b"203.0.113.7" not in b"".join(path.read_bytes() for path in settings.VISIT_SPOOL.iterdir())


@pytest.mark.django_db
def test_file_that_its_own_machine_has_loaded_is_not_loaded_from_a_copy(machine, settings, tmp_path):
    machine("b").write(page("a"))
    disk = copy(settings.VISIT_SPOOL, tmp_path / "disk")
    visitor_counts.load()
    machine("a")
    load_spool(disk)

    assert sums() == (1, 1, 0)


@pytest.mark.django_db
def test_disk_that_cannot_be_written_is_loaded_and_said_to_be_erased(disk, monkeypatch):
    real = os.open

    def open_read_only(path, flags, *rest, **options):
        if str(path).startswith(str(disk)) and flags & os.O_RDWR:
            raise OSError(30, "Read-only file system")
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", open_read_only)
    before = {path: path.read_bytes() for path in disk.iterdir()}
    errors = [load_spool(disk)[1] for _ in range(2)][1]

    assert (Visit.objects.count(), sums()) == (9, (2, 2, 0))
    assert {path: path.read_bytes() for path in disk.iterdir()} == before
    assert errors == f"4 files can't be deleted from {disk}. They hold whole IP addresses: erase that disk.\n"


@pytest.mark.django_db
def test_strange_things_on_a_disk_are_named_and_left_alone(disk, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"kept\n")
    (disk / "visits-link.spool").symlink_to(secret)
    (disk / "visits-folder.spool").mkdir()
    os.mkfifo(disk / "visits-pipe.spool")
    (disk / "notes\x1b.txt").write_text("x")
    (disk / "visits-noise.spool").write_bytes(bytes(range(256)) * 50)
    _out, err = load_spool(disk)

    assert secret.read_bytes() == b"kept\n"
    assert Visit.objects.count() == 9
    assert err.endswith("Left alone, as they are no visits: notes\\x1b.txt.\n")
    assert {path.name for path in disk.iterdir()} == {
        "visits-link.spool", "visits-folder.spool", "visits-pipe.spool", "notes\x1b.txt",
    }  # fmt: skip


@pytest.mark.django_db
def test_file_that_a_living_process_writes_is_loaded_so_far(machine, settings):
    spool = machine("a")
    spool.write(page("a"))
    _out, err = load_spool(settings.VISIT_SPOOL)
    spool.write(page("b"))
    visitor_counts.load()

    assert err.startswith("Still written to, so perhaps not all: audience-a.")
    assert sums() == (2, 2, 0)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "doesn't exist"),
        (lambda path: path.write_text("x"), "is no folder"),
        (lambda path: path.mkdir(), "holds no files of visits"),
    ],
)
def test_path_that_is_no_spool_is_said_to_be_none(tmp_path, make, why):
    make(tmp_path / "there")
    with pytest.raises(CommandError, match=f"^{tmp_path}/there {why}"):
        load_spool(tmp_path / "there")


# Two machines in earnest

SHOW_PAGES = """
import django, sys
django.setup()
from privacy.traffic import shared_salt, visitor_counts
shared_salt.PATIENCE, shared_salt.WAIT, shared_salt.TIMEOUT = 0, 20, 20
for ip in sys.argv[1:]:
    visitor_counts.record({"REMOTE_ADDR": ip, "HTTP_USER_AGENT": "Firefox/140.0"}, "/", "text/html", "en")
visitor_counts.close_days()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_person_on_two_machines_counts_once(settings, tmp_path):
    with RedisServer(tmp_path / "redis") as server:
        for name, ips in {"a": ["203.0.113.7", "198.51.100.1"], "b": ["203.0.113.7", "192.0.2.1"]}.items():
            disk = {"MACHINE": name, "VISIT_SPOOL": str(tmp_path / name), "DAY_SALT_URL": f"{server.url}/1"}
            shown = run(["-c", SHOW_PAGES, *ips], **{**variables(settings), **disk})
            assert (shown.returncode, shown.stderr) == (0, "")
        with Redis.from_url(server.url, db=1) as redis:
            (salt,) = [redis.get(key) for key in redis.scan_iter()]

    day = datetime.now(ZONE).date()
    written = b"".join(path.read_bytes() for name in "ab" for path in (tmp_path / name).rglob("*"))
    rows = " ".join(map(str, [*AudienceSeen.objects.values_list(), *SpoolFile.objects.values_list()]))
    assert sums(day=day) == (4, 3, 0)
    assert [*(tmp_path / "redis").iterdir()] == []
    assert (salt in written, salt.hex() in rows) == (False, False)


@pytest.mark.django_db
def test_staff_see_a_machine_that_is_silent(machine, time_machine, admin_client):
    leave_behind(machine, time_machine)
    before = admin_client.get("/admin/").content.decode()
    time_machine.move_to("2026-03-03T12:00:00+07:00")
    after = admin_client.get("/admin/").content.decode()

    assert ("Machines that are silent" in before, "Machines that are silent" in after) == (False, True)
