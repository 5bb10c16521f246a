"""A person's own suggestion, behind a mailed link."""

import pytest

from core.moderation import Outdated
from suggestions.models import Suggestion
from tests.core.factories import make_staff
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db


def edit(client, page, row, **changes):
    fields = {"url": row.url, "title": row.title, "description": row.description, "category": row.category_id}
    post = {**fields, "name": row.name, "language": row.site_language, "revision": row.revision, **changes}
    return client.post(f"{page}websites/{row.key}/edit/", post)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("waiting", "Received: waiting for our staff to look at it"),
        ("approved", "Accepted: everybody can find it"),
        ("rejected", "It is not about music with ties to Vietnam."),
        ("withdrawn", "Withdrawn"),
    ],
)
def test_page_tells_the_state(client, open_page, status, text):
    row = make_website(status=status)

    assert text in client.get(open_page(client, row.email)).content.decode()


def test_page_shows_what_the_editor_changed(client, open_page, staff):
    row = make_website(status="waiting", title="my site")
    row.correct(by=staff, title="My <b>site")
    Suggestion.objects.get().approve(by=staff)

    html = client.get(open_page(client, row.email)).content.decode()
    assert "<del>my site</del> <ins>My &lt;b&gt;site</ins>" in html


def test_suggestion_is_changed_while_it_waits(client, open_page):
    row = make_website(status="waiting")
    page = open_page(client, row.email)
    response = edit(client, page, row, title="Better", url="https://better.example/", show_name="on", language="both")

    assert (response.status_code, response["Location"]) == (302, f"{page}?done=saved")
    found = Suggestion.objects.get()
    assert (found.title, found.host, found.show_name, found.site_language, found.status, found.revision) == (
        "Better", "better.example", True, "both", "waiting", 2,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["approved", "rejected", "withdrawn"])
def test_suggestion_is_not_changed_afterwards(client, open_page, status):
    row = make_website(status=status)
    page = open_page(client, row.email)

    assert client.get(f"{page}websites/{row.key}/edit/").status_code == 302
    html = edit(client, page, row, title="Written meanwhile").content.decode()
    assert ("Something has changed in the meantime." in html, 'value="Written meanwhile"' in html) == (True, True)
    assert Suggestion.objects.get().title == row.title


def test_change_sent_twice_is_one_change(client, open_page):
    row = make_website(status="waiting")
    page = open_page(client, row.email)
    answers = [edit(client, page, row, title="Better", show_name="on") for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, f"{page}?done=saved")] * 2
    assert (Suggestion.objects.get().title, Suggestion.objects.get().revision) == ("Better", 2)


def test_change_of_what_staff_corrected_meanwhile_is_refused(client, open_page, staff):
    row = make_website(status="waiting")
    page = open_page(client, row.email)
    Suggestion.objects.get().correct(by=staff, title="Theirs")
    response = edit(client, page, row, title="Mine")

    assert "Something has changed in the meantime." in response.content.decode()
    assert Suggestion.objects.get().title == "Theirs"


def test_change_to_an_address_that_is_here_is_refused(client, open_page):
    make_website(url="https://here.example", title="Đã có")
    row = make_website(status="waiting")
    response = edit(client, open_page(client, row.email), row, url="http://here.example/")

    assert "This site is already listed here." in response.content.decode()
    assert Suggestion.objects.get(pk=row.pk).url == row.url


def test_withdrawal_takes_it_off_the_site(client, open_page):
    row = make_website()
    page = open_page(client, row.email)
    address = f"{page}websites/{row.key}/withdraw/"
    assert client.get(address).status_code == 200
    assert Suggestion.objects.get().status == "approved"
    assert client.post(address).status_code == 302

    assert Suggestion.objects.get().status == "withdrawn"
    assert client.get(row.get_absolute_url()).status_code == 404
    assert client.get("/websites/").context["directory"].page.rows == []


def test_page_shows_nothing_of_others(client, open_page):
    mine, other = make_website(), make_website(status="waiting", title="Somebody else's")
    page = open_page(client, mine.email)

    assert "Somebody else" not in client.get(page).content.decode()
    for verb in ("edit", "withdraw"):
        assert client.post(f"{page}websites/{other.key}/{verb}/").status_code == 404
    assert Suggestion.objects.get(pk=other.pk).status == "waiting"


def test_decision_loses_against_a_change_that_came_first():
    row = make_website(status="waiting")
    seen = Suggestion.objects.get()
    row.rewrite(title="Changed")

    with pytest.raises(Outdated):
        seen.approve(by=make_staff())
    assert Suggestion.objects.get().status == "waiting"
