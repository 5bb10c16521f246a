"""Verbs at the same moment: one wins, the others are told, and the sums stay right."""

from collections.abc import Callable
from functools import partial

import pytest

from core.moderation import Refused
from suggestions.models import Category, Suggestion
from tests.core.concurrency import at_once
from tests.core.factories import make_staff
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(verb: Callable[[], None]) -> str:
    try:
        verb()
    except Refused:
        return "refused"
    return "done"


def test_of_decision_correction_edit_and_withdrawal_at_once_one_is_done():
    staff = make_staff()
    pk = make_website(status="waiting").pk
    rows = [Suggestion.objects.get(pk=pk) for _ in range(5)]
    verbs = [
        lambda: rows[0].approve(by=staff),
        lambda: rows[1].reject(by=staff, reason="other"),
        lambda: rows[2].correct(by=staff, title="Corrected"),
        lambda: rows[3].rewrite(title="Rewritten"),
        rows[4].withdraw,
    ]

    assert sorted(at_once(*[partial(outcome, verb) for verb in verbs])) == ["done"] + ["refused"] * 4
    found = Suggestion.objects.get()
    assert found.revision == 2
    assert Category.objects.get(pk=found.category_id).websites == int(found.is_public)


def test_of_two_that_take_one_address_at_once_one_is_refused():
    staff = make_staff()
    rows = [make_website(status="rejected", url="https://nhac.example") for _ in range(2)]

    outcomes = at_once(*[partial(outcome, partial(row.approve, by=staff)) for row in rows])

    assert sorted(outcomes) == ["done", "refused"]
    assert Suggestion.objects.public().count() == 1


def test_listing_that_is_corrected_into_other_categories_at_once_is_counted_once():
    staff = make_staff()
    other = make_website().category
    row = make_website()
    rows = [Suggestion.objects.get(pk=row.pk) for _ in range(3)]
    at_once(*[partial(outcome, partial(one.correct, by=staff, category=other)) for one in rows])

    assert sum(Category.objects.values_list("websites", flat=True)) == 2
    assert Category.objects.get(pk=other.pk).websites == 2
