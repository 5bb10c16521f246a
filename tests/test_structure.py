"""The project as a whole: arrows between modules, catalogues, tokens of the style sheets."""

import re
from pathlib import Path

import polib
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


def test_arrows_between_modules_point_down():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize(
    "catalogue", sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")), ids=lambda path: path.parts[-3]
)
def test_catalogue_is_complete(catalogue):
    entries = [entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete]

    assert len(entries) > 200
    assert [entry.msgid for entry in entries if entry.fuzzy or not entry.translated()] == []


@pytest.mark.parametrize(
    "catalogue", sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")), ids=lambda path: path.parts[-3]
)
def test_translation_keeps_every_placeholder(catalogue):
    broken = []
    for entry in polib.pofile(str(catalogue)):
        translations = list(entry.msgstr_plural.values()) or [entry.msgstr]
        wanted = placeholders(entry.msgid_plural or entry.msgid)
        broken += [entry.msgid for translation in translations if placeholders(translation) != wanted]
    assert broken == []


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))


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
