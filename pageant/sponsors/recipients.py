"""Tells the policy which co-sponsors receive data today."""

from collections.abc import Iterator

from pageant.models import Cosponsorship
from privacy.sharing.recipients import Recipient


def of_today() -> Iterator[Recipient]:
    for cosponsorship in Cosponsorship.objects.in_force().counted().select_related("pageant"):
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
