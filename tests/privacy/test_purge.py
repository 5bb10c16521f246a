"""What is kept no longer than the registry says."""

from datetime import datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pageant.models import Entry, Hobby, Pageant, Photo, Tally
from privacy.registry.declarations import REGISTRY
from privacy.registry.retention import WithParent
from privacy.rights import purge
from privacy.rights.purge import Rule
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.rows import make_row

pytestmark = pytest.mark.django_db

RULES = list(purge.rules())
PARENTS = [
    (declaration, keep)
    for declaration in REGISTRY.declarations.values()
    for keep in declaration.keep
    if isinstance(keep, WithParent)
]
A_DAY = timedelta(days=1)


def row_for(rule: Rule, since: datetime) -> Model:
    """A row to which the rule applies, counted from that moment."""
    row = make_row(rule.declaration.label, **dict(rule.keep.when.children))
    path, _, name = rule.keep.since.rpartition("__")
    counted = getattr(row, path) if path else row
    change = {name: since}
    if isinstance(counted, Pageant):
        change["opens_at"] = since - A_DAY
    type(counted)._base_manager.filter(pk=counted.pk).update(**change)
    return row


@pytest.mark.parametrize("rule", [rule for rule in RULES if "__" in rule.keep.since], ids=str)
def test_rows_whose_time_depends_on_another_row_are_not_walked_until_it_is_over(rule):
    row_for(rule, timezone.now() - rule.keep.period + A_DAY)

    with CaptureQueriesContext(connection) as queries:
        assert rule.enforce() == 0

    table = rule.declaration.model._meta.db_table
    assert [query["sql"] for query in queries if f'"{table}"' in query["sql"]] == []


def is_there(rule: Rule, row: Model) -> bool:
    """Whether the row, or what the rule blanks in it, is still there."""
    found = type(row)._base_manager.filter(pk=row.pk).first()
    return found is not None and (not rule.blanks or any(getattr(found, name) for name in rule.blanks))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_row_one_day_older_is_gone_and_one_day_younger_is_there(rule):
    now = timezone.now()
    older = row_for(rule, now - rule.keep.period - A_DAY)
    younger = row_for(rule, now - rule.keep.period + A_DAY)

    done = purge.purge()

    assert (is_there(rule, older), is_there(rule, younger)) == (False, True)
    assert done[rule] == 1


@pytest.mark.parametrize(("declaration", "keep"), PARENTS, ids=lambda value: getattr(value, "label", str(value)))
def test_row_goes_with_its_parent(declaration, keep):
    row = make_row(declaration.label) if keep.parent != "draft" else make_row("pageant.Draft").photos.get()
    getattr(row, keep.parent).delete()

    assert not type(row)._base_manager.filter(pk=row.pk).exists()


def test_dry_run_lets_nothing_go(capsys):
    rule = next(rule for rule in RULES if rule.declaration.label == "pageant.Draft")
    row = row_for(rule, timezone.now() - rule.keep.period - A_DAY)

    call_command("purge", dry_run=True)

    told = capsys.readouterr().out
    assert "       1  pageant.Draft: 23 hours after you filled it in\n" in told
    assert told.endswith("       1  are due\n")
    assert is_there(rule, row)


def test_command_lets_go_and_reports(capsys):
    rule = next(rule for rule in RULES if rule.declaration.label == "pageant.Draft")
    row = row_for(rule, timezone.now() - rule.keep.period - A_DAY)

    call_command("purge")

    assert capsys.readouterr().out.endswith("       1  were let go\n")
    assert not is_there(rule, row)


def test_more_rows_than_a_batch_are_all_purged(monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    rule = next(rule for rule in RULES if rule.declaration.label == "privacy.MailedLink")
    for _ in range(5):
        row_for(rule, timezone.now() - rule.keep.period - A_DAY)

    assert rule.enforce() == 5


def test_rule_that_fails_stops_no_other(caplog, monkeypatch):
    first, second = (rule for rule in RULES if rule.declaration.label in {"pageant.Draft", "privacy.MailedLink"})
    rows = [row_for(rule, timezone.now() - rule.keep.period - A_DAY) for rule in (first, second)]
    broken = Rule(first.declaration, first.keep, blanks=("no_such_field",))
    monkeypatch.setattr(purge, "rules", lambda: iter([broken, second]))

    with pytest.raises(Exception, match="no_such_field"):
        purge.purge()

    assert [is_there(first, rows[0]), is_there(second, rows[1])] == [True, False]
    assert "no_such_field" in caplog.text


def test_public_entry_that_is_purged_leaves_the_sums_right(django_capture_on_commit_callbacks):
    past = timezone.now() - timedelta(days=4 * 365)
    pageant = make_pageant(opens_at=past - A_DAY, closes_at=past)
    entry = make_entry(pageant, lives_in="Huế", hobbies=("đàn bầu",))
    pictures = [photo.rendition_names()[0] for photo in entry.photos.all()]

    with django_capture_on_commit_callbacks(execute=True):
        purge.purge()

    pageant.refresh_from_db()
    assert (pageant.entry_count, Tally.objects.count(), Hobby.objects.count()) == (0, 0, 0)
    assert (Entry.objects.count(), Photo.objects.count()) == (0, 0)
    assert [name for name in pictures if default_storage.exists(name)] == []


def test_entry_without_address_is_still_found_by_its_owner():
    past = timezone.now() - timedelta(days=91)
    entry = make_entry(make_pageant(opens_at=past - A_DAY, closes_at=past), email="anh@example.com")

    purge.purge()

    entry.refresh_from_db()
    assert (entry.email, entry.is_public) == ("", True)
    assert Entry.objects.of("ANH@example.com").get() == entry


def test_two_entries_without_address_may_share_a_pageant():
    past = timezone.now() - timedelta(days=91)
    pageant = make_pageant(opens_at=past - A_DAY, closes_at=past)
    make_entry(pageant), make_entry(pageant)

    purge.purge()

    assert Entry.objects.filter(email="").count() == 2


def test_first_page_tells_what_goes_within_a_day(client):
    rule = next(rule for rule in RULES if rule.declaration.label == "privacy.MailedLink")
    for hours in (23, 25):
        row_for(rule, timezone.now() - rule.keep.period + timedelta(hours=hours))
    client.force_login(make_staff(group="Privacy officers"))

    card = next(card for card in client.get("/admin/").context["cards"] if card.name == "To be purged within a day")

    assert ("Links that we mailed to you: 7 days after the link has expired", [1]) in card.rows
