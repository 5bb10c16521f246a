import re
import unicodedata

from django.db import migrations, transaction
from django.db.models import Q

BATCH = 1000
D = str.maketrans("ðɖ", "dd")
BEGINS, ENDS = r"(?<![^\W\d_])(?<![\u0300-\u036f])", r"(?![^\W\d_]|[\u0300-\u036f])"
TONES = "\u0300\u0309\u0303\u0301\u0323"
BORROWED_D = re.compile(  # of decomposed text
    rf"{BEGINS}[ðɖ](?=(?:[aeiouy][\u0302\u0306\u031b{TONES}]*){{1,3}}(?:c|ch|k|m|n|ng|nh|p|t)?{ENDS})"
)
OLD_STYLE = re.compile(  # of decomposed text
    rf"{BEGINS}((?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|r|s|th?|tr|v|x)?(?:o(?=[{TONES}][ae])|u(?=[{TONES}]y)))"
    rf"([{TONES}])([aey]\u0306?)(?=(?:c|ch|i|m|n|ng|nh|o|p|t|u|y)?{ENDS})"
)


def mended(name):
    """In lower case, as names of hobbies are."""
    return unicodedata.normalize("NFC", BORROWED_D.sub("đ", unicodedata.normalize("NFD", name)))


def spelling(name):
    decomposed = unicodedata.normalize("NFD", mended(name).lower())
    return unicodedata.normalize("NFC", OLD_STYLE.sub(r"\1\3\2", decomposed))


def fold_d(apps):
    """In the keys of entries and hobbies, ð and ɖ become d."""
    entries = apps.get_model("pageant", "Entry").objects
    odd = entries.filter(
        Q(search_key__contains="ð")
        | Q(search_key__contains="ɖ")
        | Q(place_key__contains="ð")
        | Q(place_key__contains="ɖ")
    )
    while batch := list(odd.only("search_key", "place_key")[:BATCH]):
        for entry in batch:
            entry.search_key, entry.place_key = entry.search_key.translate(D), entry.place_key.translate(D)
        entries.bulk_update(batch, ["search_key", "place_key"])
    hobbies = apps.get_model("pageant", "Hobby").objects
    for hobby in hobbies.filter(Q(key__contains="ð") | Q(key__contains="ɖ")):
        hobbies.filter(pk=hobby.pk).update(key=hobby.key.translate(D))


def merge_hobbies(apps):
    """Gives each its spelling. Of those that share one, the first takes over the entries of the others."""
    hobbies = apps.get_model("pageant", "Hobby").objects
    while keys := list(hobbies.filter(spelling=None).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        for key in keys:
            with transaction.atomic():
                hobby = hobbies.select_for_update().filter(pk=key, spelling=None).first()
                if hobby:
                    name = mended(hobby.name)
                    same = Q(spelling=spelling(name)) | Q(spelling=None, name=name)
                    first = hobbies.select_for_update().filter(same).exclude(pk=key).order_by("spelling", "pk").first()
                    if first:
                        hand_over(hobby, first)
                    first = first or hobby
                    hobbies.filter(pk=first.pk).update(name=mended(first.name), spelling=spelling(name))


def hand_over(hobby, first):
    links = type(hobby).entries.through.objects
    links.filter(hobby=hobby, entry_id__in=links.filter(hobby=first).values("entry_id")).delete()
    links.filter(hobby=hobby).update(hobby=first)
    hobby.delete()


def recount(apps):
    """Makes the tallies of one spelling, or of one place, one tally."""
    tallies = apps.get_model("pageant", "Tally").objects
    last = 0
    while batch := list(tallies.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for tally in batch:
            key = spelling(tally.key)[:40] if tally.kind == "hobby" else tally.key.translate(D)
            if key != tally.key:
                move(apps, tally, key)


@transaction.atomic
def move(apps, tally, key):
    # Whoever counts an entry locks its pageant first.
    apps.get_model("pageant", "Pageant").objects.select_for_update().get(pk=tally.pageant_id)
    tallies = apps.get_model("pageant", "Tally").objects
    tallies.filter(pk=tally.pk).delete()
    shared = {"hobbies__spelling": key} if tally.kind == "hobby" else {"place_key": key}
    public = apps.get_model("pageant", "Entry").objects.filter(
        pageant_id=tally.pageant_id, status="approved", published_at__isnull=False, **shared
    )
    label = mended(tally.label) if tally.kind == "hobby" else tally.label
    if entries := public.count():
        same, _created = tallies.get_or_create(
            pageant_id=tally.pageant_id, kind=tally.kind, key=key, defaults={"label": label}
        )
        tallies.filter(pk=same.pk).update(entries=entries)


def fill(apps, schema_editor):
    """In batches and small transactions; safe to repeat."""
    fold_d(apps)
    merge_hobbies(apps)
    recount(apps)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("pageant", "0013_hobby_spelling")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
