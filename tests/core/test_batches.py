"""Walks over rows in batches, on categories: any table would do."""

import pytest

from core.batches import batched, keys_of
from privacy.models import AudienceSeen, Visit
from privacy.rights import erasure, purge
from privacy.traffic import visitor_counts
from suggestions.models import Category

pytestmark = pytest.mark.django_db

OLD = "2020-01-01T00:00:00Z"


def visits(count):
    Visit.objects.bulk_create(
        Visit(at=OLD, address="192.0.2.1", method="GET", path="/", status=200, status_class=2, milliseconds=1)
        for _ in range(count)
    )


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (7, [3, 3, 1])])
def test_batches_hold_each_item_once(count, sizes):
    visits(count)
    walked = list(keys_of(Visit.objects.order_by("-pk"), 3))
    assert [len(batch) for batch in walked] == sizes
    assert [pk for batch in walked for pk in batch] == sorted(Visit.objects.values_list("pk", flat=True))
    assert list(batched(iter(range(count)), 3)) == [list(range(count))[n : n + 3] for n in range(0, count, 3)]


def test_values_of_a_column_come_once():
    Category.objects.update(position=1)
    Category.objects.create(slug="last", name_en="Last", name_vi="Cuối", position=9)
    assert list(keys_of(Category.objects.all(), 1, column="position")) == [[1], [9]]


def test_walk_ends_although_nothing_changes_and_goes_on_although_rows_go():
    visits(7)
    assert sum(len(batch) for batch in keys_of(Visit.objects.all(), 2)) == 7
    for batch in keys_of(Visit.objects.all(), 2):
        Visit.objects.filter(pk__in=batch).delete()
    assert not Visit.objects.exists()


class Killed(BaseException):
    pass


def killed_in_the_second(function):
    calls = []

    def act(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        return function(*args, **kwargs)

    return act


def test_purge_that_was_killed_is_done_by_the_next(monkeypatch):
    visits(5)
    monkeypatch.setattr(purge, "BATCH", 2)
    rule = next(rule for rule in purge.rules() if rule.declaration.model is Visit)
    with monkeypatch.context() as patch:
        patch.setattr(purge.Rule, "_purge_rows", killed_in_the_second(purge.Rule._purge_rows))
        with pytest.raises(Killed):
            rule.enforce()
    assert (Visit.objects.count(), rule.enforce(), Visit.objects.count()) == (3, 3, 0)


def test_closing_that_was_killed_is_done_by_the_next(monkeypatch):
    for visitor in "abcde":
        AudienceSeen.objects.create(day="2020-01-01", section="home", language="en", visitor=visitor)
    monkeypatch.setattr(visitor_counts, "BATCH", 2)

    def until_killed(rows, size):
        for number, batch in enumerate(keys_of(rows, size)):
            if number:
                raise Killed
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(visitor_counts, "keys_of", until_killed)
        with pytest.raises(Killed):
            visitor_counts.close_days()
    assert AudienceSeen.objects.count() == 3
    visitor_counts.close_days()
    assert not AudienceSeen.objects.exists()


def test_receipts_are_logged_once_each_however_small_the_batches(monkeypatch, settings, tmp_path):
    settings.ERASURE_LOG = tmp_path / "erasures.log"
    monkeypatch.setattr(erasure, "BATCH", 2)
    for number in range(5):
        erasure.ErasureReceipt.objects.create(
            key=f"{number:032}", subject_digest=f"{number // 2:064}", erased_at=OLD, kinds={}
        )
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "append_line", killed_in_the_second(erasure.append_line))
        with pytest.raises(Killed):
            erasure.log_receipts()
    erasure.log_receipts()
    assert [line["key"] for line in erasure.logged()] == [f"{number:032}" for number in range(5)]

    erasure.ErasureReceipt.objects.all().delete()
    erasure.restore_receipts(erasure.logged(), logged_at=None)
    assert erasure.ErasureReceipt.objects.count() == 5
    assert sorted(subject.digests for subject in erasure.without_address()) == [(f"{n:064}",) for n in range(3)]
