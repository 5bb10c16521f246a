"""The project as a whole: arrows between modules, tokens of the style sheets."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import import_layers

ROOT = Path(__file__).parent.parent
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


def test_arrows_between_modules_point_down():
    # In a process of its own, since it sets logging up anew, and so silences loggers that other tests listen to.
    command = [sys.executable, "-m", "tools.import_layers"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_token_that_is_used_is_defined():
    text = "".join(sheet.read_text() for sheet in SHEETS if sheet.name != "staff.css")
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    used = set(re.findall(r"var\(\s*(--[\w-]+)", text))

    assert len(used) > 20
    assert used - defined == set()


def test_style_sheets_use_neither_importance_nor_ids():
    text = "".join(re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL) for sheet in SHEETS)
    selectors = re.findall(r"([^{}]+)\{", text)

    assert "!important" not in text
    assert [selector for selector in selectors if re.search(r"#[a-zA-Z][\w-]*", selector)] == []


def colours(theme: str) -> dict[str, str]:
    """The colour tokens of a theme; the dark one swaps some of the light one's."""
    blocks = re.findall(r":root \{(.*?)\}", (ROOT / "static" / "css" / "tokens.css").read_text(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", block)) for block in blocks[:2])
    return light if theme == "light" else light | dark


def test_theme_changes_colours_alone():
    """So whoever has looked at a page in one theme needs to look at nothing but the colours in the other."""
    theme = r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}"
    texts = {sheet.name: re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL) for sheet in SHEETS}
    (dark,) = re.findall(theme, texts["tokens.css"], re.DOTALL)

    assert [name for name, text in texts.items() for _one in re.findall("prefers-color-scheme", text)] == ["tokens.css"]
    assert re.sub(r"--[\w-]+: #[0-9a-f]{3,8};", "", dark).split() == []


def test_no_sheet_knows_the_language():
    """So whoever has looked at the colours of a page in one language has seen them in the other."""
    assert [sheet.name for sheet in SHEETS if re.search(r":lang\b|\[lang\b", sheet.read_text())] == []


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = ("ground", "raised", "sunk")
LACQUER = ("lacquer-ground", "lacquer-ground-deep", "foot-ground")
TEXT = [(text, ground) for text in ("ink", "ink-quiet", "link", "link-hover", "error") for ground in GROUNDS]
TEXT += [(f"{name}-ink", f"{name}-ground") for name in ("action", "good", "wait", "bad", "over", "lacquer", "gold")]
TEXT += [("action-ink", "action-ground-hover"), ("gold-ink", "gold-ground-hover"), ("caption-ink", "caption-shade")]
TEXT += [(text, ground) for text in ("lacquer-ink", "lacquer-ink-quiet", "gold-ground") for ground in LACQUER]
EDGES = [(edge, ground) for edge in ("line", "focus", "error") for ground in GROUNDS]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (EDGES, 3.0)], ids=["text", "edges"])
def test_colours_have_enough_contrast(theme, pairs, least):
    tokens = colours(theme)

    weak = {pair: contrast(*map(tokens.get, pair)) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < least} == {}


def test_new_app_joins_the_layers_by_being_listed():
    tool = {
        "root_packages": ["vietmusic", "{apps}", "core"],
        "contracts": [{"name": "Down", "type": "layers", "layers": ["vietmusic", "{apps}", "core"]}],
    }

    text = import_layers.configuration(tool, [["pageant", "artists"], ["news"]])

    assert text.splitlines() == [
        "[importlinter]",
        "root_packages =",
        *("    vietmusic", "    pageant", "    artists", "    news", "    core"),
        "",
        "[importlinter:contract:1]",
        "name = Down",
        "type = layers",
        "layers =",
        *("    vietmusic", "    pageant | artists", "    news", "    core"),
    ]
