"""What isn't listed shows nowhere: every address is walked with suggestions in every state present."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from suggestions.models import Suggestion
from tests.core.factories import make_staff
from tests.pageant.test_visibility import patterns
from tests.suggestions.factories import make_category, make_website

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = ["unconfirmed", "waiting", "rejected", "withdrawn"]
SECRET = re.compile(r"Giấu kín|giau-kin|secret@example|Người gửi")


@pytest.fixture
def suggestions() -> dict[str, Suggestion]:
    category = make_category(slug="folk")
    words = {"title": "Giấu kín", "description": "Giấu kín", "name": "Người gửi", "email": "secret@example.com"}
    made = {
        status: make_website(category, status=status, url=f"https://giau-kin.example/{status}", **words)
        for status in HIDDEN
    }
    made["approved"] = make_website(category, title="Công khai", name="Người gửi", email="secret@example.com")
    return made


def addresses(row: Suggestion) -> list[str]:
    """Every route of the site but the admin's, filled with what belongs to that suggestion."""
    fillings = {"slug": "folk", "key": row.key, "token": "t" * 43, "draft_key": "d", "name": "x", "number": "1"}
    fillings |= {"cosponsorship": "1", "month": "2026-03"}
    found = []
    for route in patterns(get_resolver()):
        if not route.startswith("admin/") and "media/" not in route:
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: fillings[match[1]], route)
            found += [f"/{filled}", f"/vi/{filled}"]
    return found


@pytest.mark.parametrize("who", ["stranger", "moderator"])
def test_what_is_not_listed_shows_on_no_address(suggestions, who):
    client = Client()
    if who == "moderator":
        client.force_login(make_staff())
    queries = [f"/websites/?{query}" for query in ("q=giau+kin", "q=giau+kin+example", "language=vi", "q=secret")]
    walked = {address for row in suggestions.values() for address in addresses(row)} | set(queries)
    seen = {}
    for address in walked:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        response.close()
        seen[address] = response.status_code, content.decode(errors="replace")

    assert len(seen) > 60
    assert [address for address, (_status, text) in seen.items() if SECRET.search(text)] == []
    assert [address for address, (status, _text) in seen.items() if status >= 500] == []
    assert {seen[suggestions[status].get_absolute_url()][0] for status in HIDDEN} == {404}
    assert seen[suggestions["approved"].get_absolute_url()][0] == 200


@pytest.mark.parametrize("status", HIDDEN)
def test_what_is_not_listed_cannot_be_reported(client, suggestions, status):
    response = client.post(suggestions[status].get_absolute_url(), {"reason": "dead"})

    assert (response.status_code, suggestions[status].reports.count()) == (404, 0)
