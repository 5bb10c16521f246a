"""The tour of the policy, of cookies and of a person's own page."""

from datetime import timedelta
from typing import Any

import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from privacy import rate_limits
from privacy.account import magic_links
from privacy.models import DataRequest, ErasureReceipt, MailedLink, PolicyVersion
from privacy.policy import snapshots
from privacy.rights import subject_requests
from tests.privacy.factories import publish_policy
from tests.stops import COOKIES, LAN, OWN, Leg, Stop, path_of, token

STRANGER = path_of("stranger")
ASK = "/privacy/you/"
NOBODY = {"email": "not an address"}
TOO_OFTEN = "often@example.com"

STOPS = [
    Stop("policy, all versions", "/privacy/versions/"),
    Stop("policy, an old version", "/privacy/versions/1/"),
    Stop("policy, first version's changes", "/privacy/versions/1/changes/"),
    Stop("policy, a material change", "/privacy/versions/2/changes/"),
    Stop("policy, a minor change", "/privacy/versions/3/changes/"),
    Stop("cookies, all refused", COOKIES, choice="none"),
    Stop("cookies, with Global Privacy Control", COOKIES, headers={"Sec-GPC": "1"}),
    Stop("cookies, without a button", COOKIES, 400, post={}),
    Stop("your link, with errors", ASK, post=NOBODY),
    Stop("your link, asked", f"{ASK}asked/"),
    Stop("your link, too often", ASK, 429, post={"email": TOO_OFTEN}),
    Stop("mailed link", path_of("mailed")),
    Stop("mailed link, to confirm", path_of("confirm")),
    Stop("mailed link, too old", path_of("over"), 410),
    Stop("mailed link, unknown", path_of("unknown"), 404),
    Stop("own page", OWN),
    Stop("own page of a stranger", STRANGER),
    Stop("own page, closed", f"{ASK}closed/"),
    Stop("own page, a question", f"{OWN}question/"),
    Stop("own page, a question with errors", f"{OWN}question/", post={}),
    Stop("own page, erase", f"{OWN}erase/"),
    Stop("own page, erased", f"{ASK}erased/{'e' * 32}/"),
]  # fmt: skip


def furnish(staff: User) -> None:
    publish_policies()
    make_links()
    question = DataRequest(kind=DataRequest.Kind.CORRECT, text="Tên của tôi viết sai.")
    subject_requests.receive(question, email=LAN, language="vi")
    ErasureReceipt.objects.create(
        key="e" * 32, subject_digest="0" * 64, erased_at=timezone.now(), kinds={"pageant.Entry": 1, "pageant.Photo": 3}
    )
    for _time in range(rate_limits.MAILS.most):
        rate_limits.MAILS.spend(TOO_OFTEN)


def publish_policies() -> None:
    """Two more versions: one that tells of more cookies, long ago, and one that tells of what there is."""
    current = PolicyVersion.objects.current()
    more = snapshots.take()
    more["cookies"] = [*more["cookies"], {**more["cookies"][0], "name": "jukebox"}]
    with time_machine.travel(timezone.now() - 2 * PolicyVersion.NOTICE_PERIOD):
        publish_policy(more, summary_en="A jukebox that plays on.", summary_vi="Có máy hát, nhạc không ngắt quãng.")
    publish_policy(text_en=f"{current.text_en}\n\nThe jukebox is gone.", text_vi=f"{current.text_vi}\n\nMáy hát đã bỏ.")


def make_links() -> None:
    purpose = MailedLink.Purpose
    hour = timezone.now() + timedelta(hours=1)
    kinds: dict[str, dict[str, Any]] = {
        "own": {"purpose": purpose.PAGE},
        "stranger": {"purpose": purpose.PAGE, "email": "stranger@example.com"},
        "mailed": {"purpose": purpose.OPEN},
        "confirm": {"purpose": purpose.CONFIRM, "subject": "entry:unconfirmed"},
        "over": {"purpose": purpose.OPEN, "expires_at": timezone.now()},
    }
    for name, fields in kinds.items():
        plain = {"email": LAN, "language": "vi", "expires_at": hour}
        MailedLink.objects.create(token_digest=magic_links.token_digest(token(name)), **{**plain, **fields})


def send_mails() -> None:
    for prefix in ("", "/vi"):
        Client().post(f"{prefix}{ASK}", {"email": LAN})


LEG = Leg(
    stops=STOPS,
    furnish=furnish,
    feeds=["/privacy/feed/"],
    elsewhere={"privacy/you/<str:token>/download/": "a file"},
    send_mails=send_mails,
)
