"""A bounded load: people who enter, confirm, withdraw, suggest, ask and erase, a moderator, and readers.

Each write that was taken is noted with the round in which it was. What wasn't taken is sent again, as people do.
"""

import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django_otp.oath import TOTP

from tests.core import pictures
from tests.core.factories import SMALL
from tests.faults.furniture import MODERATOR, PASSWORD, SLUG, Furniture
from tests.faults.people import (
    APPROVED,
    CONFIRMED,
    ENTRY,
    ERASED,
    LINK,
    LINK_ONLY,
    REJECTED,
    SENT,
    WEBSITE,
    WITHDRAWN,
    People,
    Person,
)  # fmt: skip
from tests.faults.rounds import Round
from tests.faults.site import Machine, Site
from tests.faults.visitors import PATIENCE, Answer, Browser, field_of, path_of

GALLERY = f"/pageants/{SLUG}/"
TO_FILL_IN = 2.2  # seconds, for the form of a website
PAUSES = {"visitors": 0.5, "staff": 1.0, "readers": 0.3}  # seconds between two acts
VISITORS, READERS = 3, 2
MEDIA = re.compile(r"/media/photos/[0-9a-f]{2}/[0-9a-f]{32}-\d+\.(?:jpg|avif)")
ADMIN = {ENTRY: "/admin/pageant/entry/", WEBSITE: "/admin/suggestions/suggestion/"}
OFTEN = 0.25  # of the decisions are rejections


