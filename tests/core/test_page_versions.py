import pytest
from django.db import IntegrityError, connection, transaction

from core.kept_pages import triggers, versions
from core.models import PageVersion
from core.site import kept_sources
from pageant.models import Hobby
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db


def version_of(topics):
    return versions.read(versions.question(topics))


def test_version_is_none_until_all_topics_have_begun():
    versions.begin(["a"])
    assert version_of(["a", "b"]) is None
    assert isinstance(version_of(["a"]), int)

    versions.begin(["a", "b"])
    assert version_of(["a"]) + version_of(["b"]) == version_of(["a", "b"])


def test_changes_are_summed_up_without_another_version():
    versions.begin(["a"])
    PageVersion.objects.bulk_create(PageVersion(topic="a", number=1) for _ in range(versions.MANY))
    version = version_of(["a"])

    versions.sum_up()

    assert (version_of(["a"]), PageVersion.objects.filter(topic="a").count()) == (version, 1)


def test_version_begins_once():
    versions.begin(["a"])
    with pytest.raises(IntegrityError), transaction.atomic():
        PageVersion.objects.create(topic="a", number=2)


def topics_moved_by(act, **arguments):
    PageVersion.objects.all().delete()
    act(**arguments)
    return set(PageVersion.objects.values_list("topic", flat=True))


def test_rows_of_a_pageant_move_its_topic_and_that_of_all():
    entry = make_entry(make_pageant(slug="spring"), hobbies=("hát",))
    waiting = make_entry(entry.pageant, status="waiting", hobbies=("hát",))
    both = {"pageants", "pageants:spring"}

    assert topics_moved_by(entry.touch) == set()
    assert topics_moved_by(waiting.withdraw) == set()
    assert topics_moved_by(waiting.photos.all().delete) == set()
    assert topics_moved_by(waiting.hobbies.clear) == set()
    assert topics_moved_by(entry.photos.all().delete) == both
    assert topics_moved_by(entry.hobbies.clear) == both
    assert topics_moved_by(lambda: Hobby.objects.create(name="vẽ")) == set()
    assert topics_moved_by(Hobby.objects.filter(name="hát").update, name="ca hát") == {"hobbies"}
    assert topics_moved_by(entry.withdraw) == both


def test_renamed_address_moves_the_old_and_the_new():
    pageant = make_pageant(slug="spring")
    pageant.slug = "autumn"

    assert topics_moved_by(pageant.save) == {"pageants", "pageants:spring", "pageants:autumn"}


def test_each_source_has_its_triggers_after_migrating_twice():
    triggers.install(kept_sources())
    triggers.install(kept_sources())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}

    assert {source.name(event) for source in kept_sources() for event in source.events} <= there


@pytest.mark.parametrize("topic", ["", "a'b", "a,b", "{a}", "a b", "ă"])
def test_topic_that_could_be_sql_is_refused(topic):
    with pytest.raises(ValueError, match="no topics"):
        versions.question([topic])
