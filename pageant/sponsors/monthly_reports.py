"""Makes a pageant's monthly report to its co-sponsors, which everyone may read.

Each entry counts in one month only, that in which its owner confirmed it; and a report is made once, when its month is
over. So no two reports are about the same people, and none can be compared with yesterday's version. Numbers are
rounded, and none is of fewer than ten people (core/disclosure_control.py). This code can't import the visit log's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDate
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core import csv_export, mail
from core.charts import Bars, Series
from core.disclosure_control import LEAST, Cell, parts, rounded, spans, tags
from core.translated_fields import language_name
from pageant.models import Entry, Pageant, SponsorReport
from privacy.models.audience import ALL, AudienceDay

UNTIL_CLOSED = timedelta(days=1)  # after the end of a month, when the visitors of its last day are summed up
MOST_BARS = 12  # of places and of hobbies; also the most labels below bars
LINK_LIFETIME = timedelta(days=30)
SALT = "pageant.reports"  # data, not a module path: never changes

Numbers = dict[str, Any]


# Making


def make_due() -> int:
    """Makes the missing reports of all months that are over. Returns how many."""
    made = 0
    for pageant in Pageant.objects.all():
        there = set(pageant.sponsor_reports.values_list("month", flat=True))
        for month in months_of(pageant):
            if month not in there and is_over(month) and not is_awaited(month):
                made += SponsorReport.objects.get_or_create(
                    pageant=pageant, month=month, defaults={"numbers": count(pageant, month)}
                )[1]
    return made


def months_of(pageant: Pageant) -> Iterator[date]:
    """The first days of the months in which a pageant is open."""
    month = timezone.localdate(pageant.opens_at).replace(day=1)
    last = timezone.localdate(pageant.closes_at)
    while month <= last:
        yield month
        month = following(month)


def following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def is_over(month: date) -> bool:
    return timezone.now() >= midnight(following(month)) + UNTIL_CLOSED


def is_awaited(month: date) -> bool:
    """Whether a machine may still bring visitors of that month."""
    return AudienceDay.objects.filter(day__gte=month, day__lt=following(month), is_closed=False).exists()


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def days_of(month: date) -> list[date]:
    return [month + timedelta(days=number) for number in range((following(month) - month).days)]


def count(pageant: Pageant, month: date) -> Numbers:
    """The numbers of a report. The database sums up: neither entries nor words that few of them share are read."""
    entries = entries_of(pageant, month)
    audience = audience_of(pageant, month)
    visitors = Counter({row.day: row.visitors for row in audience if row.language == ALL})
    languages: Counter[str] = Counter()
    for row in audience:
        if row.language != ALL:
            languages[row.language] += row.visitors
    total = entries.count()
    places = places_in(entries)
    return {
        "entries": rounded(total),
        "entries_by_day": told_spans(by_day(entries), month),
        "places": told_cells(parts(places, rest=total - sum(places.values()))),
        "hobbies": told_cells(tags(hobbies_in(entries))),
        "visitors": rounded(sum(visitors.values())),
        "visitors_by_day": told_spans(visitors, month),
        "languages": told_cells(tags(languages)),
    }


def entries_of(pageant: Pageant, month: date) -> QuerySet[Entry]:
    """Entries that are public now and were confirmed in that month."""
    confirmed = {"confirmed_at__gte": midnight(month), "confirmed_at__lt": midnight(following(month))}
    return Entry.objects.public().filter(pageant=pageant, **confirmed)


def audience_of(pageant: Pageant, month: date) -> list[AudienceDay]:
    days = {"day__gte": month, "day__lt": following(month), "is_closed": True}
    return list(AudienceDay.objects.filter(section=f"pageant:{pageant.slug}", **days))


def by_day(entries: QuerySet[Entry]) -> Counter[date]:
    return Counter(dict(entries.order_by().values_list(TruncDate("confirmed_at")).annotate(Count("pk"))))


def places_in(entries: QuerySet[Entry]) -> dict[str, int]:
    """Entries by place, each place in its most frequent spelling; without the places of fewer than LEAST."""
    somewhere = entries.exclude(lives_in="").order_by()
    counts = dict(common(somewhere.values_list("place_key")))
    spellings = somewhere.values_list("place_key", "lives_in").annotate(people=Count("pk"), first=Min("pk"))
    names: dict[str, str] = {}
    for key, name, *_counts in spellings.order_by("-people", "first").iterator():
        if key in counts:
            names.setdefault(key, name)
    places = {names[key]: people for key, people in counts.items()}
    if nowhere := entries.filter(lives_in="").count():
        places[""] = nowhere
    return places


def hobbies_in(entries: QuerySet[Entry]) -> dict[str, int]:
    """Entries by hobby; without the hobbies of fewer than LEAST."""
    return dict(common(entries.filter(hobbies__isnull=False).order_by().values_list("hobbies__name")))


def common(words: QuerySet[Entry, Any]) -> QuerySet[Entry, Any]:
    """Each word with the number of its entries, where that is at least LEAST."""
    return words.annotate(people=Count("pk")).filter(people__gte=LEAST)


def told_cells(cells: list[Cell]) -> list[dict[str, Any]]:
    return [asdict(cell) for cell in cells]


def told_spans(by_day: Counter[date], month: date) -> list[dict[str, Any]]:
    told = spans([(day, by_day[day]) for day in days_of(month)])
    return [{"first": str(span.first), "last": str(span.last), "people": span.people} for span in told]


# Showing


def document(report: SponsorReport, language: str) -> str:
    """The report as a whole page. It depends on nothing about its reader: everybody gets the same bytes."""
    with translation.override(language):
        shown = report.numbers
        context = {
            "report": report,
            "pageant": report.pageant,
            "month": f"{report.month:%Y-%m}",
            "shown": shown,
            "charts": [chart for chart in charts(shown) if chart.labels],
        }
        return render_to_string("pageant/report/document.html", context)


def charts(numbers: Numbers) -> list[Bars]:
    return [
        bars("entries", _("New entries over the month"), _("Days"), map(in_days, numbers["entries_by_day"])),
        bars("places", _("New entries by place"), _("Place"), map(of_place, numbers["places"][:MOST_BARS])),
        bars("hobbies", _("New entries by hobby"), _("Hobby"), map(of_label, numbers["hobbies"][:MOST_BARS])),
        bars("visitors", _("Visitors over the month, estimated"), _("Days"), map(in_days, numbers["visitors_by_day"])),
        bars("languages", _("Visitors by language"), _("Language"), map(of_language, numbers["languages"])),
    ]


def bars(name: str, title: str, labels_are: str, cells: Iterable[tuple[str, int]]) -> Bars:
    cells = list(cells)
    labels, people = [label for label, _people in cells], [people for _label, people in cells]
    summary = _("%(first)s: %(people)s") % {"first": labels[0], "people": number_format(people[0])} if cells else ""
    return Bars(
        name=name,
        title=title,
        summary=summary,
        labels_are=labels_are,
        labels=labels,
        series=[Series(_("people, rounded"), "good", people)],
        every=1 + len(labels) // MOST_BARS,
    )


def in_days(span: dict[str, Any]) -> tuple[str, int]:
    first, last = date.fromisoformat(span["first"]), date.fromisoformat(span["last"])
    return str(first.day) if first == last else f"{first.day}–{last.day}", span["people"]


def of_label(cell: dict[str, Any]) -> tuple[str, int]:
    return cell["label"], cell["people"]


def of_place(cell: dict[str, Any]) -> tuple[str, int]:
    label = _("other places") if cell["label"] is None else cell["label"] or _("not given")
    return label, cell["people"]


def of_language(cell: dict[str, Any]) -> tuple[str, int]:
    return language_name(cell["label"]), cell["people"]


def csv(report: SponsorReport) -> bytes:
    """The same numbers for spreadsheets, with the columns `table`, `of` and `people`."""
    numbers = report.numbers
    rows = [["table", "of", "people"]]
    rows += [[name, "", numbers[name] or f"<{LEAST}"] for name in ("entries", "visitors")]
    for name in ("entries_by_day", "visitors_by_day"):
        rows += [[name, f"{span['first']}/{span['last']}", span["people"]] for span in numbers[name]]
    for name in ("places", "hobbies", "languages"):
        cells = numbers[name]
        rows += [[name, "(others)" if cell["label"] is None else cell["label"], cell["people"]] for cell in cells]
    return csv_export.to_csv(rows)


# Sending


def send(report: SponsorReport) -> int:
    """Mails each co-sponsor of the pageant links to the report, in both languages. Returns to how many."""
    sponsors = report.pageant.cosponsorships.in_force()
    token = signing.dumps(report.pk, salt=SALT)
    links = {language: link_to(token, language) for language, _name in settings.LANGUAGES}
    context = {"report": report, "pageant": report.pageant, "links": links}
    for sponsor in sponsors:
        mail.queue(
            "pageant/sponsor_report",
            {**context, "cosponsorship": sponsor},
            to=sponsor.contact_email,
            language=settings.LANGUAGE_CODE,
        )
    return len(sponsors)


def link_to(token: str, language: str) -> str:
    with translation.override(language):
        return settings.SITE_URL + reverse("sponsors:mailed", args=[token])


def open_link(token: str) -> SponsorReport:
    """The report of a mailed link. Raises SignatureExpired, BadSignature or DoesNotExist."""
    pk = signing.loads(token, salt=SALT, max_age=LINK_LIFETIME)
    return SponsorReport.objects.select_related("pageant").get(pk=pk)
