"""Privacy officers draft, look, and publish; nobody changes what is published."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from privacy.models import PolicyVersion
from tests.core.factories import make_staff
from tests.privacy.factories import make_draft, publish_policy

pytestmark = pytest.mark.django_db

LIST = "/admin/privacy/policyversion/"


@pytest.fixture
def officer(client):
    user = make_staff(group="Privacy officers")
    client.force_login(user)
    return user


@pytest.fixture
def texts():
    current = PolicyVersion.objects.current()
    return {"text_en": current.text_en, "text_vi": current.text_vi, "summary_en": "", "summary_vi": ""}


def address(version, page="change"):
    return f"{LIST}{version.pk}/{page}/"


def seen_on(html):
    (seen,) = re.findall(r'name="seen" value="(\w{64})"', html)
    return seen


# Who may


@pytest.mark.parametrize("group", ["Moderators", None])
def test_policy_is_no_business_of_others(client, group):
    draft = make_draft()
    client.force_login(make_staff(group=group))

    addresses = [LIST, f"{LIST}add/", *(address(draft, page) for page in ("change", "preview", "publish", "delete"))]
    assert {one: client.get(one).status_code for one in addresses} == dict.fromkeys(addresses, 403)
    assert client.post(address(draft, "publish")).status_code == 403


def test_officer_may_all_that_the_work_needs(officer):
    assert {name for name in officer.get_all_permissions() if not name.startswith("privacy.")} == {
        "pageant.hand_over_cosponsorship",
        "pageant.send_sponsorreport",
        "pageant.view_agreement",
        "pageant.view_cosponsorship",
        "pageant.view_entry",
        "pageant.view_entry_email",
        "pageant.view_pageant",
        "pageant.view_sponsorreport",
        "suggestions.view_category",
        "suggestions.view_report",
        "suggestions.view_suggestion",
        "suggestions.view_suggestion_email",
    }
    assert {name for name in officer.get_all_permissions() if "policyversion" in name} == {
        f"privacy.{verb}_policyversion" for verb in ("view", "add", "change", "delete", "publish")
    }


def test_officer_without_the_right_to_publish_publishes_nothing(client, officer):
    draft = make_draft()
    group = officer.groups.get()
    group.permissions.remove(group.permissions.get(codename="publish_policyversion"))

    assert [client.get(address(draft, "publish")).status_code, client.post(address(draft, "publish")).status_code] == [
        403, 403,
    ]  # fmt: skip
    assert address(draft, "publish") not in client.get(address(draft)).content.decode()


# Drafts


def test_draft_begins_with_the_texts_in_force(client, officer):
    form = client.get(f"{LIST}add/").context["adminform"].form

    current = PolicyVersion.objects.current()
    assert [form[name].value() for name in ("text_en", "text_vi")] == [current.text_en, current.text_vi]


def test_draft_is_saved_changed_and_deleted(client, officer, texts):
    client.post(f"{LIST}add/", {**texts, "summary_en": "One."})
    draft = PolicyVersion.objects.drafts().get()
    client.post(address(draft), {**texts, "summary_en": "Two."})

    assert PolicyVersion.objects.drafts().get().summary_en == "Two."
    client.post(address(draft, "delete"), {"post": "yes"})
    assert PolicyVersion.objects.drafts().count() == 0


@pytest.mark.parametrize(
    ("field", "old", "new", "message"),
    [
        ("text_en", "[[cookies]]", "", "The placeholder [[cookies]] is missing."),
        ("text_vi", "[[cookies]]", "[[biscuits]]", "There is no placeholder called [[biscuits]]."),
        ("text_en", "#cookies}", "#biscuits}", "The headings must have the same link names as the English ones"),
        ("text_en", "Vietmusic", "Viet\u202emusic", "This contains invisible characters."),
    ],
)
def test_draft_that_is_not_whole_is_not_saved(client, officer, texts, field, old, new, message):
    html = client.post(f"{LIST}add/", {**texts, field: texts[field].replace(old, new)}).content.decode()

    assert (message in html, PolicyVersion.objects.drafts().count()) == (True, 0)


def test_list_takes_as_many_queries_with_many_versions_as_with_one(client, officer, django_assert_max_num_queries):
    for _ in range(3):
        publish_policy(by=officer)
        make_draft()

    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_draft_has_no_place_on_the_site_yet(client, officer):
    draft, published = make_draft(), PolicyVersion.objects.current()

    pages = [client.get(address(version)).content.decode() for version in (draft, published)]

    assert ['href="/privacy/versions/1/"' in page for page in pages] == [False, True]
    assert ["viewsitelink" in page for page in pages] == [False, True]


# Preview


@pytest.mark.parametrize(("prefix", "words"), [("", "You can read all of it"), ("/vi", "Bạn cứ xem hết trang")])
def test_preview_shows_the_public_page_in_both_languages(client, officer, prefix, words):
    draft = make_draft()

    html = client.get(prefix + address(draft, "preview")).content.decode()

    assert words in html
    assert re.findall(r'<h2 id="(\w+)">', html)[1:3] == ["collected", "others"]
    assert (f'href="{prefix}{address(draft)}"' in html, "[[" in html) == (True, False)
    assert re.findall(r'<meta name="robots" content="(\w+)">', html) == ["noindex"]


@pytest.mark.parametrize("page", ["preview", "publish"])
def test_published_version_is_no_draft_to_look_at(client, officer, page):
    assert client.get(address(PolicyVersion.objects.current(), page)).status_code == 404


# Publishing


def test_publishing_shows_first_what_it_means(client, officer):
    draft = make_draft()
    PolicyVersion.objects.drafts().update(text_en=draft.text_en.replace("We sell nothing", "We sell no data"))

    html = client.get(address(draft, "publish")).content.decode()

    assert "This change is minor" in html
    assert re.findall(r"<ins>.*?</span>(.*?)</ins>", html) == ["no data"]
    assert PolicyVersion.objects.current().number == 1


def test_publishing_puts_the_draft_in_force(client, officer):
    draft = make_draft()
    seen = seen_on(client.get(address(draft, "publish")).content.decode())

    response = client.post(address(draft, "publish"), {"seen": seen})

    current = PolicyVersion.objects.current()
    assert (response.status_code, current.pk, current.number, current.published_by) == (302, draft.pk, 2, officer)
    assert LogEntry.objects.get().change_message == "published 2"


@pytest.mark.parametrize("seen", ["", "0" * 64, None])
def test_publishing_what_was_not_seen_is_refused(client, officer, seen):
    draft = make_draft()
    if seen is None:
        seen = seen_on(client.get(address(draft, "publish")).content.decode())
        PolicyVersion.objects.drafts().update(text_en="Something else.")

    response = client.post(address(draft, "publish"), {"seen": seen}, follow=True)

    assert "This has changed since you opened it." in response.content.decode()
    assert PolicyVersion.objects.current().number == 1


def test_publishing_twice_is_told(client, officer):
    draft = make_draft()
    seen = seen_on(client.get(address(draft, "publish")).content.decode())

    statuses = [client.post(address(draft, "publish"), {"seen": seen}).status_code for _ in range(2)]

    assert (statuses, PolicyVersion.objects.published().count()) == ([302, 404], 2)


# Published


def test_published_version_can_only_be_read(client, officer, texts):
    version = PolicyVersion.objects.current()
    before = PolicyVersion.objects.values().get()

    page = client.get(address(version)).content.decode()
    change = client.post(address(version), {**texts, "text_en": texts["text_en"] + "\n\nNot."})
    delete = client.post(address(version, "delete"), {"post": "yes"})
    many = client.post(LIST, {"action": "delete_selected", "_selected_action": version.pk, "post": "yes"})

    assert ("<textarea" in page, version.digest in page) == (False, True)
    assert [change.status_code, delete.status_code, many.status_code] == [403, 403, 200]
    assert PolicyVersion.objects.values().get() == before


def test_published_version_can_be_changed_by_no_superuser_either(client, texts):
    client.force_login(make_staff(group=None, is_superuser=True))
    version = PolicyVersion.objects.current()

    assert [client.post(address(version, page), texts).status_code for page in ("change", "delete")] == [403, 403]
