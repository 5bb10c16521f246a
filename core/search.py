"""Search that ignores accents, case and punctuation."""

from typing import Self

from django.db import models

from core.text import fold


def search_key(*texts: str) -> str:
    """Returns the texts' folded words with a space before each, to be stored for `containing`."""
    return f" {fold(' '.join(texts))}"


def containing(words: str) -> models.Q:
    """The condition that a row contains all the words.

    A word of one or two letters matches only at the beginning of a word, so that two letters and the space before
    them still make a trigram for the index. Longer words match anywhere.
    """
    condition = models.Q()
    for word in fold(words).split():
        condition &= models.Q(search_key__contains=word if len(word) > 2 else f" {word}")
    return condition


class SearchedQuerySet(models.QuerySet):
    """Query set of a model with a `search_key` field, which has a trigram index on PostgreSQL."""

    def searched(self, words: str) -> Self:
        return self.filter(containing(words))
