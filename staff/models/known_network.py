"""Networks from which accounts have signed in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.digests import NETWORK, digests


class KnownNetworks(models.QuerySet):
    def of(self, network: str) -> "KnownNetworks":
        return self.filter(network_digest__in=digests(NETWORK, network))


class KnownNetwork(models.Model):
    """A network from which an account has signed in. Holds no IP address, only a keyed digest of the network."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_networks")
    network_digest = models.CharField(max_length=64)
    language = models.CharField(max_length=10, help_text="In which the account last signed in from there.")
    last_at = models.DateTimeField(db_index=True)

    objects = KnownNetworks.as_manager()

    class Meta:
        verbose_name = _("known network")
        verbose_name_plural = _("known networks")
        constraints = [models.UniqueConstraint(fields=["user", "network_digest"], name="staff_known_network_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_at:%Y-%m-%d %H:%M}"
