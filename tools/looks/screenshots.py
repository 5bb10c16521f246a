"""`make screenshots`: takes screenshots of all pages in three widths, both themes and both languages.

They go to var/screenshots; look at every one. Words given pick pages by their names (`ARGS="entry staff"`).
With --readme it writes the three of the README instead.
"""

import argparse
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.looks.site import PAGEANT, PASSWORD, ROOT, STAFF, Site, served

FOLDER = ROOT / "var/screenshots"
WIDTHS, HEIGHT = (360, 768, 1280), 960  # pixels
THEMES = ("light", "dark")
LANGUAGES = {"en": "", "vi": "/vi"}
EMAIL = "demo-20@vietmusic.example"  # of one of the demo's people
README = {  # paths and themes
    "home": ("/", "light"),
    "gallery": (f"/vi{PAGEANT}#gallery", "dark"),
    "policy": ("/privacy/", "light"),
}
README_SIZE = (800, 600)  # pixels


def leave(page: Page) -> None:
    """As it is."""


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    act: Callable[[Page], None] = leave
    visitor: str = "chosen"  # or "new", or "staff"


def press(page: Page) -> None:
    page.locator("main form [type=submit]").last.click()


def send_nonsense(page: Page) -> None:
    page.locator("main [name=email]").fill("lan@")
    press(page)
    page.locator(".error-summary").wait_for()  # scripts send forms that may bring photos


def shots(site: Site, own: str) -> list[Shot]:
    """All of them, with their paths in English. `own` is the page of somebody whose entry is public."""
    entry, own_entry = site.entry(), site.first(rf"{own}entries/\w+/(?=edit/)", on=own)
    listing = site.first(r"/websites/listings/\w+/", on="/websites/")
    report = site.first(r"/privacy/sponsors/[\w-]+/[\d-]+/", on="/privacy/sponsors/")
    return [
        Shot("home", "/"),
        Shot("home-first-visit", "/", visitor="new"),
        Shot("gallery-first-visit", f"{PAGEANT}?hobby=hat", visitor="new"),
        Shot("pageants", "/pageants/"),
        Shot("pageant", PAGEANT),
        Shot("pageant-upcoming", "/pageants/strings-and-bamboo/"),
        Shot("pageant-past", "/pageants/first-songs/"),
        Shot("gallery-found", f"{PAGEANT}?q=hat"),
        Shot("gallery-nobody", f"{PAGEANT}?q=zzz"),
        Shot("entry", entry),
        Shot("entry-report", f"{entry}report/"),
        Shot("enter", f"{PAGEANT}enter/"),
        Shot("enter-errors", f"{PAGEANT}enter/", send_nonsense),
        Shot("enter-closed", "/pageants/first-songs/enter/"),
        Shot("entered", f"{PAGEANT}enter/sent/"),
        Shot("websites", "/websites/"),
        Shot("websites-none", "/websites/?q=zzz"),
        Shot("website", listing),
        Shot("suggest", "/websites/suggest/"),
        Shot("suggest-errors", "/websites/suggest/", send_nonsense),
        Shot("policy", "/privacy/"),
        Shot("policy-versions", "/privacy/versions/"),
        Shot("policy-changes", "/privacy/versions/1/changes/"),
        Shot("cookies", "/privacy/cookies/"),
        Shot("sponsors", "/privacy/sponsors/"),
        Shot("sponsors-report", report),
        Shot("ask", "/privacy/you/"),
        Shot("ask-errors", "/privacy/you/", send_nonsense),
        Shot("asked", "/privacy/you/asked/"),
        Shot("own", own),
        Shot("own-question", f"{own}question/"),
        Shot("own-erase", f"{own}erase/"),
        Shot("own-edit", f"{own_entry}edit/"),
        Shot("own-withdraw", f"{own_entry}withdraw/"),
        Shot("error", "/nothing/"),
        Shot("staff-sign-in", "/admin/", visitor="new"),
        Shot("staff", "/admin/", visitor="staff"),
        Shot("staff-entries", "/admin/pageant/entry/", visitor="staff"),
        Shot("staff-entry", "/admin/pageant/entry/1/change/", visitor="staff"),
        Shot("staff-websites", "/admin/suggestions/suggestion/", visitor="staff"),
        Shot("staff-website", "/admin/suggestions/suggestion/1/change/", visitor="staff"),
        Shot("staff-policy", "/admin/privacy/policyversion/", visitor="staff"),
        Shot("staff-visits", "/admin/privacy/visit/", visitor="staff"),
        Shot("staff-audience", "/admin/privacy/audienceday/", visitor="staff"),
        Shot("staff-disclosures", "/admin/privacy/disclosure/", visitor="staff"),
    ]


