"""The tour of the directory of websites."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from demo.suggestions.websites import WEBSITES
from suggestions.initial_categories import make_categories
from suggestions.models import Category, Suggestion
from tests.stops import LAN, OWN, Leg, Stop
from tests.suggestions.factories import make_website

LISTING = "/websites/listings/silent/"
SUGGEST = "/websites/suggest/"
SUGGESTION = {
    "url": WEBSITES[0].url, "title": "Lan Anh", "description": "Một trang hay.", "name": "Lan",
    "email": "lan@example.org",
}  # fmt: skip

STOPS = [
    Stop("websites, found", "/websites/?q=nhac"),
    Stop("websites, none found", "/websites/?q=zzz"),
    Stop("websites, a category", "/websites/artists-bands/"),
    Stop("websites, an empty category", "/websites/new/"),
    Stop("website", LISTING),
    Stop("website, insecure", "/websites/listings/insecure/"),
    Stop("website, reported", "/websites/reported/"),
    Stop("suggest, with errors", SUGGEST, post={"url": "javascript:alert(1)", "email": "lan@"}),
    Stop("suggest, here already", SUGGEST, post=SUGGESTION),
    Stop("suggested", f"{SUGGEST}sent/"),
    Stop("own website, edit", f"{OWN}websites/waiting/edit/"),
    Stop("own website, edit with errors", f"{OWN}websites/waiting/edit/", post={"url": ""}),
    Stop("own website, withdraw", f"{OWN}websites/waiting/withdraw/"),
]  # fmt: skip


def furnish(staff: User) -> None:
    make_categories("default")
    for one in (*WEBSITES[:3], *WEBSITES[6:7]):
        website(one, staff=staff)
    silent = website(WEBSITES[3], staff=staff, key="silent", show_name=True, name="Trần Thị Minh Khai")
    week = timezone.now() - timedelta(days=9)
    Suggestion.objects.filter(pk=silent.pk).update(
        silent_since=week, first_failure_at=week, last_alive_at=week, failures=3
    )
    insecure = website(WEBSITES[5], staff=staff, key="insecure")
    Suggestion.objects.filter(pk=insecure.pk).update(
        insecure_since=week, first_failure_at=week, problem="certificate", failures=3
    )
    website(
        WEBSITES[4], staff=staff, language="vi", title="Nguyễn" * 16,
        description="Xin_chào!" * 60, name="Nguyễn" * 10, show_name=True,
        url=f"https://{'a' * 60}.{'b' * 60}.example/",
    )  # fmt: skip
    Category.objects.create(slug="new", name_en="Sheet music", name_vi="Bản nhạc", position=999)
    for model, status in zip(WEBSITES[10:14], ("waiting", "approved", "rejected", "withdrawn"), strict=True):
        website(model, staff=staff, key=status, status=status, name="Lan", email=LAN)


def website(model: Any, *, staff: User, **fields: Any) -> Suggestion:
    texts = {"title": model.title, "description": model.description, "url": model.url, "language": model.language}
    category = Category.objects.get(slug=model.category)
    return make_website(category, staff=staff, **{**texts, "site_language": model.site, **fields})


def texts() -> Iterator[tuple[str, str]]:
    return ((one.language, one.description) for one in Suggestion.objects.public())


def write(text: str) -> None:
    Suggestion.objects.filter(key="silent").update(description=text)


LEG = Leg(stops=STOPS, furnish=furnish, feeds=["/websites/feed/"], texts=texts, write=write)
