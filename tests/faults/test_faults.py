"""Nothing lost: the whole site on two machines, under load, and one fault after another.

`make faults` has all of them; those that are not slow are the short form. The last test waits until all is done that
was promised.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import checks, furniture, restoring
from tests.faults import site as sites
from tests.faults.faults import FAULTS, Fault, why_not
from tests.faults.furniture import Furniture
from tests.faults.load import Load
from tests.faults.people import APPROVED, CONFIRMED, ERASED, SENT, WITHDRAWN
from tests.faults.rounds import Round
from tests.faults.services import until
from tests.faults.visitors import Browser

pytestmark = pytest.mark.skipif(bool(sites.lacking()), reason=f"not installed: {', '.join(sites.lacking())}")
BEFORE = 1.5  # seconds of load before a fault, and after it
WELL_WITHIN = 90  # seconds
DONE_WITHIN = 150
# What visitors may see: a page in their language; and no answer only while nginx itself is away.
MAY_BE_SEEN = {"", "429 page", "503 page", "502 page"}
CHOICES = [pytest.param(fault, marks=() if fault.is_short else pytest.mark.slow, id=fault.name) for fault in FAULTS]


@pytest.fixture(scope="module")
def load(checkout: Path) -> Iterator[Load]:
    with sites.running(checkout, furniture.PROGRAM) as (site, said), Load(site, Furniture.of(said)).running() as load:
        yield load


@pytest.mark.parametrize("fault", CHOICES)
def test_fault(load: Load, rounds: list[Round], fault: Fault) -> None:
    if reason := why_not(fault, load.site):
        pytest.skip(reason)
    with accounted(load, rounds, fault.name):
        time.sleep(BEFORE)
        with fault.begin(load.site):
            time.sleep(fault.seconds)


@pytest.mark.slow
def test_restored_backup(load: Load, rounds: list[Round]) -> None:
    with accounted(load, rounds, "backup of before, restored"):
        load.pause()
        until(lambda: not checks.to_come(load.site), "all is done", within=DONE_WITHIN)
        backup, moment = restoring.back_up(load)
        load.begin(load.round)
        time.sleep(6)
        load.pause()
        restoring.restore(load, backup, moment)
        load.begin(load.round)


def test_all_that_was_promised_is_done(load: Load, rounds: list[Round]) -> None:
    site = load.site
    until(lambda: not checks.to_come(site), "all is done", within=DONE_WITHIN)
    time.sleep(1)  # the last mail is on its way
    found = checks.rows(site)
    for person, what in checks.unkept(load.people.all(), found, site):
        last = max(person.taken.values(), key=lambda one: one[1])[0]
        last.lost.append(f"{person.name}: {what}")
    doubled, doubts = mails(load)
    acts = Counter(f"{person.kind} {act}" for person in load.people.all() for act in person.taken)
    rounds[-1].notes.append(f"taken in all: {dict(sorted(acts.items()))}")

    done = {act for person in load.people.all() for act in person.taken}
    assert {SENT, CONFIRMED, APPROVED, WITHDRAWN, ERASED} <= done  # else all this has tried nothing
    assert [one for this in rounds for one in this.lost] == []
    assert doubled <= doubts


@contextmanager
def accounted(load: Load, rounds: list[Round], name: str) -> Iterator[None]:
    """Has people go on during the fault in the block, waits until all is well, and says what came of it."""
    this, site = Round(name), load.site
    rounds.append(this)
    doubled, doubts = mails(load)
    load.begin(this)
    yield
    over = time.monotonic()
    until(load.well, "both machines serve", within=WELL_WITHIN, problems=site.problems)
    time.sleep(max(0, over + BEFORE - time.monotonic()))
    load.pause()
    until(lambda: not checks.overdue(site), "all is done that is due", within=WELL_WITHIN)
    this.seconds = time.monotonic() - over
    look_back(load, this)
    now_doubled, now_doubts = mails(load)
    this.counted = now_doubts - doubts
    this.doubled = max(0, now_doubled - doubled - this.counted)

    if this.doubled:
        this.notes.append(f"too many mails: {checks.too_many_mails(load.people.all(), site)}")

    assert (this.lost, this.doubled, this.exposed, load.errors) == ([], 0, [], [])
    assert set(this.seen.kinds) <= MAY_BE_SEEN | ({"no answer"} if "nginx" in name else set()), this.seen.examples
    assert this.acknowledged > 0


def mails(load: Load) -> tuple[int, int]:
    """How many came twice so far, and how many the site counts as perhaps doing so."""
    too_many = checks.too_many_mails(load.people.all(), load.site)
    return max(load.site.post.doubled(), sum(too_many.values())), checks.doubts(load.site)


def look_back(load: Load, this: Round) -> None:
    """What this fault has exposed, and what was lost of all that was taken so far, each in the round of its own."""
    everybody = load.people.all()
    found = checks.rows(load.site)
    for person, act in checks.lost(everybody, found):
        person.taken[act][0].lost.append(f"{person.name}: {act}")
        if person.taken[act][0] is not this:
            this.notes.append(f"lost what was taken before: {person.name}: {act}")
        del person.taken[act]
    this.exposed += checks.exposed(everybody, load.site, Browser(load.site, "127.0.9.9", "en"))
