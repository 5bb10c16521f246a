"""A receipt and a notice for the styleguide."""

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from core.site import Samples
from privacy.models import CookieChoice, PolicyVersion
from privacy.registry.purposes import ASKED


def make() -> dict[str, Any]:
    now = timezone.now()
    answers = {purpose.key: False for purpose in ASKED}
    return {
        "receipts": [
            {
                "record": CookieChoice(key="0" * 32, made_at=now, answers=answers),
                "language": get_language(),
                "words": ["What was asked, in the words that were shown."],
            }
        ],
        "version": PolicyVersion(number=2, published_at=now, summary_en="A summary.", summary_vi="Tóm tắt."),
    }


SAMPLES = Samples("privacy/samples.html", make)
