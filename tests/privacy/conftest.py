import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from privacy.account import magic_links
from privacy.models import MailedLink


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable) -> Callable[[], AbstractContextManager]:
    """What is put off until a commit is done at the end of the block, as if the transaction were committed there."""
    return partial(django_capture_on_commit_callbacks, execute=True)


def tokens_in(message) -> list[str]:
    """The tokens in the links of a mail."""
    return re.findall(r"/privacy/you/([\w-]{43})/", message.body)


@pytest.fixture
def mailed(committing, mailoutbox) -> Callable[..., str]:
    """The token of a link that was just mailed."""

    def send(
        *,
        purpose=MailedLink.Purpose.OPEN,
        to="anh@example.com",
        language="en",
        subject="",
        template="privacy/your_link",
    ) -> str:
        with committing():
            magic_links.queue_mail(template, {}, to=to, language=language, purpose=purpose, subject=subject)
        (token,) = tokens_in(mailoutbox[-1])
        return token

    return send


@pytest.fixture
def opened(client, mailed) -> Callable[..., str]:
    """The token of a person's page that is open."""

    def press(**options) -> str:
        response = client.post(f"/privacy/you/{mailed(**options)}/")
        (token,) = re.findall(r"/privacy/you/([\w-]{43})/$", response["Location"])
        return token

    return press
