"""Submissions: what visitors send under an e-mail address alone, and staff decide on before everybody sees it."""

import secrets
from datetime import datetime
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from core.email_digest import email_digest, email_digests, normalize_email
from core.moderation import Moderated, ModeratedQuerySet, Outdated, OwnSubmission, Status
from core.search import SearchedQuerySet


def sent_from(email: str) -> Q:
    """The condition for rows with that e-mail address, or with a digest of it."""
    digests = Q(email_digest__in=email_digests(email))
    return digests | Q(Exact(Lower("email"), normalize_email(email))) if email else digests


class SubmissionQuerySet(SearchedQuerySet, ModeratedQuerySet):  # type: ignore[override]  # see `objects` below
    def public(self) -> Self:
        return self.filter(status=Status.APPROVED, published_at__isnull=False)

    def of(self, email: str) -> Self:
        """Filters for what was sent with that e-mail address, even where it has been erased since."""
        return self.filter(sent_from(email))

    def others_of_sender(self, row: "Submission") -> Self:
        """What else came from the same address, the newest first."""
        same = sent_from(row.email) if row.email else Q(email_digest=row.email_digest or None)
        return self.filter(same).exclude(pk=row.pk).order_by("-moved_at")

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Submission(Moderated):
    """Something moderated that comes from an e-mail address, and is found by it.

    Subclasses have the fields `email`, `email_digest`, `language` (of the sender: we write back in it) and
    `published_at` (None unless everybody may see it).
    """

    RESTORED = (*Moderated.RESTORED, "published_at")

    email_digest: "models.Field[str, str]"
    language: "models.Field[str, str]"
    published_at: "models.Field[datetime | None, datetime | None]"

    key = models.CharField(max_length=16, unique=True, editable=False, default=None)

    # To mypy's plugin, managers are unrelated even where their query sets are related.
    objects = SubmissionQuerySet.as_manager()  # type: ignore[misc, assignment]

    class Meta(Moderated.Meta):
        abstract = True

    def save(self, **kwargs: Any) -> None:
        self.key = self.key or secrets.token_hex(8)
        if self._state.adding and self.email:
            self.email_digest = email_digest(self.email)
        super().save(**kwargs)

    @property
    def is_public(self) -> bool:
        return self.published_at is not None

    def withdraw_now(self) -> None:
        """Withdraws it even if staff decide at this very moment. Raises DoesNotExist if it is erased meanwhile."""
        while self.status != Status.WITHDRAWN:
            try:
                self.withdraw()
            except Outdated:
                self.refresh_from_db()

    def _refuse_own(self, by: AbstractUser) -> None:
        """Recognises staff's own submissions by the digest too, which outlives the e-mail address."""
        super()._refuse_own(by)
        if by.email and self.email_digest in email_digests(by.email):
            raise OwnSubmission
