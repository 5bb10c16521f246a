import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from privacy.account import magic_links
from privacy.models import MailedLink
from suggestions.models import Category
from tests.core.factories import make_staff
from tests.suggestions.factories import make_category


@pytest.fixture
def category() -> Category:
    return make_category(slug="folk", name_en="Folk", name_vi="Dân ca")


@pytest.fixture
def fields(category: Category) -> dict[str, Any]:
    """The six fields of a suggestion, as the contract names them."""
    return {
        "name": "Ánh",
        "email": "anh@example.com",
        "url": "https://nhac.example/",
        "title": "Nhạc hay",
        "description": "Trang về nhạc.",
        "category": category.pk,
    }


@pytest.fixture
def staff() -> Any:
    return make_staff(email="staff@example.com")


@pytest.fixture
def moderator(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def open_page() -> Callable[[Client, str], str]:
    """Opens a person's page as a mailed link does; returns its address."""

    def run(client: Client, email: str) -> str:
        link = MailedLink.objects.create(
            purpose="open",
            email=email,
            language="en",
            token_digest=magic_links.token_digest("t" * 43),
            expires_at=timezone.now() + timedelta(hours=1),
        )
        address = client.post(f"/privacy/you/{'t' * 43}/")["Location"]
        link.delete()
        return address

    return run


def started_in(html: str) -> str:
    """The signed time in a form."""
    return re.search(r'name="started" value="([^"]+)"', html)[1]
