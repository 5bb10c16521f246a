"""`make card`: draws static/card.jpg, the picture that links to pages without a photo show."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.looks.site import ROOT

COMPONENTS = ROOT / "templates/components"
SIZE = {"width": 1200, "height": 630}  # pixels


def main() -> None:
    moon, strings, mark = ((COMPONENTS / f"{name}.svg").read_text() for name in ("moon", "strings", "mark"))
    body = f'{moon}{strings}<div class="words">{mark}<h1>Vietmusic</h1><hr></div>'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto((Path(__file__).parent / "card.html").as_uri())
        page.locator("body").evaluate("(body, html) => { body.innerHTML = html }", body)
        picture = page.screenshot()
        browser.close()
    file = ROOT / "static/card.jpg"
    Image.open(io.BytesIO(picture)).convert("RGB").save(file, quality=80, optimize=True, progressive=True)
    print(f"{file}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
