import re

import ada_url
from django.db import migrations
from django.db.models import Q

HERE = ("unconfirmed", "waiting", "approved")
PERCENT_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalise(apps, schema_editor):
    """Brings stored normal forms up to new rules, or the unique constraint would compare old forms with new ones.

    Routes of scripts (`#/…`, `#!…`) belong to the normal form now, and `%20` in a query is `+`. Where another website has
    the new form already, the old one stays, and `manage.py normalise_websites` names it.
    """
    Suggestion = apps.get_model("suggestions", "Suggestion")
    here = Suggestion.objects.filter(status__in=HERE)
    rows = Suggestion.objects.filter(Q(normal_url__contains="%20") | Q(url__contains="#/") | Q(url__contains="#!"))
    for pk, status, url, old in rows.order_by("pk").values_list("pk", "status", "url", "normal_url"):
        new = normal_form(old, url)
        is_taken = status in HERE and here.filter(normal_url=new).exclude(pk=pk).exists()
        if new != old and not is_taken:
            Suggestion.objects.filter(pk=pk).update(normal_url=new)


def normal_form(old, url):
    path, question_mark, query = old.partition("#")[0].partition("?")
    return f"{path}{question_mark}{query.replace('%20', '+')}{route_in(url)}"


def route_in(url):
    fragment = ada_url.URL(f"https://example.org/#{url.strip().partition('#')[2]}").hash
    if not fragment.startswith(("#/", "#!")):
        return ""
    route = PERCENT_ESCAPE.sub(normalise_escape, fragment).rstrip("/")
    return "" if route in {"#", "#!"} else route


def normalise_escape(match):
    character = chr(int(match[1], 16))
    return character if character in UNRESERVED else f"%{match[1].upper()}"


class Migration(migrations.Migration):
    dependencies = [("suggestions", "0005_wording")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
