"""Explains the difference between two snapshots in sentences, and whether it is material.

A change is material if it gives us more: more is collected, used, seen, shared or kept, or there is a new cookie. What
only takes away from that, or says the same in other words, is minor.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import zip_longest
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from privacy.policy.snapshots import Snapshot, Texts, without_prefix
from privacy.registry.retention import DAYS_OF_A_YEAR, spell


class Sort(Enum):
    """A sort of change: its sentence, and whether it is material."""

    COLLECTED = gettext_noop("Now also collected: %(what)s"), True
    DROPPED = gettext_noop("No longer collected: %(what)s"), False
    LESS = gettext_noop("Now less of this is collected: %(what)s"), False
    SHOWN = gettext_noop("Now seen by a wider circle, “%(after)s” instead of “%(before)s”: %(what)s"), True
    HIDDEN = gettext_noop("Now seen by a smaller circle, “%(after)s” instead of “%(before)s”: %(what)s"), False
    USED = gettext_noop("Now also used for “%(after)s”: %(what)s"), True
    UNUSED = gettext_noop("No longer used for “%(before)s”: %(what)s"), False
    LONGER = gettext_noop("Kept %(periods)s: %(what)s (%(after)s)"), True
    SHORTER = gettext_noop("Kept %(periods)s: %(what)s (%(after)s)"), False
    KEPT_OTHERWISE = gettext_noop("Kept under a different rule, “%(after)s” instead of “%(before)s”: %(what)s"), True
    ENDS = gettext_noop("Now erased at this point: %(what)s (%(after)s)"), False
    NO_LONGER_ENDS = gettext_noop("No longer erased at this point: %(what)s (%(before)s)"), True
    SHAREABLE = gettext_noop("A co-sponsor may now get this from people who agree: %(what)s"), True
    NOT_SHAREABLE = gettext_noop("No longer for any co-sponsor: %(what)s"), False
    STAYS = gettext_noop("Now stays when your data is erased: %(what)s"), True
    ERASED = gettext_noop("No longer stays when your data is erased: %(what)s"), False
    PURPOSE = gettext_noop("A new purpose: %(what)s"), True
    NO_PURPOSE = gettext_noop("No longer a purpose: %(what)s"), False
    ASKED = gettext_noop("Now only with your consent: %(what)s"), False
    UNTIL_REFUSED = gettext_noop("Now done unless you say no, instead of only if you say yes: %(what)s"), True
    REFUSABLE = gettext_noop("Now only until you say no: %(what)s"), False
    NOT_ASKED = gettext_noop("Now without asking for your consent: %(what)s"), True
    COOKIE = gettext_noop("A new cookie: %(what)s"), True
    NO_COOKIE = gettext_noop("No longer set: the cookie %(what)s"), False
    COOKIE_LONGER = gettext_noop("The cookie %(what)s lasts %(periods)s"), True
    COOKIE_SHORTER = gettext_noop("The cookie %(what)s lasts %(periods)s"), False
    COOKIE_PURPOSE = gettext_noop("The cookie %(what)s is now for “%(after)s” instead of “%(before)s”"), True
    COOKIE_OPENED = gettext_noop("Scripts or other sites can now get more of the cookie %(what)s"), True
    COOKIE_CLOSED = gettext_noop("Scripts or other sites can now get less of the cookie %(what)s"), False

    @property
    def is_material(self) -> bool:
        return self.value[1]


@dataclass(frozen=True)
class Change:
    """One change; `str` says it in the active language. `what`, `before` and `after` are texts in both languages."""

    sort: Sort
    what: Texts = field(hash=False)
    before: Texts = field(default_factory=dict, hash=False)
    after: Texts = field(default_factory=dict, hash=False)
    seconds: tuple[int | None, int | None] = (None, None)  # before, after

    @property
    def is_material(self) -> bool:
        return self.sort.is_material

    def __str__(self) -> str:
        return _(self.sort.value[0]) % {
            "what": in_active_language(self.what),
            "before": in_active_language(self.before),
            "after": in_active_language(self.after),
            "periods": periods(*self.seconds),
        }


def in_active_language(texts: Texts) -> str:
    """A text of a snapshot in the active language."""
    return texts.get("vi" if get_language() == "vi" else "en", "")


def periods(before: int | None, after: int | None) -> str:
    """Two periods, in seconds, like “30 instead of 90 days”. None: until the browser is closed."""
    was, now = (None if seconds is None else timedelta(seconds=seconds) for seconds in (before, after))
    if was is not None and now is not None and in_days(was) and in_days(now):
        text = ngettext("%(after)d instead of %(before)d day", "%(after)d instead of %(before)d days", was.days)
        return text % {"after": now.days, "before": was.days}
    old, new = (_("until the browser is closed") if period is None else spell(period) for period in (was, now))
    return _("%(after)s instead of %(before)s") % {"after": new, "before": old}


def in_days(period: timedelta) -> bool:
    """Whether `spell` says it in days."""
    return period.days > 3 and period.seconds == 0 and period.days % DAYS_OF_A_YEAR != 0


def are_material(changes: Iterable[Change]) -> bool:
    return any(change.is_material for change in changes)


def between(old: Snapshot, new: Snapshot) -> list[Change]:
    """All changes except of wording, each once, the material ones first."""
    changes = [*in_purposes(old, new), *in_kinds(old, new), *in_cookies(old, new)]
    once = [change for number, change in enumerate(changes) if change not in changes[:number]]
    return sorted(once, key=lambda change: not change.is_material)


def by(key: str, rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def in_purposes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    before, after = by("key", old["purposes"]), by("key", new["purposes"])
    yield from (Change(Sort.PURPOSE, after[key]["name"]) for key in after if key not in before)
    yield from (Change(Sort.NO_PURPOSE, before[key]["name"]) for key in before if key not in after)
    for key in after:
        if key in before and (freedom(before[key]) != freedom(after[key])):
            yield Change(in_freedom(freedom(before[key]), freedom(after[key])), after[key]["name"])


def freedom(purpose: dict[str, Any]) -> int:
    """How much choice people have: 2 if the purpose needs their yes, 1 if their no ends it, 0 if they have none."""
    return 0 if not purpose["asked"] else 1 if purpose.get("unless_refused") else 2


def in_freedom(before: int, after: int) -> Sort:
    if after == 1:
        return Sort.REFUSABLE if before == 0 else Sort.UNTIL_REFUSED
    return Sort.ASKED if after == 2 else Sort.NOT_ASKED


def in_kinds(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    before, after = by("label", old["kinds"]), by("label", new["kinds"])
    names = Names(old, new)
    yield from (Change(Sort.COLLECTED, contents(after[label])) for label in after if label not in before)
    yield from (Change(Sort.DROPPED, contents(before[label])) for label in before if label not in after)
    for label in after:
        if label in before:
            yield from in_keep(before[label]["keep"], after[label]["keep"], after[label]["name"])
            yield from in_data(before[label], after[label], names)


def contents(kind: dict[str, Any]) -> Texts:
    """A kind and all that belongs to it."""
    return {
        language: f"{name} – {', '.join(data['what'][language] for data in kind['data'])}"
        for language, name in kind["name"].items()
    }


def within(kind: dict[str, Any], data: dict[str, Any]) -> Texts:
    """A datum with its kind in brackets, since an e-mail address belongs to many."""
    return {language: f"{what} ({kind['name'][language]})" for language, what in data["what"].items()}


def in_data(old: dict[str, Any], new: dict[str, Any], names: "Names") -> Iterator[Change]:
    """Compares data field by field, since fields may be grouped in another way now."""
    before = {name: data for data in old["data"] for name in data["fields"]}
    after = {name: data for data in new["data"] for name in data["fields"]}
    yield from (Change(Sort.COLLECTED, within(new, data)) for name, data in after.items() if name not in before)
    left = [data["what"] for data in new["data"]]
    for name, data in before.items():
        if name not in after:
            yield Change(Sort.LESS if data["what"] in left else Sort.DROPPED, within(old, data))
    for name, data in after.items():
        if name in before:
            yield from in_datum(before[name], data, within(new, data), names)


def in_datum(old: dict[str, Any], new: dict[str, Any], what: Texts, names: "Names") -> Iterator[Change]:
    if old["seen_by"] != new["seen_by"]:
        wider = names.width(new["seen_by"]) < names.width(old["seen_by"])
        sort = Sort.SHOWN if wider else Sort.HIDDEN
        yield Change(sort, what, names.audience(old["seen_by"]), names.audience(new["seen_by"]))
    for key in new["purposes"]:
        if key not in old["purposes"]:
            yield Change(Sort.USED, what, after=names.purpose(key))
    for key in old["purposes"]:
        if key not in new["purposes"]:
            yield Change(Sort.UNUSED, what, names.purpose(key))
    yield from in_keep(old["keep"], new["keep"], what)
    if old["shareable"] != new["shareable"]:
        yield Change(Sort.SHAREABLE if new["shareable"] else Sort.NOT_SHAREABLE, what)
    if (old["erasing"] == "stay") != (new["erasing"] == "stay"):
        yield Change(Sort.STAYS if new["erasing"] == "stay" else Sort.ERASED, what)


def in_keep(old: list[dict[str, Any]], new: list[dict[str, Any]], what: Texts) -> Iterator[Change]:
    """Compares retention rules. Those that count from the same moment are taken for the same, in their order."""
    before, after = unlike(old, new), unlike(new, old)
    anchors = dict.fromkeys(anchor(keep) for keep in (*before, *after))
    left, right = [], []
    for moment in anchors:
        pairs = zip_longest(*([keep for keep in rules if anchor(keep) == moment] for rules in (before, after)))
        for was, now in pairs:
            if was and now:
                yield from in_rule(was, now, what)
            else:
                left += [was] if was else []
                right += [now] if now else []
    for was, now in zip_longest(left, right):
        if was and now:
            yield Change(Sort.KEPT_OTHERWISE, what, was["text"], now["text"])
        elif now:
            yield Change(Sort.ENDS, what, after=now["text"])
        else:
            yield Change(Sort.NO_LONGER_ENDS, what, was["text"])


def in_rule(old: dict[str, Any], new: dict[str, Any], what: Texts) -> Iterator[Change]:
    if old["seconds"] != new["seconds"]:
        sort = Sort.LONGER if new["seconds"] > old["seconds"] else Sort.SHORTER
        yield Change(sort, what, old["text"], new["text"], (old["seconds"], new["seconds"]))


def unlike(rules: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that have no equal among the others."""
    return [rule for rule in rules if rule not in others]


