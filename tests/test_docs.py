"""The documentation names what is there, and nothing else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("vietmusic", "demo", "pageant", "staff", "suggestions", "privacy", "core", "tools", "deploy")


def modules() -> set[str]:
    """All modules but packages' own and migrations."""
    files = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {
        str(path)
        for path in files
        if path.name != "__init__.py" and not {"migrations", "node_modules"}.intersection(path.parts)
    }


def test_architecture_names_every_module():
    text = (ROOT / "docs" / "architecture.md").read_text()

    named = re.findall(r"^\| `(\w+/[\w/]+\.py)` \| .+ \|$", text, re.MULTILINE)
    assert sorted(named) == sorted(modules())


def test_every_module_begins_with_a_docstring():
    starts = {name: (ROOT / name).read_text().lstrip() for name in modules()}

    assert [name for name, text in starts.items() if not text.startswith('"""')] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/deploy.md", "docs/architecture.md"])
def test_links_to_files_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text())

    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/deploy.md"])
def test_make_targets_that_are_shown_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z][a-z-]+)\b", (ROOT / page).read_text())) - {"it"} <= targets


NAMED = re.compile(
    r"\b((?:vietmusic|demo|pageant|staff|suggestions|privacy|core|tools|deploy|tests)/[\w/]+\.(?:py|md|json))\b"
)


def test_files_that_texts_name_exist():
    """A module that moves takes along what other modules and pages say about it."""
    folders = (*PACKAGES, "tests", "docs", "templates", "static")
    texts = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".svg"}
    ]
    texts = [path for path in texts if "node_modules" not in path.parts]
    named = {(str(path.relative_to(ROOT)), name) for path in texts for name in NAMED.findall(path.read_text())}

    assert sorted((path, name) for path, name in named if not (ROOT / name).exists()) == []
