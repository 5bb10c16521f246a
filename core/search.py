"""Search that ignores accents, case and punctuation."""

from typing import Self

from django.db import models

from core.text import fold


def search_key(*texts: str) -> str:
    """Returns the texts' folded words with a space before each, to be stored for `searched`."""
    return f" {fold(' '.join(texts))}"


class SearchedQuerySet(models.QuerySet):
    """Query set of a model with a `search_key` field, which has a trigram index on PostgreSQL."""

    def searched(self, words: str) -> Self:
        """Filters for rows that contain all the words.

        A word of one or two letters matches only at the beginning of a word, so that two letters and the space before
        them still make a trigram for the index. Longer words match anywhere.
        """
        for word in fold(words).split():
            self = self.filter(search_key__contains=word if len(word) > 2 else f" {word}")  # noqa: PLW0642
        return self
