"""Versions of the privacy policy."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.cache import cache
from django.db import connections, models, transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.canonical_json import sha256_of
from core.moderation import Outdated, Refused
from core.prepared_queries import prepared
from core.translated_fields import Localized
from privacy.policy import registry_diff, snapshots
from privacy.policy.snapshots import Snapshot

NOTICE = "privacy:notice"  # the cache key of the newest material change


class Published(Refused):
    """A published version is never changed or deleted, since it is a promise."""

    message = _("This version is published. It can neither be changed nor deleted.")


class PolicyVersionQuerySet(models.QuerySet):
    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def published(self) -> Self:
        """The newest first."""
        return self.exclude(published_at=None).order_by("-number")

    def current(self) -> "PolicyVersion | None":
        """The one in force. Its texts and its snapshot, which are large, are read once they are needed."""
        return next(iter(newest_published()), None)

    def in_force_at(self, moment: datetime) -> "PolicyVersion | None":
        return self.published().filter(published_at__lte=moment).first()

    # The database refuses this anyway (core/immutable_rows.py); these errors say why.

    def update(self, **fields: Any) -> int:
        self._refuse_published()
        return super().update(**fields)

    update.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_published()
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def _refuse_published(self) -> None:
        # A slice can't be filtered any further.
        if self.model._base_manager.filter(pk__in=self.values("pk")).exclude(published_at=None).exists():
            raise Published


class PolicyVersion(models.Model):
    """One version of the privacy policy: a draft until it is published, and never changed or deleted afterwards."""

    NOTICE_PERIOD = timedelta(days=30)

    number = models.PositiveIntegerField(_("number"), unique=True, null=True, editable=False)
    text_en = models.TextField(_("text in English"))
    text_vi = models.TextField(_("text in Vietnamese"))
    summary_en = models.CharField(_("what changes, in English"), max_length=300, blank=True)
    summary_vi = models.CharField(_("what changes, in Vietnamese"), max_length=300, blank=True)
    snapshot = models.JSONField(
        _("registry"), null=True, editable=False, help_text=_("The registry of personal data as it was.")
    )
    is_material = models.BooleanField(
        _("material"), default=False, editable=False, help_text=_("Something more is collected, used, shown or kept.")
    )
    digest = models.CharField(
        _("digest"), max_length=64, blank=True, editable=False, help_text=_("SHA-256 of all that was published.")
    )
    drafted_at = models.DateTimeField(_("drafted"), auto_now_add=True)
    published_at = models.DateTimeField(pgettext_lazy("policy", "published"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("published by"),
        null=True,
        editable=False,
        related_name="+",
        help_text=_("Nobody: it came with the site."),
    )

    text = Localized()
    summary = Localized()

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ("-number",)
        permissions = [("publish_policyversion", _("Can publish the policy"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, number__isnull=True, snapshot__isnull=True)
                | Q(published_at__isnull=False, number__isnull=False, snapshot__isnull=False),
                name="privacy_policyversion_published_is_whole",
            )
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)d") % {"number": self.number}) if self.number else str(_("Draft"))

    @transaction.atomic
    def save(self, **kwargs: Any) -> None:
        """Saves a draft. Raises Published for a published version."""
        self._refuse_published()
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return reverse("privacy:version", args=[self.number])

    @transaction.atomic
    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_published()
        return super().delete(**kwargs)

    def _refuse_published(self) -> None:
        """Checks both the row, which it locks, and this instance."""
        row = type(self)._base_manager.select_for_update().filter(pk=self.pk).first()
        if self.published_at is not None or (row is not None and row.published_at is not None):
            raise Published

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def previous(self) -> Self | None:
        """The version before this one; for a draft the one in force."""
        before = PolicyVersion.objects.published()
        return (before if self.is_draft else before.filter(number__lt=self.number)).first()

    def seen(self, snapshot: Snapshot, previous: "PolicyVersion | None") -> str:
        """A digest of what its publisher has looked at: the draft, the registry and the version in force."""
        return sha256_of([self._texts(), snapshot, previous and previous.digest])

    def publish(self, *, by: AbstractUser | None, seen: str, snapshot: Snapshot | None = None) -> None:
        """Puts the draft in force, with the registry as it is now (or as `snapshot` says it was).

        `seen` is what `seen()` returned when it was looked at. Raises Outdated if the draft, the registry or the
        version in force has changed since, or if somebody else was faster.
        """
        with transaction.atomic():
            self._alone()
            row = PolicyVersion.objects.drafts().filter(pk=self.pk).first()
            previous = PolicyVersion.objects.current()
            snapshot = snapshots.take() if snapshot is None else snapshot
            if row is None or row.seen(snapshot, previous) != seen:
                raise Outdated
            row._seal(by=by, snapshot=snapshot, previous=previous)
            models.Model.save(row)
        self.refresh_from_db()

    @classmethod
    @transaction.atomic
    def publish_first(cls, **texts: str) -> None:
        """Publishes a version if there is none yet. Safe to race."""
        cls._alone()
        if not cls.objects.published().exists():
            draft = cls.objects.create(**texts)
            snapshot = snapshots.take()
            draft.publish(by=None, seen=draft.seen(snapshot, None), snapshot=snapshot)

    @property
    def is_whole(self) -> bool:
        """Whether the version is as it was published, by its digest."""
        return self.digest == self._digest()

    @staticmethod
    def _alone() -> None:
        """Keeps others from publishing until the transaction ends. SQLite has one writer anyway."""
        connection = connections["default"]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE privacy_policyversion IN SHARE ROW EXCLUSIVE MODE")

    def _seal(self, *, by: AbstractUser | None, snapshot: Snapshot, previous: "PolicyVersion | None") -> None:
        last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
        self.number = last + 1
        self.published_at, self.published_by = timezone.now(), by
        self.snapshot = snapshot
        changes = registry_diff.between(previous.snapshot, snapshot) if previous else []
        self.is_material = registry_diff.are_material(changes)
        self.digest = self._digest()
        transaction.on_commit(lambda: cache.delete(NOTICE))

    def _texts(self) -> list[str]:
        return [self.text_en, self.text_vi, self.summary_en, self.summary_vi]

    def _digest(self) -> str:
        published = self.published_at.astimezone(UTC).isoformat() if self.published_at else None
        return sha256_of([self.number, published, self._texts(), self.snapshot])


@prepared()
def newest_published() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.published().defer("text_en", "text_vi", "snapshot")[:1]
