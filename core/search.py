"""Search that ignores accents, case and punctuation."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models

from core.text import fold


def search_key(*texts: str) -> str:
    """Returns the texts' folded words with a space before each, to be stored for `containing`."""
    return f" {fold(' '.join(texts))}"


def parts_of(words: str) -> list[str]:
    """What a search key must contain to have all the words.

    A word of one or two letters matches only at the beginning of a word, so that two letters and the space before
    them still make a trigram for the index. Longer words match anywhere.
    """
    return [word if len(word) > 2 else f" {word}" for word in fold(words).split()]


def containing(parts: Iterable[Any]) -> models.Q:
    """The condition that a row contains all these parts, or parameters for them."""
    condition = models.Q()
    for part in parts:
        condition &= models.Q(search_key__contains=part)
    return condition


class SearchedQuerySet(models.QuerySet):
    """Query set of a model with a `search_key` field, which has a trigram index on PostgreSQL."""

    def with_parts(self, parts: Iterable[Any]) -> Self:
        """Filters for what contains these parts of a search, or parameters for them."""
        return self.filter(containing(parts))

    def with_frequent_parts(self, parts: Iterable[Any]) -> Self:
        """The same for parts that many rows have: PostgreSQL reads them in their order until it has enough.

        It can't look into a CASE, so it takes it for true of half of the rows.
        """
        return self.alias(has_parts=models.Case(models.When(containing(parts), then=True), default=False)).filter(
            has_parts=True
        )
