"""What people do on the site, step by step, going by the names of fields, which are the same in each language."""

import io
import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core import moderation
from pageant.models import Entry
from suggestions.models import Suggestion
from tests.core import pictures

Mailbox = Callable[[str], list[str]]

PASSWORD = "a-long-password"  # of staff


def path_in(language: str, path: str) -> str:
    return path if language == "en" else f"/{language}{path}"


def upload(name: str, data: bytes) -> dict[str, Any]:
    """A file as Playwright wants it; its declared type is one that the site must not trust."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def photo(seed: int = 1, **options: Any) -> dict[str, Any]:
    return upload(f"photo-{seed}.jpg", pictures.saved(pictures.photo(seed), "JPEG", **options))


def telling_photo() -> dict[str, Any]:
    """Lies on its side (Exif orientation 6 turns it upright), and tells where it was taken and something private."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (11.0, 56.0, 25.0), 3: "E", 4: (108.0, 26.0, 30.0)})
    return photo(exif=exif.tobytes(), comment=b"at home")


def fill_in(page: Page, *, name: str = "Lan Anh", email: str = "lan@example.org", **fields: str) -> None:
    """All words of the entry form, and both statements."""
    for field, value in {"display_name": name, "email": email, **fields}.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("[name=is_adult]").check()
    page.locator("[name=owns_photos]").check()


def submit_button(page: Page) -> Locator:
    return page.locator("form[data-upload] #send")


def open_mailed_link(page: Page, mails: list[str]) -> None:
    """Opens the link in the newest mail."""
    (address,) = re.findall(r"^http\S+/privacy/you/[\w-]{20,}/$", mails[-1], re.MULTILINE)
    page.goto(address)


def press(page: Page) -> None:
    """The one button of a page that asks for nothing else."""
    page.locator("main form [type=submit]").click()


def open_own_page(page: Page, *, email: str, mailbox: Mailbox, language: str = "en") -> None:
    """Asks for a link, follows it, and presses the button there."""
    page.goto(path_in(language, "/privacy/you/"))
    page.locator("[name=email]").fill(email)
    press(page)
    expect(page).to_have_url(path_in(language, "/privacy/you/asked/"))
    open_mailed_link(page, mailbox(email))
    press(page)
    expect(page.locator(".own-entry")).to_have_count(1)


def sign_in(page: Page, staff: User) -> None:
    page.goto("/admin/")
    page.locator("[name=username]").fill(staff.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()
    expect(page.locator("#logout-form")).to_have_count(1)


def settle_decisions() -> None:
    """As if the time in which staff can undo them were over."""
    for model in (Entry, Suggestion):
        model.objects.exclude(settles_at=None).update(settles_at=timezone.now())
    moderation.settle_decisions()


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))
