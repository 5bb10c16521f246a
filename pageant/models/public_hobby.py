"""The hobbies of public entries in the gallery's order, so that a filter seeks its page instead of sorting."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pageant.models.entry import Entry
from pageant.models.pageant import Pageant


class PublicHobby(models.Model):
    """A hobby of a public entry, beside what a gallery narrows and sorts by. Written by triggers alone.

    A hobby is found by its spelling, and by its key without accents: two rows where these differ.
    """

    # Without constraints, which would be checked for each row: triggers see to it that a row has its entry.
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="public_hobbies", db_index=False, db_constraint=False)
    pageant = models.ForeignKey(Pageant, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    word = models.CharField(max_length=40)
    place_key = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("hobby of a public entry")
        verbose_name_plural = _("hobbies of public entries")
        constraints = [models.UniqueConstraint(fields=["entry", "word"], name="pageant_publichobby_once")]
        indexes = [
            models.Index(fields=["pageant", "word", "published_at", "entry"], name="pageant_publichobby_gallery"),
            models.Index(
                fields=["pageant", "word", "place_key", "published_at", "entry"], name="pageant_publichobby_place"
            ),
            models.Index(fields=["word", "published_at", "entry"], name="pageant_publichobby_newest"),
        ]

    def __str__(self) -> str:
        return self.word
