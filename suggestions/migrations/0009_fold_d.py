from django.db import migrations
from django.db.models import Q

BATCH = 1000
D = str.maketrans("ðɖ", "dd")


def fold_d(apps, schema_editor):
    """In search keys, ð and ɖ become d. In batches; safe to repeat."""
    suggestions = apps.get_model("suggestions", "Suggestion").objects
    odd = suggestions.filter(Q(search_key__contains="ð") | Q(search_key__contains="ɖ"))
    while batch := list(odd.only("search_key")[:BATCH]):
        for suggestion in batch:
            suggestion.search_key = suggestion.search_key.translate(D)
        suggestions.bulk_update(batch, ["search_key"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("suggestions", "0008_corrected_at")]

    operations = [migrations.RunPython(fold_d, migrations.RunPython.noop)]