# People


def visitors(browser: Browser, site: Site) -> dict[str, dict]:
    """What the browser of each kind of visitor keeps."""
    states = {"new": {"cookies": [], "origins": []}}
    for visitor, sign in (("chosen", choose), ("staff", sign_in)):
        page = browser.new_page(base_url=site.url)
        sign(page)
        states[visitor] = page.context.storage_state()
        page.context.close()
    return states


def choose(page: Page) -> None:
    page.goto("/privacy/cookies/")
    page.locator("#choice [value=none]").click()


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    page.locator("[name=username]").fill(STAFF)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()


def open_own_page(browser: Browser, site: Site) -> str:
    """Asks for a link, follows the one in the mail, and tells where the button there leads."""
    page = browser.new_page(base_url=site.url)
    page.goto("/privacy/you/")
    page.locator("main [name=email]").fill(EMAIL)
    press(page)
    page.goto(re.search(r"^http\S+/privacy/you/[\w-]{20,}/$", site.newest_mail(), re.MULTILINE)[0])
    press(page)
    path = page.url.removeprefix(site.url).removeprefix(LANGUAGES["vi"])  # mails speak the language of the entry
    page.context.close()
    return path


# Pictures


def take_all(browser: Browser, site: Site, wanted: list[str]) -> None:
    states = visitors(browser, site)
    chosen = [
        shot
        for shot in shots(site, open_own_page(browser, site))
        if not wanted or any(word in shot.name for word in wanted)
    ]
    for language, width, theme in product(LANGUAGES, WIDTHS, THEMES):
        contexts = {
            visitor: new_context(browser, site, width=width, theme=theme, storage_state=state)
            for visitor, state in states.items()
        }
        for shot in chosen:
            page = open_page(contexts[shot.visitor], LANGUAGES[language] + shot.path, shot.act)
            show_all_of(page)
            page.screenshot(path=FOLDER / f"{shot.name}-{language}-{width}-{theme}.png", full_page=True)
            if page.evaluate("document.scrollingElement.scrollWidth") > width:
                print(f"{shot.name} scrolls sideways: {language}, {width} pixels, {theme}")
            page.close()
        for context in contexts.values():
            context.close()
    print(f"{len(chosen) * len(LANGUAGES) * len(WIDTHS) * len(THEMES)} pictures in {FOLDER}")


def take_for_readme(browser: Browser, site: Site) -> None:
    state = visitors(browser, site)["chosen"]
    for name, (path, theme) in README.items():
        context = new_context(browser, site, width=1280, theme=theme, storage_state=state)
        picture = Image.open(io.BytesIO(open_page(context, path).screenshot()))
        file = ROOT / f"docs/{name}.webp"
        picture.convert("RGB").resize(README_SIZE, Image.Resampling.LANCZOS).save(file, quality=80, method=6)
        print(f"{file}: {file.stat().st_size // 1024} KB")
        context.close()


def new_context(browser: Browser, site: Site, *, width: int, theme: str, storage_state: dict) -> BrowserContext:
    return browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        reduced_motion="reduce",
        storage_state=storage_state,
    )


def open_page(context: BrowserContext, path: str, act: Callable[[Page], None] = leave) -> Page:
    page = context.new_page()
    page.goto(path)
    act(page)
    page.wait_for_load_state("networkidle")
    return page


def show_all_of(page: Page) -> None:
    """Makes the window as high as the page: what is far below is loaded and laid out only when it comes near."""
    for _ in range(2):  # heights are guesses until then
        page.set_viewport_size({**page.viewport_size, "height": HEIGHT})
        height = page.evaluate("document.scrollingElement.scrollHeight")
        page.set_viewport_size({**page.viewport_size, "height": height})
        page.evaluate("Promise.allSettled([...document.images].map(image => image.decode()))")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if asked.readme:
            take_for_readme(browser, site)
        else:
            take_all(browser, site, asked.names)
        browser.close()


if __name__ == "__main__":
    main()
