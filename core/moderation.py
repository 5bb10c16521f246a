"""Moderation: visitors propose, staff decide, the public sees what was approved.

One mechanism for everything that is moderated. The status changes only through the verbs here; who decided, when and
why are stored with it, and database constraints hold them together.

What staff decide in the admin can be undone for some seconds. Meanwhile the decision stands, with what it replaced in
`earlier`; a job then settles it, which is when the person is told. If a process dies in between, nothing is lost: what
is due follows from the row.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.jobs import job

UNDO_FOR = timedelta(seconds=10)  # after a decision in the admin
BATCH = 1000


class Status(models.TextChoices):
    UNCONFIRMED = "unconfirmed", pgettext_lazy("status", "unconfirmed")
    WAITING = "waiting", pgettext_lazy("status", "waiting")
    APPROVED = "approved", pgettext_lazy("status", "approved")
    REJECTED = "rejected", pgettext_lazy("status", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("status", "withdrawn")


WAITS_FIRST = Case(When(status=Status.WAITING, then=Value(0)), default=Value(1))
IN_QUEUE_ORDER = (WAITS_FIRST, "moved_at", "pk")


class Refused(Exception):
    """A change of status that can't be made; `message` is for the person who asked."""

    message = _("This can't be done.")


class Outdated(Refused):
    """Somebody else was faster, or the content changed after it was looked at."""

    message = _("This has changed since you opened it. Please look at it again.")


class AlreadyDecided(Outdated):
    """The same decision stands already, by a second press of the button or by somebody else. `row` is as it is now."""

    def __init__(self, row: "Moderated") -> None:
        super().__init__()
        self.row = row


class TooLate(Refused):
    """The decision has settled and can't be undone. Another one can still be made."""

    message = _("It is too late to undo this. You can still change the decision.")


class OwnSubmission(Refused):
    message = _("This came from your own e-mail address. Please leave it to somebody else on the team.")


class ModeratedQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(status=Status.WAITING)

    def public(self) -> Self:
        return self.filter(status=Status.APPROVED)

    def in_queue_order(self) -> Self:
        """Those that wait come first, the longest waiting on top."""
        return self.order_by(*IN_QUEUE_ORDER)

    def settled(self) -> Self:
        """Leaves out what can still be undone."""
        return self.filter(settles_at=None)

    def settle(self) -> None:
        """Makes decisions final that can no longer be undone. Safe to repeat, to kill, and to race with `undo`."""
        due = self.filter(settles_at__lte=timezone.now())
        for pk in list(due.order_by("settles_at").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                row: Any = due.select_for_update(skip_locked=True).filter(pk=pk).first()
                if row:
                    row._settle()


class Moderated(models.Model):
    """What a person sends and staff decide on. Subclasses have an `email` and a `Reason` to choose from.

    Each verb raises Outdated if the row is no longer as this instance saw it.
    """

    RESTORED: ClassVar[tuple[str, ...]] = (  # by undoing a decision
        "status", "decided_by", "decided_at", "reason", "reason_note", "moved_at", "settles_at",
    )  # fmt: skip

    Status = Status
    Reason: ClassVar[type[models.TextChoices]]
    email: "models.Field[str, str]"

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.UNCONFIRMED, editable=False)
    revision = models.PositiveIntegerField(
        _("revision"), default=1, editable=False, help_text=_("Goes up with each change of status or content.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=20, blank=True, editable=False)
    reason_note = models.CharField(_("note to the person"), max_length=500, blank=True, editable=False)
    moved_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    settles_at = models.DateTimeField(
        null=True, editable=False, help_text=_("Until then the decision can be undone, and nobody is told of it.")
    )
    earlier = models.JSONField(null=True, editable=False, help_text=_("What undoing the decision restores."))

    objects = ModeratedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(status__in=(Status.APPROVED, Status.REJECTED), decided_by__isnull=False, decided_at__isnull=False)
                    | Q(
                        status__in=(Status.UNCONFIRMED, Status.WAITING, Status.WITHDRAWN),
                        decided_by__isnull=True,
                        decided_at__isnull=True,
                    )
                ),
                name="%(app_label)s_%(class)s_decision_has_author",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.REJECTED) & ~Q(reason="")
                | ~Q(status=Status.REJECTED) & Q(reason="", reason_note=""),
                name="%(app_label)s_%(class)s_rejection_has_reason",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.WITHDRAWN, withdrawn_at__isnull=False)
                    | ~Q(status=Status.WITHDRAWN) & Q(withdrawn_at__isnull=True)
                ),
                name="%(app_label)s_%(class)s_withdrawal_has_time",
            ),
        ]

    def confirm(self) -> None:
        """The sender has proven the e-mail address, so staff may decide."""
        self._move(Status.WAITING, allowed={Status.UNCONFIRMED})

    def approve(self, *, by: AbstractUser, undoable: bool = False) -> None:
        self._decide(Status.APPROVED, allowed={Status.WAITING, Status.REJECTED}, by=by, undoable=undoable)

    def reject(self, *, by: AbstractUser, reason: str, note: str = "", undoable: bool = False) -> None:
        """Raises ValueError for a reason that isn't one of `Reason`."""
        why = {"reason": self.Reason(reason).value, "reason_note": note}
        self._decide(Status.REJECTED, allowed={Status.WAITING, Status.APPROVED}, by=by, undoable=undoable, **why)

    def undo(self, *, by: AbstractUser) -> None:
        """Takes back what `by` has decided. Raises TooLate once it has settled, and Outdated like all verbs."""
        with transaction.atomic():
            row = self._locked(allowed={Status.APPROVED, Status.REJECTED})
            if row.decided_by_id != by.pk:
                raise Outdated
            if not row.can_be_undone:
                raise TooLate
            fields = {field.name: field for field in self._meta.concrete_fields}
            earlier = row.earlier or {}
            restored = {fields[name].attname: fields[name].to_python(value) for name, value in earlier.items()}
            self._move(restored.pop("status"), allowed={row.status}, earlier=None, **restored)
            self.undone()

    def withdraw(self) -> None:
        """The sender takes it back, from any status and for good."""
        self._move(Status.WITHDRAWN, allowed=set(Status) - {Status.WITHDRAWN}, withdrawn_at=timezone.now())

    def resubmit(self) -> None:
        """The content was changed, so a decision no longer holds: it waits again, unless it is still unconfirmed."""
        confirmed = {Status.WAITING, Status.APPROVED, Status.REJECTED}
        unconfirmed = self.status == Status.UNCONFIRMED
        to, allowed = (self.status, {Status.UNCONFIRMED}) if unconfirmed else (Status.WAITING, confirmed)
        self._move(to, allowed=allowed)

    def correct(self, *, by: AbstractUser, **changes: Any) -> None:
        """Staff correct the content; the status and the decision stand. Raises Outdated like all verbs."""
        self._refuse_own(by)
        with transaction.atomic():
            row = self._locked(allowed=set(Status) - {Status.UNCONFIRMED, Status.WITHDRAWN})
            for name, value in {"revision": row.revision + 1, **changes}.items():
                setattr(self, name, value)
            self.corrected(before=row)
            self.save(update_fields=["revision", *changes])

    @property
    def can_be_undone(self) -> bool:
        return bool(self.earlier and self.settles_at and timezone.now() < self.settles_at)

    @property
    def queued_at(self) -> datetime:
        """The time that its place in the queue goes by, or went by until the decision that can still be undone."""
        before = (self.earlier or {}).get("moved_at")
        return datetime.fromisoformat(before) if before else self.moved_at

    def decided(self) -> None:
        """Called in the transaction that makes a decision final: the place to queue a mail."""

    def undone(self) -> None:
        """Called in the transaction in which a decision is undone."""

    def corrected(self, *, before: Self) -> None:
        """Called in the transaction of each correction by staff, before it is saved; `before` is the row as it was."""

    def moved(self, *, before: Self) -> None:
        """Called in the transaction of each change of status; `before` is the row as it was."""

    def get_reason_display(self) -> str:
        return str(self.Reason(self.reason).label) if self.reason else ""

    def _decide(self, to: str, *, allowed: Collection[str], by: AbstractUser, undoable: bool, **why: str) -> None:
        self._refuse_own(by)
        now = timezone.now()
        settles_at = now + UNDO_FOR if undoable and UNDO_FOR else None
        with transaction.atomic():
            try:
                self._move(to, allowed=allowed, decided_by=by, decided_at=now, settles_at=settles_at, **why)
            except Outdated as outdated:
                row = type(self)._base_manager.filter(pk=self.pk, status=to).first()
                if row:
                    raise AlreadyDecided(row) from outdated
                raise
            if settles_at is None:
                self.decided()

    def _settle(self) -> None:
        self.settles_at = self.earlier = None
        self.save(update_fields=["settles_at", "earlier"])
        self.decided()

    def _standing(self) -> dict[str, Any]:
        """What undoing a change restores, as JSON."""
        fields = [field for field in self._meta.concrete_fields if field.name in self.RESTORED]
        values = {field.name: field.value_from_object(self) for field in fields}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}

    def _refuse_own(self, by: AbstractUser) -> None:
        if by.email and by.email.casefold() == self.email.casefold():
            raise OwnSubmission

    def _locked(self, *, allowed: Collection[str]) -> Self:
        """The row as it is now, locked. Raises Outdated if it is no longer as this instance saw it."""
        row = type(self)._base_manager.select_for_update().filter(pk=self.pk).first()
        if row is None or row.revision != self.revision or row.status not in allowed:
            raise Outdated
        return row

    def _move(self, to: str, *, allowed: Collection[str], **fields: Any) -> None:
        """The one place where a status changes. Raises Outdated if the row is no longer as this instance saw it."""
        unset: dict[str, Any] = {
            "decided_by": None, "decided_at": None, "reason": "", "reason_note": "", "withdrawn_at": None,
            "settles_at": None, "earlier": None,
        }  # fmt: skip
        with transaction.atomic():
            row = self._locked(allowed=allowed)
            if fields.get("settles_at"):
                unset["earlier"] = row._standing()
            change = {"status": to, "revision": row.revision + 1, "moved_at": timezone.now(), **unset, **fields}
            for name, value in change.items():
                setattr(self, name, value)
            self.save(update_fields=change)
            self.moved(before=row)


@job(every=timedelta(seconds=5), in_passing=timedelta(seconds=5), alone=False)
def settle_decisions() -> None:
    for model in apps.get_models():
        if issubclass(model, Moderated):
            model.objects.all().settle()
