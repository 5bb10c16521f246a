"""Kept pages over several processes, and over random changes."""

import hashlib
import random
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from core.kept_pages import front, views
from pageant.models import Entry, Pageant
from suggestions.models import Category, Suggestion
from tests.core.concurrency import database_url, run, start
from tests.core.factories import make_staff
from tests.core.wsgi import ask, ask_anew
from tests.pageant.factories import make_cosponsorship, make_entry, make_pageant
from tests.privacy.factories import publish_policy
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 4
ROUNDS = 8
KILLED = """
import os, signal, django
django.setup()
from pageant.models import Entry

Entry.objects.get().withdraw()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def environment(tmp_path):
    return {
        "DJANGO_SETTINGS_MODULE": "tests.keeping_settings",
        "DATABASE_URL": database_url(),
        "HOME": str(tmp_path),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRIVATE_MEDIA_ROOT": str(settings.PRIVATE_MEDIA_ROOT),
        "VISIT_SPOOL": str(settings.VISIT_SPOOL),
    }


@contextmanager
def web_process(environment) -> Iterator[subprocess.Popen]:
    with start(["-m", "tests.core.kept_pages_process"], stdin=subprocess.PIPE, **environment) as process:
        try:
            yield process
        finally:
            process.kill()


def ask_all(processes, url):
    """What each process serves, all asked at the same time."""
    for process in processes:
        process.stdin.write(f"{url}\n")
        process.stdin.flush()
    return [process.stdout.readline().split() for process in processes]


def page_now(url):
    answer = ask_anew(url, HTTP_ACCEPT_ENCODING="gzip")
    return [str(answer.status), hashlib.sha256(answer.body).hexdigest()]


@pytest.mark.slow
def test_no_process_serves_what_was_taken_back(environment):
    """Approves and rejects in turns, and asks each process for the page each time: twice, so that it is kept.

    Two processes of each of two machines.
    """
    entry, staff = make_entry(make_pageant(slug="spring"), status="waiting"), make_staff()
    urls = ["/pageants/spring/", "/", f"/pageants/spring/entries/{entry.key}/"]
    with ExitStack() as stack:
        machines = [{**environment, "MACHINE": name} for name in "ab"]
        processes = [stack.enter_context(web_process(machines[number % 2])) for number in range(PROCESSES)]
        for number in range(ROUNDS):
            if number % 2:
                entry.reject(by=staff, reason="quality")
            else:
                entry.approve(by=staff)
                entry.publish()
            for url in urls:
                now = page_now(url)
                assert ask_all(processes, url) == [now] * PROCESSES
                assert ask_all(processes, url) == [now] * PROCESSES
                assert now[0] == ("404" if number % 2 and "entries" in url else "200")


@pytest.mark.slow
def test_what_a_process_took_back_before_it_was_killed_is_gone(environment):
    entry = make_entry(make_pageant(slug="spring"))
    with web_process(environment) as process:
        before = [ask_all([process], "/pageants/spring/") for _time in range(3)]
        run(["-c", KILLED], **environment)
        entry.refresh_from_db()

        assert before[1] == before[2]
        assert entry.status == "withdrawn"
        assert ask_all([process], "/pageants/spring/") == [page_now("/pageants/spring/")] != before[2]


# Random changes


def anything(model, chance):
    return chance.choice(list(model.objects.order_by("pk")))


def publish(chance):
    hobbies = chance.sample(["hát", "đàn", "vẽ", "nấu ăn"], 2)
    make_entry(anything(Pageant, chance), hobbies=tuple(hobbies), lives_in=chance.choice(["Huế", "Vinh", ""]))


def take_back(chance):
    public = list(Entry.objects.public())
    if public:
        chance.choice(public).withdraw()


def erase(chance):
    public = list(Entry.objects.public())
    if public:
        chance.choice(public).delete()


def correct(chance):
    public = list(Entry.objects.public())
    if public:
        chance.choice(public).correct(by=make_staff(), display_name=f"Tên {chance.random()}")


def rename(model, name, chance):
    one = anything(model, chance)
    setattr(one, name, f"Tựa {chance.random()}")
    one.save()


def reject_website(chance):
    public = list(Suggestion.objects.public())
    if public:
        chance.choice(public).reject(by=make_staff(), reason="dead")


CHANGES = [
    publish,
    publish,
    take_back,
    erase,
    correct,
    partial(rename, Pageant, "title_en"),
    partial(rename, Category, "name_en"),
    lambda chance: make_website(status="approved"),
    reject_website,
    lambda chance: publish_policy(summary_en=f"Summary {chance.random()}"),
    lambda chance: make_cosponsorship(anything(Pageant, chance)),
]


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_pages_are_those_that_would_be_made_now(seed, settings, time_machine):
    settings.KEPT_PAGES_BYTES = 10_000_000
    chance = random.Random(seed)
    spring = make_pageant(slug="spring")
    make_pageant(slug="autumn", closes_at=spring.closes_at + timedelta(days=2))
    make_website(status="approved")
    urls = ["/", "/pageants/", "/pageants/spring/", "/vi/pageants/autumn/", "/pageants/spring/?hobby=h%C3%A1t"]
    urls += ["/websites/", "/privacy/", "/sitemap.xml", "/websites/feed/"]
    for store in (views.PAGES, front.RESPONSES):
        store.clear()

    for number in range(20):
        chance.choice(CHANGES)(chance)
        if number % 5 == 4:
            time_machine.move_to(timezone.now() + timedelta(hours=chance.randrange(60)), tick=False)
        for url in chance.sample(urls, 4):
            assert [ask(url), ask(url)] == 2 * [ask_anew(url)], (seed, number, url)
