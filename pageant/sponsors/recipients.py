"""Tells the policy which co-sponsors receive data today."""

from collections.abc import Iterator

from django.db.models import DateField, QuerySet

from core.prepared_queries import Parameter, prepared
from pageant.models import Cosponsorship
from pageant.models.cosponsorship import today
from privacy.sharing.recipients import Recipient


def of_today() -> Iterator[Recipient]:
    for cosponsorship in in_force_on(day=today()):
        yield Recipient(
            name=cosponsorship.sponsor_name,
            url=cosponsorship.sponsor_url,
            policy=cosponsorship.policy_url,
            occasion=cosponsorship.pageant.title,
            fields=cosponsorship.fields_in_words,
            purpose=cosponsorship.purpose,
            until=cosponsorship.ends_on,
            at_least=cosponsorship.at_least,
        )


@prepared(day=DateField())
def in_force_on(day: Parameter) -> QuerySet[Cosponsorship]:
    return Cosponsorship.objects.in_force(day).counted().select_related("pageant")