class Load:
    def __init__(self, site: Site, furniture: Furniture) -> None:
        self.site, self.furniture = site, furniture
        self.people = People()
        self.round = Round("")
        self.turns = threading.Condition()
        self.goes_on = self.is_over = False
        self.acting = 0  # threads that wait for an answer
        self.errors: list[BaseException] = []
        self.staff = Browser(site, "127.0.9.1", "en", seen=self.seen)
        self.chance = random.Random(14)

    def seen(self) -> Any:
        return self.round.seen

    @contextmanager
    def running(self) -> Any:
        acts: dict[str, tuple[Callable[[], None], float]] = {
            **{f"visitor {n}": (self.visit, PAUSES["visitors"]) for n in range(VISITORS)},
            **{f"reader {n}": (self.read, PAUSES["readers"]) for n in range(READERS)},
            "staff": (self.decide, PAUSES["staff"]),
        }
        threads = [threading.Thread(target=self.repeat, args=act, name=name, daemon=True) for name, act in acts.items()]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            with self.turns:
                self.is_over = True
                self.turns.notify_all()
            for thread in threads:
                thread.join(PATIENCE)

    def repeat(self, act: Callable[[], None], pause: float) -> None:
        while True:
            with self.turns:
                self.turns.wait_for(lambda: self.goes_on or self.is_over)
                if self.is_over:
                    return
                self.acting += 1
            try:
                act()
            except Exception as error:  # noqa: BLE001  told by the test, which would not see it otherwise
                self.errors.append(error)
            with self.turns:
                self.acting -= 1
                self.turns.notify_all()
            time.sleep(pause * random.uniform(0.5, 1.5))

    def begin(self, round_: Round) -> None:
        with self.turns:
            self.round, self.goes_on = round_, True
            self.turns.notify_all()

    def pause(self) -> None:
        """Waits until everybody has got the answer they wait for."""
        with self.turns:
            self.goes_on = False
            self.turns.wait_for(lambda: not self.acting, PATIENCE)

    def well(self) -> bool:
        """Whether both machines are ready, and nginx finds them."""
        browser = Browser(self.site, "127.0.9.8", "en")
        return not self.site.problems() and all(
            browser.get("/healthz").status == 200 for _machine in self.site.machines
        )

    # Visitors

    def visit(self) -> None:
        acts = [self.enter, self.enter, self.suggest, self.ask]
        choices = [
            (self.send_again, self.is_unsent),
            (self.confirm, lambda one: one.kind == ENTRY and one.taken.keys() == {SENT} and self.link_of(one)),
            (self.withdraw, lambda one: one.page and self.is_ripe(one, 3) and self.wants(one) == WITHDRAWN),
            (self.erase, lambda one: one.page and self.is_ripe(one, 3) and self.wants(one) == ERASED),
            (
                self.open_page,
                lambda one: one.kind == WEBSITE and SENT in one.taken and not one.page and self.link_of(one),
            ),
        ]
        random.shuffle(choices)
        for act, where in choices:
            with self.people.one(where=where) as person:
                if person:
                    return act(person)
        return random.choice(acts)()

    def wants(self, person: Person) -> str:
        """A quarter of all withdraw what they have sent, and a quarter have all about them erased."""
        return {0: WITHDRAWN, 1: ERASED}.get(person.number % 4, "")

    def is_ripe(self, person: Person, seconds: float) -> bool:
        last = max((at for _round, at in person.taken.values()), default=0)
        is_over = {WITHDRAWN, ERASED} & person.taken.keys() or sum(person.tried.values()) > 12
        return not is_over and time.monotonic() - last > seconds

    def is_unsent(self, person: Person) -> bool:
        return bool(person.form) and SENT not in person.taken and person.tried.get(SENT, 0) < 12

    def newcomer(self, kind: str) -> Person:
        person = Person(kind, self.chance.choice(["en", "vi"]), None)  # type: ignore[arg-type]  # the next line
        ip = f"127.1.{person.number // 250}.{person.number % 250 + 1}"
        person.browser = Browser(self.site, ip, person.language, seen=self.seen)
        person.is_busy = True
        return self.people.add(person)

    def enter(self) -> None:
        person = self.newcomer(ENTRY)
        try:
            form = person.browser.get(person.browser.path_in(f"{GALLERY}enter/"))
            if form.status == 200:
                person.form = {"draft": field_of(form.text, "draft"), "notices": field_of(form.text, "notices")}
                self.send(person)
        finally:
            person.is_busy = False

    def suggest(self) -> None:
        person = self.newcomer(WEBSITE)
        try:
            form = person.browser.get(person.browser.path_in("/websites/suggest/"))
            if form.status == 200:
                person.form = {"started": field_of(form.text, "started")}
                time.sleep(TO_FILL_IN)
                self.send(person)
        finally:
            person.is_busy = False

    def ask(self) -> None:
        person = self.newcomer(LINK_ONLY)
        try:
            self.send(person)
        finally:
            person.is_busy = False

    def send_again(self, person: Person) -> None:
        self.send(person)

    def send(self, person: Person) -> None:
        browser = person.browser
        person.tries(SENT)
        if person.kind == ENTRY:
            photo = pictures.saved(pictures.photo(person.number, size=SMALL), "JPEG")
            words = {"display_name": person.name, "email": person.email, "is_adult": "on", "owns_photos": "on"}
            files = {"photos": SimpleUploadedFile("a.jpg", photo, "image/jpeg")}
            answer = browser.post(
                browser.path_in(f"{GALLERY}enter/"), {**person.form, **words, **files}, is_multipart=True
            )
            place = f"{GALLERY}enter/sent/"
        elif person.kind == WEBSITE:
            words = {
                "url": f"https://w{person.number}.example.org/",
                "title": person.name,
                "description": "Bản thu âm từ những năm sáu mươi.",
                "category": str(self.furniture.category),
                "language": "vi",
                "name": person.name,
                "email": person.email,
            }
            answer = browser.post(browser.path_in("/websites/suggest/"), {**person.form, **words})
            place = "/websites/suggest/sent/"
        else:
            answer = browser.post(browser.path_in("/privacy/you/"), {"email": person.email})
            place = "/privacy/you/asked/"
        if place in answer.location:
            person.took(SENT, self.round)
        elif answer.kind == "":
            self.note_refusal(person, SENT, answer)

    def note_refusal(self, person: Person, act: str, answer: Answer) -> None:
        """The site has said no, in a way that nobody here has provoked."""
        why = " ".join(re.findall(r'(?s)class="[^"]*(?:error|invalid-feedback)[^"]*"[^>]*>(.*?)</', answer.text))
        person.is_left = True
        self.round.notes.append(f"{act} by {person.name}: {answer.status} {' '.join(why.split())[:200]}")

    def link_of(self, person: Person) -> str:
        """The newest link in a person's mails."""
        links = [path for text in self.site.post.to(person.email) for path in LINK.findall(text)]
        return links[-1] if links else ""

    def confirm(self, person: Person) -> None:
        person.tries(CONFIRMED)
        if self.open_page(person):
            person.took(CONFIRMED, self.round)

    def open_page(self, person: Person) -> bool:
        answer = person.browser.post(self.link_of(person), {})
        if "/privacy/you/" in answer.location:
            person.page = path_of(answer.location)
            page = person.browser.get(person.page)
            person.key = (re.findall(r"/entries/(\w+)/withdraw/", page.text) or [person.key])[0]
            return True
        if answer.kind == "":  # it was pressed before, and the answer to that was lost
            person.is_left = True
        return False

    def withdraw(self, person: Person) -> None:
        page = person.browser.get(person.page)
        withdraw = re.findall(r"/(?:entries|websites)/\w+/withdraw/", page.text)
        if page.status != 200 or not withdraw:
            return
        self.look_at(person)
        person.tries(WITHDRAWN)
        answer = person.browser.post(f"{person.page}{withdraw[0].lstrip('/')}", {})
        if "done=withdrawn" in answer.location:
            person.took(WITHDRAWN, self.round)
            self.must_be_gone(person)
        elif answer.kind == "":
            self.note_refusal(person, WITHDRAWN, answer)

    def erase(self, person: Person) -> None:
        self.look_at(person)
        person.tries(ERASED)
        answer = person.browser.post(f"{person.page}erase/", {})
        if "/privacy/you/erased/" in answer.location:
            person.took(ERASED, self.round)
            self.must_be_gone(person)
        elif answer.kind == "":
            self.note_refusal(person, ERASED, answer)

    def look_at(self, person: Person) -> None:
        """Notes the pictures of what is public, which must go with it."""
        if person.key:
            page = person.browser.get(f"{GALLERY}entries/{person.key}/")
            own, _mark, _neighbours = page.text.partition('class="neighbours')
            person.pictures = tuple(sorted(set(MEDIA.findall(own))))[:2] if page.status == 200 else ()

    def must_be_gone(self, person: Person) -> None:
        """With the next request, on each machine."""
        paths = [GALLERY, "/", f"{GALLERY}feed/", *person.pictures]
        paths += [f"{GALLERY}entries/{person.key}/"] if person.key else []
        paths += ["/websites/"] if person.kind == WEBSITE else []
        ways: list[Machine | None] = [None, *self.site.machines]
        for way in ways:
            for path in paths:
                answer = person.browser.get(path, machine=way)
                is_page_of_all = path in {GALLERY, "/", f"{GALLERY}feed/", "/websites/"}
                if answer.status == 200 and (not is_page_of_all or person.name in answer.text):
                    where = way.name if way else "nginx"
                    self.round.exposed.append(f"{path} on {where} after {person.name} was {[*person.taken][-1]}")

    # Staff

    def sign_in(self) -> None:
        """With a code of the app; each works once, so it may take half a minute until there is another."""
        form = self.staff.get("/admin/login/")
        self.staff.post(
            "/admin/login/",
            {
                "username": MODERATOR,
                "password": PASSWORD,
                "csrfmiddlewaretoken": field_of(form.text, "csrfmiddlewaretoken"),
                "next": "/admin/",
            },
        )
        form = self.staff.get("/admin/login/code/")
        totp = TOTP(bytes.fromhex(self.furniture.key))
        totp.time = time.time()
        self.staff.post(
            "/admin/login/code/",
            {"code": f"{totp.token():06}", "csrfmiddlewaretoken": field_of(form.text, "csrfmiddlewaretoken")},
        )

    def decide(self) -> None:
        kind = random.choice([ENTRY, ENTRY, WEBSITE])
        listed = self.staff.get(f"{ADMIN[kind]}?status__exact=waiting")
        if listed.status == 302:
            return self.sign_in()
        waiting = {
            name.strip(): pk
            for pk, name in re.findall(rf'href="{ADMIN[kind]}(\d+)/change/[^"]*">([^<]+)</a>', listed.text)
        }
        with self.people.one(where=lambda one: one.name in waiting and not one.has(WITHDRAWN, ERASED)) as person:
            if person:
                self.decide_on(person, f"{ADMIN[kind]}{waiting[person.name]}/")
        return None

    def decide_on(self, person: Person, row: str) -> None:
        page = self.staff.get(f"{row}change/")
        if page.status != 200:
            return
        is_rejected = person.number % 8 == 2
        form = {
            "csrfmiddlewaretoken": field_of(page.text, "csrfmiddlewaretoken"),
            "revision": field_of(page.text, "revision"),
        }
        how = {"reject": "1", "reason": reason_in(page.text), "note": ""} if is_rejected else {"approve": "1"}
        act = REJECTED if is_rejected else APPROVED
        person.tries(act)
        answer = self.staff.post(f"{row}decide/", {**form, **how})
        if answer.location and f"{row}change/" not in answer.location and "login" not in answer.location:
            person.took(act, self.round)

    # Readers

    def read(self) -> None:
        browser = Browser(self.site, f"127.8.{random.randrange(250)}.{random.randrange(1, 250)}", "en", seen=self.seen)
        browser.language = random.choice(["en", "vi"])
        public = [one for one in self.people.all() if one.must_be_public and one.key]
        paths = ["/", GALLERY, "/pageants/", "/websites/", "/privacy/", f"{GALLERY}enter/", f"{GALLERY}feed/"]
        paths += [f"{GALLERY}entries/{one.key}/" for one in random.sample(public, min(3, len(public)))]
        answer = browser.get(browser.path_in(random.choice(paths)))
        pictures_of = MEDIA.findall(answer.text) if answer.status == 200 else []
        if pictures_of:
            browser.get(random.choice(pictures_of))


def reason_in(page: str) -> str:
    return re.findall(r'(?s)name="reason".*?<option value="(\w+)"', page)[0]
