"""Tells the policy which co-sponsors receive data today."""

from collections.abc import Iterator

from pageant.models import Cosponsorship
from privacy.sharing.recipients import Recipient


def of_today() -> Iterator[Recipient]:
    for one in Cosponsorship.objects.in_force().counted().select_related("pageant"):
        yield Recipient(
            name=one.sponsor_name,
            address=one.sponsor_url,
            policy=one.policy_url,
            occasion=one.pageant.title,
            fields=one.fields_in_words,
            purpose=one.purpose,
            until=one.ends_on,
            at_least=one.at_least,
        )