def anchor(keep: dict[str, Any]) -> tuple[str, str]:
    return keep["rule"], keep["since"]


def in_cookies(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    before, after = (
        {without_prefix(cookie["name"]): cookie for cookie in snapshot["cookies"]} for snapshot in (old, new)
    )
    names = Names(old, new)
    yield from (Change(Sort.COOKIE, holding(after[name])) for name in after if name not in before)
    yield from (Change(Sort.NO_COOKIE, plain(before[name]["name"])) for name in before if name not in after)
    for name in after:
        if name in before:
            yield from in_cookie(before[name], after[name], names)


def in_cookie(old: dict[str, Any], new: dict[str, Any], names: "Names") -> Iterator[Change]:
    what = plain(new["name"])
    if old["seconds"] != new["seconds"]:
        longer = (new["seconds"] or 0) > (old["seconds"] or 0)
        sort = Sort.COOKIE_LONGER if longer else Sort.COOKIE_SHORTER
        yield Change(sort, what, seconds=(old["seconds"], new["seconds"]))
    if old["purpose"] != new["purpose"]:
        yield Change(Sort.COOKIE_PURPOSE, what, names.purpose(old["purpose"]), names.purpose(new["purpose"]))
    if openness(old) != openness(new):
        yield Change(Sort.COOKIE_OPENED if openness(new) > openness(old) else Sort.COOKIE_CLOSED, what)


def openness(cookie: dict[str, Any]) -> tuple[int, bool]:
    return ["Strict", "Lax", "None"].index(cookie["same_site"]), not cookie["http_only"]


def holding(cookie: dict[str, Any]) -> Texts:
    return {language: f"{cookie['name']} – {holds}" for language, holds in cookie["holds"].items()}


def plain(name: str) -> Texts:
    """A name that is the same in both languages."""
    return {"en": name, "vi": name}


class Names:
    """The names of purposes and audiences in two snapshots; those of the newer one prevail."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self.purposes = by("key", old["purposes"]) | by("key", new["purposes"])
        self.audiences = by("key", old["audiences"]) | by("key", new["audiences"])
        self.order = [audience["key"] for audience in new["audiences"]] or [
            audience["key"] for audience in old["audiences"]
        ]

    def purpose(self, key: str) -> Texts:
        return self.purposes[key]["name"]

    def audience(self, key: str) -> Texts:
        return self.audiences[key]["name"]

    def width(self, key: str) -> int:
        """0 for the widest circle. What the newer list no longer knows counts as the smallest."""
        return self.order.index(key) if key in self.order else len(self.order)
