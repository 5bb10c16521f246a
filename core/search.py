"""Searching what was folded for it: without accents, case and punctuation."""

from typing import Self

from django.db import models

from core.text import fold


def search_key(*texts: str) -> str:
    """What `searched` looks into: the folded words of the texts, a space before each."""
    return f" {fold(' '.join(texts))}"


class SearchedQuerySet(models.QuerySet):
    """Of a model with a `search_key`, which has a trigram index on PostgreSQL."""

    def searched(self, words: str) -> Self:
        """Rows with all the words. Two letters must begin a word, more may stand anywhere: so that each leaves a
        trigram for the index to look up."""
        for word in fold(words).split():
            self = self.filter(search_key__contains=word if len(word) > 2 else f" {word}")  # noqa: PLW0642
        return self
