"""Snapshots of the registry as JSON, as a published policy keeps them.

All texts are there in both languages, `{"en": …, "vi": …}`, so that an old version shows its tables as they were:

    {"audiences": [{"key": "public", "name": T}, …],              from the widest circle to none
     "purposes": [{"key": …, "name": T, "text": T, "asked": bool, "unless_refused": true}, …],
     "kinds": [{"label": …, "name": T, "staff": bool, "keep": [K, …], "data": [D, …]}, …],
     "cookies": [{"name": …, "purpose": key, "holds": T, "set_when": T, "seconds": int or None, …}, …]}

with D = {"fields": […], "what": T, "purposes": [key, …], "seen_by": key, "keep": [K, …], "shareable": bool,
"erasing": …, "because": T} and K = {"text": T, "rule": …, "since": …, "seconds": int or None}. What a kind says
in `keep` holds for all its data; a datum's own comes on top of it.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import override

from core.canonical_json import canonical_json, sha256_of
from privacy.registry.declarations import REGISTRY, Cookie, Data, Declaration, Registry, Text
from privacy.registry.purposes import PURPOSES, Audience, Purpose
from privacy.registry.retention import Keep, Retention, WithParent

Snapshot = dict[str, Any]
Texts = dict[str, str]


def take(registry: Registry = REGISTRY) -> Snapshot:
    """A snapshot of the registry: the kinds of the upper apps first, which matter most to visitors."""
    place = {app.label: number for number, app in enumerate(apps.get_app_configs())}
    kinds = sorted(registry.declarations.values(), key=lambda one: -place[one.model._meta.app_label])
    return {
        "audiences": [{"key": one.value, "name": said(one.label)} for one in Audience],
        "purposes": [of_purpose(one) for one in PURPOSES.values()],
        "kinds": [of_kind(one) for one in kinds],
        "cookies": [of_cookie(one) for one in registry.cookies.values()],
    }


def said(text: Text | Retention) -> Texts:
    """`text` in both languages."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts[language] = str(text)
    return texts


def of_purpose(purpose: Purpose) -> Snapshot:
    return {
        "key": purpose.key,
        "name": said(purpose.name),
        "text": said(purpose.text),
        "asked": purpose.asked,
        # Versions from before there was such a purpose lack the key.
        **({"unless_refused": True} if purpose.unless_refused else {}),
    }


def of_kind(declaration: Declaration) -> Snapshot:
    return {
        "label": declaration.label,
        "name": said(declaration.name),
        "staff": declaration.staff,
        "keep": [of_retention(one) for one in declaration.keep],
        "data": [of_data(one) for one in declaration.data],
    }


def of_data(data: Data) -> Snapshot:
    return {
        "fields": list(data.fields),
        "what": said(data.what),
        "purposes": [purpose.key for purpose in data.purposes],
        "seen_by": data.seen_by.value,
        "keep": [of_retention(keep) for keep in data.keep],
        "shareable": data.shareable,
        "erasing": data.erasing.value,
        "because": said(data.because),
    }


def of_retention(keep: Retention) -> Snapshot:
    since = keep.since if isinstance(keep, Keep) else keep.parent if isinstance(keep, WithParent) else ""
    seconds = round(keep.period.total_seconds()) if isinstance(keep, Keep) else None
    return {"text": said(keep), "rule": type(keep).__name__, "since": since, "seconds": seconds}


def of_cookie(cookie: Cookie) -> Snapshot:
    return {
        "name": cookie.name,
        "purpose": cookie.purpose.key,
        "holds": said(cookie.holds),
        "set_when": said(cookie.set_when),
        "seconds": None if cookie.lifetime is None else round(cookie.lifetime.total_seconds()),
        "http_only": cookie.http_only,
        "same_site": cookie.same_site,
    }


def are_equal(snapshot: Snapshot, other: Snapshot) -> bool:
    """Whether they say the same in the same words, whatever the order."""
    return sha256_of(sorted_out(snapshot)) == sha256_of(sorted_out(other))


def sorted_out(snapshot: Snapshot) -> Snapshot:
    kinds = [{**kind, "data": sorted(kind["data"], key=canonical_json)} for kind in snapshot["kinds"]]
    return {
        "audiences": snapshot["audiences"],
        "purposes": sorted(snapshot["purposes"], key=canonical_json),
        "kinds": sorted(kinds, key=canonical_json),
        "cookies": sorted(
            ({**cookie, "name": without_prefix(cookie["name"])} for cookie in snapshot["cookies"]), key=canonical_json
        ),
    }


def without_prefix(cookie: str) -> str:
    """A cookie's name without its prefix under HTTPS: it is the same cookie."""
    return cookie.removeprefix("__Host-")
