"""Versions of the policy: published once, shown for good."""

import copy
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.moderation import Outdated
from privacy import checks
from privacy.models import PolicyVersion
from privacy.models.policy_version import NOTICE, Published
from privacy.policy import document, initial, snapshots
from privacy.registry.declarations import REGISTRY, data
from privacy.registry.purposes import PAGEANT, Audience
from tests.core.concurrency import at_once
from tests.core.factories import make_staff
from tests.privacy.factories import make_draft, publish_policy

pytestmark = pytest.mark.django_db


def more(*fields, what="your shoe size"):
    """A snapshot of a registry that collects something more."""
    snapshot = copy.deepcopy(snapshots.take())
    entry = next(kind for kind in snapshot["kinds"] if kind["label"] == "pageant.Entry")
    entry["data"].append({**entry["data"][0], "fields": ["shoe_size"], "what": {"en": what, "vi": "cỡ giày của bạn"}})
    return snapshot


def publish(draft, snapshot=None, *, by=None):
    snapshot = snapshot or snapshots.take()
    draft.publish(by=by, seen=draft.seen(snapshot, PolicyVersion.objects.current()), snapshot=snapshot)


def content(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


# Publishing


def test_publishing_seals_all_that_was_seen():
    staff = make_staff(group="Privacy officers")
    draft = make_draft(summary_en="New words.")

    publish(draft, by=staff)

    version = PolicyVersion.objects.get(pk=draft.pk)
    assert (version.number, version.published_by, version.is_material, version.is_whole) == (2, staff, False, True)
    assert version.snapshot == snapshots.take()


def test_publishing_something_more_is_material():
    assert [publish_policy(more()).is_material, publish_policy().is_material] == [True, False]


def test_publishing_twice_is_refused():
    draft = make_draft()
    seen = draft.seen(snapshots.take(), PolicyVersion.objects.current())
    draft.publish(by=None, seen=seen)

    with pytest.raises(Outdated):
        draft.publish(by=None, seen=seen)

    assert PolicyVersion.objects.published().count() == 2


@pytest.mark.parametrize("field", ["text_en", "text_vi", "summary_en", "summary_vi"])
def test_publishing_what_was_edited_meanwhile_is_refused(field):
    draft = make_draft()
    seen = draft.seen(snapshots.take(), PolicyVersion.objects.current())
    PolicyVersion.objects.drafts().update(**{field: "Other words."})

    with pytest.raises(Outdated):
        draft.publish(by=None, seen=seen)


def test_publishing_on_top_of_a_version_that_was_not_seen_is_refused():
    draft = make_draft()
    seen = draft.seen(snapshots.take(), PolicyVersion.objects.current())
    publish_policy()

    with pytest.raises(Outdated):
        draft.publish(by=None, seen=seen)


def test_publishing_a_registry_that_was_not_seen_is_refused():
    draft = make_draft()

    with pytest.raises(Outdated):
        draft.publish(by=None, seen=draft.seen(more(), PolicyVersion.objects.current()))


def test_publishing_a_deleted_draft_is_refused():
    draft = make_draft()
    seen = draft.seen(snapshots.take(), PolicyVersion.objects.current())
    PolicyVersion.objects.drafts().delete()

    with pytest.raises(Outdated):
        draft.publish(by=None, seen=seen)


def try_to_publish(draft, seen):
    try:
        draft.publish(by=None, seen=seen)
    except Outdated:
        return None
    return draft.number


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("drafts", [1, 2])
def test_publishing_at_once_has_one_winner(drafts):
    made = [make_draft() for _ in range(drafts)] * (3 - drafts)
    current = PolicyVersion.objects.current()
    calls = [
        partial(try_to_publish, PolicyVersion.objects.get(pk=draft.pk), draft.seen(snapshots.take(), current))
        for draft in made
    ]

    assert sorted(at_once(*calls), key=str) == [2, None]
    assert [version.number for version in PolicyVersion.objects.published()] == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_first_version_is_published_once_by_two_at_once():
    from core import immutable_rows  # noqa: PLC0415  only here

    with immutable_rows.lifted():
        PolicyVersion._base_manager.all()._raw_delete("default")

    at_once(*[partial(initial.publish, "default")] * 3)

    assert [version.number for version in PolicyVersion.objects.all()] == [1]


# Never changed afterwards


CHANGES = {
    "save": lambda version: version.save(),
    "save some fields": lambda version: version.save(update_fields=["text_en"]),
    "delete": lambda version: version.delete(),
    "update": lambda version: PolicyVersion.objects.filter(pk=version.pk).update(text_en="x"),
    "update all": lambda version: PolicyVersion.objects.update(text_en="x"),
    "update a sealed field": lambda version: PolicyVersion.objects.published().update(is_material=True),
    "bulk update": lambda version: PolicyVersion.objects.bulk_update([version], ["text_en"]),
    "update or create": lambda version: PolicyVersion.objects.update_or_create(
        pk=version.pk, defaults={"text_en": "x"}
    ),
    "delete rows": lambda version: PolicyVersion.objects.filter(pk=version.pk).delete(),
    "delete all": lambda version: PolicyVersion.objects.all().delete(),
    "unpublish": lambda version: PolicyVersion(pk=version.pk, text_en="x", text_vi="x").save(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_published_version_is_refused_by_the_model(change):
    make_draft()
    version = PolicyVersion.objects.current()
    before = list(PolicyVersion.objects.order_by("pk").values())
    version.text_en = "We sell it all."

    with pytest.raises(Published), transaction.atomic():
        CHANGES[change](version)

    assert list(PolicyVersion.objects.order_by("pk").values()) == before


def test_new_version_is_published_only_by_its_verb():
    with pytest.raises(Published):
        PolicyVersion.objects.create(number=7, published_at=timezone.now(), snapshot={}, text_en="x", text_vi="x")


def test_draft_is_changed_and_deleted_as_one_likes():
    draft = make_draft()
    draft.text_en = "Better."
    draft.save()

    assert PolicyVersion.objects.drafts().update(text_vi="Hay hơn.") == 1
    assert PolicyVersion.objects.get(pk=draft.pk).text_en == "Better."
    draft.delete()
    assert PolicyVersion.objects.drafts().count() == 0


def test_digest_tells_a_change_that_got_past_everything():
    version = PolicyVersion.objects.current()
    version.text_en += " Not."

    assert version.is_whole is False


# Reading


def test_version_in_force_is_found_by_its_time(time_machine):
    first_version = PolicyVersion.objects.current()
    published = first_version.published_at
    time_machine.move_to(published + timedelta(days=9), tick=False)
    second = publish_policy()

    moments = [published - timedelta(seconds=1), published, published + timedelta(days=8), timezone.now()]
    assert [PolicyVersion.objects.in_force_at(moment) for moment in moments] == [
        None, first_version, first_version, second,
    ]  # fmt: skip


def test_first_version_is_fine_and_says_what_it_is():
    version = PolicyVersion.objects.get()

    assert (version.number, version.published_by, version.is_material, version.is_whole) == (1, None, False, True)
    assert [list(document.problems(text)) for text in (version.text_en, version.text_vi)] == [[], []]
    sections = ["collected", "others", "cookies", "purposes", "sharing", "consent", "changes"]
    assert [document.names_of(text) for text in (version.text_en, version.text_vi)] == [sections, sections]


# The check


def said_by_check(**options):
    try:
        call_command("check", tags=["privacy"], **options)
    except SystemCheckError as error:
        return re.findall(r"privacy\.\w\d+", str(error))
    return []


@pytest.fixture
def undeclared_by_policy():
    """The registry knows more than the policy."""
    model = next(model for model in REGISTRY.declarations if model.__name__ == "Entry")
    before = REGISTRY.declarations[model]
    extra = data("shoe_size", what="your shoe size", purposes=[PAGEANT], seen_by=Audience.PUBLIC)
    REGISTRY.declarations[model] = type(before)(**{**vars(before), "data": (*before.data, extra)})
    yield
    REGISTRY.declarations[model] = before


def test_check_is_silent_while_policy_and_registry_agree():
    assert [checks.check_published(None), checks.check_published_before_deploying(None)] == [[], []]


def test_check_tells_what_the_policy_does_not_say(undeclared_by_policy):
    warnings, errors = checks.check_published(None), checks.check_published_before_deploying(None)

    assert [(one.id, one.is_serious()) for one in (*warnings, *errors)] == [
        ("privacy.W001", False),
        ("privacy.E020", True),
    ]
    assert "Now also collected: your shoe size (Your entry in a pageant)" in warnings[0].msg


def test_check_is_quiet_again_once_the_policy_says_it(undeclared_by_policy):
    publish_policy()

    assert checks.check_published(None) == []


def test_check_stops_only_who_deploys():
    publish_policy(more())

    assert (said_by_check(), said_by_check(deploy=True)) == ([], ["privacy.E020", "privacy.W001"])


@pytest.mark.django_db(transaction=True)
def test_check_is_silent_before_the_first_migration():
    with connection.schema_editor() as editor:
        editor.alter_db_table(PolicyVersion, "privacy_policyversion", "elsewhere")
    try:
        assert checks.check_published(None) == []
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(PolicyVersion, "elsewhere", "privacy_policyversion")


# Markdown

GOOD = "Summary.\n\n## One {#one}\n\n" + "\n\n".join(f"[[{place}]]" for place in document.PLACES)


def html_of(text):
    return "".join(section.html for section in document.show(text, snapshots.take()))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>"),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("[x](JaVaScRiPt:alert)", "<p>[x](JaVaScRiPt:alert)</p>"),
        ("[x](&#106;avascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>"),
        ("[x](//evil.example)", "<p>[x](//evil.example)</p>"),
        ("<javascript:alert>", "<p>&lt;javascript:alert&gt;</p>"),
        ("[x](/privacy/)", '<p><a href="/privacy/">x</a></p>'),
        ('[x](https://a.example "t\\"><b>")', '<p><a href="https://a.example" title="t&quot;&gt;&lt;b&gt;">x</a></p>'),
        ("**bold** & co", "<p><strong>bold</strong> &amp; co</p>"),
        ("### Sub {#sub}", '<h3 id="sub">Sub</h3>'),
    ],
)
def test_markdown_is_made_safe(text, html):
    assert html_of(text).strip() == html


def test_markdown_embeds_nothing():
    assert "<img" not in html_of("![x](https://evil.example/x.png)")


def test_heading_is_escaped_once(client):
    version = publish_policy(text_en=GOOD.replace("## One", "## <i>One</i> & two"))

    html = content(client, version.get_absolute_url())

    assert '<h2 id="one">&lt;i&gt;One&lt;/i&gt; &amp; two</h2>' in html


PROBLEMS = {
    "unknown place": (GOOD + "\n\n[[nothing]]", "There is no placeholder called [[nothing]]."),
    "missing place": (GOOD.replace("[[cookies]]", ""), "The placeholder [[cookies]] is missing."),
    "place in a sentence": (
        GOOD.replace("[[cookies]]", "See [[cookies]]."),
        "[[cookies]] must stand alone, with an empty line before and after it.",
    ),
    "place twice": (GOOD + "\n\n[[cookies]]", "[[cookies]] appears more than once."),
    "no summary": (GOOD.replace("Summary.", ""), "A short summary must come before the first section."),
    "no name": (GOOD.replace("{#one}", ""), "Each heading needs a link name, as in “## Cookies {#cookies}”."),
    "name twice": (GOOD + "\n\n### Two {#one}", "The name “one” is already taken."),
    "name of the page": (GOOD.replace("#one", "#content"), "The name “content” is already taken."),
    "title": (GOOD + "\n\n# Title {#title}", "The page already has a title, so headings must start with ## or more."),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_problem_of_a_text_is_told(problem):
    text, message = PROBLEMS[problem]

    assert list(document.problems(text)) == [message]


def test_good_text_has_no_problem():
    assert list(document.problems(GOOD)) == []


# Pages


@pytest.mark.parametrize(("prefix", "words"), [("", "You can read all of it"), ("/vi", "Bạn cứ xem hết trang")])
@pytest.mark.parametrize("address", ["/privacy/", "/privacy/versions/1/"])
def test_policy_is_shown_in_the_language_of_its_address(client, prefix, words, address):
    html = content(client, prefix + address)

    assert words in html
    assert re.findall(r'<h2 id="(\w+)">', html) == [
        "contents", "collected", "others", "cookies", "purposes", "sharing", "consent", "changes",
    ]  # fmt: skip
    assert "[[" not in html


def test_policy_has_a_table_for_each_kind(client):
    html = content(client, "/privacy/")

    kinds = list(REGISTRY.declarations.values())
    captions = re.findall(r"<caption>(.*?)</caption>", html)
    assert sorted(captions[: len(kinds)]) == sorted(str(kind.name) for kind in kinds)
    assert html.partition("<main")[2].partition("</main")[0].count("<details") == 1  # the staff's


def test_policy_names_whom_to_write_to(client, settings):
    settings.DEFAULT_FROM_EMAIL = "Vietmusic <hello@vietmusic.example>"

    assert '<a href="mailto:hello@vietmusic.example">' in content(client, "/privacy/")


def test_old_version_shows_its_own_table_and_says_that_it_is_old(client):
    publish_policy(more())
    publish_policy()

    now, old = content(client, "/privacy/"), content(client, "/privacy/versions/2/")

    assert ["Your shoe size" in html for html in (now, old)] == [False, True]
    assert ["This version is not in force any more." in html for html in (now, old)] == [False, True]
    assert ['<meta name="robots" content="noindex">' in html for html in (now, old)] == [False, True]


@pytest.mark.parametrize("address", ["0/", "2/", "99999999999999999999/", "2/changes/", "x/", "-1/"])
def test_version_that_there_is_not_is_not_found(client, address):
    make_draft()

    assert client.get(f"/privacy/versions/{address}").status_code == 404


@pytest.mark.parametrize("address", ["/privacy/", "/privacy/versions/", "/privacy/feed/"])
def test_page_without_any_version_is_no_server_error(client, address):
    from core import immutable_rows  # noqa: PLC0415  only here

    with immutable_rows.lifted():
        PolicyVersion._base_manager.all()._raw_delete("default")
        immutable_rows.install()

    assert client.get(address).status_code in {200, 404}


def test_history_lists_all_versions_and_no_draft(client):
    publish_policy(more(), summary_en="We ask for your shoe size.")
    make_draft(summary_en="Secret plans.")

    html = content(client, "/privacy/versions/")

    assert re.findall(r'<h2><a href="(.*?)">(.*?)</a></h2>', html) == [
        ("/privacy/versions/2/", "Version 2"),
        ("/privacy/versions/1/", "Version 1"),
    ]
    assert ("We ask for your shoe size." in html, "Secret plans." in html) == (True, False)


def test_changes_are_told_in_sentences_and_words(client):
    current = PolicyVersion.objects.current()
    publish_policy(more(), text_en=current.text_en.replace("We sell nothing", "We sell almost nothing"))

    html = content(client, "/privacy/versions/2/changes/")

    assert "<li>Now also collected: your shoe size (Your entry in a pageant)</li>" in html
    assert "A material change:" in html
    assert re.findall(r"<ins>.*?</span>(.*?)</ins>", html) == ["almost "]


def test_changes_of_the_first_version_are_none(client):
    assert "This is the first version" in content(client, "/privacy/versions/1/changes/")


def test_changes_speak_vietnamese(client):
    publish_policy(more())

    assert "cỡ giày của bạn" in content(client, "/vi/privacy/versions/2/changes/")


@pytest.mark.parametrize("address", ["/privacy/", "/privacy/versions/", "/privacy/versions/2/", "/privacy/feed/"])
def test_page_takes_as_many_queries_with_many_versions_as_with_few(client, django_assert_num_queries, address):
    publish_policy(more())
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    count = len(few)
    for _ in range(3):
        publish_policy()
    client.get(address)

    with django_assert_num_queries(count):
        client.get(address)


def test_policy_is_linked_from_every_page(client):
    assert '<a href="/vi/privacy/">' in content(client, "/vi/")


# The notice


@pytest.mark.parametrize(("days", "shown"), [(0, 1), (29.9, 1), (30, 0), (99, 0)])
def test_notice_of_a_material_change_is_shown_for_30_days(client, time_machine, days, shown):
    now = datetime(2027, 3, 1, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    publish_policy(more(), summary_vi="Thêm cỡ giày.")
    time_machine.move_to(now + timedelta(days=days), tick=False)

    html = content(client, "/vi/pageants/")

    assert html.count('<aside class="notice"') == shown
    assert html.count("Thêm cỡ giày.") == shown
    assert html.count('href="/vi/privacy/versions/2/changes/"') == shown


def test_notice_is_not_shown_for_a_minor_change(client):
    publish_policy(text_en=GOOD)

    assert '<aside class="notice"' not in content(client, "/")


def test_notice_stays_when_a_minor_change_follows(client):
    publish_policy(more())
    publish_policy()

    assert 'href="/privacy/versions/2/changes/"' in content(client, "/")


def test_notice_is_shown_as_soon_as_it_is_published(client, django_capture_on_commit_callbacks):
    before = content(client, "/")
    with django_capture_on_commit_callbacks(execute=True):
        publish(make_draft(), more())

    assert ['<aside class="notice"' in html for html in (before, content(client, "/"))] == [False, True]


def test_pages_that_are_not_kept_ask_for_the_notice_once_a_minute_at_most(client):
    cache.delete(NOTICE)
    with CaptureQueriesContext(connection) as cold:
        client.get("/privacy/you/")
    with CaptureQueriesContext(connection) as warm:
        client.get("/privacy/you/")

    assert len(cold) - len(warm) == 1


def test_notice_is_on_no_error_page(client):
    publish_policy(more())

    assert '<aside class="notice"' not in content(client, "/nothing/", status=404)


# The feed


def items_of(client, address):
    response = client.get(address)
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.fromstring(response.content)  # noqa: S314  our own
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return [
        [entry.find(f"{atom}{name}").text for name in ("id", "title", "summary")] for entry in root.iter(f"{atom}entry")
    ]


def test_feed_tells_each_version(client, time_machine):
    time_machine.move_to(datetime(2027, 3, 1, 5, tzinfo=UTC), tick=False)
    publish_policy(more(), summary_en="Shoes <matter>.")
    publish_policy(more(), text_en=GOOD)

    third, second, first_one = items_of(client, "/privacy/feed/")

    assert third == ["urn:vietmusic:policy:3", "Version 3 of 1 March 2027", "Only the words have changed."]
    assert second == [
        "urn:vietmusic:policy:2",
        "Version 2 of 1 March 2027: a material change",
        "Shoes &lt;matter&gt;. Now also collected: your shoe size (Your entry in a pageant).",
    ]
    assert (first_one[0], first_one[2]) == ("urn:vietmusic:policy:1", "The first version.")


def test_feed_speaks_vietnamese(client):
    publish_policy(more(), summary_vi="Thêm cỡ giày.")

    assert "Thêm cỡ giày." in items_of(client, "/vi/privacy/feed/")[0][2]


def test_feed_is_named_on_the_page(client):
    assert 'type="application/atom+xml"' in content(client, "/privacy/")
