"""The machines that serve this site, where there are several."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MachineQuerySet(models.QuerySet):
    def alive(self) -> Self:
        return self.filter(declared_dead_at=None)

    def behind(self, moment: datetime) -> Self:
        """Those that may still hold visits from before that moment."""
        return self.alive().filter(loaded_up_to__lt=moment)

    def silent(self) -> Self:
        return self.behind(timezone.now() - Machine.SILENT)


class Machine(models.Model):
    """A machine by its name (the setting MACHINE), known since its worker first loaded its visits."""

    SILENT = timedelta(days=1)  # after which staff are told that nothing is heard from it

    name = models.CharField(_("name"), max_length=32, unique=True)
    loaded_up_to = models.DateTimeField(_("visits loaded up to"), help_text=_("By its own clock."))
    declared_dead_at = models.DateTimeField(_("declared dead"), null=True, blank=True)

    objects = MachineQuerySet.as_manager()

    class Meta:
        verbose_name = _("machine")
        verbose_name_plural = _("machines")
        ordering = ("name",)
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def note(cls, name: str, loaded_up_to: datetime) -> None:
        """Notes that a machine has loaded all of its visits from before that moment. If it was dead, it lives again."""
        cls.objects.update_or_create(name=name, defaults={"loaded_up_to": loaded_up_to, "declared_dead_at": None})

    def declare_dead(self) -> None:
        """Nobody waits for its visits any longer. It lives again once its worker does."""
        self.declared_dead_at = timezone.now()
        self.save(update_fields=["declared_dead_at"])
