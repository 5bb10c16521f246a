"""Nothing lost: the whole site on two machines, under load, and one fault after another.

`make faults` has all of them, QUICK=1 the short form. The last test waits until all is done that was promised.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import checks, furniture
from tests.faults import site as sites
from tests.faults.faults import FAULTS, Fault, why_not
from tests.faults.furniture import Furniture
from tests.faults.load import Load
from tests.faults.rounds import Round
from tests.faults.services import until
from tests.faults.visitors import Browser

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(bool(sites.lacking()), reason=f"not installed: {', '.join(sites.lacking())}"),
]
QUICK = os.environ.get("QUICK", "0") not in {"", "0"}
BEFORE = 1.5  # seconds of load before a fault, and after it
WELL_WITHIN = 90  # seconds
DONE_WITHIN = 150
CHOSEN = [fault for fault in FAULTS if fault.is_short or not QUICK]
# What visitors may see: that the site can't now, in their language, or nginx's own page for as long as nobody is there.
MAY_BE_SEEN = ("", "429 page", "503 page", "502 by nginx", "504 by nginx", "no answer")


@pytest.fixture(scope="module")
def load(checkout: Path) -> Iterator[Load]:
    with sites.running(checkout, furniture.PROGRAM) as (site, said), Load(site, Furniture.of(said)).running() as load:
        yield load


@pytest.mark.parametrize("fault", CHOSEN, ids=str)
def test_fault(load: Load, rounds: list[Round], fault: Fault) -> None:
    site = load.site
    if reason := why_not(fault, site):
        pytest.skip(reason)
    this = Round(fault.name)
    rounds.append(this)
    doubled, doubts = mails(load)
    load.begin(this)
    time.sleep(BEFORE)
    with fault.begin(site):
        time.sleep(fault.seconds)
    over = time.monotonic()
    until(lambda: not site.problems(), f"{site.problems()} are well", within=WELL_WITHIN)
    time.sleep(max(0, over + BEFORE - time.monotonic()))
    load.pause()
    until(lambda: not checks.overdue(site), "all is done that is due", within=WELL_WITHIN)
    this.seconds = time.monotonic() - over
    account(load, this)
    now_doubled, now_doubts = mails(load)
    this.counted = now_doubts - doubts
    this.doubled = max(0, now_doubled - doubled - this.counted)

    assert (this.lost, this.doubled, this.exposed, load.errors) == ([], 0, [], [])
    assert [kind for kind in this.seen.kinds if kind not in MAY_BE_SEEN] == [], this.seen.examples
    assert this.acknowledged > 0


def mails(load: Load) -> tuple[int, int]:
    """How many came twice so far, and how many the site counts as perhaps doing so."""
    doubled = max(load.site.post.doubled(), checks.too_many_mails(load.people.all(), load.site))
    return doubled, checks.doubts(load.site)


def account(load: Load, this: Round) -> None:
    """What this fault has exposed, and what was lost of all that was taken so far, each in the round of its own."""
    everybody = load.people.all()
    found = checks.rows(load.site)
    for person, act in checks.lost(everybody, found):
        person.taken[act][0].lost.append(f"{person.name}: {act}")
        if person.taken[act][0] is not this:
            this.notes.append(f"lost what was taken before: {person.name}: {act}")
        del person.taken[act]
    this.exposed += checks.exposed(everybody, load.site, Browser(load.site, "127.0.9.9", "en"))


def test_all_that_was_promised_is_done(load: Load, rounds: list[Round]) -> None:
    site = load.site
    until(lambda: not checks.to_come(site), "all is done", within=DONE_WITHIN)
    time.sleep(1)  # the last mail is on its way
    found = checks.rows(site)
    for person, what in checks.unkept(load.people.all(), found, site):
        last = max(person.taken.values(), key=lambda one: one[1])[0]
        last.lost.append(f"{person.name}: {what}")
    doubled, doubts = mails(load)

    assert [one for this in rounds for one in this.lost] == []
    assert doubled <= doubts
