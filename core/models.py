"""The versions by which kept pages are compared, the state of the mail server, and how jobs ended."""

from django.db import models
from django.db.models import Q

CHANGE = 1  # the number of a row that stands for a change; the one that begins a version has a larger one


class PageVersion(models.Model):
    """A part of a topic's version, which is the sum of its numbers: one to begin with, and 1 for each change.

    Changes append a row (core/kept_pages/triggers.py) instead of counting up, so that no two of them wait for each
    other; a job sums them up.
    """

    topic = models.CharField(max_length=80)
    number = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["topic", "number"], name="core_pageversion_topic")]
        constraints = [
            models.UniqueConstraint(
                fields=["topic"], condition=Q(number__gt=CHANGE), name="core_pageversion_begins_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.number}"


class MailServer(models.Model):
    """The state of the mail server, which all processes share: one row (core/mail_server.py)."""

    failures = models.PositiveIntegerField(default=0, help_text="In a row; 0: it takes mail.")
    failing_since = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=80, blank=True)
    doubts = models.PositiveIntegerField(default=0, help_text="Mails so far that may have arrived twice.")

    def __str__(self) -> str:
        return self.problem


class JobRun(models.Model):
    """How a job last ended, wherever it was done: what /metrics tells operators."""

    name = models.CharField(max_length=100, unique=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=80, blank=True, help_text="The type of the error, if it failed last.")
    seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.name
